/*
 * Thumb's data processing that A32 cannot encode: immediates like 0x00XY00XY, bytes at odd places, what is
 * left of 12-bit ones, and ORN.
 */
#include "dbt/lower.h"
#include "dbt/thumb.h"
#include "ops.h"

static bool is_logical(unsigned op)
{
    return op != OP_ADD_imm && op != OP_SUB_imm && op != OP_RSB_imm && op != OP_ADC_imm && op != OP_SBC_imm &&
           op != OP_CMP_imm && op != OP_CMN_imm;
}

static unsigned register_form(unsigned op)
{
    switch (op) {
    case OP_AND_imm: return OP_AND_reg;
    case OP_EOR_imm: return OP_EOR_reg;
    case OP_SUB_imm: return OP_SUB_reg;
    case OP_RSB_imm: return OP_RSB_reg;
    case OP_ADD_imm: return OP_ADD_reg;
    case OP_ADC_imm: return OP_ADC_reg;
    case OP_SBC_imm: return OP_SBC_reg;
    case OP_ORR_imm: return OP_ORR_reg;
    case OP_MOV_imm: return OP_MOV_reg;
    case OP_BIC_imm: return OP_BIC_reg;
    case OP_MVN_imm: return OP_MVN_reg;
    case OP_TST_imm: return OP_TST_reg;
    case OP_TEQ_imm: return OP_TEQ_reg;
    case OP_CMP_imm: return OP_CMP_reg;
    case OP_CMN_imm: return OP_CMN_reg;
    case OP_ORN_imm: return OP_ORN_reg;
    default: return OP_UNDEFINED;
    }
}

/*
 * The instruction that does the same with -imm or ~imm. Arithmetic ones give the same flags: where they would
 * not, for 0 and 0x80000000, A32 has the immediate. Logical ones give another carry.
 */
static bool opposite(const struct insn *in, struct insn *o)
{
    *o = *in;
    switch (in->op) {
    case OP_ADD_imm:
        o->op = OP_SUB_imm;
        o->imm = -in->imm;
        return true;
    case OP_SUB_imm:
        o->op = OP_ADD_imm;
        o->imm = -in->imm;
        return true;
    case OP_CMP_imm:
        o->op = OP_CMN_imm;
        o->imm = -in->imm;
        return true;
    case OP_CMN_imm:
        o->op = OP_CMP_imm;
        o->imm = -in->imm;
        return true;
    case OP_ADC_imm: o->op = OP_SBC_imm; break;
    case OP_SBC_imm: o->op = OP_ADC_imm; break;
    case OP_AND_imm: o->op = OP_BIC_imm; break;
    case OP_BIC_imm: o->op = OP_AND_imm; break;
    case OP_MOV_imm: o->op = OP_MVN_imm; break;
    case OP_MVN_imm: o->op = OP_MOV_imm; break;
    case OP_ORN_imm: o->op = OP_ORR_imm; break;
    default: return false;
    }
    o->imm = ~in->imm;
    return !(in->s && is_logical(in->op));
}

static bool has_two_steps(unsigned op)
{
    return op == OP_ADD_imm || op == OP_SUB_imm || op == OP_ORR_imm || op == OP_EOR_imm || op == OP_BIC_imm;
}

/* If no flags are wanted: a byte of the immediate in each step. */
static bool in_two_steps(struct tr *t, const struct insn *in)
{
    struct insn o = *in;
    unsigned low = 0;
    uint32_t w;

    if (in->s || !has_two_steps(in->op))
        return false;
    while (!(in->imm >> low & 3))
        low += 2;
    o.imm = in->imm & ~(0xffu << low);
    if (!a32_encode(&o, &w))
        return false;
    o.imm = in->imm & 0xffu << low;
    e_insn(t, &o);
    o.rn = in->rd;
    o.imm = in->imm & ~(0xffu << low);
    e_insn(t, &o);
    return true;
}

/* A register for a constant: the destination if nothing reads it before it is written. */
static unsigned constant_register(struct tr *t, const struct insn *in)
{
    unsigned r = in->rd;

    if (r > LR || r == SP || in->reads >> r & 1) {
        r = tr_other_reg(in);
        tr_spill(t, r);
    }
    return r;
}

static void release(struct tr *t, const struct insn *in, unsigned r)
{
    if (r != in->rd)
        e_unspill(t, r);
}

/* ORN: the operand's complement first. MVNS leaves the shifter's carry, ORRS of a plain register keeps it. */
static void or_not(struct tr *t, const struct insn *in, const struct insn *operand, unsigned r)
{
    struct insn orr = {.op = OP_ORR_reg, .rd = in->rd, .rn = in->rn, .rm = (uint8_t)r, .s = in->s};
    struct insn mvn = *operand;

    mvn.op = operand->op == OP_ORN_imm ? OP_MVN_imm : OP_MVN_reg;
    mvn.rn = REG_NONE;
    mvn.rd = (uint8_t)r;
    e_insn(t, &mvn);
    e_insn(t, &orr);
}

bool tr_thumb_or_not(struct tr *t, const struct insn *in)
{
    unsigned r = constant_register(t, in);

    or_not(t, in, in, r);
    release(t, in, r);
    return true;
}

/* The constant in a register; rotated by one if the shifter's carry is wanted: rotating it back gives that.
 */
static bool from_register(struct tr *t, const struct insn *in)
{
    bool carry = in->s && is_logical(in->op) && in->imm_carry_valid;
    struct insn o = *in;
    unsigned r;

    o.op = (uint16_t)register_form(in->op);
    o.shift = carry ? SHIFT_ROR : SHIFT_LSL;
    o.amount = carry;
    if (o.op == OP_UNDEFINED)
        return false;
    r = constant_register(t, in);
    e_constant(t, r, carry ? ror32(in->imm, 31) : in->imm);
    o.rm = (uint8_t)r;
    if (in->op == OP_ORN_imm)
        or_not(t, in, &o, r);
    else if (in->op != OP_MOV_imm || in->s)
        e_insn(t, &o);
    release(t, in, r);
    return true;
}

bool tr_thumb_immediate(struct tr *t, const struct insn *in)
{
    struct insn o, mvn = *in;
    uint32_t w;

    if (register_form(in->op) == OP_UNDEFINED)
        return false;
    if (opposite(in, &o)) {
        if (e_try_insn(t, &o) || in_two_steps(t, &o))
            return true;
        if (in->op == OP_ORN_imm || in->op == OP_MVN_imm)
            return from_register(t, &o);
    }
    if (in_two_steps(t, in))
        return true;
    mvn.op = OP_MVN_imm;
    if (in->op == OP_ORN_imm && a32_encode(&mvn, &w))
        return tr_thumb_or_not(t, in);
    return from_register(t, in);
}
