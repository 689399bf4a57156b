/*
 * The code cache: store, lookup, linking. Invariant: every link, jump-map entry and the SVC slot lead to a
 * valid block of an active code page, and block_drop() removes all of them before a block becomes invalid.
 */
#include "cache/cache.h"

#include <string.h>

#include "cache/internal.h"
#include "cache/jump.h"
#include "cache/verifier.h"
#include "host/a32.h"
#include "host/maintenance.h"
#include "host/stubs.h"
#include "host/window_tables.h"
#include "mmu/guest_memory.h"

#define PAIR_WORDS (CACHE_PAIR / 4)

struct cache_stats cache_stats;
struct cache cache;

static cca_t address_of(uint32_t word)
{
    return CCA(WINDOW_CACHE + word / PAIR_WORDS * CACHE_GATE_SPAN + PAGE_SIZE + word % PAIR_WORDS * 4);
}

/* False: not a code word of the cache. */
static bool word_of(cca_t a, uint32_t *word)
{
    uint32_t off = a.a - WINDOW_CACHE, in = off % CACHE_GATE_SPAN;

    if (off >= WINDOW_CACHE_MAX || in < PAGE_SIZE)
        return false;
    *word = off / CACHE_GATE_SPAN * PAIR_WORDS + (in - PAGE_SIZE) / 4;
    return *word < cache.code_used;
}

static uint32_t *code_at(cca_t a)
{
    uint32_t word;

    CHECK(word_of(a, &word));
    return cache.mem.code + word;
}

void *meta_alloc(size_t size)
{
    uint32_t at = (cache.meta_used + 7) & ~7u;

    if (at + size + sizeof *cache.index_top * 2 >
        (uintptr_t)(cache.index_top - cache.block_count) - (uintptr_t)cache.mem.meta)
        return NULL;
    cache.meta_used = at + (uint32_t)size;
    return (uint8_t *)cache.mem.meta + at;
}

static void reset(void)
{
    cache.code_used = cache.meta_used = cache.block_count = 0;
    cache.index_top =
        (struct block **)((uint8_t *)cache.mem.meta + (cache.mem.meta_size & ~(sizeof *cache.index_top - 1)));
    memset(cache.hash, 0, sizeof cache.hash);
    pages_reset();
}

void cache_init(struct cache_memory m)
{
    cache.mem = m;
    CHECK(m.code_size % CACHE_PAIR == 0);
    CHECK(m.code_size / CACHE_PAIR * CACHE_GATE_SPAN <= WINDOW_CACHE_MAX);
    reset();
}

void cache_flush(void)
{
    cache_link_svc(NULL);
    jump_reset();
    pages_forget();
    reset();
    cache.generation++;
    cache_stats.flushes++;
}

bool cache_reserve(unsigned words, cca_t *where)
{
    uint32_t at = cache.code_used;

    CHECK(words <= PAIR_WORDS);
    if (at % PAIR_WORDS + words > PAIR_WORDS)
        at = (at / PAIR_WORDS + 1) * PAIR_WORDS;
    if ((at + words) * 4 > cache.mem.code_size)
        return false;
    *where = address_of(at);
    return true;
}

static unsigned bucket(gva_t gva, uint32_t key)
{
    return (gva.a >> 2 ^ gva.a >> 14 ^ key * 31) & (ARRAY_SIZE(cache.hash) - 1);
}

struct block *cache_find(const struct code_page *p, gva_t gva, struct block_state s)
{
    return cache_find_key(p, gva, block_state_key(s), s.away);
}

struct block *cache_find_key(const struct code_page *p, gva_t gva, uint32_t key, unsigned away)
{
    for (struct block *b = cache.hash[bucket(gva, key)]; b; b = b->hash_next)
        if (b->gva.a == gva.a && b->key == key && b->away == away && b->page == p)
            return b;
    return NULL;
}

struct block *cache_find_active(gva_t gva, uint32_t key, unsigned away)
{
    const struct code_page *page = cache_active(gva);

    return page ? cache_find_key(page, gva, key, away) : NULL;
}

