/*
 * Random operations on the code cache and on a model of it (cache_model.h). After each, all that can be asked
 * is asked, and all that a guest could reach is followed to where it leads. CACHE_SEEDS=1000 in the
 * environment does more.
 */
#define UNIT_MAIN
#include "cache_model.h"

static uint64_t random_state;

static uint32_t rnd(uint32_t n)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(random_state >> 33) % n;
}

/* ---- Operations: on the cache and on the model ---- */

static void flush(void)
{
    uint32_t generation = cache.generation;

    cache_flush();
    EXPECT_EQ(cache.generation, generation + 1);
    model_reset();
    counts[FLUSHED]++;
}

/* Often the first two pages are next to each other in RAM too. */
static unsigned random_gpa(unsigned g) { return rnd(2) ? rnd(GPAS) : g % GPAS; }

static unsigned random_size(void)
{
    static const uint8_t sizes[] = {12, 12, 12, 16, 20, 20, 24};

    return sizes[rnd(ARRAY_SIZE(sizes))];
}

static bool activate(unsigned g, unsigned p, bool is_global)
{
    gva_t gva = GVA(gva_of[g] + rnd(PAGE_SIZE));
    gpa_t gpa = GPA(gpa_of[p] + rnd(PAGE_SIZE));
    unsigned size = random_size();
    struct code_page *page = cache_activate(gva, gpa, size, is_global);

    if (!page) {
        EXPECT(!pages[g][p]); /* what is there already needs no memory */
        counts[FULL]++;
        flush();
        return false;
    }
    EXPECT(!pages[g][p] || pages[g][p] == page);
    pages[g][p] = page;
    if (active[g] == (int)p && global[g] == is_global && size_log2[g] == size)
        return true;
    counts[REMAPPED] += active[g] != NONE;
    model_deactivate(g);
    active[g] = (int)p;
    size_log2[g] = size;
    global[g] = is_global;
    model_watch(p);
    return true;
}

/* Random exits in a unit of a random size. Which are wanted stays in *m. */
static void make_unit(struct model *m, unsigned size)
{
    start(address(m->gva, m->place), state_of[m->state], size);
    m->exit_count = rnd(EXITS + 1);
    for (unsigned e = 0; e < m->exit_count; e++) {
        struct model_exit *x = &m->exits[e];

        *x = (struct model_exit){rnd(GVAS), rnd(PLACES), rnd(STATES), rnd(15), NONE};
        if (rnd(4) == 0)
            x->gva = m->gva, x->place = m->place, x->state = m->state; /* perhaps itself */
        exit_it(x->cond, address(x->gva, x->place), state_of[x->state].away, state_of[x->state].itstate);
        if (rnd(2))
            instruction(ADD);
    }
    finish();
    if (words[unit.word_count - 1] != UDF)
        emit(UDF);
    for (unsigned n = rnd(4); n; n--)
        literal(rnd(0x80000000));
    m->word_count = unit.word_count;
}

/* As cache_link_exits() promises: the same key, but for ITSTATE, and what the exit says is away. */
static int model_target(const struct model *m, const struct model_exit *x)
{
    const struct block_state *from = &state_of[m->state], *to = &state_of[x->state];

    for (unsigned s = 0; s < STATES; s++)
        if (state_of[s].mode == from->mode && state_of[s].thumb == from->thumb &&
            state_of[s].itstate == to->itstate && state_of[s].away == to->away && active[x->gva] != NONE)
            return model_find(x->gva, (unsigned)active[x->gva], x->place, s);
    return NONE;
}

static void reads(struct model *m, unsigned g)
{
    if (active[g] == NONE || !cache_page_watched(pages[g][active[g]]))
        return;
    cache_reads(m->b, pages[g][active[g]]);
    m->reads_gva = (int)g;
    m->reads_gpa = active[g];
}

