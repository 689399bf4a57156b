/*
 * Where r12 and LR are. An indirect branch needs two registers, and most code between two indirect branches
 * uses neither r12 nor the old LR: so the jump map's blocks find them in IFAR and NMRR, and they stay away
 * until an instruction wants them in place (design 3.8). Meanwhile r12 is free for templates.
 */
#include "dbt/dbt.h"
#include "dbt/template.h"
#include "host/switches.h"
#include "ops.h"

static unsigned away_of(uint32_t regs)
{
    return (regs >> R12 & 1 ? AWAY_R12 : 0) | (regs >> LR & 1 ? AWAY_LR : 0);
}

static struct {
    struct block_state state; /* `away` is 0 */
    uint32_t key;
} served;

bool dbt_may_serve(struct block_state s) { return !s.thumb && !s.big_endian && !s.itstate; }

void dbt_serve(struct block_state s)
{
    served.state = dbt_may_serve(s) ? s : (struct block_state){.mode = s.mode, .fiq_masked = s.fiq_masked};
    served.state.away = 0;
    served.key = block_state_key(served.state);
}

struct block_state dbt_served(void)
{
    struct block_state s = served.state;

    s.away = dbt_entry_away(s);
    return s;
}

uint8_t dbt_entry_away(struct block_state s)
{
    if (!SWITCH_ON(jump_map) || !SWITCH_ON(inline_branch))
        return 0;
    return block_state_key(s) == served.key ? AWAY_BOTH : 0;
}

void tr_begin_row(struct tr *t)
{
    t->insns[t->insn_count++] = (struct insn_map){.word = (uint16_t)t->count,
                                                  .offset = (uint16_t)(t->pc.a - t->start.a) & 0x3fff,
                                                  .away = t->away & AWAY_BOTH,
                                                  .itstate = t->itstate,
                                                  .spilled = SPILLED_NONE};
}

void tr_bring_back(struct tr *t, unsigned away)
{
    away &= t->away;
    if (away & AWAY_R12)
        e_unspill(t, R12);
    if (away & AWAY_LR)
        e_unspill_nmrr(t, LR);
    t->away &= (uint8_t)~away;
    if (away)
        tr_begin_row(t);
}

/* LDM^ and STM^ list another mode's LR; and r12, but in FIQ mode, where they are callouts, is every mode's.
 */
static bool is_user_bank(const struct insn *in) { return in->op == OP_LDM_user || in->op == OP_STM_user; }

void tr_bring_back_for(struct tr *t, const struct insn *in)
{
    uint32_t unsure = in->cond == AL ? in->writes & ~(uint32_t)in->sure : in->writes,
             wanted = in->reads | unsure;

    if (is_user_bank(in)) {
        wanted &= ~(1u << LR) | 1u << in->rn;
        if (in->cond == AL && in->rn != R12)
            wanted &= ~(in->writes & 1u << R12);
    }
    tr_bring_back(t, away_of(wanted));
}

void tr_is_back(struct tr *t, const struct insn *in)
{
    unsigned written = away_of(is_user_bank(in) ? in->writes & ~(1u << LR) : in->writes);

    t->away &= (uint8_t)~written;
    t->kept &= (uint8_t)~written;
}

void tr_keep(struct tr *t, unsigned away)
{
    if (t->kept & away)
        return;
    if (away == AWAY_R12)
        e_spill(t, R12);
    else
        e_spill_nmrr(t, LR);
    t->kept |= (uint8_t)away;
}

unsigned tr_take(struct tr *t, const struct insn *in)
{
    unsigned r = tr_other_reg(in);

    if (r == R12 && t->kept & AWAY_R12) {
        tr_mark_spilled(t, R12);
        return R12;
    }
    tr_bring_back(t, AWAY_R12); /* IFAR gets another value */
    t->kept &= (uint8_t)~AWAY_R12;
    tr_mark_spilled(t, r);
    e_spill(t, r);
    return r;
}

void tr_give(struct tr *t, unsigned r)
{
    if (r == R12 && t->away & AWAY_R12)
        return;
    if (r != R12 || !t->may_leave || t->conditional) {
        e_unspill(t, r);
        return;
    }
    t->away |= AWAY_R12;
    t->kept |= AWAY_R12;
}
