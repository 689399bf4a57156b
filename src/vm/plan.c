/* The memory plan: everything after the image, in fixed shares of the budget. */
#include "vm/plan.h"

#include "board/board.h"
#include "host/memory.h"
#include "host/window_tables.h"

extern uint8_t image_end[];

static void *carve(uintptr_t *at, uint32_t size, uint32_t align)
{
    uintptr_t start = (*at + align - 1) & ~(uintptr_t)(align - 1);

    *at = start + size;
    return (void *)start;
}

bool memory_plan_make(const struct image_config *c, struct memory_plan *plan, const char **why)
{
    uintptr_t at = (uintptr_t)image_end;
    uint32_t left, share, rest;

    plan->budget = c->budget ? c->budget : BUDGET_DEFAULT_MIB << 20;
    plan->ram_size = c->ram_size;
    plan->ram = HPA(c->ram_host);
    plan->image_size = (uint32_t)(at - WINDOW_VMM);
    if (plan->budget > BUDGET_MAX_MIB << 20 || plan->budget < BUDGET_MIN_MIB << 20) {
        *why = "the VMM's memory budget must be 6 to 24 MiB";
        return false;
    }
    if (!c->ram_size || c->ram_size % SECTION_SIZE || c->ram_size > WINDOW_LINEAR_MAX ||
        c->ram_size > board.ram_size - (BUDGET_MAX_MIB << 20)) {
        *why = "guest RAM must be a multiple of 1 MiB, at most 384 MiB";
        return false;
    }
    if (c->ram_host % SECTION_SIZE || c->ram_host < board.ram.a ||
        c->ram_host - board.ram.a > memory_physical((void *)WINDOW_VMM).a - board.ram.a - c->ram_size) {
        *why = "guest RAM must lie in the board's RAM, at a multiple of 1 MiB, below the VMM";
        return false;
    }
    plan->page_flags = carve(&at, c->ram_size >> 12, 8);
    left = plan->budget - (uint32_t)(at - WINDOW_VMM) - (c->ram_size >> 12) * SHADOW_PAGE_BYTES;
    /*
     * A boot of Debian's 6.1 makes 2.7 MB of code and 4.6 MB of records: of each share 3 parts are code, 4
     * records. Of the rest the jump map has 6 parts of 11, the shadow tables 5.
     */
    share = c->code_cache ? c->code_cache / CODE_CACHE_PARTS : left / 32 * 3;
    if (share < (CODE_CACHE_MIN_KIB << 10) / CODE_CACHE_PARTS || share > left / LEFT_PARTS) {
        *why = "the code cache must have at least 256 KiB, and at most 3/8 of what the image leaves of the "
               "VMM's memory";
        return false;
    }
    plan->cache.code_size = share * CODE_CACHE_PARTS / CACHE_PAIR * CACHE_PAIR;
    if (plan->cache.code_size / CACHE_PAIR * CACHE_GATE_SPAN + PAGE_SIZE > WINDOW_CACHE_MAX)
        plan->cache.code_size = (WINDOW_CACHE_MAX - PAGE_SIZE) / CACHE_GATE_SPAN * CACHE_PAIR;
    plan->cache.code = carve(&at, plan->cache.code_size, PAGE_SIZE);
    plan->cache.meta_size = share * 4;
    plan->cache.meta = carve(&at, plan->cache.meta_size, 8);
    plan->jump.bytes = window_jump_bytes();
    rest = left - share * 7;
    plan->jump.page_count = rest / 11 * 6 / PAGE_SIZE;
    plan->jump.pages = carve(&at, plan->jump.page_count * PAGE_SIZE, PAGE_SIZE);
    at = (at + 16383) & ~(uintptr_t)16383;
    plan->shadow.memory = (void *)at;
    plan->shadow.host = memory_physical(plan->shadow.memory);
    plan->shadow.size = (WINDOW_VMM + plan->budget - at) & ~16383u;
    return true;
}
