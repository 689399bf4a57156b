/*
 * Thumb's loads and stores that A32 has not: longer offsets, shifted offsets of halfwords, pairs of any two
 * registers, exclusives with offsets, unprivileged ones with positive offsets.
 */
#include "dbt/lower.h"
#include "dbt/thumb.h"
#include "ops.h"

/* The register to build an address in, spilled: if it can be a load's own destination, and not given back. */
static unsigned address_register(struct tr *t, const struct insn *in)
{
    unsigned r = in->rt <= R12 && in->writes >> in->rt & 1 ? in->rt : tr_other_reg(in);

    tr_spill(t, r);
    return r;
}

static void release_address(struct tr *t, const struct insn *in, unsigned r)
{
    if (!(in->writes >> r & 1))
        e_unspill(t, r);
}

/* Halfwords and signed bytes: 12-bit offsets and shifted registers. */
bool tr_thumb_half(struct tr *t, const struct insn *in)
{
    struct insn o = *in, sum = *in;
    unsigned r = address_register(t, in);

    if (in->imm_form) {
        e_add_offset(t, r, in->rn, true, in->imm & ~0xffu);
        o.imm = in->imm & 0xff;
    } else {
        sum.op = OP_ADD_reg;
        sum.rd = (uint8_t)r;
        e_insn(t, &sum);
        o.op = in->op == OP_STRH_reg    ? OP_STRH_imm
               : in->op == OP_LDRH_reg  ? OP_LDRH_imm
               : in->op == OP_LDRSB_reg ? OP_LDRSB_imm
                                        : OP_LDRSH_imm;
        o.imm = 0;
        o.amount = 0;
    }
    o.rn = (uint8_t)r;
    e_insn(t, &o);
    release_address(t, in, r);
    return true;
}

static void multiple(struct tr *t, unsigned op, unsigned n, bool before, uint32_t list)
{
    e_insn(t,
           &(struct insn){
               .op = (uint16_t)op, .rn = (uint8_t)n, .add = true, .index = before, .list = (uint16_t)list});
}

/* a and b exchanged, with no third register. */
static void exchange(struct tr *t, unsigned a, unsigned b)
{
    struct insn eor = {.op = OP_EOR_reg, .rd = (uint8_t)a, .rn = (uint8_t)a, .rm = (uint8_t)b};

    e_insn(t, &eor);
    eor.rd = (uint8_t)b;
    e_insn(t, &eor);
    eor.rd = (uint8_t)a;
    e_insn(t, &eor);
}

/* LDM and STM check the alignment as LDRD and STRD do (A3.2.1), LDR and STR would not. */
void tr_load_pair(struct tr *t, unsigned rt, unsigned rt2, unsigned base)
{
    multiple(t, OP_LDM, base, false, 1u << rt | 1u << rt2);
    if (rt > rt2)
        exchange(t, rt, rt2);
}

static void store_pair(struct tr *t, unsigned rt, unsigned rt2, unsigned base)
{
    if (rt < rt2) {
        multiple(t, OP_STM, base, false, 1u << rt | 1u << rt2);
        return;
    }
    multiple(t, OP_STM, base, false, 1u << rt);
    multiple(t, OP_STM, base, true, 1u << rt2);
}

/* LDRD, STRD with an offset above 255, of registers that are an A32 pair: the offset in a register. */
static bool pair_far(struct tr *t, const struct insn *in)
{
    struct insn o = *in;
    uint32_t w;

    o.op = in->op == OP_LDRD_imm ? OP_LDRD_reg : OP_STRD_reg;
    o.rm = (uint8_t)tr_other_reg(in);
    if (!a32_encode(&o, &w))
        return false;
    tr_spill(t, o.rm);
    e_constant(t, o.rm, in->imm);
    e_insn(t, &o);
    e_unspill(t, o.rm);
    return true;
}

static void load_pair_at(struct tr *t, const struct insn *in)
{
    unsigned base = in->rn;

    /* The base itself if it is loaded: an abort gives LDM's base back, and the VMM what was spilled. LR is
       loaded last, so that another's abort finds it as it was. */
    if (in->index && in->imm) {
        if (!(in->rn <= R12 && (in->rn == in->rt || in->rn == in->rt2)))
            base = in->rt < in->rt2 ? in->rt : in->rt2;
        tr_spill(t, base);
        e_add_offset(t, base, in->rn, in->add, in->imm);
    }
    tr_load_pair(t, in->rt, in->rt2, base);
    if (in->wback)
        e_add_offset(t, in->rn, in->rn, in->add, in->imm);
}

