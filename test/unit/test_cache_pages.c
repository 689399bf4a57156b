/*
 * Code pages: until when a block can be reached, and which way of reaching it goes: links, the jump map, the
 * SVC slot.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#define A      0xc0100000u
#define B      0xc0101000u
#define FAR    0xbf000000u /* another MiB */
#define RAM(n) GPA(0x70000000u + (n)*PAGE_SIZE)

/* Blocks in a page, one for each way of being reached, and one in another page with an exit into it. */
struct scene {
    struct code_page *page, *outside;
    struct block *linked, *jump, *svc, *from, *bystander;
};

static struct scene begin_scene(void)
{
    struct scene s;

    begin();
    s.page = map(GVA(A), RAM(3), true);
    s.outside = map(GVA(B), RAM(4), true);
    s.bystander = add_plain(s.outside, B + 0x40, SVC);
    s.linked = add_exit(s.page, A, B + 0x40);
    s.jump = add_plain(s.page, A + 0x10, SVC_AWAY);
    s.svc = add_plain(s.page, A + 8, SVC);
    s.from = add_exit(s.outside, B, A);
    cache_link_exits(s.linked);
    cache_link_exits(s.from);
    cache_enter_jump_map(s.jump);
    cache_link_svc(s.svc);
    return s;
}

static void expect_reached(const struct scene *s)
{
    EXPECT_LINKED(&s->linked->sites[0], s->bystander);
    EXPECT_LINKED(&s->from->sites[0], s->linked);
    EXPECT_EQ(jump_goes(A + 0x10), s->jump->host.a);
    EXPECT(s->jump->in_jump_map && svc_goes() == s->svc->host.a && cache_svc_target() == s->svc);
    EXPECT(cache_resumable(s->linked) && cache_resumable(s->jump) && cache_resumable(s->svc));
    EXPECT(cache_active(GVA(A)) == s->page && cache_find(s->page, GVA(A), SVC) == s->linked);
}

static void expect_unreached(const struct scene *s)
{
    EXPECT_UNLINKED(&s->from->sites[0]);
    EXPECT(!s->linked->in && !s->jump->in_jump_map);
    EXPECT_EQ(jump_goes(A + 0x10), STUB_MISS);
    EXPECT(svc_word == UDF && !cache_svc_target());
    EXPECT(!cache_resumable(s->linked) && !cache_resumable(s->jump) && !cache_resumable(s->svc));
    EXPECT(cache_resumable(s->from) && cache_find(s->outside, GVA(B), SVC) == s->from);
}

static void expect_dropped(const struct scene *s)
{
    expect_unreached(s);
    EXPECT_UNLINKED(&s->linked->sites[0]);
    EXPECT(!s->bystander->in);
    EXPECT(!s->linked->valid && !s->jump->valid && !s->svc->valid);
    EXPECT(!cache_find(s->page, GVA(A), SVC) && !cache_find(s->page, GVA(A + 8), SVC));
    EXPECT(!cache_find(s->page, GVA(A + 0x10), SVC_AWAY));
}

/* ---- I-cache maintenance ---- */

TEST(pages_with_code_are_watched)
{
    struct code_page *p;

    begin();
    p = map(GVA(A), RAM(3), true);
    EXPECT(flags[3] == PAGE_HAS_CODE && protect_count == 1 && cache_page_watched(p));
    map(GVA(A), RAM(3), true);
    map(GVA(B), RAM(3), true);
    add_plain(p, A, SVC);
    EXPECT_EQ(protect_count, 1); /* once for all */
    guest_write(3);
    EXPECT(!cache_page_watched(p) && !cache_icache_clean());
    add_plain(p, A + 8, SVC); /* the next maintenance gets it: no reason to watch */
    EXPECT(flags[3] == (PAGE_HAS_CODE | PAGE_DIRTY) && protect_count == 1);
    cache_icache_page(3);
    EXPECT(flags[3] == 0 && !cache_page_watched(p) && cache_icache_clean());
    EXPECT(!cache_find(p, GVA(A), SVC) && !cache_find(p, GVA(A + 8), SVC));
    add_plain(p, A, SVC);
    EXPECT(flags[3] == PAGE_HAS_CODE && protect_count == 2 && cache_page_watched(p));
}

