/* The timing tables of DDI 0344K 16.2, 16.6 and 16.7, by the decoder's operations. */
#include "timing.h"

#include <string.h>

#include "ops.h"

enum { E1 = 1, E2, E3, E4, E5 };

/* Of data processing: the stage of sources that are not shifted, and of the result; cycles; which unit. */
struct row {
    uint8_t source, result, cycles, units;
};

static const struct row plain = {E2, E2, 1, 0}; /* 16.2.2; what has no row below */
#define MOVES                                                                                                \
    {                                                                                                        \
        E1, E1, 1, 0                                                                                         \
    } /* 16.2.2: MOV and MVN take the shifter only */
#define SHIFTS                                                                                               \
    {                                                                                                        \
        E1, E2, 1, 0                                                                                         \
    } /* 16.2.6: their operand goes through the shifter */
#define SATURATES                                                                                            \
    {                                                                                                        \
        E2, E3, 1, 0                                                                                         \
    } /* 16.2.5 */
#define MULTIPLY(cycles)                                                                                     \
    {                                                                                                        \
        E1, E5, cycles, A8_MULTIPLY                                                                          \
    } /* 16.2.4 */

static const struct row rows[] = {
    [OP_MOV_reg] = MOVES,       [OP_MVN_reg] = MOVES,        [OP_MOV_rsr] = MOVES,
    [OP_MVN_rsr] = MOVES,       [OP_MOV_imm] = MOVES,        [OP_MVN_imm] = MOVES,
    [OP_MOVW] = MOVES,          [OP_MOVT] = MOVES,           [OP_SXTB] = SHIFTS,
    [OP_SXTH] = SHIFTS,         [OP_UXTB] = SHIFTS,          [OP_UXTH] = SHIFTS,
    [OP_SXTB16] = SHIFTS,       [OP_UXTB16] = SHIFTS,        [OP_REV] = SHIFTS,
    [OP_REV16] = SHIFTS,        [OP_REVSH] = SHIFTS,         [OP_RBIT] = SHIFTS,
    [OP_UBFX] = SHIFTS,         [OP_SBFX] = SHIFTS,          [OP_BFI] = SHIFTS,
    [OP_BFC] = SHIFTS,          [OP_PKH] = SHIFTS,           [OP_SXTAB] = SHIFTS,
    [OP_SXTAH] = SHIFTS,        [OP_UXTAB] = SHIFTS,         [OP_UXTAH] = SHIFTS,
    [OP_QADD] = SATURATES,      [OP_QSUB] = SATURATES,       [OP_SSAT] = {E1, E3, 1, 0},
    [OP_USAT] = {E1, E3, 1, 0}, [OP_QDADD] = {E1, E3, 2, 0}, [OP_QDSUB] = {E1, E3, 2, 0},
    [OP_MUL] = MULTIPLY(2),     [OP_MLA] = MULTIPLY(2),      [OP_MLS] = MULTIPLY(2),
    [OP_SMMUL] = MULTIPLY(2),   [OP_SMMLA] = MULTIPLY(2),    [OP_SMMLS] = MULTIPLY(2),
    [OP_UMULL] = MULTIPLY(3),   [OP_SMULL] = MULTIPLY(3),    [OP_UMLAL] = MULTIPLY(3),
    [OP_SMLAL] = MULTIPLY(3),   [OP_UMAAL] = MULTIPLY(3),    [OP_SMULxy] = MULTIPLY(1),
    [OP_SMLAxy] = MULTIPLY(1),  [OP_SMULWy] = MULTIPLY(1),   [OP_SMLAWy] = MULTIPLY(1),
    [OP_SMLALxy] = MULTIPLY(2), [OP_SMUAD] = MULTIPLY(1),    [OP_SMUSD] = MULTIPLY(1),
    [OP_SMLAD] = MULTIPLY(2),   [OP_SMLSD] = MULTIPLY(2),    [OP_SMLALD] = MULTIPLY(2),
    [OP_SMLSLD] = MULTIPLY(2),  [OP_USAD8] = MULTIPLY(1),    [OP_USADA8] = MULTIPLY(1),
};

