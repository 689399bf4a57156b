#include "memory.h"

#include <stdlib.h>

enum { LINE_SHIFT = 6, L1_WAYS = 4, L2_WAYS = 8 }; /* DDI 0344K 7.1, 8.1 */
#define TABLES (1ull << 40)                        /* lines of translation tables */

static void cache_make(struct a8_cache *c, uint32_t kib, uint32_t ways)
{
    *c = (struct a8_cache){.sets = (kib << 10) / ways >> LINE_SHIFT, .ways = ways, .noise = 1};
    c->lines = calloc(c->sets * ways + 1, sizeof *c->lines);
}

static struct a8_line *cache_find(struct a8_cache *c, uint64_t line)
{
    struct a8_line *set = c->sets ? &c->lines[line % c->sets * c->ways] : NULL;

    for (uint32_t way = 0; set && way < c->ways; way++)
        if (set[way].valid && set[way].tag == line)
            return &set[way];
    return NULL;
}

/* The line's place; `out` is what was there. A linear feedback shift register chooses among valid ways. */
static struct a8_line *cache_fill(struct a8_cache *c, uint64_t line, struct a8_line *out)
{
    struct a8_line *set = &c->lines[line % c->sets * c->ways], *place = NULL;

    for (uint32_t way = 0; way < c->ways && !place; way++)
        if (!set[way].valid)
            place = &set[way];
    if (!place) {
        c->noise = c->noise >> 1 ^ (-(c->noise & 1) & 0xd0000001u);
        place = &set[c->noise % c->ways];
    }
    *out = *place;
    *place = (struct a8_line){line, true, false};
    return place;
}

void memory_make(struct a8_memory *s, const struct a8_model *m)
{
    *s = (struct a8_memory){.m = m, .merging = ~0ull};
    cache_make(&s->l1i, m->p[A8_l1i_kib], L1_WAYS);
    cache_make(&s->l1d, m->p[A8_l1d_kib], L1_WAYS);
    cache_make(&s->l2, m->p[A8_l2_kib], L2_WAYS);
    s->itlb.count = s->dtlb.count = m->p[A8_tlb_entries] < 64 ? m->p[A8_tlb_entries] : 64;
}

