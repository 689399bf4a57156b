/*
 * Thumb instructions as A32 code. Most innocuous ones are one word, the others are in thumb_immediate.c and
 * thumb_memory.c; here too what is Thumb's own among instructions that use the PC.
 */
#include "dbt/thumb.h"
#include "dbt/lower.h"
#include "ops.h"

static bool lower(struct tr *t, const struct insn *in)
{
    switch (in->op) {
    case OP_ORN_reg: return tr_thumb_or_not(t, in);
    case OP_LDRH_imm:
    case OP_LDRSB_imm:
    case OP_LDRSH_imm:
    case OP_STRH_imm:
    case OP_LDRH_reg:
    case OP_LDRSB_reg:
    case OP_LDRSH_reg:
    case OP_STRH_reg: return tr_thumb_half(t, in);
    case OP_LDRD_imm:
    case OP_STRD_imm: return tr_thumb_pair(t, in);
    case OP_LDREX:
    case OP_STREX:
    case OP_LDREXD:
    case OP_STREXD: return tr_thumb_exclusive(t, in);
    case OP_PLDW_imm:
    case OP_PLDW_reg:
    case OP_HINT_mem_imm:
    case OP_HINT_mem_reg:
        e_nop(t); /* the A32 words are UNDEFINED */
        return true;
    case OP_IT: /* conditions become A32's */ return true;
    default: return tr_thumb_immediate(t, in);
    }
}

bool tr_thumb(struct tr *t, const struct insn *in, unsigned cond)
{
    unsigned start = t->count, skip = 0;
    uint32_t w;
    bool one = a32_encode(in, &w);

    if (one && !(A32_UNCONDITIONAL(w) && cond != AL)) {
        e(t, A32_UNCONDITIONAL(w) ? w : cond << 28 | w);
        return true;
    }
    if (cond != AL)
        skip = e_skip(t, cond ^ 1);
    if (!one && !lower(t, in)) {
        t->count = start;
        return false;
    }
    if (one)
        e(t, w);
    if (cond != AL)
        e_land(t, skip);
    return true;
}

/* ---- What reads the PC and has no A32 form or another one. pc.c does the rest. ---- */

static void load_pair_literal(struct tr *t, const struct insn *in, uint32_t address)
{
    unsigned base = in->rt < in->rt2 ? in->rt : in->rt2;

    tr_spill(t, base);
    e_constant(t, base, address);
    tr_load_pair(t, in->rt, in->rt2, base);
}

static void vector_literal(struct tr *t, const struct insn *in, uint32_t address)
{
    unsigned r = tr_other_reg(in);

    tr_spill(t, r);
    e_constant(t, r, address);
    e(t, (in->word & 0x0f70ff00u) | 0xe0800000u | r << 16); /* VLDR d, [r] */
    e_unspill(t, r);
}

static void add_pc(struct tr *t, const struct insn *in)
{
    unsigned r = tr_other_reg(in);
    struct insn o = *in;

    tr_spill(t, r);
    e_constant(t, r, tr_pc_value(t));
    o.rm = (uint8_t)r;
    e_insn(t, &o);
    e_unspill(t, r);
}

bool tr_thumb_pc_relative(struct tr *t, const struct insn *in, unsigned cond)
{
    uint32_t base = tr_pc_value(t) & ~3u, address = in->add ? base + in->imm : base - in->imm;
    unsigned skip = 0, start = t->count;

    if (cond != AL)
        skip = e_skip(t, cond ^ 1);
    switch (in->op) {
    case OP_LDRD_lit: load_pair_literal(t, in, address); break;
    case OP_VLDR: vector_literal(t, in, address); break;
    case OP_PLD_lit:
    case OP_PLI_lit:
    case OP_HINT_mem_lit: e_nop(t); break;
    case OP_ADD_reg:
        if (in->rm != PC || in->rn == PC) {
            t->count = start;
            return false;
        }
        add_pc(t, in);
        break;
    default: t->count = start; return false;
    }
    if (cond != AL)
        e_land(t, skip);
    return true;
}

/*
 * CBZ, CBNZ: no A32 branch looks at a register, and the flags must stay. Both ways put them back.
 */
bool tr_thumb_compare_branch(struct tr *t, const struct insn *in)
{
    unsigned r = tr_other_reg(in), stay;

    tr_spill(t, r);
    e_mrs_cpsr(t, r);
    e_teq_imm(t, in->rn, 0);
    stay = e_skip(t, in->mask ? EQ : NE);
    e_msr_cpsr(t, 8, r);
    e_unspill(t, r);
    e_exit(t, AL, tr_pc_value(t) + in->imm);
    e_land(t, stay);
    e_msr_cpsr(t, 8, r);
    e_unspill(t, r);
    return true;
}
