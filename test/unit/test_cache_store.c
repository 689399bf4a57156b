/*
 * The code cache's memory: where blocks are put, who owns an address of it, what happens when it is full.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#define A 0xc0100000u

static struct code_page *begin_page(void)
{
    begin();
    return map(GVA(A), GPA(0x70010000), true);
}

/* A block of this many words, without exits. */
static struct block *add_words(struct code_page *p, uint32_t gva, unsigned count)
{
    start(gva, SVC, count - 1);
    finish();
    return add(p);
}

static uint32_t reserved(unsigned count)
{
    cca_t where;

    return cache_reserve(count, &where) ? where.a : 0;
}

TEST(blocks_lie_above_one_gate_page)
{
    struct code_page *p = begin_page();

    EXPECT_EQ(reserved(1), FIRST);
    EXPECT_EQ(reserved(PAIR_WORDS), FIRST);
    EXPECT_EQ(add_words(p, A, PAIR_WORDS - 3)->host.a, FIRST);
    EXPECT_EQ(reserved(3), FIRST + (PAIR_WORDS - 3) * 4);
    EXPECT_EQ(reserved(4), FIRST + PAIR_SPAN);
    EXPECT_EQ(add_words(p, A + 4, 4)->host.a, FIRST + PAIR_SPAN);
    EXPECT_EQ(reserved(3), FIRST + PAIR_SPAN + 16); /* what was skipped stays so */
    EXPECT_EQ(add_words(p, A + 8, PAIR_WORDS - 4)->host.a, FIRST + PAIR_SPAN + 16);
    EXPECT_EQ(reserved(1), FIRST + 2 * PAIR_SPAN); /* filled to its last word */
}

/* Literals count. */
TEST(literals_take_room)
{
    struct code_page *p = begin_page();

    add_words(p, A, PAIR_WORDS - 4);
    start(A + 4, SVC, 2);
    finish();
    literal(1);
    EXPECT_EQ(add(p)->host.a, FIRST + (PAIR_WORDS - 4) * 4);
    EXPECT_EQ(reserved(1), FIRST + PAIR_SPAN);
    begin_page();
    add_words(p, A, PAIR_WORDS - 4);
    start(A + 4, SVC, 2);
    finish();
    literal(1);
    literal(2);
    EXPECT_EQ(add(p)->host.a, FIRST + PAIR_SPAN);
    EXPECT_EQ(reserved(1), FIRST + PAIR_SPAN + 20);
}

static void expect_owner(uint32_t a, struct block *b)
{
    unsigned word = 0xbad;

    EXPECT(cache_owner(CCA(a), &word) == b);
    if (b)
        EXPECT_EQ(word, (a - b->host.a) / 4);
}

/* Every word of two pairs, both gates and what is around them, against the blocks' own extents. */
TEST(owners)
{
    struct code_page *p = begin_page();
    struct block *b[8];
    unsigned count = 0;

    expect_owner(FIRST, NULL);
    b[count++] = add_words(p, A, 1);
    b[count++] = add_words(p, A + 4, 40);
    start(A + 8, SVC, 5);
    finish();
    literal(UDF);
    literal(ADD);
    b[count++] = add(p);
    b[count++] = add_words(p, A + 12, 2);
    b[count++] = add_words(p, A + 16, 1900);
    b[count++] = add_words(p, A + 20, 200); /* the next pair; some words are left over */
    b[count++] = add_words(p, A + 24, 7);
    EXPECT_EQ(b[5]->host.a, FIRST + PAIR_SPAN);
    for (uint32_t a = WINDOW_CACHE; a < WINDOW_CACHE + 3 * PAIR_SPAN; a += 4) {
        struct block *expected = NULL;

        for (unsigned i = 0; i < count; i++)
            if (a >= b[i]->host.a && a < host_of(b[i], b[i]->word_count))
                expected = b[i];
        expect_owner(a, expected);
    }
    expect_owner(WINDOW_CACHE - 4, NULL);
    expect_owner(0, NULL);
    expect_owner(WINDOW_CACHE + WINDOW_CACHE_MAX, NULL);
    expect_owner(WINDOW_CACHE + WINDOW_CACHE_MAX + 0x1000, NULL);
    expect_owner(0xfffffffc, NULL);
}

TEST(sites_and_instructions_at_a_word)
{
    struct code_page *p = begin_page();
    struct block *b;

    start(A, SVC, 0);
    emit(ADD); /* 0: before the first instruction */
    instruction(ADD);
    emit(ADD);
    exit_to(EQ, A + 0x40, 0);
    callout();
    exit_to(AL, A + 0x80, 0);
    finish();
    sites[1].stub = 2; /* a word of its instruction, not a place */
    b = add(p);
    static const int8_t site_at[] = {-1, -1, -1, 0, 1, 2, 0, 2, -1}, insn_at[] = {-1, 0, 0, 1, 2, 3, 3, 3, 3};
    for (unsigned w = 0; w < ARRAY_SIZE(site_at); w++) {
        EXPECT(cache_site_at(b, w) == (site_at[w] < 0 ? NULL : &b->sites[site_at[w]]));
        EXPECT(cache_insn_at(b, w) == (insn_at[w] < 0 ? NULL : &b->insns[insn_at[w]]));
    }
    b = add_words(p, A + 4, 300);
    for (unsigned w = 0; w < 299; w++)
        EXPECT(cache_insn_at(b, w) == &b->insns[w]);
    start(A + 8, SVC, 0);
    emit(UDF);
    b = add(p);
    EXPECT(!cache_insn_at(b, 0) && !cache_site_at(b, 0));
}

