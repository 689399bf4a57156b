/*
 * Code pages: which blocks come from which page, and whether the guest still maps it so.
 * Invariant: at most one code page of a guest virtual page is active, and blocks of others are unreachable.
 */
#include <string.h>

#include "cache/internal.h"
#include "mmu/guest_memory.h"
#include "mmu/shadow.h"

#define NO_RAM_PAGE 0xffffffffu

struct code_page {
    gva_t gva; /* of the page */
    gpa_t gpa;
    uint32_t ram_page; /* offset in RAM >> 12; NO_RAM_PAGE: code that is not in RAM */
    uint8_t size_log2; /* of the mapping that it is part of */
    bool active, global;
    struct block *blocks;
    struct block *readers; /* blocks of any page that a word of this one is a constant of */
    struct code_page *gva_next, *ram_next, *mib_next, *next;
};

static struct {
    struct code_page *by_gva[1024], *by_ram[1024], *by_mib[256], *all;
    uint32_t dirty[64]; /* RAM pages with PAGE_DIRTY, until dirty_lost */
    unsigned dirty_count;
    bool dirty_lost;
    bool coherent; /* a page is never dirty for long */
    unsigned non_global_count;
    uint16_t active_count[4096]; /* by MiB */
    uint16_t super_count[256];   /* in supersections, by 16 MiB */
} pages;

/* The active pages of a MiB that are in mappings larger than a page. */
static struct wide {
    uint16_t count;
    uint8_t size_log2; /* of the first one's mapping, */
    bool mixed;        /* from which others may differ */
    uint32_t delta;    /* its gpa - gva */
} wide[4096];

static struct code_page **gva_bucket(gva_t gva) { return &pages.by_gva[(gva.a >> 12 ^ gva.a >> 22) & 1023]; }
static struct code_page **mib_bucket(uint32_t mib) { return &pages.by_mib[mib & 255]; }
static struct code_page **ram_bucket(uint32_t page) { return &pages.by_ram[page & 1023]; }

void pages_reset(void)
{
    memset(pages.by_gva, 0, sizeof pages.by_gva);
    memset(pages.by_ram, 0, sizeof pages.by_ram);
    memset(pages.by_mib, 0, sizeof pages.by_mib);
    pages.all = NULL;
    pages.dirty_count = pages.non_global_count = 0;
    pages.dirty_lost = false;
    memset(pages.active_count, 0, sizeof pages.active_count);
    memset(wide, 0, sizeof wide);
    memset(pages.super_count, 0, sizeof pages.super_count);
}

void pages_forget(void)
{
    for (struct code_page *p = pages.all; p; p = p->next)
        if (p->ram_page != NO_RAM_PAGE)
            guest_memory.page_flags[p->ram_page] &= (uint8_t) ~(PAGE_HAS_CODE | PAGE_DIRTY);
}

static void drop_readers(struct code_page *p)
{
    for (struct block *b = p->readers; b; b = b->reader_next)
        block_drop(b);
    p->readers = NULL;
}

static bool is_wide(const struct code_page *p) { return p->size_log2 > 12; }

static uint32_t delta_of(const struct code_page *p) { return p->gpa.a - p->gva.a; }

/* An active page: `one` more or less (1, -1) in a mapping of its size. */
static void count_wide(const struct code_page *p, int one)
{
    struct wide *w = &wide[p->gva.a >> 20];

    if (p->size_log2 > 20)
        pages.super_count[p->gva.a >> 24] = (uint16_t)(pages.super_count[p->gva.a >> 24] + one);
    if (!is_wide(p))
        return;
    if (!w->count)
        *w = (struct wide){.size_log2 = p->size_log2, .delta = delta_of(p)};
    w->mixed |= w->size_log2 != p->size_log2 || w->delta != delta_of(p);
    w->count = (uint16_t)(w->count + one);
}

static void deactivate(struct code_page *p)
{
    if (!p->active)
        return;
    p->active = false;
    pages.active_count[p->gva.a >> 20]--;
    count_wide(p, -1);
    pages.non_global_count -= !p->global;
    for (struct block *b = p->blocks; b; b = b->page_next)
        block_unreach(b);
    drop_readers(p);
    cache_stats.pages_deactivated++;
}