static void op_add(void)
{
    unsigned g = rnd(GVAS), bad;
    struct model *m = &blocks[block_count];

    if (active[g] == NONE && !activate(g, random_gpa(g), rnd(2)))
        return;
    if (block_count == BLOCKS) {
        flush();
        return;
    }
    *m = (struct model){.gva = g,
                        .gpa = (unsigned)active[g],
                        .place = rnd(PLACES),
                        .state = rnd(STATES),
                        .reads_gva = NONE,
                        .reads_gpa = NONE,
                        .valid = true};
    if (model_find(m->gva, m->gpa, m->place, m->state) != NONE)
        return;
    make_unit(m, rnd(20) ? rnd(12) : rnd(1200));
    switch (cache_add(pages[g][m->gpa], &unit, &m->b, &bad)) {
    case CACHE_ADDED: break;
    case CACHE_FULL:
        counts[FULL]++;
        flush();
        return;
    default: check_failed(__FILE__, __LINE__, "units are accepted");
    }
    counts[ADDED]++;
    block_count++;
    model_watch(m->gpa);
    if (rnd(4) == 0)
        reads(m, rnd(GVAS));
    if (rnd(4) == 0)
        return;
    cache_link_exits(m->b);
    for (unsigned e = 0; e < m->exit_count; e++) {
        m->exits[e].to = model_target(m, &m->exits[e]);
        counts[AT_ONCE] += m->exits[e].to != NONE;
    }
}

static struct site *site_of(const struct model *m, unsigned e) { return &m->b->sites[e]; }

/* Any exit to any block whose registers are where it leaves them. */
static void op_link(void)
{
    unsigned from = rnd(block_count + 1), to = rnd(block_count + 1), e;
    struct model *m = &blocks[from];

    if (from == block_count || to == block_count || !reachable((int)from) || !reachable((int)to) ||
        !m->exit_count)
        return;
    e = rnd(m->exit_count);
    if (state_of[m->exits[e].state].away != state_of[blocks[to].state].away)
        return;
    cache_link(site_of(m, e), blocks[to].b);
    m->exits[e].to = (int)to;
    counts[LINKED]++;
}

static void op_one_block(void)
{
    unsigned i = rnd(block_count + 1);
    struct model *m = &blocks[i];

    if (i == block_count || !reachable((int)i))
        return;
    if (m->state == JUMP_STATE && rnd(2)) {
        cache_enter_jump_map(m->b);
        jump[m->gva][m->place] = (int)i;
        counts[JUMPED]++;
    } else if (!state_of[m->state].away && rnd(2)) {
        cache_link_svc(m->b);
        svc = (int)i;
        counts[SVCED]++;
    } else if (rnd(4) == 0) {
        cache_unlink_exits(m->b);
        for (unsigned e = 0; e < m->exit_count; e++)
            m->exits[e].to = NONE;
    } else if (rnd(4) == 0) {
        cache_forget(m->b);
        model_drop((int)i);
    }
}

static void op_write(void)
{
    uint32_t ram = ram_of[rnd(GPAS)];

    if (ram == NO_RAM)
        return;
    guest_write(ram);
    if (model_flags[ram] != PAGE_HAS_CODE)
        return;
    model_flags[ram] |= PAGE_DIRTY;
    counts[WRITTEN]++;
    for (unsigned g = 0; g < GVAS; g++)
        for (unsigned p = 0; p < GPAS; p++)
            if (ram_of[p] == ram)
                model_drop_readers(g, p);
}

static void op_icache(void)
{
    uint32_t ram = ram_of[rnd(GPAS)];

    if (ram != NO_RAM) {
        cache_icache_page(ram);
        model_icache(ram);
        return;
    }
    cache_icache_all();
    for (ram = 0; ram < RAM_PAGES; ram++)
        model_icache(ram);
}

/* The guest's tables now, at each page: the mapping's size, or 0, and what is added to the address. */
static unsigned size_now[GVAS];
static uint32_t delta_now[GVAS];
static unsigned asked[GVAS];

static bool one_mapping(unsigned g, unsigned k, unsigned size) { return !((gva_of[g] ^ gva_of[k]) >> size); }