TEST(maintenance_of_a_written_page_drops)
{
    for (unsigned all = 0; all < 2; all++) {
        struct scene s = begin_scene();
        uint32_t unreached = cache.unreached, dropped = cache_stats.pages_dropped;

        guest_write(3);
        expect_reached(&s); /* the old instructions, until then */
        EXPECT_EQ(cache.unreached, unreached);
        if (all)
            cache_icache_all();
        else
            cache_icache_page(3);
        expect_dropped(&s);
        EXPECT(cache.unreached != unreached);
        EXPECT_EQ(cache_stats.pages_dropped, dropped + 1);
        EXPECT(flags[3] == 0 && flags[4] == PAGE_HAS_CODE && cache_icache_clean());
        EXPECT(cache_active(GVA(A)) == s.page); /* mapped it still is */
    }
}

TEST(maintenance_of_anything_else_does_not)
{
    struct scene s = begin_scene();
    uint32_t unreached = cache.unreached;

    cache_icache_all();
    cache_icache_page(3);
    guest_write(5);                     /* no code */
    map(GVA(FAR), RAM(3 + 1024), true); /* the index does not tell it from page 3 */
    guest_write(3 + 1024);
    cache_icache_page(3 + 1024);
    EXPECT(cache_icache_clean() && flags[5] == 0);
    guest_write(4);
    cache_icache_page(3);
    cache_icache_page(5);
    expect_reached(&s);
    EXPECT_EQ(cache.unreached, unreached);
    EXPECT(!cache_icache_clean());
    cache_icache_page(4);
    EXPECT(cache_icache_clean());
    EXPECT(!s.from->valid && !s.bystander->valid && cache_resumable(s.linked));
    EXPECT_UNLINKED(&s.linked->sites[0]);
    EXPECT(!s.linked->in);
}

/* One RAM page under two guest addresses, by the low alias too, and mapped no more. */
TEST(all_mappings_of_the_page)
{
    struct code_page *p[3], *rom;
    struct block *b[3], *in_rom;

    begin();
    p[0] = map(GVA(A), RAM(3), true);
    p[1] = map(GVA(B), GPA(3 * PAGE_SIZE), true);
    p[2] = map(GVA(FAR), RAM(3), true);
    rom = map(GVA(FAR + PAGE_SIZE), GPA(0x40000000), true);
    for (unsigned i = 0; i < 3; i++)
        b[i] = add_plain(p[i], i == 0 ? A : i == 1 ? B : FAR, SVC);
    in_rom = add_plain(rom, FAR + PAGE_SIZE, SVC);
    map(GVA(FAR), RAM(4), true);
    EXPECT(b[2]->valid && !cache_page_watched(rom));
    guest_write(3);
    cache_icache_page(3);
    EXPECT(!b[0]->valid && !b[1]->valid && !b[2]->valid && in_rom->valid);
    cache_icache_all();
    EXPECT(cache_resumable(in_rom));
}

/* More written pages than are remembered by number. */
TEST(any_number_of_written_pages)
{
    static const unsigned counts[] = {1, 2, 63, 64, 65, 66, 100};
    struct block *b[101], *in_rom;

    for (unsigned i = 0; i < ARRAY_SIZE(counts); i++)
        for (unsigned one_by_one = 0; one_by_one < 2; one_by_one++) {
            unsigned n = counts[i];

            begin();
            for (unsigned k = 0; k <= n; k++) /* the last one is not written */
                b[k] = add_plain(map(GVA(A + k * PAGE_SIZE), RAM(k), true), A + k * PAGE_SIZE, SVC);
            in_rom = add_plain(map(GVA(FAR), GPA(0x40000000), true), FAR, SVC);
            for (unsigned k = 0; k < n; k++)
                guest_write(k);
            for (unsigned k = 0; one_by_one && k < n; k++) {
                unsigned page = (k * 17 + 3) % n; /* in another order than they were written in */

                EXPECT(b[page]->valid && !cache_icache_clean());
                cache_icache_page(page);
                EXPECT(!b[page]->valid);
            }
            cache_icache_all();
            EXPECT(cache_icache_clean() && cache_resumable(b[n]) && cache_resumable(in_rom));
            for (unsigned k = 0; k < n; k++)
                EXPECT(!b[k]->valid && flags[k] == 0);
            add_plain(b[0]->page, A, SVC); /* all of it works again */
            guest_write(0);
            EXPECT(!cache_icache_clean());
            cache_icache_page(0);
            EXPECT(cache_icache_clean() && !cache_find(b[0]->page, GVA(A), SVC));
        }
}

