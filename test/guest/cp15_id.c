/* Proves: the identification registers are the core's, the control registers keep what is theirs to keep,
   TPIDRs and PMU enable work at PL1 and PL0. */
#include "transfer.h"

#define SHOW(name, op1, crn, crm, op2) print(name " %08x\n", (unsigned)MRC15(op1, crn, crm, op2))
#define KEEPS(name, op1, crn, crm, op2, value, mask)                                                         \
    do {                                                                                                     \
        uint32_t old_ = MRC15(op1, crn, crm, op2);                                                           \
        MCR15(op1, crn, crm, op2, value);                                                                    \
        ISB();                                                                                               \
        check_eq(name, MRC15(op1, crn, crm, op2) & (mask), (uint32_t)(value) & (mask));                      \
        MCR15(op1, crn, crm, op2, old_);                                                                     \
        ISB();                                                                                               \
    } while (0)

static uint32_t user_tpidr(uint32_t v)
{
    MCR15(0, 13, 0, 2, v);
    return MRC15(0, 13, 0, 2) ^ MRC15(0, 13, 0, 3);
}

static void test_ids(void)
{
    SHOW("MIDR", 0, 0, 0, 0);
    SHOW("CTR", 0, 0, 0, 1);
    SHOW("TCMTR", 0, 0, 0, 2);
    SHOW("TLBTR", 0, 0, 0, 3);
    SHOW("ID_PFR0", 0, 0, 1, 0);
    SHOW("ID_PFR1", 0, 0, 1, 1);
    SHOW("ID_DFR0", 0, 0, 1, 2);
    SHOW("ID_AFR0", 0, 0, 1, 3);
    SHOW("ID_MMFR0", 0, 0, 1, 4);
    SHOW("ID_MMFR1", 0, 0, 1, 5);
    SHOW("ID_MMFR2", 0, 0, 1, 6);
    SHOW("ID_MMFR3", 0, 0, 1, 7);
    SHOW("ID_ISAR0", 0, 0, 2, 0);
    SHOW("ID_ISAR1", 0, 0, 2, 1);
    SHOW("ID_ISAR2", 0, 0, 2, 2);
    SHOW("ID_ISAR3", 0, 0, 2, 3);
    SHOW("ID_ISAR4", 0, 0, 2, 4);
    SHOW("CLIDR", 1, 0, 0, 1);
    for (unsigned level = 0; level < 2; level++)
        for (unsigned i = 0; i < 2; i++) {
            MCR15(2, 0, 0, 0, level << 1 | i);
            ISB();
            print("CCSIDR level %u %s %08x\n", level, i ? "I" : "D", (unsigned)MRC15(1, 0, 0, 0));
        }
    MCR15(2, 0, 0, 0, 0);
    check_eq("MIDR: ARM, Cortex-A8", MRC15(0, 0, 0, 0) & 0xff0ffff0, 0x410fc080);
    check_eq("CTR: v7 format", MRC15(0, 0, 0, 1) >> 29, 4);
    uint32_t midr = MRC15(0, 0, 0, 0);
    MCR15(0, 0, 0, 0, 0); /* a write to a read-only register: UNDEFINED */
    check_eq("MIDR is read-only", exc_count, 1);
    check_eq("  kept", MRC15(0, 0, 0, 0), midr);
}

int main(void)
{
    exc_arm(EXC_BIT(EXC_UND));
    test_ids();
    exc_arm(EXC_BIT(EXC_UND));
    print("SCTLR %08x\n", (unsigned)SCTLR());
    KEEPS("TTBR0", 0, 2, 0, 0, 0x70104000, 0xffffc000);
    KEEPS("TTBR1", 0, 2, 0, 1, 0x70108000, 0xffffc000);
    KEEPS("TTBCR.N", 0, 2, 0, 2, 5, 7);
    KEEPS("DACR", 0, 3, 0, 0, 0x1b1b1b1b, 0xffffffff);
    KEEPS("CONTEXTIDR", 0, 13, 0, 1, 0xa5a5a512, 0xffffffff);
    KEEPS("TPIDRURW", 0, 13, 0, 2, 0x11223344, 0xffffffff);
    KEEPS("TPIDRURO", 0, 13, 0, 3, 0x55667788, 0xffffffff);
    KEEPS("TPIDRPRW", 0, 13, 0, 4, 0x99aabbcc, 0xffffffff);
    KEEPS("VBAR", 0, 12, 0, 0, 0x70200020, 0xffffffff);
    KEEPS("CPACR", 0, 1, 0, 2, 0x00f00000, 0x00f00000);
    KEEPS("CSSELR", 2, 0, 0, 0, 1, 0xf);
    KEEPS("PRRR", 0, 10, 2, 0, 0x000a81a8, 0xffffffff);
    KEEPS("NMRR", 0, 10, 2, 1, 0x40e040e0, 0xffffffff);
    KEEPS("SCTLR.A", 0, 1, 0, 0, SCTLR() | 2, 2);
    KEEPS("SCTLR.Z, I, C", 0, 1, 0, 0, SCTLR() | 0x1804, 0x1804);
    KEEPS("SCTLR.AFE, TRE", 0, 1, 0, 0, SCTLR() | 3u << 28, 3u << 28);
    KEEPS("SCTLR.V", 0, 1, 0, 0, SCTLR() | 1u << 13, 1u << 13);
    check_eq("no exception", exc_count, 0);
    MCR15(0, 13, 0, 3, 0xff00ff00);
    check_eq("TPIDRs at PL0", run_user(MODE_USR | PSR_I | PSR_F, user_tpidr, 0x00ff00ff), 0xffffffff);
    check_eq("  seen at PL1", MRC15(0, 13, 0, 2), 0x00ff00ff);
    return 0;
}
