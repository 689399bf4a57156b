/*
 * The jump map: where indirect branches go without leaving translated code (design 3.5).
 *
 * Exact for every ARM-state address, needing neither flags nor a compare. A byte for each 16 MiB of guest
 * addresses, right before WINDOW_JUMP and downwards, is added to the target's top one: that is one of the
 * window's regions of 16 MiB. There, at the target's lower 24 bits, is the word that LDM loads the PC from:
 * the address of a block's first word, or of the miss stub (STUB_MISS). Region 0 has misses only and serves
 * all addresses that have no other. The MMU is the rest of the map: a page without blocks is one shared page,
 * also of misses. A target that is not word-aligned (Thumb) makes LDM take an alignment fault (A3.2.1: LDM
 * always checks), so it ends in the VMM too.
 */
#ifndef JUMP_H
#define JUMP_H

#include "types.h"

struct jump_memory {
    uint32_t *pages;     /* of 4 KiB, VMM view; page 0 is the shared one */
    unsigned page_count; /* at least 2 */
    uint8_t *bytes; /* 256, VMM view of those before WINDOW_JUMP; bytes[255] is of the addresses from 0 on */
};

/* The window's mapping: the page at WINDOW_JUMP + place * PAGE_SIZE is now pages[page * 1024]. */
typedef void (*jump_map_page)(unsigned place, unsigned page);

void jump_init(struct jump_memory m, cca_t miss, jump_map_page map);
void jump_reset(void);
/* Takes what it needs from addresses that had it longest; their targets miss once more. */
void jump_set(gva_t gva, cca_t entry);
void jump_clear(gva_t gva);

#endif
