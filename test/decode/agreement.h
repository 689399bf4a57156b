/*
 * The comparison of decoders; see README.md.
 */
#ifndef AGREEMENT_H
#define AGREEMENT_H

#include "decode/other.h"

struct agreement_options {
    other_fn other;
    const char *row;      /* only rows of this name; NULL: all, all T16 words and random ones */
    const char *reviewed; /* file of disagreements that are no error of ours; may be NULL */
    unsigned words;       /* samples a row */
    unsigned random;      /* random words an instruction set */
    bool verbose;         /* print every word in disagreement */
    bool unpredictable, quiet;
};

/* Prints one line for each row and kind that is not reviewed, and a summary. Returns how many lines. */
unsigned agreement_check(const struct agreement_options *chosen);

/* The same for all words of a range, and for given ones. */
unsigned agreement_check_range(const struct agreement_options *chosen, enum decoder_isa isa, uint64_t first,
                               uint64_t last);
unsigned agreement_check_words(const struct agreement_options *chosen, const struct word *words,
                               unsigned count);

#endif
