/*
 * What translations of several words are built of: A32 instructions given as normalized ones.
 *
 * Precise state: until a word that can abort has completed, no register differs from the guest's but the
 * spilled one, which the VMM restores.
 */
#ifndef LOWER_H
#define LOWER_H

#include "dbt/a32.h"
#include "dbt/template.h"

void e_insn(struct tr *t, const struct insn *in);     /* A32 has a word for it */
bool e_try_insn(struct tr *t, const struct insn *in); /* false: it has not */
/* d := value, flags untouched. */
void e_constant(struct tr *t, unsigned d, uint32_t value);
/* d := n + or - imm, 0 to 4095; d is n in between. */
void e_add_offset(struct tr *t, unsigned d, unsigned n, bool add, uint32_t imm);

/* The VMM gives r back at an abort, from here to the instruction's last word: r0 to r12, SP at need. */
static inline void tr_spill(struct tr *t, unsigned r)
{
    tr_mark_spilled(t, r);
    e_spill(t, r);
}

#endif
