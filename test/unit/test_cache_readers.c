/*
 * Blocks that have a word of the guest's memory in them: they go when its page is written, or mapped
 * elsewhere.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#define A      0xc0100000u /* the constants */
#define B      0xc0101000u
#define FAR    0xbf000000u
#define RAM(n) GPA(0x70000000u + (n)*PAGE_SIZE)

struct reading {
    struct code_page *constants, *page;
    struct block *b, *second, *other, *from;
};

/* Two readers of A's page, in B's and FAR's; in B's also a block that reads nothing. */
static struct reading begin_reading(void)
{
    struct reading r;

    begin();
    r.constants = map(GVA(A), RAM(3), true);
    r.page = map(GVA(B), RAM(4), true);
    r.b = add_plain(r.page, B, SVC);
    r.other = add_plain(r.page, B + 0x40, SVC);
    r.second = add_plain(map(GVA(FAR), RAM(5), true), FAR, SVC);
    r.from = add_exit(r.page, B + 0x80, B);
    cache_link_exits(r.from);
    cache_reads(r.b, r.constants);
    cache_reads(r.second, r.constants);
    return r;
}

static void expect_read(const struct reading *r, bool valid)
{
    EXPECT(r->b->valid == valid && r->second->valid == valid && cache_resumable(r->other) && r->from->valid);
    EXPECT(cache_find(r->page, GVA(B), SVC) == (valid ? r->b : NULL));
    if (valid)
        EXPECT_LINKED(&r->from->sites[0], r->b);
    else
        EXPECT_UNLINKED(&r->from->sites[0]);
}

TEST(readers_go_when_their_constant_is_written)
{
    struct reading r = begin_reading();

    map(GVA(FAR + PAGE_SIZE), RAM(3 + 1024), true); /* the index does not tell it from page 3 */
    guest_write(3 + 1024);
    cache_icache_all();
    expect_read(&r, true);
    guest_write(3); /* at once: a load would see it at once */
    expect_read(&r, false);
    cache_icache_all();
    guest_write(3);
    r.b = add_plain(r.page, B, SVC); /* nobody's reader */
    add_plain(r.constants, A, SVC);
    guest_write(3);
    EXPECT(cache_resumable(r.b));
}

TEST(readers_go_when_their_constant_is_mapped_elsewhere)
{
    struct reading r = begin_reading();

    map(GVA(FAR + PAGE_SIZE), RAM(6), true);
    map(GVA(FAR + PAGE_SIZE), RAM(7), true);
    expect_read(&r, true);
    map(GVA(A), RAM(8), true);
    expect_read(&r, false);
    map(GVA(A), RAM(3), true); /* they do not come back */
    expect_read(&r, false);
}

/* A reader whose own page was written or mapped elsewhere before: it goes once, and not what has its address
 * since. */
TEST(readers_that_are_gone_already)
{
    for (unsigned by_write = 0; by_write < 2; by_write++) {
        struct reading r = begin_reading();
        struct block *again;

        guest_write(4);
        cache_icache_page(4);
        EXPECT(!r.b->valid && r.second->valid);
        again = add_plain(r.page, B, SVC);
        if (by_write)
            guest_write(3);
        else
            map(GVA(A), RAM(8), true);
        EXPECT(!r.second->valid && cache_resumable(again) && cache_find(r.page, GVA(B), SVC) == again);
    }
}

/* The constant's page is the block's own, or one the RAM of which is mapped twice. */
TEST(readers_of_their_own_page)
{
    struct code_page *p, *twice;
    struct block *b, *c;

    begin();
    p = map(GVA(A), RAM(3), true);
    twice = map(GVA(B), RAM(3), true);
    b = add_plain(p, A, SVC);
    c = add_plain(p, A + 8, SVC);
    cache_reads(b, p);
    cache_reads(c, twice);
    map(GVA(B), RAM(4), true);
    EXPECT(b->valid && !c->valid);
    guest_write(3);
    EXPECT(!b->valid);
    cache_icache_page(3);
    EXPECT(cache_icache_clean() && !cache_find(p, GVA(A), SVC));
}