struct code_page *cache_active(gva_t gva)
{
    for (struct code_page *p = *gva_bucket(gva); p; p = p->gva_next)
        if (p->active && (p->gva.a ^ gva.a) < PAGE_SIZE)
            return p;
    return NULL;
}

bool cache_active_near(gva_t gva)
{
    return pages.active_count[gva.a >> 20] || pages.super_count[gva.a >> 24];
}

bool cache_resumable(const struct block *b) { return b->valid && b->page->active; }

gpa_t cache_page_gpa(const struct code_page *p) { return p->gpa; }

static struct code_page *find(gva_t gva, gpa_t gpa)
{
    for (struct code_page *p = *gva_bucket(gva); p; p = p->gva_next)
        if (p->gva.a == gva.a && p->gpa.a == gpa.a)
            return p;
    return NULL;
}

/* Writes to the page must be seen from now on. */
static void watch(struct code_page *p)
{
    uint8_t *flags;

    if (p->ram_page == NO_RAM_PAGE)
        return;
    flags = &guest_memory.page_flags[p->ram_page];
    if (*flags & PAGE_HAS_CODE)
        return;
    *flags |= PAGE_HAS_CODE;
    shadow_protect_page(p->ram_page);
}

struct code_page *cache_activate(gva_t gva, gpa_t gpa, unsigned size_log2, bool global)
{
    struct code_page *p, *old;
    uint32_t offset;

    gva.a &= ~PAGE_MASK;
    gpa.a &= ~PAGE_MASK;
    p = find(gva, gpa);
    if (!p) {
        p = meta_alloc(sizeof *p);
        if (!p)
            return NULL;
        *p = (struct code_page){.gva = gva, .gpa = gpa, .ram_page = NO_RAM_PAGE};
        if (guest_memory_offset(gpa, &offset))
            p->ram_page = offset >> 12;
        p->gva_next = *gva_bucket(gva);
        *gva_bucket(gva) = p;
        p->ram_next = *ram_bucket(p->ram_page);
        *ram_bucket(p->ram_page) = p;
        p->mib_next = *mib_bucket(gva.a >> 20);
        *mib_bucket(gva.a >> 20) = p;
        p->next = pages.all;
        pages.all = p;
    }
    if (p->active && p->global == global && p->size_log2 == size_log2)
        return p;
    old = cache_active(gva);
    if (old)
        deactivate(old);
    p->active = true;
    pages.active_count[gva.a >> 20]++;
    p->size_log2 = (uint8_t)size_log2;
    count_wide(p, 1);
    p->global = global;
    pages.non_global_count += !global;
    watch(p);
    return p;
}

void page_adopt(struct code_page *p, struct block *b)
{
    b->page_next = p->blocks;
    p->blocks = b;
    watch(p);
}

bool cache_page_watched(const struct code_page *p)
{
    return p->ram_page != NO_RAM_PAGE &&
           (guest_memory.page_flags[p->ram_page] & (PAGE_HAS_CODE | PAGE_DIRTY)) == PAGE_HAS_CODE;
}

void cache_reads(struct block *b, struct code_page *p)
{
    b->reader_next = p->readers;
    p->readers = b;
}

static void drop_blocks(struct code_page *p)
{
    for (struct block *b = p->blocks; b; b = b->page_next)
        block_drop(b);
    p->blocks = NULL;
}

void cache_icache_page(uint32_t ram_page)
{
    uint8_t *flags = &guest_memory.page_flags[ram_page];

    if (!(*flags & PAGE_DIRTY))
        return;
    *flags &= (uint8_t) ~(PAGE_HAS_CODE | PAGE_DIRTY);
    for (unsigned i = 0; i < pages.dirty_count; i++)
        if (pages.dirty[i] == ram_page) {
            pages.dirty[i] = pages.dirty[--pages.dirty_count];
            break;
        }
    for (struct code_page *p = *ram_bucket(ram_page); p; p = p->ram_next)
        if (p->ram_page == ram_page)
            drop_blocks(p);
    cache_stats.pages_dropped++;
}

void cache_page_dirty(uint32_t ram_page)
{
    for (struct code_page *p = *ram_bucket(ram_page); p; p = p->ram_next)
        if (p->ram_page == ram_page)
            drop_readers(p);
    if (pages.dirty_count == ARRAY_SIZE(pages.dirty))
        pages.dirty_lost = true;
    else
        pages.dirty[pages.dirty_count++] = ram_page;
    if (pages.coherent)
        cache_icache_page(ram_page);
}

