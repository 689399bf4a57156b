/*
 * Stop points: where a guest that is in the middle of an instruction's words comes back before it begins the
 * next one (design 3.7).
 *
 * The VMM plants a UDF there. None is wanted where there is one already: at callouts and unlinked exits.
 * Branches within the words are followed, not stopped, and so are those to late callouts.
 */
#ifndef CACHE_STOP_H
#define CACHE_STOP_H

#include "cache/cache.h"

/* What it is planted at, and where the guest is then. */
enum stop_kind {
    STOP_BETWEEN, /* the first word of the next row (struct insn_map): between two instructions */
    STOP_EXIT,  /* the branch of a SITE_EXIT: if its condition holds, where the site says; else it goes on */
    STOP_JUMP,  /* the last word of an indirect branch (stubs.h): at its target, which is in LR */
    STOP_RETURN /* an exception return, which may be emulated from here: nothing is left to check */
};

struct stop {
    uint16_t word; /* from the block's first */
    uint8_t kind;
};

/* Ways out of one instruction: one of its own, and on to the next one or out of the block. */
#define STOPS_MOST 3u

/* From `word` on, not the first of its row; in ascending order. Returns how many. */
unsigned stops_find(struct block *b, unsigned word, struct stop stops[STOPS_MOST]);

#endif
