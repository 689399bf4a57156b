/*
 * Control flow. Direct branches are exits that get linked; indirect ones go by the jump map (host/stubs.h)
 * with the target in LR, what the guest's LR is to be in NMRR, and its r12 in IFAR.
 */
#include "dbt/dbt.h"
#include "dbt/template.h"
#include "dbt/thumb.h"
#include "host/armv7.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "ops.h"

_Static_assert((WINDOW_JUMP & 0xffffff) == 0 && (JUMP_BASE & 0xff) == 0x100 - (WINDOW_JUMP >> 24),
               "MVN's constant");

static void by_jump_map(struct tr *t, const struct insn *in)
{
    tr_after(t, in);
    tr_keep(t, AWAY_R12);
    e(t, JUMP_BASE);
    e(t, JUMP_BYTE);
    e(t, JUMP_SLOT);
    e(t, JUMP_LOAD);
}

/* rd := LR in a data-processing word (bits 15:12), Rn too if it is the PC. False: LR is used otherwise. */
static bool alu_to_lr(struct tr *t, const struct insn *in)
{
    uint32_t word = (in->word & 0x0fff0fffu) | 0xe0000000u | LR << 12;
    bool needs_rn =
        in->op != OP_MOV_reg && in->op != OP_MVN_reg && in->op != OP_MOV_imm && in->op != OP_MVN_imm;

    if (in->s || in->rm == PC)
        return false;
    if (needs_rn && in->rn == PC) {
        if (in->rm == LR)
            return false;
        tr_keep(t, AWAY_LR);
        e_ldr_literal(t, AL, LR, tr_pc_value(t));
        word = (word & ~0x000f0000u) | LR << 16;
    } else {
        tr_keep(t, AWAY_LR);
    }
    e(t, word);
    by_jump_map(t, in);
    return true;
}

static bool load_to_lr(struct tr *t, const struct insn *in)
{
    uint32_t word = (in->word & 0x0fffffffu) | 0xe0000000u;

    switch (in->op) {
    case OP_LDR_lit:
        tr_keep(t, AWAY_LR);
        e_ldr_literal(t, AL, LR, in->add ? tr_pc_value(t) + in->imm : tr_pc_value(t) - in->imm);
        e_ldr(t, LR, LR, 0);
        break;
    case OP_LDR_imm:
    case OP_LDR_reg:
        if ((in->wback && in->rn == LR) || in->rm == PC)
            return false;
        word = (word & ~0xf000u) | LR << 12;
        if (in->rn == PC && in->rm == LR) { /* a jump table indexed by LR */
            tr_mark_spilled(t, R12);
            tr_keep(t, AWAY_R12);
            tr_keep(t, AWAY_LR);
            e_ldr_literal(t, AL, R12, tr_pc_value(t));
            e(t, (word & ~0x000f0000u) | R12 << 16);
            break;
        }
        tr_keep(t, AWAY_LR);
        if (in->rn == PC) {
            e_ldr_literal(t, AL, LR, tr_pc_value(t));
            word = (word & ~0x000f0000u) | LR << 16;
        }
        e(t, word);
        break;
    case OP_LDM:
        if (in->list >> LR & 1 || in->rn == LR || in->rn == PC)
            return false;
        tr_keep(t, AWAY_LR);
        e(t, (word & ~0x8000u) | 0x4000u);
        break;
    default: return false;
    }
    by_jump_map(t, in);
    return true;
}

/*
 * LDR of the PC from a literal, as in vectors and veneers: straight there. Only as a block's first
 * instruction, so that nothing in the block can have written the literal before.
 */
static bool constant_jump(struct tr *t, const struct insn *in)
{
    gva_t at = GVA(in->add ? tr_pc_value(t) + in->imm : tr_pc_value(t) - in->imm);
    uint32_t target;

    if (!SWITCH_ON(constant_jumps) || t->pc.a != t->start.a || !t->constant_word || at.a & 3 ||
        !t->constant_word(at, &target) || target & 3)
        return false;
    t->reads_constant = true;
    t->constant_at = at;
    e_exit(t, AL, target);
    return true;
}

/* The guest's LR is what it was called with no more: wherever that is kept, this takes its place. */
static void link_away(struct tr *t, const struct insn *in)
{
    tr_after(t, in);
    e_ldr_literal(t, AL, LR, t->pc.a + in->size);
    e_spill_nmrr(t, LR);
}

