/* The jump map. Invariant: every word the guest can reach through it is a block's entry or the miss stub's. */
#include "cache/jump.h"

#include "boot/window.h"
#include "cache/sync.h"

#define TABLE_WORDS 256u
#define PAGE_WORDS 1024u

static struct jump_memory mem;
static cca_t miss_entry;
static jump_map_page map_page;
static uint16_t page_of[4096]; /* first-level page in use for each MiB of guest addresses; 0: default */
static unsigned tables_used, pages_used;

static uint32_t table_address(unsigned t) { return WINDOW_JUMP2 + t * TABLE_WORDS * 4; }

static void fill(uint32_t *words, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count; i++)
        words[i] = value;
    sync_data(words, count * 4);
}

void jump_reset(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(page_of); i++)
        if (page_of[i]) {
            page_of[i] = 0;
            map_page(i, 0);
        }
    tables_used = pages_used = 1;
}

void jump_init(struct jump_memory m, cca_t miss, jump_map_page map)
{
    CHECK(m.table_count >= 2 && m.page_count >= 2);
    mem = m;
    miss_entry = miss;
    map_page = map;
    tables_used = pages_used = 1;
    fill(mem.tables, TABLE_WORDS, miss.a);
    fill(mem.pages, PAGE_WORDS, table_address(0));
    for (unsigned i = 0; i < ARRAY_SIZE(page_of); i++)
        map_page(i, 0);
}

/* The second-level table for gva; NULL if it is the default one (and could not be made). */
static uint32_t *table_for(gva_t gva, bool make)
{
    unsigned index = gva.a >> 20, slot = gva.a >> 10 & (PAGE_WORDS - 1), t;
    uint32_t *page;

    if (!page_of[index]) {
        if (!make || pages_used == mem.page_count || tables_used == mem.table_count)
            return NULL;
        page_of[index] = (uint16_t)pages_used++;
        fill(mem.pages + page_of[index] * PAGE_WORDS, PAGE_WORDS, table_address(0));
        map_page(index, page_of[index]);
    }
    page = mem.pages + page_of[index] * PAGE_WORDS;
    t = (page[slot] - WINDOW_JUMP2) / (TABLE_WORDS * 4);
    if (t == 0) {
        if (!make || tables_used == mem.table_count)
            return NULL;
        t = tables_used++;
        fill(mem.tables + t * TABLE_WORDS, TABLE_WORDS, miss_entry.a);
        page[slot] = table_address(t);
        sync_data(&page[slot], 4);
    }
    return mem.tables + t * TABLE_WORDS;
}

static void set(uint32_t *word, uint32_t value)
{
    *word = value;
    sync_data(word, 4);
}

bool jump_set(gva_t gva, cca_t entry)
{
    uint32_t *table = table_for(gva, true);

    if (!table) {
        jump_reset();
        return false;
    }
    set(&table[gva.a >> 2 & (TABLE_WORDS - 1)], entry.a);
    return true;
}

void jump_clear(gva_t gva)
{
    uint32_t *table = table_for(gva, false);

    if (table)
        set(&table[gva.a >> 2 & (TABLE_WORDS - 1)], miss_entry.a);
}
