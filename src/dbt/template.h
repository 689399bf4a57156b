/* Templates by class: each emits the host code of one guest instruction, or says it has no inline form. */
#ifndef TEMPLATE_H
#define TEMPLATE_H

#include "dbt/emit.h"

/* All return false if the instruction must be a callout. `cond` is the effective condition. */
bool tr_psr(struct tr *t, const struct insn *in, unsigned cond);  /* psr.c: CPS, MRS, MSR, LDM^, LDRT */
bool tr_cp15(struct tr *t, const struct insn *in, unsigned cond); /* cp15.c */
bool tr_pc_relative(struct tr *t, const struct insn *in, unsigned cond); /* pc.c */
/* branch.c; *ends: nothing falls through to the next instruction. */
bool tr_branch(struct tr *t, const struct insn *in, unsigned cond, bool *ends);
bool tr_exception_return(struct tr *t, const struct insn *in, unsigned cond, bool *ends);
/* thumb.c: an innocuous Thumb instruction as A32 code. */
bool tr_thumb(struct tr *t, const struct insn *in, unsigned cond);

/* PC as the guest's instruction reads it. */
static inline uint32_t tr_pc_value(const struct tr *t) { return t->pc.a + (t->state.thumb ? 4 : 8); }

/* A register the instruction does not touch (r12 down to r0). */
static inline unsigned tr_other_reg(const struct insn *in)
{
    unsigned r = R12;

    while (r &&
           (in->reads | in->writes) >> r & 1) /* r0 if all are in use: callers take no such instruction */
        r--;
    return r;
}

/* The current instruction keeps r's value in the spill register from its first to its last word. */
static inline void tr_mark_spilled(struct tr *t, unsigned r)
{
    t->insns[t->insn_count - 1].spilled = (uint8_t)r;
}

/* constant.c: after an instruction, which registers have values that the block's own code gives them. */
void tr_track_constants(struct tr *t, const struct insn *in);

/* away.c: registers for templates, and where r12 and LR are. */
void tr_begin_row(struct tr *t); /* the next words are of the instruction at t->pc, or of its next part */
void tr_bring_back(struct tr *t, unsigned away); /* AWAY_ bits: in place again, before the instruction */
void tr_bring_back_for(struct tr *t, const struct insn *in);
void tr_is_back(struct tr *t, const struct insn *in);

#define AWAY_REGS (1u << R12 | 1u << LR)

/* Before the instruction: what it needs in place is. After it: what it has written is. */
static inline void tr_before(struct tr *t, const struct insn *in)
{
    t->conditional = in->cond != AL;
    if (t->away && (in->reads | in->writes) & AWAY_REGS)
        tr_bring_back_for(t, in);
}
static inline void tr_after(struct tr *t, const struct insn *in)
{
    if (in->writes & AWAY_REGS)
        tr_is_back(t, in);
}
/* A register to clobber, whose value is in IFAR; tr_give() at the template's end. First thing of a template.
 */
unsigned tr_take(struct tr *t, const struct insn *in);
void tr_give(struct tr *t, unsigned r);
void tr_keep(struct tr *t, unsigned away); /* AWAY_ bit: IFAR or NMRR has its value from here on */

#endif
