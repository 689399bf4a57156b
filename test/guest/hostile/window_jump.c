/* Proves: branches from PL1 and PL0 into addresses where the VMM lives give the guest its own prefetch
   abort, wherever they come from. */
#include "host/window.h"
#include "mmu.h"
#include "transfer.h"

static unsigned bad;

static void expect_fault(const char *how, uint32_t va, uint32_t got)
{
    if (got == FAULT(FS_TRANSLATION_L1) && exc_last.ifar == va)
        return;
    if (!bad++)
        print("FAIL %s %08x: %08x ifar %08x\n", how, (unsigned)va, (unsigned)got, (unsigned)exc_last.ifar);
}

extern char j_bx[], j_movpc[], j_ldrpc[], j_pop[], j_movs[], j_rfe[], j_addpc[], j_thumb[];
__asm__(".text\n.arm\n.balign 4\nj_bx:\n\tbx r1\nj_movpc:\n\tmov pc, r1\nj_ldrpc:\n\tldr pc, [r2]\nj_pop:\n\t"
        "push {r1}\n\tpop {pc}\n"
        "j_movs:\n\tmsr spsr_cxsf, r3\n\tmovs pc, r1\nj_rfe:\n\tpush {r3}\n\tpush {r1}\n\trfeia sp!\n"
        "j_addpc:\n\tsub r1, r1, #8\n\tadr r4, 1f\n\tsub r1, r1, r4\n1:\tadd pc, pc, r1\n"
        ".thumb\n.balign 4\nj_thumb:\n\tmov pc, r1\n\t.arm\n.balign 4\n");

static void jump(const char *how, const char *at, uint32_t mode, uint32_t va)
{
    uint32_t word = va;

    transfer_fill(1);
    transfer_regs[1] = va;
    transfer_regs[2] = (uint32_t)&word;
    transfer_regs[3] = MODE_SYS | PSR_I | PSR_F;
    transfer_run(mode, (uint32_t)at);
    expect_fault(how, va, exc_last.type == EXC_PABT ? (exc_last.ifsr & 0x40f) | 0x80000000 : 0);
}

int main(void)
{
    mmu_reset();
    mmu_on();
    for (uint32_t va = WINDOW_LINEAR; va < WINDOW_END; va += 0x100000)
        for (unsigned user = 0; user < 2; user++)
            expect_fault("blx", va + 0x123 * 4, probe(ACCESS_EXEC, user, va + 0x123 * 4));
    check_eq("every megabyte", bad, 0);
    for (uint32_t va = WINDOW_BASE; va < WINDOW_CACHE + 0x40000; va += 0x1004)
        for (unsigned user = 0; user < 2; user++)
            expect_fault("blx", va, probe(ACCESS_EXEC, user, va));
    check_eq("every page of the stubs and the cache's start", bad, 0);
    static const uint32_t places[] = {
        WINDOW_SRF,          WINDOW_SRF + 0x40, WINDOW_CACHE,   WINDOW_CACHE + 4,   WINDOW_CACHE + 0x1238,
        WINDOW_TRAP_END - 4, WINDOW_JUMP,       WINDOW_VECTORS, WINDOW_VECTORS + 8, WINDOW_JUMP + 0x1000000,
        WINDOW_VMM,          WINDOW_DEVICES,    WINDOW_LINEAR};
    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        uint32_t masks = PSR_I | PSR_F;
        jump("bx", j_bx, MODE_SVC | masks, places[i]);
        jump("user bx", j_bx, MODE_USR | masks, places[i]);
        jump("mov pc", j_movpc, MODE_IRQ | masks, places[i]);
        jump("ldr pc", j_ldrpc, MODE_SYS | masks, places[i]);
        jump("pop", j_pop, MODE_ABT | masks, places[i]);
        jump("movs", j_movs, MODE_UND | masks, places[i]);
        jump("rfe", j_rfe, MODE_SVC | masks, places[i]);
        jump("add pc", j_addpc, MODE_SVC | masks, places[i]);
        jump("thumb mov pc", j_thumb, MODE_SVC | PSR_T | masks, places[i]);
        jump("user thumb mov pc", j_thumb, MODE_USR | PSR_T | masks, places[i]);
    }
    check_eq("every kind of branch", bad, 0);
    return 0;
}