/* ---- Full ---- */

static uint32_t address(unsigned i) { return A + i * 4; }

static struct block *blocks[2048];

/* Blocks until there is no more room. */
static unsigned fill(struct code_page *p, unsigned count)
{
    for (unsigned n = 0; n < ARRAY_SIZE(blocks); n++) {
        enum cache_verdict v;

        start(address(n), SVC, count - 2);
        exit_to(AL, address(n + 1), 0);
        finish();
        v = try_add(p, &blocks[n]);
        if (v != CACHE_ADDED) {
            EXPECT_EQ(v, CACHE_FULL);
            return n;
        }
    }
    EXPECT(!"never full");
    return 0;
}

/* All that there is has stayed as it was made. */
static void expect_intact(struct code_page *p, unsigned n, unsigned count)
{
    for (unsigned i = 0; i < n; i++) {
        struct block *b = blocks[i];
        bool good = b->gva.a == address(i) && b->key == 0x13 && b->page == p && b->valid &&
                    b->word_count == count && b->site_count == 1 && b->sites[0].data == address(i + 1) &&
                    b->sites[0].from == b && !b->in;

        for (unsigned k = 0; k < b->insn_count; k++)
            good = good && b->insns[k].word == k && b->insns[k].offset == k * 4;
        for (unsigned k = 0; k < count; k++)
            good = good && fetch(host_of(b, k)) == (k + 2 < count ? ADD : k + 2 == count ? 0xeaffffff : UDF);
        EXPECT(good);
        EXPECT(cache_find(p, GVA(address(i)), SVC) == b);
        expect_owner(host_of(b, 0), b);
        expect_owner(host_of(b, count - 1), b);
    }
}

TEST(full_of_code)
{
    struct code_page *p = begin_page();
    unsigned n = fill(p, 100); /* 20 a pair, and 48 words left over */

    EXPECT_EQ(n, PAIRS * 20);
    expect_intact(p, n, 100);
    EXPECT(!reserved(100) && !reserved(49));
    EXPECT_EQ(reserved(48), FIRST + (PAIRS - 1) * PAIR_SPAN + 2000 * 4);
    start(A + 0x800, SVC, 47);
    finish();
    add(p);
    EXPECT(!reserved(1));
    expect_owner(FIRST + PAIRS * PAIR_SPAN, NULL);
}

/* Sizes around each other, so that records meet the index in every way. */
TEST(full_of_records)
{
    for (uint32_t size = 0x2000; size < 0x2040; size += 8) {
        struct code_page *p;
        unsigned n;
        uint32_t at;

        begin_with(PAIRS, size);
        p = map(GVA(A), GPA(0x70010000), true);
        n = fill(p, 3);
        EXPECT(n > 20 && n < 60);
        at = reserved(3);
        EXPECT_EQ(at, FIRST + n * 12); /* it is not the code that is full, and what failed took none */
        while (map(GVA(A + n * PAGE_SIZE), GPA(0x70010000), true)) /* smaller: some may fit */
            n++;
        EXPECT(n < 70);
        n = (at - FIRST) / 12;
        expect_intact(p, n, 3);
        EXPECT(!cache_find(p, GVA(address(n)), SVC));
    }
}

TEST(a_flush_forgets_all)
{
    struct code_page *p = begin_page();
    struct block *jump = add_plain(p, A + 0x800, SVC_AWAY);
    uint32_t generation = cache.generation, flushes = cache_stats.flushes;
    unsigned n;

    map(GVA(A + 0x2000), GPA(0x70012000), false);
    guest_write(0x12);
    n = fill(p, 100);
    EXPECT(cache_has_non_global() && cache_active_near(GVA(A)) && !cache_icache_clean());
    cache_enter_jump_map(jump);
    cache_link_svc(blocks[n - 1]);
    EXPECT_EQ(jump_goes(A + 0x800), jump->host.a);

    cache_flush();
    EXPECT_EQ(cache.generation, generation + 1);
    EXPECT_EQ(cache_stats.flushes, flushes + 1);
    EXPECT_EQ(jump_goes(A + 0x800), STUB_MISS);
    EXPECT(svc_word == UDF && !cache_svc_target());
    EXPECT(!cache_active(GVA(A)) && !cache_active(GVA(A + 0x2000)));
    EXPECT(!cache_has_non_global() && !cache_active_near(GVA(A)) && cache_icache_clean());
    EXPECT(flags[0x10] == 0 && flags[0x12] == 0);
    expect_owner(FIRST, NULL);
    EXPECT_EQ(reserved(100), FIRST);

    p = map(GVA(A), GPA(0x70010000), true); /* the same again */
    EXPECT_EQ(flags[0x10], PAGE_HAS_CODE);
    EXPECT(!cache_find(p, GVA(A), SVC));
    EXPECT_EQ(fill(p, 100), PAIRS * 20);
    expect_intact(p, PAIRS * 20, 100);
}