static void store_pair_at(struct tr *t, const struct insn *in)
{
    bool offset = in->index && in->imm;
    unsigned base = in->rn;

    if (offset) {
        base = address_register(t, in);
        e_add_offset(t, base, in->rn, in->add, in->imm);
    }
    store_pair(t, in->rt, in->rt2, base);
    if (in->wback)
        e_add_offset(t, in->rn, in->rn, in->add, in->imm);
    if (offset)
        e_unspill(t, base);
}

bool tr_thumb_pair(struct tr *t, const struct insn *in)
{
    if (pair_far(t, in))
        return true;
    if (in->op == OP_LDRD_imm)
        load_pair_at(t, in);
    else
        store_pair_at(t, in);
    return true;
}

/* LDREXD into the A32 pair that one of the two is in. SP may be the other: no exception uses its stack. */
static bool load_exclusive_pair(struct tr *t, const struct insn *in)
{
    unsigned mine = in->rt < R12 || in->rt2 == LR ? in->rt : in->rt2;
    unsigned even = mine & ~1u, partner = mine ^ 1;
    bool taken = partner == in->rt || partner == in->rt2;
    struct insn o = *in;

    if (!taken)
        tr_spill(t, partner);
    o.rt = (uint8_t)even;
    o.rt2 = (uint8_t)(even + 1);
    e_insn(t, &o);
    if (taken) { /* the pair itself, the other way round */
        exchange(t, even, even + 1);
        return true;
    }
    if (in->rt == even) {
        e_mov(t, in->rt2, even + 1);
    } else if (in->rt2 == even + 1) {
        e_mov(t, in->rt, even);
    } else if (in->rt == even + 1) {
        e_mov(t, in->rt2, even + 1);
        e_mov(t, in->rt, even);
    } else {
        e_mov(t, in->rt, even);
        e_mov(t, in->rt2, even + 1);
    }
    e_unspill(t, partner);
    return true;
}

/* The second spill register, for the one instruction that needs two. */

/* STREXD from an A32 pair. One of it already is what it must be, or both are spilled, the odd one to NMRR. */
static bool store_exclusive_pair(struct tr *t, const struct insn *in)
{
    uint32_t used = in->reads | in->writes;
    struct insn o = *in;
    unsigned even, odd;
    bool both = false;

    if (!(in->rt & 1) && in->rt < LR && !(used >> (in->rt + 1) & 1)) {
        even = in->rt;
    } else if (in->rt2 & 1 && !(used >> (in->rt2 - 1) & 1)) {
        even = in->rt2 - 1u;
    } else {
        for (even = 0; used >> even & 3; even += 2)
            ;
        both = true;
    }
    odd = even + 1;
    if (both) {
        tr_mark_spilled(t, even | SPILLED_PAIR);
        e_spill(t, even);
        e_spill_nmrr(t, odd);
    } else {
        tr_spill(t, even == in->rt ? odd : even);
    }
    if (even != in->rt)
        e_mov(t, even, in->rt);
    if (odd != in->rt2)
        e_mov(t, odd, in->rt2);
    o.rt = (uint8_t)even;
    o.rt2 = (uint8_t)odd;
    e_insn(t, &o);
    if (both) {
        e_unspill(t, even);
        e_unspill_nmrr(t, odd);
    } else {
        e_unspill(t, even == in->rt ? odd : even);
    }
    return true;
}

/* LDREX and STREX of words: A32 has no offset. */
static bool exclusive_word(struct tr *t, const struct insn *in)
{
    unsigned r = address_register(t, in);
    struct insn o = *in;

    e_add_offset(t, r, in->rn, true, in->imm);
    o.rn = (uint8_t)r;
    o.imm = 0;
    e_insn(t, &o);
    release_address(t, in, r);
    return true;
}

bool tr_thumb_exclusive(struct tr *t, const struct insn *in)
{
    if (in->op == OP_LDREXD)
        return load_exclusive_pair(t, in);
    if (in->op == OP_STREXD)
        return store_exclusive_pair(t, in);
    return exclusive_word(t, in);
}

/* LDRT and its kind: A32 has them post-indexed only, and their base may not be what is transferred. */
bool tr_thumb_unprivileged(struct tr *t, const struct insn *in)
{
    struct insn o = *in;
    unsigned r;

    o.index = false;
    o.imm = 0;
    if (in->imm == 0 && in->rn != in->rt) {
        e_insn(t, &o);
        return true;
    }
    r = tr_other_reg(in);
    tr_spill(t, r);
    e_add_offset(t, r, in->rn, in->add, in->imm);
    o.rn = (uint8_t)r;
    e_insn(t, &o);
    e_unspill(t, r);
    return true;
}
