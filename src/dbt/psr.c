/*
 * PSR templates. The guest's I bit is the real F bit while translated code runs (the VMM uses no FIQ,
 * design.md as built, "the virtual I bit"), so masking is one instruction; unmasking adds a store into a gate
 * page, which the VMM closes while an interrupt waits. The guest's F and mode are part of the block's state,
 * hence constants here.
 */
#include "dbt/a32.h"
#include "dbt/template.h"
#include "dbt/thumb.h"
#include "host/armv7.h"
#include "host/switches.h"
#include "host/window.h"
#include "ops.h"

#define CPS_A 4u
#define CPS_I 2u
#define CPS_F 1u

static unsigned real_mode(const struct tr *t) { return t->state.mode == MODE_SYS ? MODE_SYS : MODE_SVC; }
static bool has_spsr(const struct tr *t) { return t->state.mode != MODE_SYS; }

/* CPSIE/CPSID of A and I. */
static bool tr_cps(struct tr *t, const struct insn *in)
{
    if (!SWITCH_ON(inline_cps) || in->wback || !(in->imod & 2) || in->mask & CPS_F)
        return false;
    /* The real F stands for I. */
    e_cps(t, in->imod == 3, (in->mask & CPS_A) | (in->mask & CPS_I ? CPS_F : 0));
    if (in->imod == 2 && in->mask & CPS_I)
        e_gate(t, in);
    return true;
}

/* MRS rd, CPSR: F moves to I's place by one shift of the low byte, then constants repair the rest. */
static bool tr_mrs_cpsr(struct tr *t, const struct insn *in)
{
    uint32_t real = real_mode(t), moved = real << 1 | (real & 1),
             want = t->state.mode | (uint32_t)t->state.fiq_masked << 6;

    if (!SWITCH_ON(inline_mrs))
        return false;
    e_mrs_cpsr(t, in->rd);
    e_bfi(t, in->rd, in->rd, 1, 7);
    if ((moved & 0x7f) ^ want)
        e_eor_imm(t, in->rd, in->rd, (moved & 0x7f) ^ want);
    return true;
}

static unsigned psr_state(const struct tr *t)
{
    static const uint8_t modes[] = WINDOW_PSR_MODES;
    unsigned i = 0;

    while (modes[i] != t->state.mode)
        i++;
    return i * 2 + t->state.fiq_masked;
}

static void set_i(struct tr *t, const struct insn *in, bool masked)
{
    e_cps(t, masked, CPS_F);
    if (!masked)
        e_gate(t, in);
}

/* MSR CPSR_c or CPSR_fc, mode and F unchanged: everything else is a callout. */
static bool tr_msr_cpsr(struct tr *t, const struct insn *in)
{
    uint32_t same = t->state.mode | (uint32_t)t->state.fiq_masked << 6;
    unsigned other;

    if (!SWITCH_ON(inline_msr) || !(in->mask & 1) || in->mask & 6)
        return false;
    if (in->imm_form) {
        if ((in->imm & 0x7f) != same || in->mask & 8)
            return false;
        set_i(t, in, in->imm & 0x80);
        return true;
    }
    if (in->rn == SP || in->rn == PC)
        return false;
    other = tr_take(t, in);
    /* The load faults unless rn[6:0] is what the state says; and if rn[7], the new I, is clear, while the
     * gates are closed. */
    e(t, 0xe3e00600u | other << 12 |
             (~window_psr(psr_state(t), 0) >> 20 & 0xff)); /* MVN: the last byte of the state's MiB */
    e_bfi(t, other, in->rn, 12, 8);
    e_trap_site(t, in);
    e_ldrb_down(t, other, other, real_mode(t) == MODE_SVC ? 0 : WINDOW_PSR_LAST_SVC - WINDOW_PSR_LAST_SYS);
    e_msr_cpsr(t, 1, other);
    if (in->mask & 8)
        e_msr_cpsr(t, 8, in->rn);
    tr_give(t, other);
    return true;
}

static bool copy(struct tr *t, const struct insn *in)
{
    uint32_t word = in->word & 0x0fffffffu;

    if (in->thumb && !a32_encode(in, &word))
        return tr_thumb_unprivileged(t, in);
    e(t, word | 0xe0000000u);
    return true;
}

bool tr_psr(struct tr *t, const struct insn *in, unsigned cond)
{
    unsigned start = t->count, skip = 0;
    bool done = false;

    if (t->state.big_endian)
        return false;
    if (cond != AL)
        skip = e_skip(t, cond ^ 1);
    switch (in->op) {
    case OP_CPS: done = tr_cps(t, in); break;
    case OP_MRS:
        if (!in->spsr)
            done = tr_mrs_cpsr(t, in);
        else if (has_spsr(t) && SWITCH_ON(inline_spsr)) {
            e_mrs_spsr(t, in->rd);
            done = true;
        }
        break;
    case OP_MSR_imm:
    case OP_MSR_reg:
        if (!in->spsr)
            done = tr_msr_cpsr(t, in);
        else if (has_spsr(t) && SWITCH_ON(inline_spsr))
            done = copy(t, in);
        break;
    case OP_LDM_user:
    case OP_STM_user:
        if (SWITCH_ON(inline_user_bank) && has_spsr(t) && t->state.mode != MODE_FIQ && in->rn != PC &&
            !(in->list >> PC & 1))
            done = copy(t, in);
        break;
    case OP_LDRT:
    case OP_LDRBT:
    case OP_LDRHT:
    case OP_LDRSBT:
    case OP_LDRSHT:
    case OP_STRT:
    case OP_STRBT:
    case OP_STRHT:
        if (SWITCH_ON(inline_user_bank) && in->rn != PC && in->rt != PC)
            done = copy(t, in);
        break;
    default: break;
    }
    if (!done) {
        t->count = start;
        return false;
    }
    if (cond != AL)
        e_land(t, skip);
    return true;
}
