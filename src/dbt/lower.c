/* Emitters of normalized instructions. */
#include "dbt/lower.h"

#include "ops.h"

void e_insn(struct tr *t, const struct insn *in)
{
    uint32_t w = 0;

    CHECK(a32_encode(in, &w));
    e(t, A32_UNCONDITIONAL(w) ? w : (uint32_t)AL << 28 | w);
}

bool e_try_insn(struct tr *t, const struct insn *in)
{
    uint32_t w;

    if (!a32_encode(in, &w))
        return false;
    e_insn(t, in);
    return true;
}

void e_constant(struct tr *t, unsigned d, uint32_t value)
{
    if (e_try_insn(t, &(struct insn){.op = OP_MVN_imm, .rd = (uint8_t)d, .imm = ~value}))
        return;
    if (value > 0xffff && !t->state.big_endian) { /* a big-endian guest's loads would reverse the literal */
        e_ldr_literal(t, AL, d, value);
        return;
    }
    e_insn(t, &(struct insn){.op = OP_MOVW, .rd = (uint8_t)d, .imm = value & 0xffff});
    if (value > 0xffff)
        e_insn(t, &(struct insn){.op = OP_MOVT, .rd = (uint8_t)d, .imm = value >> 16});
}

void e_add_offset(struct tr *t, unsigned d, unsigned n, bool add, uint32_t imm)
{
    struct insn o = {.op = add ? OP_ADD_imm : OP_SUB_imm, .rd = (uint8_t)d, .rn = (uint8_t)n, .imm = imm};

    if (e_try_insn(t, &o))
        return;
    o.imm = imm & ~0xffu;
    e_insn(t, &o);
    o.rn = o.rd;
    o.imm = imm & 0xff;
    e_insn(t, &o);
}
