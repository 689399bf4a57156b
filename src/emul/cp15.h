/*
 * CP15 and CP14 of the guest's Cortex-A8, as a table: what exists, who may access it, what it does.
 *
 * The yardstick is the same core on the guest machine without a VMM. What no row names is UNDEFINED.
 */
#ifndef CP15_H
#define CP15_H

#include "decoder/decoder.h"
#include "emul/vcpu.h"

/* How a translation may do an access without a callout. */
enum cp15_inline {
    CP15_CALLOUT,
    CP15_NATIVE, /* the instruction itself: acts on real state that is the guest's, or on no state */
    CP15_SRF     /* MRC only: a load of the copy in the SRF */
};

/* Copies in the SRF, in this order. */
enum cp15_slot {
    CP15_SLOT_SCTLR,
    CP15_SLOT_TTBR0,
    CP15_SLOT_TTBR1,
    CP15_SLOT_TTBCR,
    CP15_SLOT_DFSR,
    CP15_SLOT_IFSR,
    CP15_SLOT_DFAR,
    CP15_SLOT_IFAR,
    CP15_SLOT_CONTEXTIDR,
    CP15_SLOT_VBAR,
    CP15_SLOT_PRRR,
    CP15_SLOT_NMRR,
    CP15_SLOT_COUNT,
    CP15_SLOT_NONE
};

#define CP15_ANY 0xff /* any value of that field */

/* Access: who may read and write. */
#define CP_R1  1u /* PL1 reads */
#define CP_W1  2u
#define CP_R0  4u /* PL0 reads */
#define CP_W0  8u
#define CP_PMU 16u /* PL0 as CP_R0, CP_W0 say, if PMUSERENR.EN */
#define CP_RO  CP_R1
#define CP_WO  CP_W1
#define CP_RW  (CP_R1 | CP_W1)

/* What is behind it. */
enum cp15_kind {
    CP15_CONST,   /* reads `arg`; writes are ignored */
    CP15_FIELD,   /* the word of struct vcpu at offset `arg`; writes keep the bits of `mask` */
    CP15_REAL,    /* real register `arg` (enum real_sys); writes keep the bits of `mask` */
    CP15_NOTHING, /* a write does nothing, a read leaves Rt alone */
    CP15_OP       /* `op` does all */
};

/* FIELD: called after a write (*value: the old value). OP: reads or writes *value. */
typedef void cp15_op(struct vcpu *v, uint32_t arg, bool write, uint32_t *value);

struct cp15_row {
    char name[12];
    uint8_t coproc, opc1, crn, crm, opc2, access;
    uint8_t kind, inlined; /* inlined: enum cp15_inline, plus the slot for CP15_SRF */
    uint32_t arg, mask;
    cp15_op *op;
};
extern const struct cp15_row cp15_rows[];
extern const unsigned cp15_row_count;

/* The row of an MRC or MCR, by its fields and direction alone; NULL: the core lacks it. */
const struct cp15_row *cp15_find(const struct insn *in);

/* May a translation of this MRC or MCR at PL1 do without a callout? *slot for CP15_SRF. */
enum cp15_inline cp15_inline_kind(const struct insn *in, enum cp15_slot *slot);
/* The copies that CP15_SRF promises, for the SRF. */
void cp15_copy_slots(const struct vcpu *v, uint32_t slots[CP15_SLOT_COUNT]);

/* Storage in cp15.other[]. */
enum {
    OTHER_DBGBVR,
    OTHER_DBGBCR = OTHER_DBGBVR + 6,
    OTHER_DBGWVR = OTHER_DBGBCR + 6,
    OTHER_DBGWCR = OTHER_DBGWVR + 2,
    OTHER_DBGDSCR = OTHER_DBGWCR + 2,
    OTHER_OSLSR,
    OTHER_PMCR,
    OTHER_PMCNTEN,
    OTHER_PMOVSR,
    OTHER_PMSELR,
    OTHER_PMUSERENR,
    OTHER_PMINTEN,
    OTHER_PMCCFILTR,
    OTHER_PMEVTYPER,
    OTHER_PMEVCNTR = OTHER_PMEVTYPER + 4,
    OTHER_CCNT = OTHER_PMEVCNTR + 4, /* value when last stopped or written */
    OTHER_CCNT_SINCE,                /* two words: board_now_ns() then */
    OTHER_COUNT = OTHER_CCNT_SINCE + 2
};

/* Handlers: system operations in cp15_ops.c, the performance monitor in pmu.c. */
cp15_op cp15_mmu_wrote, cp15_cpacr_wrote, cp15_isr, cp15_tlb, cp15_icache, cp15_dcache, cp15_translate;
cp15_op cp15_oslar, pmu_pmcr, pmu_enable, pmu_int_enable, pmu_overflow, pmu_swinc, pmu_ccnt;
cp15_op pmu_event_type, pmu_event_count;
/* `arg` of cp15_tlb; of pmu_event_type and pmu_event_count: a counter's number, or one of the last two. */
enum { TLB_ALL, TLB_VA, TLB_ASID, TLB_VA_ALL };
enum { PMU_CCFILTR = 31, PMU_SELECTED };

/* Whether the counters count. The yardstick, QEMU's Cortex-A8, has the registers only; boards with more set
 * it. */
extern bool pmu_counts;

#endif