/* 16.7: the VFPLite unit is not pipelined. Single precision, double precision. */
static const struct {
    uint16_t op;
    uint8_t cycles[2];
} vfp_rows[] = {
    {OP_VADD_vfp, {9, 9}},     {OP_VSUB_vfp, {9, 9}},     {OP_VMUL_vfp, {10, 11}}, {OP_VNMUL, {10, 11}},
    {OP_VMLA_vfp, {18, 19}},   {OP_VMLS_vfp, {18, 19}},   {OP_VNMLA, {18, 19}},    {OP_VNMLS, {18, 19}},
    {OP_VDIV, {25, 50}},       {OP_VSQRT, {25, 50}},      {OP_VABS_vfp, {4, 4}},   {OP_VNEG_vfp, {4, 4}},
    {OP_VMOV_vfp_reg, {4, 4}}, {OP_VMOV_vfp_imm, {4, 4}}, {OP_VCMP, {4, 4}},       {OP_VCMPE, {4, 4}},
};
enum { VFP_OTHER = 8 }; /* conversions: 5 to 9 */

static bool is_load(const struct insn *in)
{
    return (in->op >= OP_LDRD_reg && in->op <= OP_LDRD_imm) ||
           (in->op >= OP_LDRHT && in->op <= OP_LDRH_reg) ||
           (in->op >= OP_LDRH_lit && in->op <= OP_LDRSB_imm) || in->op == OP_LDRSHT ||
           in->op == OP_LDRSH_reg || in->op == OP_LDRSH_lit || in->op == OP_LDRSH_imm || in->op == OP_LDREX ||
           in->op == OP_LDREXD || in->op == OP_LDREXB || in->op == OP_LDREXH ||
           (in->op >= OP_LDRT && in->op <= OP_LDR_imm) || (in->op >= OP_LDRBT && in->op <= OP_LDRB_imm) ||
           in->op == OP_LDR_reg || in->op == OP_LDRB_reg || in->op == OP_SWP;
}

static bool is_store(const struct insn *in)
{
    return in->op == OP_STRD_reg || in->op == OP_STRD_imm || in->op == OP_STRHT || in->op == OP_STRH_reg ||
           in->op == OP_STRH_imm || in->op == OP_STREX || in->op == OP_STREXD || in->op == OP_STREXB ||
           in->op == OP_STREXH || in->op == OP_STRT || in->op == OP_STR_imm || in->op == OP_STRBT ||
           in->op == OP_STRB_imm || in->op == OP_STR_reg || in->op == OP_STRB_reg;
}

static bool is_multiple(const struct insn *in)
{
    return in->op == OP_LDM || in->op == OP_STM || in->op == OP_LDM_user || in->op == OP_STM_user ||
           in->op == OP_LDM_eret || in->op == OP_RFE || in->op == OP_SRS;
}

static bool is_preload(const struct insn *in) { return in->op >= OP_PLD_lit && in->op <= OP_PLI_reg; }

/* By register, while an instruction is looked at. */
struct stages {
    uint8_t need[16], ready[16];
};

static void set_registers(uint16_t mask, uint8_t stage, uint8_t at[16])
{
    for (unsigned r = 0; r < 15; r++)
        if (mask >> r & 1)
            at[r] = stage;
}

static bool shifts(const struct insn *in) { return in->amount || in->shift == SHIFT_RRX; }

static void need_early(uint8_t r, struct stages *at)
{
    if (r < 15)
        at->need[r] = E1;
}

/* 16.2.2: what the shifter takes is needed one stage earlier. A multiplication's accumulator joins at E4. */
static void data_processing(const struct insn *in, struct a8_op *o, struct stages *at)
{
    const struct row *row = &plain;

    if (in->op < ARRAY_SIZE(rows) && rows[in->op].cycles)
        row = &rows[in->op];
    o->cycles = row->cycles;
    o->units |= row->units;
    set_registers(in->reads, row->source, at->need);
    if (row->units & A8_MULTIPLY) {
        if (in->ra < 15 && in->ra != in->rn && in->ra != in->rm && !(in->writes >> in->ra & 1))
            at->need[in->ra] = E4;
    } else {
        if (in->rm < 15 && shifts(in))
            at->need[in->rm] = E1;
        if (in->op >= OP_AND_rsr && in->op <= OP_MVN_rsr)
            need_early(in->rm, at), need_early(in->ra, at);
    }
    set_registers(in->writes, (uint8_t)(row->result + row->cycles - 1), at->ready);
}

