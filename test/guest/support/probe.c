/* Single accesses whose fault, if any, is the result. */
#include "mmu.h"

volatile uint32_t probe_value, probe_store_value;

#define LEAF __attribute__((naked, noinline, target("arm")))
static LEAF uint32_t do_load(uint32_t va)
{
    (void)va;
    __asm__("ldr r0, [r0]\n\tbx lr");
}
static LEAF uint32_t do_ldrt(uint32_t va)
{
    (void)va;
    __asm__("ldrt r0, [r0], #0\n\tbx lr");
}
static LEAF uint32_t do_store(uint32_t va)
{
    (void)va;
    __asm__("ldr r1, =probe_store_value\n\tldr r1, [r1]\n\tstr r1, [r0]\n\tbx lr\n\t.ltorg");
}
static LEAF uint32_t do_strt(uint32_t va)
{
    (void)va;
    __asm__("ldr r1, =probe_store_value\n\tldr r1, [r1]\n\tstrt r1, [r0], #0\n\tbx lr\n\t.ltorg");
}
static LEAF uint32_t do_exec(uint32_t va)
{
    (void)va;
    __asm__("push {r4, lr}\n\tblx r0\n\tpop {r4, pc}");
}

uint32_t probe(enum access a, bool user, uint32_t va)
{
    static uint32_t (*const leaf[])(uint32_t) = {do_load, do_store, do_exec, do_ldrt, do_strt};

    exc_arm(EXC_BIT(EXC_DABT) | EXC_BIT(EXC_PABT));
    probe_value = user ? run_user(MODE_USR | PSR_I | PSR_F, leaf[a], va) : leaf[a](va);
    if (!exc_count)
        return 0;
    if (exc_last.type == EXC_PABT)
        return (exc_last.ifsr & 0x140f) | 0x80000000u; /* IFSR has no domain; QEMU gives one */
    return exc_last.dfsr | 0x80000000u;
}
