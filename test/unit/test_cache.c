/*
 * The code cache: what is added is found, what is not right is refused, what is linked leads there. Where
 * blocks lie: test_cache_store.c; until when they can be reached: test_cache_pages.c; all of it at random:
 * test_cache_random.c.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#define A    0xc0100000u
#define PAGE GPA(0x70010000u)

static struct code_page *page;

static void begin_page(void)
{
    begin();
    page = map(GVA(A), PAGE, true);
    EXPECT(page && cache_active(GVA(A + 0xffc)) == page && !cache_active(GVA(A + 0x1000)));
    EXPECT_EQ(cache_page_gpa(page).a, PAGE.a);
}

/* ---- Adding and finding ---- */

TEST(finds_by_address_state_and_away)
{
    static const struct block_state states[] = {
        {.mode = 0x13},
        {.mode = 0x12},
        {.mode = 0x13, .thumb = true},
        {.mode = 0x13, .big_endian = true},
        {.mode = 0x13, .fiq_masked = true},
        {.mode = 0x13, .thumb = true, .itstate = 0x08},
        {.mode = 0x13, .thumb = true, .itstate = 0x28}, /* the index does not tell it from the one above */
        {.mode = 0x13, .away = AWAY_R12},
        {.mode = 0x13, .away = AWAY_LR},
        {.mode = 0x13, .away = AWAY_BOTH}};
    struct block *b[ARRAY_SIZE(states)][2];
    uint32_t count = cache_stats.blocks;

    begin_page();
    for (unsigned i = 0; i < ARRAY_SIZE(states); i++)
        for (unsigned k = 0; k < 2; k++) { /* two halfwords, as Thumb has */
            EXPECT(!cache_find(page, GVA(A + k * 2), states[i]));
            b[i][k] = add_plain(page, A + k * 2, states[i]);
        }
    for (unsigned i = 0; i < ARRAY_SIZE(states); i++)
        for (unsigned k = 0; k < 2; k++) {
            EXPECT(cache_find(page, GVA(A + k * 2), states[i]) == b[i][k]);
            EXPECT(cache_find_key(page, GVA(A + k * 2), block_state_key(states[i]), states[i].away) ==
                   b[i][k]);
        }
    EXPECT(!cache_find(page, GVA(A + 8), SVC));
    EXPECT_EQ(cache_stats.blocks - count, 2 * ARRAY_SIZE(states));
}

TEST(finds_by_page)
{
    struct code_page *other;
    struct block *b, *in_other;

    begin_page();
    b = add_plain(page, A, SVC);
    other = map(GVA(A), GPA(0x70020000), true);
    EXPECT(other != page && cache_active(GVA(A)) == other);
    EXPECT(!cache_find(other, GVA(A), SVC));
    in_other = add_plain(other, A, SVC);
    EXPECT(cache_find(other, GVA(A), SVC) == in_other);
    EXPECT(cache_find(page, GVA(A), SVC) == b);
}

TEST(a_block_is_what_was_handed_over)
{
    struct block *b;
    cca_t where;

    begin_page();
    add_plain(page, A, SVC);
    EXPECT(cache_reserve(7, &where));
    start(A + 0x20, SVC_AWAY, 2);
    callout();
    exit_it(EQ, A + 0x100, AWAY_LR, 0x1f);
    finish();
    literal(0x12345678);
    literal(UDF);
    b = add(page);
    memset(words, 0, sizeof words); /* it was copied */
    memset(insns, 0, sizeof insns);
    EXPECT_EQ(b->host.a, where.a);
    EXPECT_EQ(b->gva.a, A + 0x20);
    EXPECT_EQ(b->key, 0x13);
    EXPECT_EQ(b->away, AWAY_BOTH);
    EXPECT(b->valid && !b->in_jump_map && b->page == page && cache_resumable(b));
    EXPECT_EQ(b->word_count, 5);
    EXPECT_EQ(b->literal_count, 2);
    EXPECT_EQ(b->insn_count, 4);
    EXPECT_EQ(b->site_count, 2);
    EXPECT_EQ(b->guest_size, 16);
    EXPECT_EQ(b->insns[3].word, 3);
    EXPECT_EQ(b->insns[3].offset, 12);
    EXPECT_EQ(b->sites[1].data, A + 0x100);
    EXPECT_EQ(b->sites[1].away, AWAY_LR);
    EXPECT_EQ(b->sites[1].size, 0x1f);
    EXPECT(b->sites[0].from == b && b->sites[1].from == b && !b->in);
    EXPECT_UNLINKED(&b->sites[1]);
    static const uint32_t expected[] = {ADD, ADD, UDF, 0x0affffff, UDF, 0x12345678, UDF};
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
        EXPECT_EQ(fetch(host_of(b, i)), expected[i]);
        EXPECT_EQ(cache_peek(b, i), expected[i]);
    }
}

