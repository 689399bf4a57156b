/* Instructions that read the PC: the PC's value becomes a constant (design 3.4: always the guest's address).
 */
#include "dbt/template.h"
#include "dbt/thumb.h"
#include "host/switches.h"
#include "ops.h"

/* Loads with an immediate offset from PC: the address is a constant, and the destination can hold it first.
 */
static bool tr_literal_load(struct tr *t, const struct insn *in, unsigned cond)
{
    uint32_t base = tr_pc_value(t) & ~3u, address = in->add ? base + in->imm : base - in->imm;
    unsigned holder = in->rt;
    uint32_t word;

    switch (in->op) {
    case OP_LDR_lit: word = 0x05900000u; break;
    case OP_LDRB_lit: word = 0x05d00000u; break;
    case OP_LDRH_lit: word = 0x01d000b0u; break;
    case OP_LDRSB_lit: word = 0x01d000d0u; break;
    case OP_LDRSH_lit: word = 0x01d000f0u; break;
    case OP_LDRD_lit:
        if (in->rt & 1 || in->rt2 != in->rt + 1)
            return false;
        word = 0x01c000d0u;
        break;
    default: return false;
    }
    if (in->rt == PC)
        return false;
    if ((address ^ t->pc.a) & ~PAGE_MASK &&
        in->rt <= R12) { /* may abort: another page than the instruction's */
        if (in->rt == R12) {
            tr_mark_spilled(t, R12);
            tr_keep(t, AWAY_R12);
        } else if (t->may_leave) {
            holder = tr_take(t, in);
        } else {
            tr_mark_spilled(t, in->rt);
            e_spill(t, in->rt);
        }
    }
    e_ldr_literal(t, cond, holder, address);
    e(t, word | cond << 28 | holder << 16 | (uint32_t)in->rt << 12);
    if (holder != in->rt)
        tr_give(t, holder);
    return true;
}

static bool tr_address(struct tr *t, const struct insn *in, unsigned cond)
{
    uint32_t base = tr_pc_value(t);

    if (in->op == OP_ADR)
        e_ldr_literal(t, cond, in->rd, in->add ? (base & ~3u) + in->imm : (base & ~3u) - in->imm);
    else if (in->op == OP_ADD_imm && !in->s)
        e_ldr_literal(t, cond, in->rd, base + in->imm);
    else if (in->op == OP_SUB_imm && !in->s)
        e_ldr_literal(t, cond, in->rd, base - in->imm);
    else if (in->op == OP_MOV_reg && !in->s && in->amount == 0)
        e_ldr_literal(t, cond, in->rd, base);
    else
        return false;
    return true;
}

/* Any other A32 form: a spilled register takes the PC's place. */
static bool tr_substituted(struct tr *t, const struct insn *in)
{
    unsigned other = tr_other_reg(in);
    uint32_t word = in->word;

    if (in->list || in->rd == PC)
        return false;
    if (in->rn == PC && bits(word, 19, 16) == PC)
        word = (word & ~0x000f0000u) | other << 16;
    if (in->rm == PC && bits(word, 3, 0) == PC)
        word = (word & ~0xfu) | other;
    if (in->rt == PC && bits(word, 15, 12) == PC && in->op != OP_MRC)
        word = (word & ~0xf000u) | other << 12;
    if (word == in->word)
        return false;
    tr_take(t, in); /* it is `other` */
    e_ldr_literal(t, AL, other, tr_pc_value(t));
    e(t, word);
    tr_give(t, other);
    return true;
}

/*
 * STM that stores the PC (each function's entry where frames are kept by the APCS): the others relative to a
 * copy of the base, then the PC above them. The base itself moves when nothing can fault any more.
 */
static bool tr_store_multiple(struct tr *t, const struct insn *in, unsigned cond)
{
    uint32_t others = in->list & 0x7fffu, size = 4u * (unsigned)__builtin_popcount(in->list);
    uint32_t down = in->add ? 0 : size - (in->index ? 0 : 4),
             up = in->add && in->index ? 4 : 0; /* of the lowest word */
    uint32_t top = up + size - 4 - down;        /* of the PC's */
    unsigned base = tr_other_reg(in);

    if (in->op != OP_STM || in->thumb || !others ||
        ((uint32_t)in->list | in->reads | in->writes) >> base & 1 || (in->wback && in->list >> in->rn & 1))
        return false;
    tr_take(t, in); /* it is `base` */
    e(t, (down ? 0xe2400000u : 0xe2800000u) | (uint32_t)in->rn << 16 | base << 12 | (down ? down : up));
    e(t, cond << 28 | 0x08800000u | base << 16 | others);
    e_ldr_literal(t, AL, base, tr_pc_value(t));
    e(t, cond << 28 | (top >> 31 ? 0x05000000u | (0 - top) : 0x05800000u | top) | (uint32_t)in->rn << 16 |
             base << 12);
    tr_give(t, base);
    if (in->wback)
        e(t, cond << 28 | (in->add ? 0x02800000u : 0x02400000u) | (uint32_t)in->rn << 16 |
                 (uint32_t)in->rn << 12 | size);
    return true;
}

bool tr_pc_relative(struct tr *t, const struct insn *in, unsigned cond)
{
    if (!SWITCH_ON(inline_pc) || t->state.big_endian)
        return false;
    return tr_literal_load(t, in, cond) || tr_address(t, in, cond) ||
           (in->thumb  ? tr_thumb_pc_relative(t, in, cond)
            : in->list ? tr_store_multiple(t, in, cond)
                       : tr_substituted(t, in));
}