TEST(a_flush_makes_all_pages_clean)
{
    begin();
    for (unsigned k = 0; k < 70; k++)
        map(GVA(A + k * PAGE_SIZE), RAM(k), true);
    for (unsigned k = 0; k < 70; k++)
        guest_write(k);
    EXPECT(!cache_icache_clean());
    cache_flush();
    EXPECT(cache_icache_clean());
    for (unsigned k = 0; k < 70; k++)
        EXPECT_EQ(flags[k], 0);
}

/* ---- Mappings ---- */

TEST(mapped_elsewhere_and_back)
{
    struct scene s = begin_scene();
    struct code_page *other;
    struct block *b;
    uint32_t unreached = cache.unreached, count = cache_stats.pages_deactivated;

    other = map(GVA(A), RAM(7), true);
    EXPECT(cache_active(GVA(A)) == other && cache_stats.pages_deactivated == count + 1);
    EXPECT(cache.unreached != unreached);
    expect_unreached(&s);
    EXPECT_LINKED(&s.linked->sites[0], s.bystander); /* where it leads is still there */
    EXPECT(s.linked->valid && s.jump->valid && s.svc->valid);
    EXPECT(!cache_find(other, GVA(A), SVC));
    cache_link_exits(s.from);
    EXPECT_UNLINKED(&s.from->sites[0]);
    b = add_plain(other, A, SVC);
    cache_link_exits(s.from);
    EXPECT_LINKED(&s.from->sites[0], b);

    EXPECT(map(GVA(A), RAM(3), true) == s.page);
    EXPECT(b->valid && !b->in && !cache_resumable(b));
    EXPECT_UNLINKED(&s.from->sites[0]); /* back, but not by themselves */
    EXPECT(jump_goes(A + 0x10) == STUB_MISS && svc_word == UDF);
    EXPECT(cache_find(s.page, GVA(A), SVC) == s.linked &&
           cache_find(s.page, GVA(A + 0x10), SVC_AWAY) == s.jump);
    cache_link_exits(s.from);
    cache_enter_jump_map(s.jump);
    cache_link_svc(s.svc);
    expect_reached(&s);
}

/* The page of an exit itself is mapped elsewhere: its link stays, and goes with its target. */
TEST(links_out_of_a_page_mapped_elsewhere)
{
    struct scene s = begin_scene();

    map(GVA(B), RAM(7), true); /* the page of `from` and `bystander` */
    EXPECT_LINKED(&s.from->sites[0], s.linked);
    EXPECT_UNLINKED(&s.linked->sites[0]);
    guest_write(3);
    cache_icache_page(3);
    EXPECT_UNLINKED(&s.from->sites[0]);
}

TEST(a_block_linked_to_itself)
{
    for (unsigned drop = 0; drop < 2; drop++) {
        struct block *b;

        begin();
        b = add_exit(map(GVA(A), RAM(3), true), A, A);
        cache_link_exits(b);
        EXPECT_LINKED(&b->sites[0], b);
        if (drop)
            cache_forget(b);
        else
            map(GVA(A), RAM(4), true);
        EXPECT_UNLINKED(&b->sites[0]);
        EXPECT(!b->in && b->valid == !drop);
    }
}

TEST(a_page_by_its_number)
{
    struct code_page *p;

    begin();
    p = map(GVA(A + 0x123), GPA(0x70003fff), true);
    EXPECT(map(GVA(A), RAM(3), true) == p);
    EXPECT(cache_active(GVA(A)) == p && cache_active(GVA(A + PAGE_MASK)) == p);
    EXPECT(!cache_active(GVA(A - 1)) && !cache_active(GVA(B)));
    EXPECT(!cache_active(GVA(A ^ 0x401000))); /* the index does not tell it from A's page */
    EXPECT_EQ(cache_page_gpa(p).a, 0x70003000);
    EXPECT(cache_active_near(GVA(A + 0xfffff)) && !cache_active_near(GVA(A - 1)) &&
           !cache_active_near(GVA(A + 0x100000)));
}

/* ---- The guest's tables may have changed ---- */

static struct {
    uint32_t gva, gpa;
} mapped[8], asked[8];
static unsigned mapped_count, asked_count;

static unsigned still_mapped(gva_t gva, gpa_t gpa)
{
    asked[asked_count].gva = gva.a;
    asked[asked_count++].gpa = gpa.a;
    for (unsigned i = 0; i < mapped_count; i++)
        if (mapped[i].gva == gva.a)
            return mapped[i].gpa == gpa.a ? 12 : 0;
    return 0;
}

