/*
 * Thumb templates. They return false, and emit nothing, if there is no inline form. Without a parameter
 * `cond` they are unconditional.
 */
#ifndef THUMB_H
#define THUMB_H

#include "dbt/emit.h"

/* For psr.c: LDRT, STRT and their kind, which take a positive offset in T32. */
bool tr_thumb_unprivileged(struct tr *t, const struct insn *in);
/* For pc.c: LDRD, VLDR and preloads of literals, ADD Rd, PC. */
bool tr_thumb_pc_relative(struct tr *t, const struct insn *in, unsigned cond);
/* For branch.c: CBZ, CBNZ. The block goes on after it. */
bool tr_thumb_compare_branch(struct tr *t, const struct insn *in);

/* thumb_immediate.c: data processing with an immediate, and ORN of a register. */
bool tr_thumb_immediate(struct tr *t, const struct insn *in);
bool tr_thumb_or_not(struct tr *t, const struct insn *in);

/* thumb_memory.c: halfwords and signed bytes; LDRD, STRD; LDREX, STREX of words and doublewords. */
bool tr_thumb_half(struct tr *t, const struct insn *in);
bool tr_thumb_pair(struct tr *t, const struct insn *in);
bool tr_thumb_exclusive(struct tr *t, const struct insn *in);
/* Two words from [base] up, the alignment checked as LDRD does; base may be one of the two. */
void tr_load_pair(struct tr *t, unsigned rt, unsigned rt2, unsigned base);

#endif
