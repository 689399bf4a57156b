/* Proves: SETEND, CPSR.E and big-endian data accesses of each width at PL1 and PL0; E saved on entry, set
   from SCTLR.EE, restored on return. */
#include "transfer.h"

static uint8_t data[32] __attribute__((aligned(16)));

/* uint32_t big(uint32_t out): loads and stores under SETEND BE; out[0..7] little-endian results. */
uint32_t big(uint32_t out);
uint32_t big_thumb(uint32_t out);
__asm__(".text\n.arm\n.balign 4\n.type big, %function\nbig:\n\tpush {r4-r9, lr}\n\tldr r1, =data\n\t"
        "setend be\n\tldr r2, [r1]\n\tldrh r3, [r1, #4]\n\tldrsh r4, [r1, #6]\n\tldrb r5, [r1, #1]\n\t"
        "ldrd r6, r7, [r1]\n\tldm r1, {r8, r9}\n\tstr r2, [r1, #16]\n\tstrh r3, [r1, #20]\n\t"
        "mrs r12, cpsr\n\tsetend le\n\t"
        "stm r0!, {r2-r9}\n\tand r12, r12, #0x200\n\tstr r12, [r0], #4\n\tmrs r12, cpsr\n\t"
        "and r12, r12, #0x200\n\tstr r12, [r0]\n\t"
        "mov r0, #0\n\tpop {r4-r9, pc}\n\t.ltorg\n"
        ".thumb\n.balign 4\n.type big_thumb, %function\n.thumb_func\nbig_thumb:\n\tpush {r4-r7, lr}\n\t"
        "ldr r1, =data\n\t"
        "setend be\n\tldr r2, [r1]\n\tldrh r3, [r1, #4]\n\tldrsh.w r4, [r1, #6]\n\tldrb r5, [r1, #1]\n\t"
        "ldrd r6, r7, [r1]\n\tstr r2, [r1, #16]\n\tstrh r3, [r1, #20]\n\tsetend le\n\t"
        "stmia r0!, {r2-r7}\n\tmovs r0, #0\n\tpop {r4-r7, pc}\n\t.ltorg\n.arm\n.balign 4\n");

extern char und_in_be[];
__asm__(".text\n.arm\n.balign 4\nund_in_be:\n\tsetend be\n\tudf #1\n");

static void show(const char *who, const uint32_t *got, unsigned n)
{
    static const uint32_t want[] = {0x11223344, 0x5566,     0x7788,     0x22,  0x11223344,
                                    0x55667788, 0x11223344, 0x55667788, 0x200, 0};

    print("%s: ", who);
    bool good = true;
    for (unsigned i = 0; i < n; i++)
        good &= got[i] == want[i];
    check("big-endian loads", good);
    print("%s: ", who);
    check("big-endian stores", data[16] == 0x11 && data[19] == 0x44 && data[20] == 0x55 && data[21] == 0x66);
    for (unsigned i = 16; i < 24; i++)
        data[i] = 0;
}

int main(void)
{
    uint32_t out[10];

    for (unsigned i = 0; i < 8; i++)
        data[i] = (uint8_t)(0x11 * (i + 1));
    big((uint32_t)out);
    show("svc", out, 10);
    big_thumb((uint32_t)out);
    show("svc thumb", out, 6);
    run_user(MODE_USR | PSR_I | PSR_F, big, (uint32_t)out);
    show("usr", out, 10);
    run_user(MODE_USR | PSR_I | PSR_F, big_thumb, (uint32_t)out);
    show("usr thumb", out, 6);
    run_in_mode(MODE_IRQ, big, (uint32_t)out);
    show("irq", out, 10);

    for (unsigned user = 0; user < 2; user++) {
        transfer_run(user ? MODE_USR : MODE_SVC | PSR_I | PSR_F, (uint32_t)und_in_be);
        check_eq("E in SPSR", exc_last.spsr & PSR_E, PSR_E);
        check_eq("E clear at the vector", exc_last.cpsr & PSR_E, 0);
    }
    return 0;
}
