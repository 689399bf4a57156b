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

static struct {
    struct jump_memory mem;
    cca_t miss_entry;
    jump_map_page map_page;
    uint16_t page_at[REGION_PAGES * WINDOW_JUMP_REGIONS]; /* by place; MISSES: the shared one */
    uint16_t place_of[REGION_PAGES];                      /* by page; 0: free, region 0 has none of its own */
    unsigned next_page, next_region;                      /* that will be taken */
} jump;

static uint8_t *byte_of(uint32_t top) { return &jump.mem.bytes[255 - top]; }

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
    jump.page_at[place] = (uint16_t)page;
    jump.map_page(place, page);
}

static void free_page(unsigned page)
{
    if (jump.place_of[page])
        put(jump.place_of[page], MISSES);
    jump.place_of[page] = 0;
}

static void clear(unsigned page)
{
    uint32_t *words = jump.mem.pages + page * PAGE_WORDS;

    memcpy(words, jump.mem.pages + MISSES * PAGE_WORDS, PAGE_SIZE);
    sync_data(words, PAGE_SIZE);
}

void jump_reset(void)
{
    for (unsigned page = 1; page < jump.mem.page_count; page++)
        free_page(page);
    for (uint32_t top = 0; top < 256; top++)
        set_region(top, MISSES);
    jump.next_page = jump.next_region = 1;
}

void jump_init(struct jump_memory m, cca_t miss, jump_map_page map)
{
    CHECK(m.page_count >= 2 && m.page_count <= REGION_PAGES);
    jump.mem = m;
    jump.miss_entry = miss;
    jump.map_page = map;
    for (unsigned i = 0; i < PAGE_WORDS; i++)
        jump.mem.pages[MISSES * PAGE_WORDS + i] = miss.a;
    sync_data(jump.mem.pages, PAGE_SIZE);
    for (unsigned place = 0; place < ARRAY_SIZE(jump.page_at); place++)
        put(place, MISSES);
    jump_reset();
}

static void take_region(uint32_t top)
{
    unsigned region = jump.next_region;

    jump.next_region = jump.next_region + 1 < WINDOW_JUMP_REGIONS ? jump.next_region + 1 : 1;
    for (unsigned page = 1; page < jump.mem.page_count; page++)
        if (jump.place_of[page] / REGION_PAGES == region)
            free_page(page);
    for (uint32_t other = 0; other < 256; other++)
        if (region_of(GVA(other << 24)) == region)
            set_region(other, MISSES);
    set_region(top, region);
}

static void take_page(unsigned place)
{
    unsigned page = jump.next_page;

    jump.next_page = jump.next_page + 1 < jump.mem.page_count ? jump.next_page + 1 : 1;
    free_page(page);
    clear(page);
    jump.place_of[page] = (uint16_t)place;
    put(place, page);
}

static unsigned place_for(gva_t gva) { return region_of(gva) * REGION_PAGES + (gva.a >> 12) % REGION_PAGES; }

/* Of a place with a page of its own. */
static void set(gva_t gva, uint32_t value)
{
    uint32_t *word = jump.mem.pages + jump.page_at[place_for(gva)] * PAGE_WORDS + (gva.a >> 2) % PAGE_WORDS;

    *word = value;
    sync_data(word, 4);
}

void jump_set(gva_t gva, cca_t entry)
{
    if (region_of(gva) == MISSES)
        take_region(gva.a >> 24);
    if (jump.page_at[place_for(gva)] == MISSES)
        take_page(place_for(gva));
    set(gva, entry.a);
}

void jump_clear(gva_t gva)
{
    if (jump.page_at[place_for(gva)] != MISSES)
        set(gva, jump.miss_entry.a);
}