/* 16.2.9: the address at E1, data to be stored at E3; data loaded at the end of E3, a written base of E2. */
static void load_or_store(const struct insn *in, struct a8_op *o, struct stages *at)
{
    bool loads = is_load(in), registers_offset = !in->imm_form && in->rm < 15;

    o->units |= A8_LOAD_STORE;
    set_registers(in->reads, E1, at->need);
    if (!loads && in->rt < 15 && in->rt != in->rn)
        at->need[in->rt] = E3;
    if (!loads && in->rt2 < 15 && in->rt2 != in->rn)
        at->need[in->rt2] = E3;
    if (registers_offset && shifts(in) && !(in->shift == SHIFT_LSL && in->amount == 2))
        o->cycles++;
    if (in->op == OP_SWP)
        o->cycles++;
    if (in->writes >> REG_PC & 1)
        o->cycles++;
    set_registers(in->writes, (uint8_t)(E3 + o->cycles - 1), at->ready);
    if (in->rn < 15 && in->writes >> in->rn & 1 && in->rt != in->rn && in->rt2 != in->rn)
        at->ready[in->rn] = E2;
}

/* 16.2.9 and 16.3: one register in the first cycle, two in each that follows. */
static void load_or_store_multiple(const struct insn *in, struct a8_op *o, struct stages *at)
{
    bool loads = in->op == OP_LDM || in->op == OP_LDM_user || in->op == OP_LDM_eret || in->op == OP_RFE;
    unsigned count = (unsigned)__builtin_popcount(in->list), nth = 0;

    if (in->op == OP_RFE || in->op == OP_SRS)
        count = 2;
    o->units |= A8_LOAD_STORE;
    o->cycles = (uint8_t)(1 + count / 2 + (loads && in->writes >> REG_PC & 1));
    for (unsigned r = 0; r < 15; r++)
        if (in->list >> r & 1) {
            *(loads ? &at->ready[r] : &at->need[r]) = (uint8_t)(E3 + (nth + 1) / 2);
            nth++;
        }
    need_early(in->rn, at);
    if (in->rn < 15 && in->writes >> in->rn & 1 && !(loads && in->list >> in->rn & 1))
        at->ready[in->rn] = E2;
}

static bool is_return(const struct insn *in)
{
    bool memory = is_multiple(in) || is_load(in);

    return (in->op == OP_BX && in->rm == REG_LR) || (memory && in->rn == REG_SP); /* DDI 0344E 5.2 */
}

static uint8_t branch_of(const struct insn *in)
{
    if (!(in->writes >> REG_PC & 1) && in->op != OP_CBZ && in->op != OP_TBB)
        return BRANCH_NONE;
    if (in->class == CLASS_CRITICAL || in->class == CLASS_EXCEPTION || in->op == OP_LDM_eret ||
        in->op == OP_RFE || in->op == OP_ERET || in->op == OP_SUBS_PC_LR)
        return BRANCH_UNPREDICTED;
    if (in->op == OP_B || in->op == OP_CBZ)
        return BRANCH_DIRECT;
    if (in->op == OP_BL_imm || in->op == OP_BLX_imm || in->op == OP_BLX_reg)
        return BRANCH_CALL;
    return is_return(in) ? BRANCH_RETURN : BRANCH_INDIRECT;
}

/* CP15's maintenance and barriers are in c7 and c8 (DDI 0344K 3.2). */
static uint8_t serial_of_write(const struct insn *in)
{
    if (in->crn == 8)
        return SERIAL_TLB;
    if (in->crn != 7)
        return SERIAL_CP15_WRITE;
    if (in->crm == 5 && in->opc2 == 4)
        return SERIAL_ISB;
    if (in->crm == 10 && in->opc2 >= 4)
        return in->opc2 == 4 ? SERIAL_DSB : SERIAL_DMB;
    return SERIAL_CACHE;
}

