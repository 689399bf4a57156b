/*
 * Blocks for guest code: translated for the place that they get in the code cache, verified, and entered
 * there.
 *
 * The verifier may refuse what the translator has made, which is a bug of the translator; the guest goes on
 * all the same, by less and less that could be wrong (enum dbt_form).
 */
#ifndef MAKE_H
#define MAKE_H

#include "dbt/dbt.h"

struct made {
    struct block *block;
    struct translation_unit unit; /* that it is of */
    unsigned refused_count;       /* forms before it that the verifier refused; of the first: */
    unsigned refused_at;          /* the word's offset */
    uint32_t refused_word;
};

enum make_verdict {
    MAKE_DONE,
    MAKE_STRADDLES, /* as DBT_STRADDLES */
    MAKE_FULL       /* a store of the cache is: flush and try again */
};

/* In code page p. `s->form` is where to begin. */
enum make_verdict dbt_make_block(struct code_page *p, const struct dbt_source *s, struct made *out);

#endif
