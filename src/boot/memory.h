/* The VMM's memory: one plan from a stated budget, made once at start. Nothing is allocated later. */
#ifndef MEMORY_H
#define MEMORY_H

#include "boot/image.h"
#include "cache/cache.h"
#include "cache/jump.h"
#include "mmu/guest_memory.h"
#include "mmu/shadow.h"

#define BUDGET_DEFAULT_MIB 16u
#define BUDGET_DEFAULT (BUDGET_DEFAULT_MIB << 20)
#define BUDGET_MAX (24u << 20) /* the window has no room for more */
#define BUDGET_MIN (6u << 20)
#define CODE_CACHE_MIN (256u << 10)

struct memory_plan {
    uint32_t budget, ram_size, image_size;
    struct cache_memory cache;
    struct jump_memory jump;
    struct shadow_pool shadow;
    uint8_t *page_flags;
};

/* False: the configuration cannot be met; *why says so in a line. */
bool memory_plan_make(const struct image_config *c, struct memory_plan *plan, const char **why);

hpa_t memory_physical(const void *p); /* of VMM memory */
void *memory_virtual(hpa_t a);

extern uint32_t memory_offset; /* physical - virtual, from start.S */

#endif
