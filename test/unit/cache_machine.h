/*
 * What the code cache's tests run on: executable memory as instruction fetches see it, which is what
 * sync_code() made visible; the jump map and the SVC slot; flags of RAM pages. And units made by hand of
 * words that the verifier accepts.
 */
#ifndef CACHE_MACHINE_H
#define CACHE_MACHINE_H

#include "unit.h"

#include "cache/cache.h"
#include "cache/jump.h"
#include "host/maintenance.h"
#include "host/stubs.h"
#include "host/window.h"
#include "host/window_tables.h"
#include "mmu/guest_memory.h"
#include "mmu/shadow.h"

/* ---- The host's side ---- */

#define PAIR_WORDS  2048u
#define PAIR_SPAN   0x3000u /* a gate page and 8 KiB of code (design 2.2) */
#define FIRST       (WINDOW_CACHE + 0x1000u)
#define PAIRS       4u
#define META_SIZE   0x80000u
#define RAM_PAGES   2048u
#define JUMP_PAGES  16u
#define JUMP_PLACES ((WINDOW_VMM - WINDOW_JUMP) / PAGE_SIZE)

static uint32_t code[PAIRS * PAIR_WORDS], seen[PAIRS * PAIR_WORDS];
static uint64_t meta[META_SIZE / 8];
static uint8_t flags[RAM_PAGES];
struct guest_memory guest_memory = {.size = RAM_PAGES * PAGE_SIZE, .page_flags = flags};

static uint32_t jump_words[JUMP_PAGES * 1024];
static uint8_t jump_bytes[256];
static unsigned jump_page_at[JUMP_PLACES];
static uint32_t svc_word;
static unsigned protect_count;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK failed: %s\n", file, line, what);
    exit(1);
}

/* Not by functions of cache.c. */
static uint32_t index_of(uint32_t a)
{
    uint32_t off = a - WINDOW_CACHE;

    if (off / PAIR_SPAN >= PAIRS || off % PAIR_SPAN < PAGE_SIZE || a % 4)
        check_failed(__FILE__, __LINE__, "a code word");
    return off / PAIR_SPAN * PAIR_WORDS + (off % PAIR_SPAN - PAGE_SIZE) / 4;
}

void sync_data(const void *start, size_t size) { (void)start, (void)size; }

void sync_code(const void *start, cca_t where, size_t size)
{
    uint32_t at = index_of(where.a);

    EXPECT((const uint32_t *)start == code + at && at + size / 4 <= ARRAY_SIZE(code));
    memcpy(seen + at, start, size);
}

void stub_set_svc(uint32_t word) { svc_word = word; }

void shadow_protect_page(uint32_t ram_page)
{
    EXPECT(flags[ram_page] & PAGE_HAS_CODE);
    protect_count++;
}

static void jump_map(unsigned place, unsigned page) { jump_page_at[place] = page; }

static void begin_with(uint32_t pairs, uint32_t meta_size)
{
    memset(seen, 0, sizeof seen);
    memset(flags, 0, sizeof flags);
    protect_count = 0;
    jump_init((struct jump_memory){jump_words, JUMP_PAGES, jump_bytes}, CCA(STUB_MISS), jump_map);
    cache_init((struct cache_memory){code, pairs * CACHE_PAIR, meta, meta_size});
    cache_link_svc(NULL);
}

static inline void begin(void) { begin_with(PAIRS, META_SIZE); }

/* What the guest's store does to a RAM page (shadow_page_written(), emul/mem.c). */
static inline void guest_write(uint32_t ram_page)
{
    if (flags[ram_page] != PAGE_HAS_CODE)
        return;
    flags[ram_page] |= PAGE_DIRTY;
    cache_page_dirty(ram_page);
}

/* By a small page, as nearly all tests want it. */
static inline struct code_page *map(gva_t gva, gpa_t gpa, bool global)
{
    return cache_activate(gva, gpa, 12, global);
}

/* ---- What the guest would execute ---- */

static uint32_t fetch(uint32_t a) { return seen[index_of(a)]; }
static inline uint32_t host_of(const struct block *b, unsigned word) { return b->host.a + word * 4; }

static uint32_t branch_goes(uint32_t a, uint32_t w)
{
    return a + 8 + ((uint32_t)sign_extend(w & 0xffffff, 24) << 2);
}

static inline uint32_t exit_goes(const struct site *s)
{
    uint32_t a = host_of(s->from, s->word);

    EXPECT_EQ(fetch(a) >> 24 & 0xf, 0xa);
    return branch_goes(a, fetch(a));
}

