/*
 * The jump map: where indirect branches go without leaving translated code (design 3.5).
 *
 * Two levels, exact for every ARM-state address, needing neither flags nor a compare: the first level has a word
 * for each KiB of guest address space (16 MiB of window, sparse: pages without blocks are one shared page), the
 * address of a second-level table; that has 256 words, one for each ARM instruction, the address of a block's
 * first word, or of the miss stub (STUB_MISS). A target that is not word-aligned (Thumb) makes the funnel's LDM take
 * an alignment fault (A3.2.1: LDM always checks), so it ends in the VMM too.
 */
#ifndef JUMP_H
#define JUMP_H

#include "types.h"

struct jump_memory {
    uint32_t *tables;     /* second-level tables, 1 KiB each, VMM view; the guest's at WINDOW_JUMP2 in the same order */
    unsigned table_count; /* at least 2; table 0 is the default: all misses */
    uint32_t *pages;      /* first-level pages, 4 KiB each, VMM view; page 0 is the default */
    unsigned page_count;
};

/* The window's mapping of the first level: called when page `index` (0..4095) of it gets or loses its own page. */
typedef void (*jump_map_page)(unsigned index, unsigned page);

void jump_init(struct jump_memory m, cca_t miss, jump_map_page map);
void jump_reset(void);
/* False: out of tables; the map was reset (every target misses once more) and the entry was not made. */
bool jump_set(gva_t gva, cca_t entry);
void jump_clear(gva_t gva);

#endif
