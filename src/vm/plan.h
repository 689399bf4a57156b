/* The VMM's memory: one plan from a stated budget, made once at start. Nothing is allocated later. */
#ifndef PLAN_H
#define PLAN_H

#include "cache/cache.h"
#include "cache/jump.h"
#include "mmu/guest_memory.h"
#include "mmu/shadow.h"
#include "vm/image.h"

/*
 * The plan's limits. The command has them from here (src/command/memory_plan.py), and refuses what the plan
 * would. "What is left": of the budget, after the image, and a flag byte and SHADOW_PAGE_BYTES for each page
 * of guest RAM.
 */
#define BUDGET_DEFAULT_MIB 16u
#define BUDGET_MIN_MIB     6u
#define BUDGET_MAX_MIB     24u /* the window has no room for more */
#define CODE_CACHE_MIN_KIB 256u
#define CODE_CACHE_PARTS   3u /* of what is left, with LEFT_PARTS, at the most */
#define LEFT_PARTS         8u

struct memory_plan {
    hpa_t ram; /* the guest's, ram_size bytes */
    uint32_t budget, ram_size, image_size;
    struct cache_memory cache;
    struct jump_memory jump;
    struct shadow_pool shadow;
    uint8_t *page_flags;
};

/* False: the configuration cannot be met; *why says so in a line. */
bool memory_plan_make(const struct image_config *c, struct memory_plan *plan, const char **why);

#endif