void cache_set_coherent(bool on)
{
    pages.coherent = on;
    if (on)
        cache_icache_all();
}

bool cache_coherent(void) { return pages.coherent; }

void cache_icache_all(void)
{
    while (pages.dirty_count) {
        uint32_t ram_page = pages.dirty[--pages.dirty_count];

        cache_icache_page(ram_page);
    }
    if (pages.dirty_lost)
        for (struct code_page *p = pages.all; p; p = p->next)
            if (p->ram_page != NO_RAM_PAGE)
                cache_icache_page(p->ram_page);
    pages.dirty_lost = false;
}

bool cache_icache_clean(void) { return !pages.dirty_count && !pages.dirty_lost; }

bool cache_has_non_global(void) { return pages.non_global_count; }

/* An answer about one page holds for pages.all of the mapping in which it is now. */
struct answer {
    gva_t gva;
    uint32_t delta;
    unsigned size_log2; /* 0: nothing is known */
};

static unsigned ask(const struct code_page *p, cache_check still_mapped, struct answer *known)
{
    uint32_t delta = delta_of(p);

    if (!known->size_log2 || known->delta != delta || (known->gva.a ^ p->gva.a) >> known->size_log2)
        *known = (struct answer){p->gva, delta, still_mapped(p->gva, p->gpa)};
    return known->size_log2;
}

/* An active page. */
static void revalidate(struct code_page *p, cache_check still_mapped, struct answer *known)
{
    unsigned size_log2 = ask(p, still_mapped, known);

    if (!size_log2) {
        deactivate(p);
        return;
    }
    count_wide(p, -1);
    p->size_log2 = (uint8_t)size_log2;
    count_wide(p, 1);
}

void cache_revalidate(cache_check still_mapped, bool non_global_only)
{
    struct answer known = {.size_log2 = 0};

    if (non_global_only && !pages.non_global_count)
        return;
    for (struct code_page *p = pages.all; p; p = p->next)
        if (p->active && !(non_global_only && p->global))
            revalidate(p, still_mapped, &known);
}

/* Active, and in a mapping that has more pages, of which one is one of those. */
static bool shares_mapping(const struct code_page *p, gva_t gva, unsigned count)
{
    uint32_t last = (gva.a & ~PAGE_MASK) + (count - 1) * PAGE_SIZE, number = p->gva.a >> p->size_log2;

    return p->active && is_wide(p) && gva.a >> p->size_log2 <= number && number <= last >> p->size_log2;
}

/* All of that MiB's are in one section or supersection, and it is mapped as it was: the usual case, and one
 * question. */
static bool is_unchanged(uint32_t mib, cache_check still_mapped)
{
    const struct wide *w = &wide[mib];

    return w->size_log2 >= 20 && !w->mixed &&
           still_mapped(GVA(mib << 20), GPA((mib << 20) + w->delta)) == w->size_log2;
}

/* Those: revalidate them, or else say if that would do anything. */
static bool ask_sharing(gva_t gva, unsigned count, cache_check still_mapped, struct answer *known,
                        bool and_revalidate)
{
    bool super = pages.super_count[gva.a >> 24];
    uint32_t first = super ? gva.a >> 24 << 4 : gva.a >> 20, last = super ? first + 15 : first;

    for (uint32_t mib = first; mib <= last; mib++) {
        if (!wide[mib].count || is_unchanged(mib, still_mapped))
            continue;
        for (struct code_page *p = *mib_bucket(mib); p; p = p->mib_next) {
            if (!shares_mapping(p, gva, count))
                continue;
            if (and_revalidate)
                revalidate(p, still_mapped, known);
            else if (ask(p, still_mapped, known) != p->size_log2)
                return true;
        }
    }
    return false;
}

bool cache_any_remapped(cache_check still_mapped, gva_t gva, unsigned count)
{
    return ask_sharing(gva, count, still_mapped, &(struct answer){.size_log2 = 0}, false);
}

void cache_revalidate_va(cache_check still_mapped, gva_t gva)
{
    struct code_page *at = cache_active(gva);
    struct answer known = {.size_log2 = 0};

    if (at && !is_wide(at))
        revalidate(at, still_mapped, &known);
    ask_sharing(gva, 1, still_mapped, &known, true);
}