static void hash_remove(struct block *b)
{
    struct block **at = &cache.hash[bucket(b->gva, b->key)];

    while (*at && *at != b)
        at = &(*at)->hash_next;
    if (*at)
        *at = b->hash_next;
}

/* The translator's records are as untrusted as its words: the VMM resumes at, links and patches what they
 * name. */
static bool records_hold(const struct translation_unit *u, const struct verifier_unit *check,
                         unsigned *bad_word)
{
    for (unsigned i = 0; i < u->insn_count; i++) {
        *bad_word = u->insns[i].word;
        if (!verifier_may_enter(check, u->insns[i].word) ||
            (u->insns[i].spilled != SPILLED_NONE && (u->insns[i].spilled & ~SPILLED_PAIR) > 14))
            return false;
    }
    for (unsigned i = 0; i < u->site_count; i++) {
        const struct site *s = &u->sites[i];

        *bad_word = s->word;
        if (s->word >= u->word_count || s->stub >= u->word_count ||
            (s->kind == SITE_EXIT && !verifier_may_link(check, s->word, s->stub)))
            return false;
    }
    return true;
}

enum cache_verdict cache_add(struct code_page *p, const struct translation_unit *u, struct block **out,
                             unsigned *bad_word)
{
    unsigned total = u->word_count + u->literal_count;
    struct verifier_unit check = {u->words, u->word_count, u->literal_count, {0}, u->state.big_endian};
    struct block *b;
    cca_t where;
    uint32_t word;

    if (!cache_reserve(total, &where))
        return CACHE_FULL;
    check.where = where;
    if (!verifier_check(&check, bad_word) || !records_hold(u, &check, bad_word))
        return CACHE_REFUSED;
    b = meta_alloc(sizeof *b + u->insn_count * sizeof *b->insns + u->site_count * sizeof *b->sites + 8);
    if (!b)
        return CACHE_FULL;
    *b = (struct block){.gva = u->gva,
                        .key = block_state_key(u->state),
                        .away = u->state.away,
                        .host = where,
                        .word_count = (uint16_t)u->word_count,
                        .literal_count = (uint16_t)u->literal_count,
                        .insn_count = (uint16_t)u->insn_count,
                        .site_count = (uint16_t)u->site_count,
                        .guest_size = u->guest_size,
                        .valid = true,
                        .dacr = u->dacr,
                        .page = p};
    b->sites = (struct site *)(b + 1);
    memcpy(b->sites, u->sites, u->site_count * sizeof *b->sites);
    for (unsigned i = 0; i < u->site_count; i++) {
        b->sites[i].from = b;
        b->sites[i].target = NULL;
    }
    b->insns = (struct insn_map *)(b->sites + u->site_count);
    memcpy(b->insns, u->insns, u->insn_count * sizeof *b->insns);

    word = (uint32_t)(where.a - WINDOW_CACHE) / CACHE_GATE_SPAN * PAIR_WORDS +
           ((where.a - WINDOW_CACHE) % CACHE_GATE_SPAN - PAGE_SIZE) / 4;
    memcpy(cache.mem.code + word, u->words, total * 4);
    sync_code(cache.mem.code + word, where, total * 4);
    cache.code_used = word + total;
    cache.index_top[-1 - (int)cache.block_count++] = b;
    b->hash_next = cache.hash[bucket(b->gva, b->key)];
    cache.hash[bucket(b->gva, b->key)] = b;
    page_adopt(p, b);
    cache_stats.blocks++;
    cache_stats.insns += u->insn_count;
    cache_stats.words += total;
    *out = b;
    return CACHE_ADDED;
}

struct block *cache_owner(cca_t a, unsigned *word)
{
    uint32_t low = 0, high = cache.block_count, w;

    if (!word_of(a, &w))
        return NULL;
    while (low < high) { /* the last block that begins at or before a */
        uint32_t mid = (low + high) / 2;

        if (cache.index_top[-1 - (int)mid]->host.a <= a.a)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == 0)
        return NULL;
    struct block *b = cache.index_top[-1 - (int)(low - 1)];
    *word = (a.a - b->host.a) / 4;
    return *word < b->word_count ? b : NULL;
}