/* Much is as it was, and pages of one mapping are in it together. */
static void change_tables(void)
{
    for (unsigned g = 0; g < GVAS; g++) {
        size_now[g] = rnd(3) ? size_log2[g] : random_size();
        delta_now[g] =
            gpa_of[active[g] == NONE || rnd(6) == 0 ? random_gpa(g) : (unsigned)active[g]] - gva_of[g];
        for (unsigned k = 0; k < g; k++)
            if (one_mapping(g, k, size_now[g] > size_now[k] ? size_now[g] : size_now[k])) {
                size_now[g] = one_mapping(g, k, size_now[k]) ? size_now[k] : 12;
                delta_now[g] = one_mapping(g, k, size_now[k]) ? delta_now[k] : delta_now[g];
            }
    }
}

static unsigned size_if_mapped(unsigned g)
{
    return gva_of[g] + delta_now[g] == gpa_of[active[g]] ? size_now[g] : 0;
}

/* An active page, or the first of a MiB, for all of it that is in one section. */
static unsigned still_mapped(gva_t gva, gpa_t gpa)
{
    for (unsigned g = 0; g < GVAS; g++)
        if (gva_of[g] == gva.a && gva.a & 0xfffff) {
            EXPECT(active[g] != NONE && gpa_of[active[g]] == gpa.a);
            asked[g]++;
            return size_if_mapped(g);
        }
    EXPECT(!(gva.a & 0xfffff));
    for (unsigned g = 0; g < GVAS; g++)
        if (!((gva_of[g] ^ gva.a) >> size_now[g]))
            return gva.a + delta_now[g] == gpa.a ? size_now[g] : 0;
    return 0;
}

/* The page itself, or in one mapping with it. */
static bool together(unsigned g, uint32_t va) { return !((gva_of[g] ^ va) >> size_log2[g]); }

static void expect_remapped(uint32_t va, unsigned count)
{
    bool any = false;

    for (unsigned g = 0; g < GVAS; g++)
        for (unsigned k = 0; active[g] != NONE && k < count; k++)
            any |= size_log2[g] > 12 && together(g, va + k * PAGE_SIZE) && size_if_mapped(g) != size_log2[g];
    EXPECT_EQ(cache_any_remapped(still_mapped, GVA(va), count), any);
}

static void op_revalidate(void)
{
    unsigned kind = rnd(3);
    uint32_t va = gva_of[rnd(GVAS)] + rnd(4) * 0xf800 + rnd(PAGE_SIZE);

    change_tables();
    expect_remapped(va & ~PAGE_MASK, 1 + rnd(256 - (va >> 12 & 255)));
    memset(asked, 0, sizeof asked);
    if (kind == 2)
        cache_revalidate_va(still_mapped, GVA(va));
    else
        cache_revalidate(still_mapped, kind);
    for (unsigned g = 0; g < GVAS; g++) {
        bool concerned = active[g] != NONE && (kind == 2 ? together(g, va) : !(kind == 1 && global[g]));

        EXPECT(concerned || !asked[g]);
        if (!concerned)
            continue;
        counts[TOGETHER] += kind == 2 && (gva_of[g] ^ va) >> 12;
        counts[UNASKED] += !asked[g];
        if (size_if_mapped(g)) {
            size_log2[g] = size_now[g];
        } else {
            model_deactivate(g);
            counts[REVALIDATED]++;
        }
    }
}

static void operation(void)
{
    static void (*const often[])(void) = {op_add, op_add, op_add, op_link, op_link, op_one_block};
    static void (*const seldom[])(void) = {op_write, op_icache, op_revalidate};
    unsigned what = rnd(40), g = rnd(GVAS);

    if (what < 34)
        often[what % ARRAY_SIZE(often)]();
    else if (what < 38)
        seldom[rnd(ARRAY_SIZE(seldom))]();
    else
        activate(g, random_gpa(g), rnd(4) != 0);
}

/* ---- What must hold ---- */

static uint32_t host_or(int i, uint32_t otherwise) { return i == NONE ? otherwise : blocks[i].b->host.a; }

