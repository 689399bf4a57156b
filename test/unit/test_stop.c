/*
 * Stop points at every word of every template, with more of the block behind it and as the block's last: from
 * there, whatever the conditions are, the guest comes back before another of its instructions begins, and
 * each stop is what it says.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#include "cache/stop.h"
#include "dbt/make.h"
#include "decoder/decoder.h"
#include "host/switches.h"
#include "support/sample.h"

#define SAMPLES    60u
#define WORDS_MOST 1000u
#define GUEST_PAGE 0xc0008000u

unsigned vmm_switched_off;

static _Alignas(4) uint8_t page[PAGE_SIZE];
static unsigned walked, seen_kinds[4];

/* ---- The block ---- */

/* A16 or A32 NOPs all over, and the word at `at`. */
static void put(uint32_t at, bool thumb, bool wide, uint32_t word)
{
    for (unsigned i = 0; i < PAGE_SIZE; i += 4) {
        uint32_t nop = thumb ? 0xbf00bf00 : 0xe320f000;

        memcpy(page + i, &nop, 4);
    }
    if (wide)
        word = word << 16 | word >> 16;
    memcpy(page + at, &word, thumb && !wide ? 2 : 4);
}

static struct block *make(uint32_t at, struct block_state state)
{
    struct dbt_source s = {.pc = GVA(GUEST_PAGE + at), .state = state, .page = page};
    struct made made;

    if (at == PAGE_SIZE - 2) { /* a wide one goes on with a NOP's half */
        s.second_valid = true;
        s.second = 0xbf00;
    }
    while (dbt_make_block(map(GVA(GUEST_PAGE), GPA(0x70000000), true), &s, &made) == MAKE_FULL)
        cache_flush();
    EXPECT_EQ(made.refused_count, 0);
    return made.block;
}

/* ---- What becomes of the guest from one of the words on ---- */

static bool is_row(const struct block *b, unsigned word)
{
    for (unsigned i = 0; i < b->insn_count; i++)
        if (b->insns[i].word == word)
            return true;
    return false;
}

static const struct site *exit_at(const struct block *b, unsigned word)
{
    for (unsigned i = 0; i < b->site_count; i++)
        if (b->sites[i].kind == SITE_EXIT && b->sites[i].word == word)
            return &b->sites[i];
    return NULL;
}

/* A UDF belongs to the instruction whose words are first .. end - 1 if it is one of them or its late callout.
 */
static bool is_own_udf(const struct block *b, unsigned word, unsigned first, unsigned end)
{
    if (word >= first && word < end)
        return true;
    for (unsigned i = 0; i < b->site_count; i++)
        if (b->sites[i].kind == SITE_CALLOUT && b->sites[i].word == word)
            return b->sites[i].stub >= first && b->sites[i].stub < end;
    return false;
}

struct walk {
    struct block *b;
    unsigned first, end; /* of the instruction */
    struct stop stops[STOPS_MOST];
    unsigned stop_count;
    bool visited[WORDS_MOST];
    const char *wrong;
    unsigned wrong_at;
};

static void complain(struct walk *w, unsigned at, const char *what)
{
    if (!w->wrong)
        w->wrong_at = at;
    w->wrong = what;
}

static bool branches(uint32_t word) { return (word & 0x0f000000) == 0x0a000000 && word >> 28 != 15; }

/* False: the guest is back. True: by a condition that did not hold it goes on. */
static bool passes_stop(struct walk *w, unsigned at, enum stop_kind kind)
{
    uint32_t word = cache_peek(w->b, at);

    seen_kinds[kind]++;
    if (kind == STOP_BETWEEN && (!is_row(w->b, at) || at != w->end))
        complain(w, at, "not the next instruction's first word");
    if (kind == STOP_EXIT && !exit_at(w->b, at))
        complain(w, at, "not an exit");
    if (kind == STOP_JUMP && word != JUMP_LOAD)
        complain(w, at, "not an indirect branch");
    if (kind == STOP_RETURN && word != 0xe1b0f00e && (word & 0xfffff000) != 0xe25ef000)
        complain(w, at, "not an exception return");
    return kind == STOP_EXIT && word >> 28 != AL;
}

static bool meets_stop(struct walk *w, unsigned at, bool *goes_on)
{
    for (unsigned i = 0; i < w->stop_count; i++)
        if (w->stops[i].word == at) {
            *goes_on = passes_stop(w, at, w->stops[i].kind);
            return true;
        }
    return false;
}

static void follow(struct walk *w, unsigned at)
{
    uint32_t word;
    bool goes_on;

    for (; at < w->b->word_count && !w->visited[at]; at++) {
        w->visited[at] = true;
        if (meets_stop(w, at, &goes_on)) {
            if (!goes_on)
                return;
            continue;
        }
        word = cache_peek(w->b, at);
        if (word == UDF) {
            if (!is_own_udf(w->b, at, w->first, w->end))
                complain(w, at, "another instruction's UDF");
            return;
        }
        if (is_row(w->b, at) && at >= w->end)
            complain(w, at, "the next instruction begins");
        if (word == JUMP_LOAD || word == 0xe1b0f00e || (word & 0xfffff000) == 0xe25ef000 || exit_at(w->b, at))
            complain(w, at, "the block is left");
        if (w->wrong)
            return;
        if (branches(word)) {
            follow(w, at + 2 + (unsigned)sign_extend(word & 0xffffff, 24));
            if (word >> 28 == AL)
                return;
        }
    }
    if (at >= w->b->word_count)
        complain(w, at, "the code ends");
}

