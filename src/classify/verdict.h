/*
 * What the tables, CP15's table and the word's own fields together say of one instruction: in what way it is
 * sensitive, whether PL0 traps on it, and the class that follows (docs/virtualizability.md).
 *
 * Finer than `class` of struct insn, which is for the translator: there every MCR and MRC of p14 and p15 is
 * privileged.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "decoder/decoder.h"
#include "emul/cp15.h"

enum traps { TRAPS_NEVER, TRAPS_ALWAYS, TRAPS_MAYBE /* a control register decides: PMUSERENR */ };

struct verdict {
    uint8_t class;     /* enum insn_class */
    uint8_t sensitive; /* enum sensitivity */
    uint8_t traps;     /* enum traps: at PL0, when its condition holds */
    const struct cp15_row
        *sysreg;    /* MCR, MRC: the register or operation; NULL: none, or the core has no such */
    bool no_sysreg; /* MCR, MRC of p14, p15 that name nothing */
};

void verdict_find(const struct insn *in, struct verdict *out);

/* "mode, configuration"; "" for none. Valid until the next call. */
const char *verdict_sensitivity_text(unsigned sensitive);
extern const char *const verdict_class_names[];

#endif