/* What a site's fields for links say at first is nobody's promise. */
TEST(a_new_block_is_linked_to_nothing)
{
    struct block *b, *to;

    begin_page();
    to = add_plain(page, A + 0x40, SVC);
    start(A, SVC, 1);
    exit_to(AL, A + 0x40, 0);
    finish();
    sites[0].target = to;
    sites[0].from = to;
    b = add(page);
    EXPECT_UNLINKED(&b->sites[0]);
    EXPECT(!to->in && b->sites[0].from == b);
}

/* ---- Refusing ---- */

static void expect_refused(unsigned word)
{
    struct cache_stats before = cache_stats;
    struct block *b;
    cca_t where, after;

    EXPECT(cache_reserve(1, &where));
    EXPECT_EQ(try_add(page, &b), CACHE_REFUSED);
    EXPECT_EQ(bad_word, word);
    EXPECT(!b && !cache_find(page, unit.gva, unit.state));
    EXPECT(cache_reserve(1, &after) && after.a == where.a);
    EXPECT_EQ(cache_stats.blocks, before.blocks);
    EXPECT_EQ(fetch(where.a), 0);
}

TEST(refuses_words)
{
    static const struct {
        uint32_t word;
        const char *what;
    } bad[] = {
        {0xe1a0f000, "MOV PC, r0"},       {0xe12fff1e, "BX LR"},          {0xef000000, "SVC"},
        {0xe121f000, "MSR CPSR_c alone"}, {0xee030f10, "MCR DACR alone"}, {0xe89c8000, "LDM of the PC alone"},
        {0xea001000, "B out of the unit"}};

    for (unsigned at = 0; at < 3; at++)
        for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
            begin_page();
            start(A, SVC, 3);
            finish();
            words[at] = bad[i].word;
            expect_refused(at);
        }
    begin_page();
    start(A, SVC, 3); /* falls off its end */
    expect_refused(2);
}

/* Words that are accepted, with an indirect branch from 2 to 5, an exit at 1, and a literal that looks like a
 * stub. */
static void start_records(void)
{
    begin_page();
    start(A, SVC, 1);
    exit_to(EQ, A + 0x100, 0);
    instruction(JUMP_BASE);
    emit(JUMP_BYTE);
    emit(JUMP_SLOT);
    emit(JUMP_LOAD);
    callout();
    finish();
    literal(UDF);
}
#define STUB_WORD 7

TEST(accepts_good_records)
{
    static const uint8_t spilled[] = {0, 14, SPILLED_PAIR, SPILLED_PAIR | 14, SPILLED_NONE};
    struct block *b;

    for (unsigned i = 0; i < ARRAY_SIZE(spilled); i++) {
        start_records();
        insns[2].spilled = spilled[i];
        EXPECT_EQ(sites[0].stub, STUB_WORD);
        EXPECT_EQ(try_add(page, &b), CACHE_ADDED);
    }
}