/* From each word but the first of row `row`. */
static void walk_row(struct block *b, unsigned row, const char *what)
{
    unsigned first = b->insns[row].word;
    unsigned end = row + 1u < b->insn_count ? b->insns[row + 1].word : b->word_count;

    for (unsigned at = first + 1; at < end; at++) {
        struct walk w = {.b = b, .first = first, .end = end};

        if (cache_peek(b, at) == UDF && cache_site_at(b, at)) /* it comes back by itself: interrupt.c */
            continue;
        w.stop_count = stops_find(b, at, w.stops);
        follow(&w, at);
        walked++;
        if (w.wrong) {
            printf("%s: row %u of %u, from word %u: at %u: %s\n", what, row, b->insn_count, at, w.wrong_at,
                   w.wrong);
            unit_test_failed = true;
            return;
        }
    }
}

/* As the links of a long run would have them: all exits lead away. */
static void lead_exits_away(struct block *b)
{
    for (unsigned i = 0; i < b->site_count; i++)
        if (b->sites[i].kind == SITE_EXIT)
            cache_patch(b, b->sites[i].word, (cache_peek(b, b->sites[i].word) & 0xff000000) | 0x7f0000);
}

static void walk_block(struct block *b, const char *what)
{
    for (unsigned row = 0; row < b->insn_count; row++)
        walk_row(b, row, what);
    lead_exits_away(b);
    for (unsigned row = 0; row < b->insn_count; row++)
        walk_row(b, row, what);
}

/* ---- All rows of the decoder ---- */

static void try_word(struct block_state state, const struct decoder_row *row, uint32_t word)
{
    bool wide = row->isa == ISA_T32;
    unsigned size = row->isa == ISA_T16 ? 2 : 4;
    uint32_t places[] = {0x200, PAGE_SIZE - size,
                         PAGE_SIZE - 2 * size}; /* in the middle; last; last but one */

    for (unsigned i = 0; i < ARRAY_SIZE(places); i++) {
        struct block *b;
        char what[80];

        put(places[i], row->isa != ISA_A32, wide, word);
        b = make(places[i], state);
        snprintf(what, sizeof what, "%s %08x, state %x, at %#x", row->name, word, block_state_key(state),
                 places[i]);
        walk_block(b, what);
    }
}

static void try_rows(struct block_state state)
{
    static const uint32_t seldom[] = {0xe1b0f00e, 0xe25ef004, 0xe25ef008}; /* exception returns */
    struct insn in;

    for (unsigned i = 0; !state.thumb && i < ARRAY_SIZE(seldom); i++) {
        decode_a32(seldom[i], &in);
        try_word(state, &decoder_rows[in.row], seldom[i]);
    }
    for (unsigned r = 0; r < decoder_row_count; r++)
        if ((decoder_rows[r].isa != ISA_A32) == state.thumb)
            for (unsigned n = 0; n < SAMPLES; n++)
                try_word(state, &decoder_rows[r], sample_row(&decoder_rows[r]));
}

TEST(every_word_of_every_template)
{
    static const struct block_state states[] = {
        {.mode = 0x13, .away = AWAY_BOTH},
        {.mode = 0x13},
        {.mode = 0x1f},
        {.mode = 0x17, .fiq_masked = true},
        {.mode = 0x13, .big_endian = true},
        {.mode = 0x13, .thumb = true},
        {.mode = 0x13, .thumb = true, .itstate = 0x08},
        {.mode = 0x1f, .thumb = true, .itstate = 0x15},
    };

    begin();
    dbt_dacr_inline = true;
    dbt_serve(states[0]);
    for (unsigned i = 0; i < ARRAY_SIZE(states); i++)
        try_rows(states[i]);
    printf("%u words: %u between, %u exits, %u jumps, %u returns\n", walked, seen_kinds[STOP_BETWEEN],
           seen_kinds[STOP_EXIT], seen_kinds[STOP_JUMP], seen_kinds[STOP_RETURN]);
    EXPECT(walked > 100000 && seen_kinds[STOP_BETWEEN] > 10000 && seen_kinds[STOP_EXIT] > 10000);
    EXPECT(seen_kinds[STOP_JUMP] > 1000 && seen_kinds[STOP_RETURN] > 40);
}

/* CBZ ends a block: its own branch is followed, both of its ways lead to exits. */
TEST(cbz_at_the_end)
{
    struct stop stops[STOPS_MOST];
    struct block *b;

    begin();
    put(PAGE_SIZE - 2, true, false, 0xb101); /* cbz r1 */
    b = make(PAGE_SIZE - 2, (struct block_state){.mode = 0x13, .thumb = true});
    EXPECT_EQ(cache_peek(b, 3) & 0xff000000, 0x1a000000);
    for (unsigned at = 1; at < 7; at++) {
        EXPECT_EQ(stops_find(b, at, stops), 2);
        EXPECT_EQ(stops[0].word, 6);
        EXPECT_EQ(stops[0].kind, STOP_EXIT);
        EXPECT_EQ(stops[1].word, 9);
        EXPECT_EQ(stops[1].kind, STOP_EXIT);
    }
    EXPECT_EQ(stops_find(b, 7, stops), 1);
    EXPECT_EQ(stops[0].word, 9);
}

/* Advanced SIMD words look like data processing with S and the PC as its destination. */
TEST(what_only_looks_like_a_return)
{
    struct stop stops[STOPS_MOST];
    struct block *b;

    begin();
    put(0, true, true, 0xef10f110); /* vand d15, d0, d0 */
    b = make(0, (struct block_state){.mode = 0x13, .thumb = true, .itstate = 0x08});
    EXPECT_EQ(cache_peek(b, 1), 0xf210f110);
    EXPECT_EQ(stops_find(b, 1, stops), 1);
    EXPECT_EQ(stops[0].kind, STOP_BETWEEN);
}