static bool was_asked(uint32_t gva)
{
    for (unsigned i = 0; i < asked_count; i++)
        if (asked[i].gva == gva)
            return true;
    return false;
}

static void say_mapped(uint32_t gva, gpa_t gpa)
{
    mapped[mapped_count].gva = gva;
    mapped[mapped_count++].gpa = gpa.a;
}

TEST(asks_for_each_active_page)
{
    for (unsigned moved = 0; moved < 2; moved++) {
        struct scene s = begin_scene();

        map(GVA(FAR), RAM(5), true);
        map(GVA(FAR), RAM(6), true);
        mapped_count = asked_count = 0;
        say_mapped(A, RAM(moved ? 8 : 3));
        say_mapped(B, RAM(4));
        cache_revalidate(still_mapped, false);
        EXPECT(asked_count == 3 && was_asked(A) && was_asked(B) && was_asked(FAR)); /* of FAR only one */
        EXPECT(!cache_active(GVA(FAR)) && !cache_active_near(GVA(FAR)));
        EXPECT(cache_active(GVA(B)) == s.outside && cache_active_near(GVA(A)));
        if (!moved) {
            expect_reached(&s);
            continue;
        }
        expect_unreached(&s);
        EXPECT(!cache_active(GVA(A)) && s.linked->valid);
        EXPECT(map(GVA(A), RAM(3), true) == s.page);
        EXPECT(cache_find(s.page, GVA(A), SVC) == s.linked && cache_resumable(s.linked));
    }
}

TEST(asks_for_pages_that_are_not_global)
{
    struct code_page *global, *own;

    begin();
    global = map(GVA(A), RAM(3), true);
    mapped_count = asked_count = 0;
    EXPECT(!cache_has_non_global());
    cache_revalidate(still_mapped, true);
    EXPECT_EQ(asked_count, 0);
    own = map(GVA(B), RAM(4), false);
    EXPECT(cache_has_non_global());
    cache_revalidate(still_mapped, true);
    EXPECT(asked_count == 1 && was_asked(B));
    EXPECT(!cache_active(GVA(B)) && cache_active(GVA(A)) == global && !cache_has_non_global());
    cache_revalidate(still_mapped, true);
    EXPECT_EQ(asked_count, 1); /* nobody is left */
    EXPECT(map(GVA(B), RAM(4), false) == own);
    cache_revalidate(still_mapped, false);
    EXPECT(!cache_active(GVA(B)) && !cache_active(GVA(A)) && !cache_has_non_global());
}

/* The same page, global now or no more: as good as another mapping. */
TEST(becomes_global)
{
    for (unsigned global = 0; global < 2; global++) {
        struct scene s = begin_scene();

        if (global) {
            map(GVA(A), RAM(3), false);
            cache_link_exits(s.from);
        }
        EXPECT(cache_has_non_global() == global);
        EXPECT(map(GVA(A), RAM(3), global) == s.page);
        EXPECT(cache_has_non_global() == !global);
        EXPECT_UNLINKED(&s.from->sites[0]);
        EXPECT(cache_active(GVA(A)) == s.page && cache_find(s.page, GVA(A), SVC) == s.linked);
        mapped_count = asked_count = 0;
        say_mapped(A, RAM(3));
        cache_revalidate(still_mapped, true);
        EXPECT_EQ(asked_count, !global);
        EXPECT(cache_active_near(GVA(A)));
        cache_revalidate(still_mapped, false);
        map(GVA(A), RAM(9), true);
        EXPECT(!cache_has_non_global());
    }
}

TEST(asks_for_one_address)
{
    struct scene s = begin_scene();

    mapped_count = asked_count = 0;
    cache_revalidate_va(still_mapped, GVA(FAR));
    EXPECT_EQ(asked_count, 0);
    say_mapped(A, RAM(3));
    cache_revalidate_va(still_mapped, GVA(A + 0x10));
    EXPECT(asked_count == 1 && was_asked(A));
    expect_reached(&s);
    mapped_count = 0;
    cache_revalidate_va(still_mapped, GVA(A + 0xffc));
    expect_unreached(&s);
    EXPECT(asked_count == 2 && !cache_active(GVA(A)) && cache_active(GVA(B)) == s.outside && s.linked->valid);
}
