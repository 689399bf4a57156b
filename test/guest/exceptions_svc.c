/* Proves: SVC, UDF, BKPT and aborts taken from SVC mode reach their vectors with the right LR, SPSR and
   CPSR. */
#include "guest.h"

extern char at_udf[], at_svc[], at_bkpt[], at_svc_cond[];

static void show(const char *what, unsigned type, uint32_t pc)
{
    check_eq(what, exc_last.type, type);
    check_eq("  count", exc_count, 1);
    check_eq("  pc", exc_last.pc, pc);
    check_eq("  spsr", exc_last.spsr & 0x1ff, MODE_SVC | PSR_I | PSR_F | (READ_CPSR() & PSR_A));
    exc_print("  seen");
    exc_arm(EXC_SYNC);
}

/* void through_udf(const uint32_t before[13], uint32_t after[14]) */
void through_udf(const uint32_t *before, uint32_t *after);
__asm__(".text\n.arm\n.type through_udf, %function\nthrough_udf:\n"
        "push {r1, r4-r12, lr}\n\tmov lr, r0\n\tldm lr, {r0-r12}\n\tmsr cpsr_f, #0xa8000000\n\tudf #0\n\t"
        "ldr lr, [sp]\n\tstm lr, {r0-r12}\n\tmrs r0, cpsr\n\tstr r0, [lr, #52]\n\tpop {r1, r4-r12, pc}\n");

int main(void)
{
    exc_arm(EXC_SYNC);
    __asm__ volatile("at_udf: udf #0x123" ::: "memory");
    show("udf", EXC_UND, (uint32_t)at_udf);

    /* SVC from SVC mode overwrites LR_svc. */
    __asm__ volatile("at_svc: svc #0x123456" ::: "lr", "memory");
    show("svc", EXC_SVC, (uint32_t)at_svc);

    __asm__ volatile("cmp %0, %0\n\tsvcne #1\nat_svc_cond: svceq #2" ::"r"(0) : "lr", "memory", "cc");
    show("svc conditional", EXC_SVC, (uint32_t)at_svc_cond);

    /* BKPT: the handler returns to LR of the interrupted mode, so make that the next instruction. */
    __asm__ volatile("ldr lr, =1f\nat_bkpt: bkpt #7\n1:" ::: "lr", "memory");
    show("bkpt", EXC_PABT, (uint32_t)at_bkpt);

    /* Registers and flags survive the trip. */
    uint32_t before[13], after[14];
    for (unsigned i = 0; i < 13; i++)
        before[i] = 0x01010101u * (i + 1);
    through_udf(before, after);
    for (unsigned i = 0; i < 13; i++)
        if (after[i] != before[i])
            check_eq("register", after[i], before[i]);
    check_eq("flags", after[13] & 0xf8000000, 0xa8000000);
    return 0;
}
