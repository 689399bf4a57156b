/*
 * What CP15 and CP14 of the guest's Cortex-A8 hold. p15 first, by CRn; exact rows before wildcards.
 *
 * From executing every encoding on the yardstick machine (test/guest/cp15_scan.c does it again in each test
 * run), with the meaning from DDI 0406C B3.17, B4.1, B4.2 and C11.
 */
#include "emul/cp15.h"
#include "emul/real.h"

#define FIELD_OF(member)     CP15_FIELD, 0, offsetof(struct vcpu, member)
#define SRF_OF(member, slot) CP15_FIELD, CP15_SRF + CP15_SLOT_##slot, offsetof(struct vcpu, member)
#define OTHER(index)         CP15_FIELD, 0, offsetof(struct vcpu, cp15.other) + 4 * (index)
#define OP(arg)              CP15_OP, 0, arg
#define CONST(value)         CP15_CONST, 0, value
#define ID(value)            CP15_CONST, CP15_NATIVE, value
#define REAL(which)          CP15_REAL, CP15_NATIVE, which
#define NATIVE               CP15_NOTHING, CP15_NATIVE, 0
#define NOTHING              CP15_NOTHING, 0, 0
#define ALL                  0xffffffff
#define ANY                  CP15_ANY

/* In columns. */
/* clang-format off */
const struct cp15_row cp15_rows[] = {
    /* name         p  op1  crn crm  op2 access   what, writable bits, handler */

    /* B4.2.1: identification */
    {"MIDR",       15, 0,   0,  0,   0, CP_RO, ID(0x410fc080), 0, NULL}, /* B4.1.105 */
    {"CTR",        15, 0,   0,  0,   1, CP_RO, ID(0x82048004), 0, NULL}, /* B4.1.42 */
    {"TCMTR",      15, 0,   0,  0,   2, CP_RO, ID(0), 0, NULL},
    {"TLBTR",      15, 0,   0,  0,   3, CP_RO, ID(0), 0, NULL},
    {"MPIDR",      15, 0,   0,  0,   5, CP_RO, ID(0), 0, NULL}, /* no Multiprocessing Extensions */
    {"MIDR",       15, 0,   0,  0, ANY, CP_RO, ID(0x410fc080), 0, NULL}, /* 4, 6, 7: aliases */
    {"ID_PFR0",    15, 0,   0,  1,   0, CP_RO, ID(0x00001031), 0, NULL},
    {"ID_PFR1",    15, 0,   0,  1,   1, CP_RO, ID(0x00000001), 0, NULL}, /* no Security Extensions */
    {"ID_DFR0",    15, 0,   0,  1,   2, CP_RO, ID(0x00000400), 0, NULL},
    {"ID_AFR0",    15, 0,   0,  1,   3, CP_RO, ID(0), 0, NULL},
    {"ID_MMFR0",   15, 0,   0,  1,   4, CP_RO, ID(0x31100003), 0, NULL},
    {"ID_MMFR1",   15, 0,   0,  1,   5, CP_RO, ID(0x20000000), 0, NULL},
    {"ID_MMFR2",   15, 0,   0,  1,   6, CP_RO, ID(0x01202000), 0, NULL},
    {"ID_MMFR3",   15, 0,   0,  1,   7, CP_RO, ID(0x00000011), 0, NULL},
    {"ID_ISAR0",   15, 0,   0,  2,   0, CP_RO, ID(0x00101111), 0, NULL},
    {"ID_ISAR1",   15, 0,   0,  2,   1, CP_RO, ID(0x12112111), 0, NULL},
    {"ID_ISAR2",   15, 0,   0,  2,   2, CP_RO, ID(0x21232031), 0, NULL},
    {"ID_ISAR3",   15, 0,   0,  2,   3, CP_RO, ID(0x11112131), 0, NULL},
    {"ID_ISAR4",   15, 0,   0,  2,   4, CP_RO, ID(0x00111142), 0, NULL},
    {"ID_ISAR5",   15, 0,   0,  2, ANY, CP_RO, ID(0), 0, NULL}, /* 5; 6 and 7 read as zero too */
    {"ID_reserved", 15, 0,  0,  3, ANY, CP_RO, ID(0), 0, NULL}, /* B7.1.1: the CPUID scheme's space */
    {"ID_reserved", 15, 0,  0,  4, ANY, CP_RO, ID(0), 0, NULL},
    {"ID_reserved", 15, 0,  0,  5, ANY, CP_RO, ID(0), 0, NULL},
    {"ID_reserved", 15, 0,  0,  6, ANY, CP_RO, ID(0), 0, NULL},
    {"ID_reserved", 15, 0,  0,  7, ANY, CP_RO, ID(0), 0, NULL},
    {"CCSIDR",     15, 1,   0,  0,   0, CP_RO, REAL(REAL_CCSIDR), 0, NULL}, /* B4.1.19 */
    {"CLIDR",      15, 1,   0,  0,   1, CP_RO, ID(0x0a000003), 0, NULL},
    {"AIDR",       15, 1,   0,  0,   7, CP_RO, ID(0), 0, NULL},
    {"CSSELR",     15, 2,   0,  0,   0, CP_RW, REAL(REAL_CSSELR), 0xf, NULL},

    /* B4.2.2: control. The yardstick keeps every SCTLR bit; ACTLR keeps none. */
    {"SCTLR",      15, 0,   1,  0,   0, CP_RW, SRF_OF(mmu.sctlr, SCTLR), ALL, cp15_mmu_wrote}, /* B4.1.130 */
    {"ACTLR",      15, 0,   1,  0,   1, CP_RW, CONST(2), 0, NULL},
    {"CPACR",      15, 0,   1,  0,   2, CP_RW, FIELD_OF(cp15.cpacr), 0xc0f00000, cp15_cpacr_wrote},
    {"TTBR0",      15, 0,   2,  0,   0, CP_RW, SRF_OF(mmu.ttbr0, TTBR0), ALL, cp15_mmu_wrote}, /* B4.1.154 */
    {"TTBR1",      15, 0,   2,  0,   1, CP_RW, SRF_OF(mmu.ttbr1, TTBR1), ALL, cp15_mmu_wrote},
    {"TTBCR",      15, 0,   2,  0,   2, CP_RW, SRF_OF(mmu.ttbcr, TTBCR), 7, cp15_mmu_wrote},
    {"DACR",       15, ANY, 3, ANY, ANY, CP_RW, FIELD_OF(mmu.dacr), ALL, cp15_mmu_wrote},      /* B4.1.43 */

    /* B4.2.3: faults */
    {"DFSR",       15, 0,   5,  0,   0, CP_RW, SRF_OF(cp15.dfsr, DFSR), ALL, NULL},
    {"IFSR",       15, 0,   5,  0,   1, CP_RW, SRF_OF(cp15.ifsr, IFSR), ALL, NULL},
    {"ADFSR",      15, 0,   5,  1,   0, CP_RW, CONST(0), 0, NULL},
    {"AIFSR",      15, 0,   5,  1,   1, CP_RW, CONST(0), 0, NULL},
    {"DFAR",       15, 0,   6,  0,   0, CP_RW, SRF_OF(cp15.dfar, DFAR), ALL, NULL},
    {"WFAR",       15, 0,   6,  0,   1, CP_RW, CONST(0), 0, NULL},
    {"IFAR",       15, 0,   6,  0,   2, CP_RW, SRF_OF(cp15.ifar, IFAR), ALL, NULL},

    /* B4.2.5: cache maintenance; barriers; address translation. Other c7 writes are NOPs. */
    {"ICIALLUIS",  15, 0,   7,  1,   0, CP_WO, OP(0), 0, cp15_icache},
    {"PAR",        15, 0,   7,  4,   0, CP_RW, FIELD_OF(cp15.par), 0xfffff6ff, NULL}, /* B4.1.112 */
    {"ICIALLU",    15, 0,   7,  5,   0, CP_WO, OP(0), 0, cp15_icache},
    {"ICIMVAU",    15, 0,   7,  5,   1, CP_WO, OP(1), 0, cp15_icache},
    {"CP15ISB",    15, 0,   7,  5,   4, CP_WO | CP_W0, NATIVE, 0, NULL},
    {"BPIALL",     15, 0,   7,  5,   6, CP_WO, NATIVE, 0, NULL},
    {"BPIMVA",     15, 0,   7,  5,   7, CP_WO, NATIVE, 0, NULL},
    /* Not native: without a clean it could undo what the VMM wrote to pages that the guest can read. */
    {"DCIMVAC",    15, 0,   7,  6,   1, CP_WO, OP(0x61), 0, cp15_dcache},
    {"DCISW",      15, 0,   7,  6,   2, CP_WO, OP(0x62), 0, cp15_dcache},
    {"ICDCIALL",   15, 0,   7,  7,   0, CP_WO, OP(0), 0, cp15_icache}, /* ARMv6's: both caches */
    {"ATS1CPR",    15, 0,   7,  8,   0, CP_WO, OP(0), 0, cp15_translate}, /* B4.2.4, B3.12 */
    {"ATS1CPW",    15, 0,   7,  8,   1, CP_WO, OP(1), 0, cp15_translate},
    {"ATS1CUR",    15, 0,   7,  8,   2, CP_WO, OP(2), 0, cp15_translate},
    {"ATS1CUW",    15, 0,   7,  8,   3, CP_WO, OP(3), 0, cp15_translate},
    {"ATS12",      15, 0,   7,  8, ANY, 0, NOTHING, 0, NULL},             /* Security Extensions: absent */
    {"DCCMVAC",    15, 0,   7, 10,   1, CP_WO, CP15_OP, CP15_NATIVE, 0xa1, 0, cp15_dcache},
    {"DCCSW",      15, 0,   7, 10,   2, CP_WO, OP(0xa2), 0, cp15_dcache},
    {"CP15DSB",    15, 0,   7, 10,   4, CP_WO | CP_W0, NATIVE, 0, NULL},
    {"CP15DMB",    15, 0,   7, 10,   5, CP_WO | CP_W0, NATIVE, 0, NULL},
    {"DCCMVAU",    15, 0,   7, 11,   1, CP_WO, CP15_OP, CP15_NATIVE, 0xb1, 0, cp15_dcache},
    {"DCCIMVAC",   15, 0,   7, 14,   1, CP_WO, CP15_OP, CP15_NATIVE, 0xe1, 0, cp15_dcache},
    {"DCCISW",     15, 0,   7, 14,   2, CP_WO, OP(0xe2), 0, cp15_dcache},
    {"c7 NOP",     15, 0,   7, ANY, ANY, CP_WO, NOTHING, 0, NULL},

    /* B4.2.6: TLB maintenance; instruction, data and unified operations are all of the one TLB here */
    {"ITLBIALL",   15, 0,   8,  5,   0, CP_WO, OP(TLB_ALL), 0, cp15_tlb},
    {"ITLBIMVA",   15, 0,   8,  5,   1, CP_WO, OP(TLB_VA), 0, cp15_tlb},
    {"ITLBIASID",  15, 0,   8,  5,   2, CP_WO, OP(TLB_ASID), 0, cp15_tlb},
    {"DTLBIALL",   15, 0,   8,  6,   0, CP_WO, OP(TLB_ALL), 0, cp15_tlb},
    {"DTLBIMVA",   15, 0,   8,  6,   1, CP_WO, OP(TLB_VA), 0, cp15_tlb},
    {"DTLBIASID",  15, 0,   8,  6,   2, CP_WO, OP(TLB_ASID), 0, cp15_tlb},
    {"TLBIALL",    15, 0,   8,  7,   0, CP_WO, OP(TLB_ALL), 0, cp15_tlb},
    {"TLBIMVA",    15, 0,   8,  7,   1, CP_WO, OP(TLB_VA), 0, cp15_tlb},
    {"TLBIASID",   15, 0,   8,  7,   2, CP_WO, OP(TLB_ASID), 0, cp15_tlb},
    {"TLBIMVAA",   15, 0,   8,  7,   3, CP_WO, OP(TLB_VA_ALL), 0, cp15_tlb},

    /* C12.8: performance monitor */
    {"PMCR",       15, 0,   9, 12,   0, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_pmcr},
    {"PMCNTENSET", 15, 0,   9, 12,   1, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_enable},
    {"PMCNTENCLR", 15, 0,   9, 12,   2, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(1), 0, pmu_enable},
    {"PMOVSR",     15, 0,   9, 12,   3, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_overflow},
    {"PMSWINC",    15, 0,   9, 12,   4, CP_WO | CP_W0 | CP_PMU, OP(0), 0, pmu_swinc},
    {"PMSELR",     15, 0,   9, 12,   5, CP_RW | CP_R0 | CP_W0 | CP_PMU, OTHER(OTHER_PMSELR), 0x1f, NULL},
    {"PMCCNTR",    15, 0,   9, 13,   0, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_ccnt},
    {"PMXEVTYPER", 15, 0,   9, 13,   1, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(PMU_SELECTED), 0, pmu_event_type},
    {"PMXEVCNTR",  15, 0,   9, 13,   2, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(PMU_SELECTED), 0, pmu_event_count},
    {"PMUSERENR",  15, 0,   9, 14,   0, CP_RW | CP_R0, OTHER(OTHER_PMUSERENR), 1, NULL},
    {"PMINTENSET", 15, 0,   9, 14,   1, CP_RW, OP(0), 0, pmu_int_enable},
    {"PMINTENCLR", 15, 0,   9, 14,   2, CP_RW, OP(1), 0, pmu_int_enable},
    {"L2LOCK",     15, 1,   9,  0,   0, CP_RW, CONST(0), 0, NULL},
    {"L2AUXCR",    15, 1,   9,  0,   2, CP_RW, CONST(0), 0, NULL},

    /* B4.1.127, B4.1.104: memory remap. TLB lockdown does nothing and leaves Rt alone. */
    {"PRRR",       15, 0,  10,  2,   0, CP_RW, SRF_OF(mmu.prrr, PRRR), ALL, cp15_mmu_wrote},
    {"NMRR",       15, 0,  10,  2,   1, CP_RW, SRF_OF(mmu.nmrr, NMRR), ALL, cp15_mmu_wrote},
    {"DTLBLOCK",   15, ANY, 10, 0, ANY, CP_RW, NOTHING, 0, NULL},
    {"ITLBLOCK",   15, ANY, 10, 1, ANY, CP_RW, NOTHING, 0, NULL},
    {"TLBLOCK",    15, ANY, 10, 4, ANY, CP_RW, NOTHING, 0, NULL},
    {"TLBLOCK",    15, ANY, 10, 8, ANY, CP_RW, NOTHING, 0, NULL},

    {"VBAR",       15, 0,  12,  0,   0, CP_RW, SRF_OF(cp15.vbar, VBAR), 0xffffffe0, NULL}, /* B4.1.156 */
    {"ISR",        15, 0,  12,  1,   0, CP_RO, OP(0), 0, cp15_isr},

    /* B4.2.7, B4.2.8: process, context and thread */
    {"FCSEIDR",    15, 0,  13,  0,   0, CP_RW, FIELD_OF(cp15.fcseidr), ALL, NULL},
    {"CONTEXTIDR", 15, 0,  13,  0,   1, CP_RW, SRF_OF(mmu.contextidr, CONTEXTIDR), ALL, cp15_mmu_wrote},
    {"TPIDRURW",   15, 0,  13,  0,   2, CP_RW | CP_R0 | CP_W0, REAL(REAL_TPIDRURW), ALL, NULL},
    {"TPIDRURO",   15, 0,  13,  0,   3, CP_RW | CP_R0, REAL(REAL_TPIDRURO), ALL, NULL},
    {"TPIDRPRW",   15, 0,  13,  0,   4, CP_RW, REAL(REAL_TPIDRPRW), ALL, NULL},

    /* The counters by number, as the yardstick has them (the manual: from ARMv8) */
    {"PMEVCNTR0",  15, 0,  14,  8,   0, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_event_count},
    {"PMEVCNTR1",  15, 0,  14,  8,   1, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(1), 0, pmu_event_count},
    {"PMEVCNTR2",  15, 0,  14,  8,   2, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(2), 0, pmu_event_count},
    {"PMEVCNTR3",  15, 0,  14,  8,   3, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(3), 0, pmu_event_count},
    {"PMEVTYPER0", 15, 0,  14, 12,   0, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(0), 0, pmu_event_type},
    {"PMEVTYPER1", 15, 0,  14, 12,   1, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(1), 0, pmu_event_type},
    {"PMEVTYPER2", 15, 0,  14, 12,   2, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(2), 0, pmu_event_type},
    {"PMEVTYPER3", 15, 0,  14, 12,   3, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(3), 0, pmu_event_type},
    {"PMCCFILTR",  15, 0,  14, 15,   7, CP_RW | CP_R0 | CP_W0 | CP_PMU, OP(PMU_CCFILTR), 0, pmu_event_type},

    /* Cortex-A8 TRM 3.2.57 and on: array debug access, all of it inert */
    {"c15",        15, ANY, 15, ANY, ANY, CP_RW, CONST(0), 0, NULL},

    /* C11: debug. Six breakpoints, two watchpoints, which only store. */
    {"DBGDIDR",    14, 0,   0,  0,   0, CP_RO | CP_R0, CONST(0x15141000), 0, NULL},
    {"DBGBVR0",    14, 0,   0,  0,   4, CP_RW, OTHER(OTHER_DBGBVR + 0), ALL, NULL},
    {"DBGBVR1",    14, 0,   0,  1,   4, CP_RW, OTHER(OTHER_DBGBVR + 1), ALL, NULL},
    {"DBGBVR2",    14, 0,   0,  2,   4, CP_RW, OTHER(OTHER_DBGBVR + 2), ALL, NULL},
    {"DBGBVR3",    14, 0,   0,  3,   4, CP_RW, OTHER(OTHER_DBGBVR + 3), ALL, NULL},
    {"DBGBVR4",    14, 0,   0,  4,   4, CP_RW, OTHER(OTHER_DBGBVR + 4), ALL, NULL},
    {"DBGBVR5",    14, 0,   0,  5,   4, CP_RW, OTHER(OTHER_DBGBVR + 5), ALL, NULL},
    {"DBGBCR0",    14, 0,   0,  0,   5, CP_RW, OTHER(OTHER_DBGBCR + 0), ALL, NULL},
    {"DBGBCR1",    14, 0,   0,  1,   5, CP_RW, OTHER(OTHER_DBGBCR + 1), ALL, NULL},
    {"DBGBCR2",    14, 0,   0,  2,   5, CP_RW, OTHER(OTHER_DBGBCR + 2), ALL, NULL},
    {"DBGBCR3",    14, 0,   0,  3,   5, CP_RW, OTHER(OTHER_DBGBCR + 3), ALL, NULL},
    {"DBGBCR4",    14, 0,   0,  4,   5, CP_RW, OTHER(OTHER_DBGBCR + 4), ALL, NULL},
    {"DBGBCR5",    14, 0,   0,  5,   5, CP_RW, OTHER(OTHER_DBGBCR + 5), ALL, NULL},
    {"DBGWVR0",    14, 0,   0,  0,   6, CP_RW, OTHER(OTHER_DBGWVR + 0), ~3u, NULL},
    {"DBGWVR1",    14, 0,   0,  1,   6, CP_RW, OTHER(OTHER_DBGWVR + 1), ~3u, NULL},
    {"DBGWCR0",    14, 0,   0,  0,   7, CP_RW, OTHER(OTHER_DBGWCR + 0), ALL, NULL},
    {"DBGWCR1",    14, 0,   0,  1,   7, CP_RW, OTHER(OTHER_DBGWCR + 1), ALL, NULL},
    {"DBGDSCRint", 14, 0,   0,  1,   0, CP_RO, OTHER(OTHER_DBGDSCR), 0, NULL},
    {"DBGDTRTRX",  14, 0,   0,  2,   0, CP_RW, NOTHING, 0, NULL},
    {"DBGDSCRext", 14, 0,   0,  2,   2, CP_RW, OTHER(OTHER_DBGDSCR), ALL, NULL},
    {"DBGVCR",     14, 0,   0,  7,   0, CP_RW, NOTHING, 0, NULL},
    {"DBGDRAR",    14, 0,   1,  0,   0, CP_RO | CP_R0, CONST(0), 0, NULL},
    {"DBGOSLAR",   14, 0,   1,  0,   4, CP_WO, OP(0), 0, cp15_oslar},
    {"DBGOSLSR",   14, 0,   1,  1,   4, CP_RO, OTHER(OTHER_OSLSR), 0, NULL},
    {"DBGOSDLR",   14, 0,   1,  3,   4, CP_RW, CONST(0), 0, NULL},
    {"DBGDSAR",    14, 0,   2,  0,   0, CP_RO | CP_R0, CONST(0), 0, NULL},

    /* A2.10: ThumbEE; A2.11: trivial Jazelle */
    {"TEECR",      14, 6,   0,  0,   0, CP_RW, REAL(REAL_TEECR), 1, NULL},
    {"TEEHBR",     14, 6,   1,  0,   0, CP_RW | CP_R0 | CP_W0, REAL(REAL_TEEHBR), ALL, NULL},
    {"JIDR",       14, 7,   0,  0,   0, CP_RO, CONST(0), 0, NULL},
    {"JOSCR",      14, 7,   1,  0,   0, CP_RW, CONST(0), 0, NULL},
    {"JMCR",       14, 7,   2,  0,   0, CP_RW, CONST(0), 0, NULL},
};
/* clang-format on */
const unsigned cp15_row_count = ARRAY_SIZE(cp15_rows);