void memory_free(struct a8_memory *s)
{
    free(s->l1i.lines);
    free(s->l1d.lines);
    free(s->l2.lines);
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* A line goes out to memory, behind whatever else is on the bus. */
static void bus_write(struct a8_memory *s, uint64_t now)
{
    s->bus_free = later(s->bus_free, now) + s->m->p[A8_line_transfer];
}

/* A dirty line leaves L1 for L2, or for memory if there is no L2. */
static void l2_write(struct a8_memory *s, uint64_t now, uint64_t line)
{
    struct a8_line out, *l = cache_find(&s->l2, line);

    if (!s->l2.sets) {
        bus_write(s, now);
        return;
    }
    if (!l) {
        l = cache_fill(&s->l2, line, &out);
        if (out.valid && out.dirty)
            bus_write(s, now);
    }
    l->dirty = true;
}

/* Cycles beyond L2's own until the line is there; brings it into L2. */
static uint32_t l2_read(struct a8_memory *s, uint64_t now, uint64_t line, bool *missed)
{
    struct a8_line out;
    uint64_t start;

    *missed = !cache_find(&s->l2, line);
    if (!*missed)
        return 0;
    start = later(now, s->bus_free);
    s->bus_free = start + s->m->p[A8_line_transfer];
    if (s->l2.sets) {
        cache_fill(&s->l2, line, &out);
        if (out.valid && out.dirty)
            bus_write(s, now);
    }
    return (uint32_t)(start - now) + s->m->p[A8_memory];
}

static uint64_t key_of(const struct a8_memory *s, const struct a8_page *p)
{
    if (p->window)
        return (uint64_t)(p->virtual >> s->m->p[A8_window_page]) << 34 ^ 1;
    return (uint64_t)(p->virtual >> p->shift) << 34 ^ (p->physical >> p->shift) << 6 ^ p->shift;
}

static bool tlb_find(struct a8_tlb *t, uint64_t key)
{

    if (t->last == key)
        return true;
    for (uint32_t i = 0; i < t->count; i++)
        if (t->entries[i].valid && t->entries[i].key == key) {
            t->last = key;
            return true;
        }
    return false;
}

/* In turn. A walk reads a first-level descriptor and, for a small page, a second-level one, through L2 (6.6).
   All address spaces have these at the same place here: how they lie in memory is not known. */
static uint32_t tlb_walk(struct a8_memory *s, struct a8_tlb *t, uint64_t now, const struct a8_page *p)
{
    bool missed;
    uint32_t wait = s->m->p[A8_tlb_walk];

    wait += l2_read(s, now, TABLES | p->virtual >> 24, &missed);
    if (p->shift < 20)
        wait += l2_read(s, now + wait, TABLES | 1ull << 32 | p->virtual >> 16, &missed);
    t->entries[t->victim].key = t->last = key_of(s, p);
    t->entries[t->victim].valid = true;
    t->entries[t->victim].global = p->global;
    t->victim = (t->victim + 1) % t->count;
    return wait;
}

static struct a8_wait translate(struct a8_memory *s, struct a8_tlb *t, uint64_t now, const struct a8_page *p)
{
    struct a8_wait w = {0};

    if (!tlb_find(t, key_of(s, p))) {
        w.tlb_miss = true;
        w.tlb = tlb_walk(s, t, now, p);
    }
    return w;
}

static struct a8_wait read_line(struct a8_memory *s, struct a8_cache *l1, struct a8_tlb *t,
                                uint32_t l2_cycles, uint64_t now, uint64_t pa, const struct a8_page *page)
{
    struct a8_wait w = translate(s, t, now, page);
    struct a8_line out;
    uint64_t line = pa >> LINE_SHIFT;

    if (cache_find(l1, line))
        return w;
    w.l1_miss = true;
    w.data = l2_cycles + l2_read(s, now + w.tlb, line, &w.l2_miss);
    cache_fill(l1, line, &out);
    if (out.valid && out.dirty)
        l2_write(s, now, out.tag);
    return w;
}

struct a8_wait memory_fetch(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                            const struct a8_page *page)
{
    (void)va;
    return read_line(s, &s->l1i, &s->itlb, s->m->p[A8_fetch_l2], now, pa, page);
}

struct a8_wait memory_load(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                           const struct a8_page *page)
{
    (void)va;
    return read_line(s, &s->l1d, &s->dtlb, s->m->p[A8_load_l2], now, pa, page);
}

/* No place is made in L1 for a store (7.2). It waits only for room in the store buffer (16.4.2), where
 * neighbours merge. */
struct a8_wait memory_store(struct a8_memory *s, uint64_t now, uint32_t va, uint64_t pa,
                            const struct a8_page *page)
{
    struct a8_wait w = translate(s, &s->dtlb, now, page);
    struct a8_line *l = cache_find(&s->l1d, pa >> LINE_SHIFT);
    uint64_t room = (uint64_t)s->m->p[A8_store_entries] * s->m->p[A8_store_l2], busy = s->bus_free;

    (void)va;
    if (l) {
        l->dirty = true;
        return w;
    }
    w.l1_miss = true;
    if (pa >> 4 == s->merging)
        return w;
    s->merging = pa >> 4;
    if (!s->l2.sets || !cache_find(&s->l2, pa >> LINE_SHIFT))
        w.l2_miss = true;
    l2_write(s, now, pa >> LINE_SHIFT);
    s->stores_done = later(s->stores_done, now + w.tlb) + s->m->p[A8_store_l2];
    if (w.l2_miss) /* one line may be on its way out, not two */
        s->stores_done = later(s->stores_done, busy);
    if (s->stores_done > now + w.tlb + room)
        w.data = (uint32_t)(s->stores_done - now - w.tlb - room);
    return w;
}

void memory_tlb_clear(struct a8_memory *s, bool global_too)
{
    struct a8_tlb *both[] = {&s->itlb, &s->dtlb};

    for (int k = 0; k < 2; k++) {
        both[k]->last = ~0ull;
        for (uint32_t i = 0; i < both[k]->count; i++)
            both[k]->entries[i].valid &= both[k]->entries[i].global && !global_too;
    }
}

uint64_t memory_drained(const struct a8_memory *s) { return s->stores_done; }
