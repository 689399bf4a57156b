/* The jump map. Invariant: every word the guest can reach through it is a block's entry or the miss stub's.
 */
#include "cache/jump.h"

#include <string.h>

#include "host/maintenance.h"
#include "host/window.h"

#define PAGE_WORDS   1024u
#define REGION_PAGES 4096u /* 16 MiB */
#define MISSES       0u    /* the region, and the page */

_Static_assert(REGION_PAGES *WINDOW_JUMP_REGIONS *PAGE_SIZE == WINDOW_VMM - WINDOW_JUMP,
               "the regions are all there is");

static struct jump_memory mem;
static cca_t miss_entry;
static jump_map_page map_page;
static uint16_t page_at[REGION_PAGES * WINDOW_JUMP_REGIONS]; /* by place; MISSES: the shared one */
static uint16_t place_of[REGION_PAGES]; /* by page; 0: free, region 0 has none of its own */
static unsigned next_page, next_region; /* that will be taken */

static uint8_t *byte_of(uint32_t top) { return &mem.bytes[255 - top]; }

static unsigned region_of(gva_t gva)
{
    uint32_t top = gva.a >> 24;

    return (uint8_t)(*byte_of(top) + top - (WINDOW_JUMP >> 24));
}

static void set_region(uint32_t top, unsigned region)
{
    *byte_of(top) = (uint8_t)((WINDOW_JUMP >> 24) + region - top);
    sync_data(byte_of(top), 1);
}

static void put(unsigned place, unsigned page)
{
    page_at[place] = (uint16_t)page;
    map_page(place, page);
}

static void free_page(unsigned page)
{
    if (place_of[page])
        put(place_of[page], MISSES);
    place_of[page] = 0;
}

static void clear(unsigned page)
{
    uint32_t *words = mem.pages + page * PAGE_WORDS;

    memcpy(words, mem.pages + MISSES * PAGE_WORDS, PAGE_SIZE);
    sync_data(words, PAGE_SIZE);
}

void jump_reset(void)
{
    for (unsigned page = 1; page < mem.page_count; page++)
        free_page(page);
    for (uint32_t top = 0; top < 256; top++)
        set_region(top, MISSES);
    next_page = next_region = 1;
}

void jump_init(struct jump_memory m, cca_t miss, jump_map_page map)
{
    CHECK(m.page_count >= 2 && m.page_count <= REGION_PAGES);
    mem = m;
    miss_entry = miss;
    map_page = map;
    for (unsigned i = 0; i < PAGE_WORDS; i++)
        mem.pages[MISSES * PAGE_WORDS + i] = miss.a;
    sync_data(mem.pages, PAGE_SIZE);
    for (unsigned place = 0; place < ARRAY_SIZE(page_at); place++)
        put(place, MISSES);
    jump_reset();
}

static void take_region(uint32_t top)
{
    unsigned region = next_region;

    next_region = next_region + 1 < WINDOW_JUMP_REGIONS ? next_region + 1 : 1;
    for (unsigned page = 1; page < mem.page_count; page++)
        if (place_of[page] / REGION_PAGES == region)
            free_page(page);
    for (uint32_t other = 0; other < 256; other++)
        if (region_of(GVA(other << 24)) == region)
            set_region(other, MISSES);
    set_region(top, region);
}

static void take_page(unsigned place)
{
    unsigned page = next_page;

    next_page = next_page + 1 < mem.page_count ? next_page + 1 : 1;
    free_page(page);
    clear(page);
    place_of[page] = (uint16_t)place;
    put(place, page);
}

static unsigned place_for(gva_t gva) { return region_of(gva) * REGION_PAGES + (gva.a >> 12) % REGION_PAGES; }

/* Of a place with a page of its own. */
static void set(gva_t gva, uint32_t value)
{
    uint32_t *word = mem.pages + page_at[place_for(gva)] * PAGE_WORDS + (gva.a >> 2) % PAGE_WORDS;

    *word = value;
    sync_data(word, 4);
}

void jump_set(gva_t gva, cca_t entry)
{
    if (region_of(gva) == MISSES)
        take_region(gva.a >> 24);
    if (page_at[place_for(gva)] == MISSES)
        take_page(place_for(gva));
    set(gva, entry.a);
}

void jump_clear(gva_t gva)
{
    if (page_at[place_for(gva)] != MISSES)
        set(gva, miss_entry.a);
}