struct site *cache_site_at(struct block *b, unsigned word)
{
    for (unsigned i = 0; i < b->site_count; i++)
        if (b->sites[i].word == word || (b->sites[i].kind == SITE_EXIT && b->sites[i].stub == word))
            return &b->sites[i];
    return NULL;
}

const struct insn_map *cache_insn_at(const struct block *b, unsigned word)
{
    unsigned low = 0, high = b->insn_count;

    while (low < high) {
        unsigned mid = (low + high) / 2;

        if (b->insns[mid].word <= word)
            low = mid + 1;
        else
            high = mid;
    }
    return low ? &b->insns[low - 1] : NULL;
}

uint32_t cache_peek(const struct block *b, unsigned word) { return *code_at(CCA(b->host.a + word * 4)); }

uint32_t cache_patch(struct block *b, unsigned word, uint32_t value)
{
    cca_t where = CCA(b->host.a + word * 4);
    uint32_t *at = code_at(where), old = *at;

    *at = value;
    sync_code(at, where, 4);
    return old;
}

/* A branch word keeps its condition; only its offset changes (A8.8.18). */
static void aim(struct block *b, unsigned word, cca_t to)
{
    uint32_t from = b->host.a + word * 4;

    cache_patch(b, word, (cache_peek(b, word) & 0xff000000u) | ((to.a - from - 8) >> 2 & 0x00ffffffu));
}

static void unlink_exit(struct site *s)
{
    struct site **at;

    if (!s->target)
        return;
    for (at = &s->target->in; *at != s; at = &(*at)->next_in)
        CHECK(*at);
    *at = s->next_in;
    s->target = NULL;
    aim(s->from, s->word, CCA(s->from->host.a + s->stub * 4u));
    cache_stats.unlinks++;
}

void cache_link(struct site *s, struct block *to)
{
    CHECK(s->kind == SITE_EXIT && s->from->valid && to->valid && s->away == to->away);
    unlink_exit(s);
    s->target = to;
    s->next_in = to->in;
    to->in = s;
    aim(s->from, s->word, to->host);
    cache_stats.links++;
}

void cache_link_exits(struct block *b)
{
    for (unsigned i = 0; i < b->site_count; i++) {
        struct site *s = &b->sites[i];
        struct block *to;

        if (s->kind != SITE_EXIT)
            continue;
        to = cache_find_active(GVA(s->data), block_state_key(block_state_of(b->key, s->size, s->away)),
                               s->away);
        if (to)
            cache_link(s, to);
    }
}

void cache_unlink_exits(struct block *b)
{
    for (unsigned i = 0; i < b->site_count; i++)
        if (b->sites[i].kind == SITE_EXIT)
            unlink_exit(&b->sites[i]);
}

void cache_link_svc(struct block *to)
{
    CHECK(!to || !to->away); /* a program's registers are all in place */
    cache.svc_target = to;
    stub_set_svc(to ? a32_b(STUB_SVC_SLOT, to->host.a) : A32_UDF);
}

struct block *cache_svc_target(void) { return cache.svc_target; }

void block_unreach(struct block *b)
{
    cache.unreached++;
    while (b->in)
        unlink_exit(b->in);
    if (b->in_jump_map)
        jump_clear(b->gva);
    b->in_jump_map = false;
    if (cache.svc_target == b)
        cache_link_svc(NULL);
}

void block_drop(struct block *b)
{
    block_unreach(b);
    cache_unlink_exits(b);
    hash_remove(b);
    b->valid = false;
}

void cache_forget(struct block *b) { block_drop(b); }

void cache_forget_dacr(void)
{
    for (uint32_t i = 0; i < cache.block_count; i++) {
        struct block *b = cache.index_top[-1 - (int)i];

        if (b->dacr && b->valid)
            block_drop(b);
    }
}

void cache_enter_jump_map(struct block *b)
{
    CHECK(b->away == AWAY_BOTH);
    jump_set(b->gva, b->host);
    b->in_jump_map = true;
}