TEST(refuses_instructions_that_are_nowhere)
{
    static const uint16_t bad[] = {3, 4, 5, STUB_WORD + 1, STUB_WORD + 2, 2047, 0xffff};
    static const uint8_t spilled[] = {15, SPILLED_PAIR | 15, 0x80, 0xbf, 0xfe};

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) { /* in the sequence, literal, beyond */
        start_records();
        insns[2].word = bad[i];
        expect_refused(bad[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(spilled); i++) {
        start_records();
        insns[1].spilled = spilled[i];
        expect_refused(1);
    }
}

TEST(refuses_sites_that_are_nowhere)
{
    static const uint16_t outside[] = {STUB_WORD + 1, STUB_WORD + 2, 0xffff};
    static const uint16_t not_the_branch[] = {0, 2, 5, 6, STUB_WORD};
    static const uint16_t not_its_stub[] = {0, 1, 2, 6};

    for (unsigned i = 0; i < ARRAY_SIZE(outside); i++)
        for (unsigned s = 0; s < 2; s++) {
            start_records();
            sites[s].word = outside[i];
            expect_refused(outside[i]);
            start_records();
            sites[s].stub = outside[i];
            expect_refused(sites[s].word);
        }
    for (unsigned i = 0; i < ARRAY_SIZE(not_the_branch); i++) {
        start_records();
        sites[0].word = not_the_branch[i];
        expect_refused(not_the_branch[i]);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(not_its_stub); i++) {
        start_records();
        sites[0].stub = not_its_stub[i];
        expect_refused(1);
    }
    start_records();
    words[STUB_WORD] = ADD; /* the branch leads there, but it is not a UDF; the block ends with another one */
    words[++unit.word_count - 1] = UDF;
    expect_refused(1);
}

/* ---- Linking ---- */

TEST(a_link_keeps_the_condition)
{
    struct block *before, *b, *after, *far;

    begin_page();
    before = add_plain(page, A, SVC);
    start(A + 0x40, SVC, 1);
    for (unsigned cond = 0; cond < 4; cond++)
        exit_to(cond, A, 0);
    exit_to(AL, A, 0);
    finish();
    b = add(page);
    after = add_plain(page, A + 0x80, SVC);
    start(A + 0x100, SVC, PAIR_WORDS - 1); /* a pair of its own: a gate page is in between */
    finish();
    far = add(page);
    EXPECT_EQ(far->host.a, FIRST + PAIR_SPAN);

    struct block *to[] = {before, after, far, b};
    for (unsigned i = 0; i < ARRAY_SIZE(to); i++)
        for (struct site *s = b->sites; s < b->sites + 5; s++) {
            uint32_t a = host_of(b, s->word), condition = fetch(a) >> 24;

            EXPECT_EQ(condition, s == b->sites + 4 ? 0xea : (unsigned)(s - b->sites) << 4 | 0xa);
            cache_link(s, to[i]);
            EXPECT_LINKED(s, to[i]);
            EXPECT_EQ(fetch(a) >> 24, condition);
            EXPECT(to[i]->in == s && (i == 0 || to[i - 1]->in != s));
        }
    EXPECT(!before->in && !after->in && !far->in && b->in);
    EXPECT_EQ(fetch(host_of(b, 0)), ADD); /* nothing else was written */
    EXPECT_EQ(fetch(host_of(b, 6)), UDF);
    cache_unlink_exits(b);
    EXPECT(!b->in);
    for (struct site *s = b->sites; s < b->sites + 5; s++) {
        EXPECT_UNLINKED(s);
        EXPECT_EQ(fetch(host_of(b, s->word)) >> 24,
                  s == b->sites + 4 ? 0xea : (unsigned)(s - b->sites) << 4 | 0xa);
    }
}

/* Unlinking takes the right one out of the list, wherever it is in it. */
TEST(any_order_of_unlinking)
{
    static const unsigned orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (unsigned i = 0; i < ARRAY_SIZE(orders); i++) {
        struct block *from[3], *to;

        begin_page();
        to = add_plain(page, A, SVC);
        for (unsigned k = 0; k < 3; k++) {
            from[k] = add_exit(page, A + 0x100 + k * 0x10, A);
            cache_link(&from[k]->sites[0], to);
        }
        for (unsigned k = 0; k < 3; k++) {
            unsigned left = 0;

            cache_unlink_exits(from[orders[i][k]]);
            EXPECT_UNLINKED(&from[orders[i][k]]->sites[0]);
            for (struct site *s = to->in; s; s = s->next_in, left++)
                EXPECT_LINKED(s, to);
            EXPECT_EQ(left, 2 - k);
        }
    }
}

TEST(links_exits_whose_targets_are_there)
{
    struct block_state thumb = {.mode = 0x13, .thumb = true}, it = thumb, irq = {.mode = 0x12};
    struct code_page *next, *gone;
    struct block *b, *here, *there;

    begin_page();
    gone = map(GVA(A + 0x2000), GPA(0x70012000), true);
    add_plain(gone, A + 0x2000, SVC);
    EXPECT(map(GVA(A + 0x2000), GPA(0x70013000), true) != gone);
    next = map(GVA(A + 0x1000), GPA(0x70011000), false);
    here = add_plain(page, A + 0x10, SVC);
    there = add_plain(next, A + 0x1000, SVC_AWAY);
    add_plain(page, A + 0x20, irq);
    add_plain(page, A + 0x30, thumb);
    it.itstate = 0x08;
    add_plain(page, A + 0x40, it);
    cache_forget(add_plain(page, A + 0x50, SVC));
    start(A, SVC, 1);
    callout();
    exit_to(EQ, A + 0x10, 0);
    exit_to(EQ, A + 0x1000, AWAY_BOTH);
    exit_to(EQ, A, 0);          /* to itself */
    exit_to(EQ, A + 0x1000, 0); /* 4: registers are elsewhere */
    exit_to(EQ, A + 0x10, AWAY_LR);
    exit_to(EQ, A + 0x20, 0);   /* another mode */
    exit_to(AL, A + 0x2000, 0); /* its page is mapped elsewhere */
    finish();
    b = add(page);
    cache_link_exits(b);
    EXPECT_LINKED(&b->sites[1], here);
    EXPECT_LINKED(&b->sites[2], there);
    EXPECT_LINKED(&b->sites[3], b);
    for (unsigned i = 4; i < 8; i++)
        EXPECT_UNLINKED(&b->sites[i]);
    EXPECT_EQ(fetch(host_of(b, 1)), UDF);

    start(A + 0x200, SVC, 1);
    exit_to(EQ, A + 0x30, 0); /* Thumb */
    exit_to(EQ, A + 0x50, 0); /* forgotten */
    exit_to(EQ, A + 0x60, 0); /* never there */
    exit_it(AL, A + 0x10, 0, 0x08);
    finish();
    b = add(page);
    cache_link_exits(b);
    for (unsigned i = 0; i < 4; i++)
        EXPECT_UNLINKED(&b->sites[i]);
}

/* ITSTATE at an exit is the exit's, not the block's. */
TEST(links_exits_by_their_own_itstate)
{
    struct block_state thumb = {.mode = 0x13, .thumb = true},
                       it = {.mode = 0x13, .thumb = true, .itstate = 0x08};
    struct block *b, *plain, *inside;

    begin_page();
    plain = add_plain(page, A + 0x30, thumb);
    inside = add_plain(page, A + 0x40, it);
    start(A, it, 1);
    exit_to(EQ, A + 0x30, 0);
    exit_it(EQ, A + 0x40, 0, 0x08);
    exit_it(EQ, A + 0x30, 0, 0x08);
    exit_to(AL, A + 0x40, 0);
    finish();
    b = add(page);
    cache_link_exits(b);
    EXPECT_LINKED(&b->sites[0], plain);
    EXPECT_LINKED(&b->sites[1], inside);
    EXPECT_UNLINKED(&b->sites[2]);
    EXPECT_UNLINKED(&b->sites[3]);
}

TEST(the_svc_slot)
{
    struct block *b, *far;

    begin_page();
    b = add_plain(page, A, SVC);
    far = add_plain(page, A + 8, SVC);
    EXPECT(svc_word == UDF && !cache_svc_target());
    cache_link_svc(far);
    EXPECT(svc_goes() == far->host.a && cache_svc_target() == far);
    cache_link_svc(b);
    EXPECT(svc_goes() == b->host.a && cache_svc_target() == b);
    cache_forget(far);
    EXPECT(svc_goes() == b->host.a);
    cache_forget(b);
    EXPECT(svc_word == UDF && !cache_svc_target());
}

TEST(a_forgotten_block_runs_to_its_end)
{
    struct block *b, *to, *from;
    uint32_t unreached;
    unsigned word;

    begin_page();
    to = add_plain(page, A + 0x40, SVC);
    b = add_exit(page, A, A + 0x40);
    from = add_exit(page, A + 0x80, A);
    cache_link_exits(b);
    cache_link_exits(from);
    unreached = cache.unreached;
    cache_forget(b);
    EXPECT(cache.unreached != unreached);
    EXPECT(!b->valid && !cache_resumable(b) && !cache_find(page, GVA(A), SVC));
    EXPECT(!to->in && !b->in);
    EXPECT_UNLINKED(&b->sites[0]);
    EXPECT_UNLINKED(&from->sites[0]);
    EXPECT(cache_owner(CCA(host_of(b, 1)), &word) == b && word == 1);
    EXPECT_EQ(fetch(b->host.a), ADD);
    b = add_exit(page, A, A + 0x40);
    EXPECT(cache_find(page, GVA(A), SVC) == b);
}

TEST(patches_and_peeks)
{
    struct block *b;

    begin_page();
    add_plain(page, A, SVC);
    b = add_plain(page, A + 8, SVC);
    EXPECT_EQ(cache_patch(b, 1, UDF), ADD);
    EXPECT_EQ(fetch(host_of(b, 1)), UDF);
    EXPECT_EQ(cache_peek(b, 1), UDF);
    EXPECT_EQ(fetch(host_of(b, 0)), ADD);
    EXPECT_EQ(cache_patch(b, 1, ADD), UDF);
    EXPECT_EQ(fetch(host_of(b, 1)), ADD);
}
