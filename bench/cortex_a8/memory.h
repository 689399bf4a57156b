/*
 * The memory system (DDI 0344K chapters 6 to 8): L1 caches, the unified L2, two TLBs, the store buffer, the
 * bus.
 *
 * Addresses are physical, 64 bits: above 4 GiB are the lines of translation tables, which have no address of
 * their own here: one for each that a walk would read. All caches replace at random.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

#include "parameters.h"

struct a8_line {
    uint64_t tag;
    bool valid, dirty;
};

struct a8_cache {
    struct a8_line *lines;
    uint32_t sets, ways;
    uint32_t noise; /* for the victim */
};

struct a8_tlb {
    struct {
        uint64_t key;
        bool valid, global;
    } entries[64];
    uint32_t count, victim;
    uint64_t last; /* the key found last */
};

struct a8_memory {
    const struct a8_model *m;
    struct a8_cache l1i, l1d, l2;
    struct a8_tlb itlb, dtlb;
    uint64_t stores_done; /* when the store buffer will be empty, and the bus idle */
    uint64_t bus_free;
    uint64_t merging; /* the 16 bytes that the last store was in */
};

/* A translation: of which page, how large it is as a power of two, and whether it is the same in all address
 * spaces. */
struct a8_page {
    uint32_t virtual;
    uint64_t physical;
    uint8_t shift;
    bool global, window; /* window: of the VMM's shared pages; the model says how large these are */
};

/* What an access waited for, in cycles; which: the events to count. */
struct a8_wait {
    uint32_t data, tlb;
    bool l1_miss, l2_miss, tlb_miss;
};

void memory_make(struct a8_memory *s, const struct a8_model *m);
void memory_free(struct a8_memory *s);
struct a8_wait memory_fetch(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                            const struct a8_page *page);
struct a8_wait memory_load(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                           const struct a8_page *page);
struct a8_wait memory_store(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                            const struct a8_page *page);
void memory_tlb_clear(struct a8_memory *s, bool global_too);
uint64_t memory_drained(const struct a8_memory *s); /* when all stores are where others see them */

#endif