#define EXPECT_LINKED(s, to)                                                                                 \
    do {                                                                                                     \
        EXPECT((s)->target == (to));                                                                         \
        EXPECT_EQ(exit_goes(s), (to)->host.a);                                                               \
    } while (0)

#define EXPECT_UNLINKED(s)                                                                                   \
    do {                                                                                                     \
        EXPECT((s)->target == NULL);                                                                         \
        EXPECT_EQ(exit_goes(s), host_of((s)->from, (s)->stub));                                              \
        EXPECT_EQ(fetch(host_of((s)->from, (s)->stub)), UDF);                                                \
    } while (0)

/* Indirect branches to the address, by the words of host/stubs.h. */
static inline uint32_t jump_goes(uint32_t gva)
{
    uint32_t slot = gva + ((uint32_t)jump_bytes[255 - (gva >> 24)] << 24);

    EXPECT(slot >= WINDOW_JUMP && slot < WINDOW_VMM);
    return jump_words[jump_page_at[(slot - WINDOW_JUMP) / PAGE_SIZE] * 1024 + (slot & PAGE_MASK) / 4];
}

/* 0: into the VMM. */
static inline uint32_t svc_goes(void)
{
    return svc_word >> 24 == 0xea ? branch_goes(STUB_SVC_SLOT, svc_word) : 0;
}

/* ---- Units ---- */

#define ADD 0xe0811002u /* ADD r1, r1, r2 */
#define UDF 0xe7f000f0u
#define EQ  0u
#define AL  14u

static const struct block_state SVC = {.mode = 0x13}, SVC_AWAY = {.mode = 0x13, .away = AWAY_BOTH};

static uint32_t words[PAIR_WORDS];
static struct insn_map insns[PAIR_WORDS];
static struct site sites[8];
static struct translation_unit unit;
static unsigned bad_word;

static void emit(uint32_t w) { words[unit.word_count++] = w; }

static void instruction(uint32_t w)
{
    insns[unit.insn_count++] = (struct insn_map){
        .word = (uint16_t)unit.word_count, .offset = unit.guest_size & 0x3fff, .spilled = SPILLED_NONE};
    unit.guest_size = (uint16_t)(unit.guest_size + 4);
    emit(w);
}

static void start(uint32_t gva, struct block_state state, unsigned adds)
{
    unit = (struct translation_unit){
        .gva = GVA(gva), .state = state, .words = words, .insns = insns, .sites = sites};
    while (adds--)
        instruction(ADD);
}

static inline void site(enum site_kind kind, uint32_t data, unsigned away, unsigned size)
{
    sites[unit.site_count++] = (struct site){.kind = (uint8_t)kind,
                                             .word = (uint16_t)unit.word_count,
                                             .stub = (uint16_t)unit.word_count,
                                             .data = data,
                                             .away = (uint8_t)away,
                                             .size = (uint8_t)size};
}

static inline void callout(void)
{
    site(SITE_CALLOUT, 0, 0, 4);
    instruction(UDF);
}

static inline void exit_it(unsigned cond, uint32_t target, unsigned away, unsigned itstate)
{
    site(SITE_EXIT, target, away, itstate);
    instruction(cond << 28 | 0x0a000000);
}

static inline void exit_to(unsigned cond, uint32_t target, unsigned away) { exit_it(cond, target, away, 0); }

/* The exits' stubs, or the UDF of a block that has none. */
static void finish(void)
{
    unsigned count = unit.site_count;

    if (!count) {
        site(SITE_CONTINUE, unit.gva.a + unit.guest_size, 0, 0);
        emit(UDF);
    }
    for (struct site *s = sites; s < sites + count; s++)
        if (s->kind == SITE_EXIT) {
            s->stub = (uint16_t)unit.word_count;
            words[s->word] |= (unit.word_count - s->word - 2u) & 0xffffff;
            emit(UDF);
        }
}

static inline void literal(uint32_t value) { words[unit.word_count + unit.literal_count++] = value; }

static inline enum cache_verdict try_add(struct code_page *p, struct block **b)
{
    *b = NULL;
    bad_word = 0xbad;
    return cache_add(p, &unit, b, &bad_word);
}

static struct block *add(struct code_page *p)
{
    struct block *b;

    if (try_add(p, &b) != CACHE_ADDED)
        check_failed(__FILE__, __LINE__, "the unit is added");
    return b;
}

static inline struct block *add_plain(struct code_page *p, uint32_t gva, struct block_state state)
{
    start(gva, state, 2);
    finish();
    return add(p);
}

static inline struct block *add_exit(struct code_page *p, uint32_t gva, uint32_t target)
{
    start(gva, SVC, 2);
    exit_to(AL, target, 0);
    finish();
    return add(p);
}

#endif
