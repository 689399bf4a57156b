/*
 * From a normalized instruction back to an A32 word: what the translator needs where the guest's own word is
 * Thumb, or is A32 with one operand exchanged.
 */
#ifndef A32_H
#define A32_H

#include "decoder/decoder.h"

/*
 * The A32 word of `in` with 0 for its condition, or with 0xf if A32 knows it as unconditional only. False:
 * A32 has no such word (the immediate does not fit, the register pair is not one, no such addressing mode,
 * not in the table). Only what Thumb has as well and PL0 may do is in the table, and the PSR and unprivileged
 * accesses.
 */
bool a32_encode(const struct insn *in, uint32_t *word);

#define A32_UNCONDITIONAL(word) ((word) >> 28 == 0xf)

#endif