static bool branch_register(struct tr *t, const struct insn *in, bool link)
{
    if (in->rm == PC)
        return false;
    if (!link) {
        tr_keep(t, AWAY_LR);
        if (in->rm != LR)
            e_mov(t, LR, in->rm);
    } else if (in->rm != LR) {
        link_away(t, in);
        e_mov(t, LR, in->rm);
    } else {
        tr_keep(t, AWAY_R12);
        e_mov(t, R12, LR);
        link_away(t, in);
        e_mov(t, LR, R12);
    }
    by_jump_map(t, in);
    return true;
}

static bool tr_indirect(struct tr *t, const struct insn *in)
{
    if (!t->may_leave)
        return false;
    switch (in->op) {
    case OP_BX: return branch_register(t, in, false);
    case OP_BLX_reg: return branch_register(t, in, true);
    case OP_MOV_reg:
        if (in->rm == LR && in->amount == 0 && !in->s)
            return branch_register(t, in, false);
        return alu_to_lr(t, in);
    case OP_AND_reg:
    case OP_EOR_reg:
    case OP_SUB_reg:
    case OP_RSB_reg:
    case OP_ADD_reg:
    case OP_ADC_reg:
    case OP_SBC_reg:
    case OP_RSC_reg:
    case OP_ORR_reg:
    case OP_BIC_reg:
    case OP_MVN_reg:
    case OP_AND_imm:
    case OP_EOR_imm:
    case OP_SUB_imm:
    case OP_RSB_imm:
    case OP_ADD_imm:
    case OP_ADC_imm:
    case OP_SBC_imm:
    case OP_RSC_imm:
    case OP_ORR_imm:
    case OP_BIC_imm:
    case OP_MVN_imm:
    case OP_MOV_imm: return alu_to_lr(t, in);
    case OP_LDR_lit: return constant_jump(t, in) || load_to_lr(t, in);
    default: return load_to_lr(t, in);
    }
}

bool tr_branch(struct tr *t, const struct insn *in, unsigned cond, bool *ends)
{
    unsigned start = t->count, skip = 0, sites = t->site_count;
    uint8_t away = t->away, kept = t->kept;

    *ends = cond == AL;
    switch (in->op) {
    case OP_B: e_exit(t, cond, tr_pc_value(t) + in->imm); return true;
    case OP_BL_imm:
        if (!SWITCH_ON(inline_branch) || t->state.big_endian)
            return false;
        e_ldr_literal(t, cond, LR, (t->pc.a + in->size) | t->state.thumb);
        tr_after(t, in);
        e_exit(t, cond, tr_pc_value(t) + in->imm);
        return true;
    case OP_CBZ: *ends = false; return tr_thumb_compare_branch(t, in);
    default: break;
    }
    if (cond != AL)
        skip = e_skip(t, cond ^ 1);
    if (!tr_indirect(t, in)) {
        t->count = start;
        t->site_count = sites;
        t->away = away;
        t->kept = kept;
        return false;
    }
    if (cond != AL) {
        e_land(t, skip);
        t->away = away; /* where it was not taken */
        t->kept = kept;
    }
    return true;
}

/*
 * MOVS PC, LR and its kind to User mode with I clear and no interrupt waiting: checked, then real. The flags
 * are free, the return replaces them; everything else is a callout.
 */
bool tr_exception_return(struct tr *t, const struct insn *in, unsigned cond, bool *ends)
{
    *ends = cond == AL;
    if (cond != AL || in->thumb || t->state.big_endian || !SWITCH_ON(inline_eret) ||
        t->state.mode != MODE_SVC)
        return false; /* only from SVC: its bank is the one that must be real while User runs */
    if (!((in->op == OP_MOV_reg && in->rm == LR && in->amount == 0) ||
          (in->op == OP_SUB_imm && in->rn == LR)))
        return false;
    tr_mark_spilled(t, R12);
    tr_keep(t, AWAY_R12);
    e_mrs_spsr(t, R12);
    e_and_imm(t, R12, R12, 0xdf); /* User, I clear, F as it is here: the SVC slot's block counts on it */
    e_teq_imm(t, R12, 0x10 | (uint32_t)t->state.fiq_masked << 6);
    e_unspill(t, R12);
    e_late_callout(t, NE, in);
    e_gate(t, in);
    e(t, in->word);
    return true;
}
