/* Proves: the performance monitor's registers: enables, counter selection, user access by PMUSERENR. */
#include "transfer.h"

#define PMCR()   MRC15(0, 9, 12, 0)
#define CYCLES() MRC15(0, 9, 13, 0)

static uint32_t user_read(uint32_t unused)
{
    (void)unused;
    return MRC15(0, 9, 13, 0) * 0 + 1;
}

int main(void)
{
    exc_arm(EXC_BIT(EXC_UND));
    print("PMCR %08x\n", (unsigned)PMCR());
    MCR15(0, 9, 12, 1, 1u << 31); /* PMCNTENSET: cycles */
    check_eq("PMCNTENSET", MRC15(0, 9, 12, 1) >> 31, 1);
    MCR15(0, 9, 12, 0, 1 | 4); /* E, C */
    ISB();
    check_eq("PMCR.E", PMCR() & 7, 1);
    /* That cycles are counted is not tested: QEMU 7.2's Cortex-A8 has the registers only. */
    (void)CYCLES();
    MCR15(0, 9, 12, 2, 1u << 31); /* PMCNTENCLR */
    ISB();
    check_eq("PMCNTENCLR", MRC15(0, 9, 12, 1) >> 31, 0);
    MCR15(0, 9, 12, 5, 2); /* PMSELR */
    check_eq("PMSELR", MRC15(0, 9, 12, 5) & 0x1f, 2);
    MCR15(0, 9, 14, 1, 1u << 31);
    check_eq("PMINTENSET", MRC15(0, 9, 14, 1) >> 31, 1);
    MCR15(0, 9, 14, 2, 1u << 31);
    check_eq("PMINTENCLR", MRC15(0, 9, 14, 1) >> 31, 0);
    MCR15(0, 9, 14, 0, 1);
    check_eq("PMUSERENR", MRC15(0, 9, 14, 0), 1);
    check_eq("user reads with EN", run_user(MODE_USR | PSR_I | PSR_F, user_read, 0), 1);
    check_eq("no exception so far", exc_count, 0);
    MCR15(0, 9, 14, 0, 0);
    run_user(MODE_USR | PSR_I | PSR_F, user_read, 0);
    check_eq("undefined without", exc_count, 1);
    MCR15(0, 9, 12, 0, 0);
    return 0;
}