static bool is_spill(const struct insn *in)
{
    return (in->op == OP_MRC || in->op == OP_MCR) && in->coproc == 15 && in->opc1 == 0 &&
           ((in->crn == 6 && in->crm == 0 && in->opc2 == 2) ||
            (in->crn == 10 && in->crm == 2 && in->opc2 == 1));
}

static uint8_t serial_of(const struct insn *in)
{
    if (is_spill(in))
        return SERIAL_SPILL;
    switch (in->op) {
    case OP_ISB: return SERIAL_ISB;
    case OP_DSB: return SERIAL_DSB;
    case OP_DMB: return SERIAL_DMB;
    case OP_CPS:
    case OP_SETEND: return SERIAL_PSR_WRITE;
    case OP_MRS: return SERIAL_PSR_READ;
    case OP_MSR_imm:
    case OP_MSR_reg: return in->class == CLASS_INNOCUOUS ? SERIAL_NONE : SERIAL_PSR_WRITE;
    case OP_MRC:
    case OP_MRRC: return SERIAL_CP15_READ;
    case OP_MCR: return serial_of_write(in);
    case OP_MCRR: return SERIAL_CP15_WRITE;
    default: return SERIAL_NONE;
    }
}

static uint32_t d_registers(uint8_t first, bool single, unsigned count)
{
    unsigned d = single ? first / 2 : first;
    uint64_t mask = ((1ull << count) - 1) << (d & 31);

    return first == REG_NONE ? 0 : (uint32_t)mask;
}

static bool is_vfp(const struct insn *in) { return in->op >= OP_VMLA_vfp && in->op <= OP_VCVT_vfp_fixed; }
static bool is_vector(const struct insn *in) { return in->op >= OP_VMLA_vfp && in->op <= OP_VLD4_all; }
static bool is_structure(const struct insn *in) { return in->op >= OP_VST1_multi; }
static bool is_transfer(const struct insn *in) { return in->op >= OP_VMOV_to_s && in->op <= OP_VMOV_from_d; }

static void vfp_data(const struct insn *in, struct a8_op *o)
{
    bool twice = in->word >> 8 & 1;

    o->vector = VECTOR_VFP;
    o->latency = VFP_OTHER;
    for (unsigned i = 0; i < ARRAY_SIZE(vfp_rows); i++)
        if (vfp_rows[i].op == in->op)
            o->latency = vfp_rows[i].cycles[twice];
    o->occupancy = o->latency;
    o->vector_ready = d_registers(in->vd, !twice, 1);
    o->vector_need = o->vector_ready | d_registers(in->vn, !twice, 1) | d_registers(in->vm, !twice, 1);
}

/* 16.6, roughly: results after 3 stages of the integer unit, 6 of the multiplier, 5 of the adder for floats.
 */
static void neon_data(const struct insn *in, struct a8_op *o)
{
    bool quad = in->word >> 6 & 1;
    bool floats = (in->op >= OP_VFMA && in->op <= OP_VPMIN_fp) || in->op == OP_VRECPE || in->op == OP_VRSQRTE;
    bool multiplies = (in->op >= OP_VMLA_int && in->op <= OP_VMUL_poly) ||
                      (in->op >= OP_VQDMLAL && in->op <= OP_VQRDMULH_scalar) ||
                      (in->op >= OP_VMLAL && in->op <= OP_VQDMULH_scalar);

    o->vector = VECTOR_DATA;
    o->latency = multiplies ? 6 : floats ? 5 : 3;
    if (in->op == OP_VMLA_fp || in->op == OP_VMLS_fp)
        o->latency = 9; /* through both floating-point units */
    o->occupancy = quad ? 2 : 1;
    o->vector_ready = d_registers(in->vd, false, 1u + quad);
    o->vector_need =
        o->vector_ready | d_registers(in->vn, false, 1u + quad) | d_registers(in->vm, false, 1u + quad);
}