static void check_block(unsigned i)
{
    const struct model *m = &blocks[i];
    unsigned word, in = 0;

    EXPECT_EQ(m->b->valid, m->valid);
    EXPECT_EQ(cache_resumable(m->b), reachable((int)i));
    EXPECT(cache_owner(m->b->host, &word) == m->b && word == 0);
    EXPECT(cache_owner(CCA(host_of(m->b, m->word_count - 1)), &word) == m->b && word == m->word_count - 1);
    for (unsigned e = 0; e < m->exit_count; e++) {
        const struct site *s = site_of(m, e);

        EXPECT_EQ(fetch(host_of(m->b, s->word)) >> 24, m->exits[e].cond << 4 | 0xa);
        EXPECT(cache_site_at(m->b, s->word) == s && cache_site_at(m->b, s->stub) == s);
        if (m->exits[e].to == NONE) {
            EXPECT_UNLINKED(s);
        } else {
            EXPECT(m->valid && reachable(m->exits[e].to));
            EXPECT_LINKED(s, blocks[m->exits[e].to].b);
        }
    }
    for (unsigned k = 0; k < block_count; k++)
        for (unsigned e = 0; e < blocks[k].exit_count; e++)
            in += blocks[k].exits[e].to == (int)i;
    for (const struct site *s = m->b->in; s; s = s->next_in, in--)
        EXPECT(in > 0 && s->target == m->b && s->from->valid);
    EXPECT_EQ(in, 0);
}

static void check_finding(void)
{
    int known[GVAS][GPAS][PLACES][STATES];

    memset(known, 0xff, sizeof known); /* NONE */
    for (unsigned i = 0; i < block_count; i++)
        if (blocks[i].valid)
            known[blocks[i].gva][blocks[i].gpa][blocks[i].place][blocks[i].state] = (int)i;
    for (unsigned g = 0; g < GVAS; g++)
        for (unsigned p = 0; p < GPAS; p++)
            for (unsigned n = 0; pages[g][p] && n < PLACES * STATES; n++) {
                int i = known[g][p][n / STATES][n % STATES];
                struct block *b = cache_find(pages[g][p], GVA(address(g, n / STATES)), state_of[n % STATES]);

                EXPECT(b == (i == NONE ? NULL : blocks[i].b));
            }
}

static void check_pages(void)
{
    bool any_own = false;

    for (unsigned g = 0; g < GVAS; g++) {
        bool near = false;

        EXPECT(cache_active(GVA(gva_of[g] + rnd(PAGE_SIZE))) ==
               (active[g] == NONE ? NULL : pages[g][active[g]]));
        any_own |= active[g] != NONE && !global[g];
        for (unsigned k = 0; k < GVAS; k++)
            near |= active[k] != NONE && !((gva_of[k] ^ gva_of[g]) >> (size_log2[k] == 24 ? 24 : 20));
        EXPECT_EQ(cache_active_near(GVA(gva_of[g])), near);
        for (unsigned place = 0; place < PLACES; place++)
            EXPECT_EQ(jump_goes(address(g, place)), host_or(jump[g][place], STUB_MISS));
    }
    EXPECT_EQ(cache_has_non_global(), any_own);
    EXPECT_EQ(svc_goes(), host_or(svc, 0));
    EXPECT(memcmp(flags, model_flags, sizeof flags) == 0);
    EXPECT_EQ(cache_icache_clean(), !memchr(flags, PAGE_HAS_CODE | PAGE_DIRTY, sizeof flags));
}

static void run(uint64_t seed, unsigned operations)
{
    random_state = seed;
    begin_with(2 + rnd(3), 0x3000 + 8 * rnd(0x600));
    model_reset();
    for (unsigned n = 0; n < operations && !unit_test_failed; n++) {
        uint32_t unreached = cache.unreached;

        reached_less = false;
        operation();
        EXPECT(!reached_less || cache.unreached != unreached);
        for (unsigned i = 0; i < block_count; i++)
            check_block(i);
        check_finding();
        check_pages();
        if (unit_test_failed)
            printf("seed %llu, operation %u\n", (unsigned long long)seed, n);
    }
}

TEST(random_operations)
{
    const char *more = getenv("CACHE_SEEDS");
    unsigned seeds = more ? (unsigned)strtoul(more, NULL, 10) : 60;

    for (unsigned seed = 1; seed <= seeds && !unit_test_failed; seed++)
        run(seed, 1000);
    for (unsigned i = 0; i < COUNTS; i++)
        if (counts[i] <= seeds) {
            EXPECT(!"rare");
            printf("%u: %u\n", i, counts[i]);
        }
}