/* 16.6.6: two D registers a cycle, with a first cycle for the address; structures take longer. */
static void vector_memory(const struct insn *in, struct a8_op *o, struct stages *at)
{
    bool multiple = in->op == OP_VSTM || in->op == OP_VLDM;
    unsigned count = multiple ? (in->word & 0xff) / 2 : is_structure(in) ? 4 : 1;

    o->vector = VECTOR_MEMORY;
    o->units |= A8_LOAD_STORE;
    o->cycles = (uint8_t)(multiple ? 1 + (count + 1) / 2 : is_structure(in) ? 2 : 1);
    o->occupancy = o->cycles;
    o->latency = 2;
    o->vector_ready = d_registers(in->vd, !is_structure(in) && !(in->word >> 8 & 1), count ? count : 1);
    o->vector_need = o->vector_ready;
    set_registers(in->reads, E1, at->need);
    set_registers(in->writes, E2, at->ready);
}

static void vector_transfer(const struct insn *in, struct a8_op *o, struct stages *at)
{
    bool single = in->op == OP_VMOV_to_s || in->op == OP_VMOV_from_s;

    set_registers(in->reads, E2, at->need);
    set_registers(in->writes, E3, at->ready);
    o->vector = in->writes || in->op == OP_VMRS ? VECTOR_TO_CORE : VECTOR_DATA;
    o->latency = 2;
    o->occupancy = 1;
    o->vector_need = d_registers(in->vn, single, 1) | d_registers(in->vd, single, 1);
    if (!in->writes)
        o->vector_ready = o->vector_need;
}

static void vector_of(const struct insn *in, struct a8_op *o, struct stages *at)
{
    if (in->op == OP_VLDR || in->op == OP_VSTR || in->op == OP_VLDM || in->op == OP_VSTM || is_structure(in))
        vector_memory(in, o, at);
    else if (is_transfer(in))
        vector_transfer(in, o, at);
    else if (is_vfp(in))
        vfp_data(in, o);
    else
        neon_data(in, o);
}

/* 16.2, 16.4.5: conditions are resolved in E2, those of branches in E3; the result's old value is a source.
 */
static void condition_of(const struct insn *in, struct a8_op *o, struct stages *at)
{
    bool branches = o->branch != BRANCH_NONE;

    o->conditional = in->cond != COND_AL || in->op == OP_CBZ;
    if (in->cond != COND_AL)
        o->flags_need = branches ? E3 : E2;
    if (in->flags_read && !o->flags_need)
        o->flags_need = E2;
    if (in->flags_written)
        o->flags_ready = (uint8_t)(o->units & A8_MULTIPLY ? E5 + o->cycles - 1 : E2);
    for (unsigned r = 0; r < 15 && in->cond != COND_AL; r++)
        if (in->writes >> r & 1 && !at->need[r])
            at->need[r] = E2;
}

static void uses_note(const struct stages *at, struct a8_op *o)
{
    for (uint8_t r = 0; r < 15; r++) {
        if (at->need[r])
            o->need[o->needs++] = (struct a8_use){r, at->need[r]};
        if (at->ready[r])
            o->result[o->results++] = (struct a8_use){r, at->ready[r]};
    }
}

void timing_of(const struct insn *in, struct a8_op *o)
{
    struct stages stages = {{0}, {0}}, *at = &stages;

    memset(o, 0, sizeof *o);
    o->cycles = 1;
    o->size = in->size;
    o->writes = in->writes & 0x7fff;
    o->branch = branch_of(in);
    o->writes_pc = o->branch != BRANCH_NONE;
    o->serial = serial_of(in);
    o->jump_map = in->op == OP_LDM && in->rn == 12 && in->list == 1u << REG_PC;
    o->tlb_all = o->serial == SERIAL_TLB && in->opc2 != 1;
    if (in->op == OP_IT)
        o->it = (uint8_t)(4 - __builtin_ctz((in->mask & 15u) | 16u));
    if (is_vector(in))
        vector_of(in, o, at);
    else if (is_multiple(in))
        load_or_store_multiple(in, o, at);
    else if (is_load(in) || is_store(in))
        load_or_store(in, o, at);
    else if (is_preload(in)) {
        o->units |= A8_LOAD_STORE;
        set_registers(in->reads, E1, at->need);
    } else if (in->op == OP_TBB) {
        o->units |= A8_LOAD_STORE;
        o->cycles = 2;
        set_registers(in->reads, E1, at->need);
    } else
        data_processing(in, o, at);
    if (o->branch != BRANCH_NONE)
        o->units |= A8_BRANCH;
    condition_of(in, o, at);
    uses_note(at, o);
}
