/* What a unit reaches: its own words, stubs and literals, the gates beside it; and where it may lie. */
#define UNIT_MAIN
#include "verifier_machine.h"

TEST(branches_stay_in_the_code)
{
    start();
    add_branch(1, 2 + 2); /* to the literal */
    add(UDF);
    unit.literal_count = 1;
    words[unit.word_count] = 0xe12fff1e;
    EXPECT_REFUSED_AT(2);
    start();
    add_branch(1, (unsigned)-1);
    add(UDF);
    EXPECT_REFUSED_AT(2);
    start();
    add_branch(14, 2);
    EXPECT(accepted());
    start();
    add(0xfa000000); /* BLX, which looks like B */
    add(UDF);
    EXPECT_REFUSED_AT(2);
}

TEST(no_branch_leaves)
{
    static const uint32_t outside[] = {STUB_MISS,   STUB_SVC_SLOT,   WINDOW_VECTORS, WINDOW_VECTORS + 8,
                                       WINDOW_SRF,  WINDOW_CACHE,    FIRST,          FIRST + 0x1000,
                                       WINDOW_JUMP, WINDOW_JUMP - 4, WINDOW_TRAP_END};

    for (unsigned i = 0; i < ARRAY_SIZE(outside); i++) {
        start();
        add_branch_to(14, outside[i]);
        EXPECT_REFUSED_AT(2);
    }
}

TEST(nothing_falls_off_the_end)
{
    static const uint32_t ends[] = {0xe320f000, 0x0affffff, 0xe0810002, 0xe58f0000};

    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        start();
        add(UDF);
        add(ends[i]);
        EXPECT_REFUSED_AT(3);
    }
    start();
    EXPECT(!accepted()); /* no end */
    start();
    add_dacr_write();
    EXPECT_REFUSED_AT(5);
}

/* Gates are the last page below and the first above; a word further is code, or what is beyond the cache. */
TEST(gate_stores_reach_gates)
{
    static const struct {
        uint32_t where, word;
        bool good;
    } stores[] = {
        {FIRST, 0xe50f0014, true},  /* the third word, PC + 8: -4 */
        {FIRST, 0xe50f0010, false}, /* the first code word */
        {FIRST, 0xe50f0015, false}, /* unaligned: would touch it */
        {FIRST, 0xe50f0fff, false},
        {FIRST, 0xe50f0ffc, true},
        {FIRST, 0xe58f0ffc, false}, /* code */
        {FIRST, 0xe54f0014, false}, /* STRB */
        {FIRST, 0x050f0014, false}, /* conditional */
        {FIRST, 0xe52f0014, false}, /* writes the PC back */
        {FIRST, 0xe40f0014, false},
        {FIRST, 0xe50ff014, false}, /* of the PC */
        {FIRST, 0xe51f0014, false}, /* a load */
        {FIRST + 8192 - 16, 0xe58f0000,
         true}, /* PC is the next gate's first word: the store is the last but one */
        {FIRST + 8192 - 16, 0xe50f0004, false},
        {FIRST + 8192 - 20, 0xe58f0004, true},
        {FIRST + 8192 - 20, 0xe58f0000, false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(stores); i++) {
        start_at(stores[i].where);
        add(stores[i].word);
        add(UDF);
        if (accepted() != stores[i].good) {
            printf("store %u: %d\n", i, !stores[i].good);
            unit_test_failed = true;
        }
    }
}

TEST(literal_loads_reach_this_units_literals)
{
    for (unsigned at = 0; at < 8; at++)
        for (unsigned off = 0; off < 4; off++) {
            start();
            add(0xe59f1000 | (at * 4 + off)); /* word 4 + at */
            add(0xe0810002);
            add(UDF);
            unit.literal_count = 2; /* words 5 and 6 */
            EXPECT_EQ(accepted(), off == 0 && (at == 1 || at == 2));
        }
    start();
    add(0xe59ff000); /* to the PC */
    add(UDF);
    unit.literal_count = 1;
    EXPECT(!accepted());
}

TEST(units_stay_in_one_pair)
{
    static const struct {
        uint32_t where;
        unsigned literals;
        bool good;
    } units[] = {
        {FIRST, 0, true},
        {FIRST - 4, 0, false},
        {WINDOW_CACHE, 0, false},
        {FIRST + 8192 - 16, 0, true},
        {FIRST + 8192 - 16, 1, false},
        {FIRST + 8192 - 12, 0, false},
        {FIRST + 8192 - 4, 0, false},
        {FIRST + 8192, 0, false},
        {FIRST + 2, 0, false},
        {FIRST + SPAN * 100, 2, true},
        {WINDOW_CACHE - SPAN + PAGE_SIZE, 0, false},
        {WINDOW_CACHE + WINDOW_CACHE_MAX, 0, false},
        {WINDOW_SRF, 0, false},
        {WINDOW_VECTORS, 0, false},
        {WINDOW_VMM + PAGE_SIZE, 0, false},
        {0, 0, false},
        {FIRST, 2045, false},
        {FIRST, 2044, true},
        {FIRST, 0xfffffffe, false},
        {FIRST, 0x40000000, false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(units); i++) {
        start_at(units[i].where);
        add(0xe0810002);
        add(UDF);
        unit.literal_count = units[i].literals;
        EXPECT_EQ(accepted(), units[i].good);
    }
    start_at(FIRST);
    add(UDF);
    unit.word_count = 0;
    EXPECT(!accepted());
    unit.word_count = 2049;
    EXPECT(!accepted());
    unit.word_count = 0xffffffff;
    EXPECT(!accepted());
}

TEST(records_are_checked)
{
    start();
    add_branch(0, 8);  /* 2 */
    add_dacr_write();  /* 3 to 6 */
    add_branch(14, 9); /* 7 */
    add(UDF);          /* 8 */
    add(UDF);          /* 9 */
    EXPECT(accepted());
    EXPECT(verifier_may_enter(&unit, 2) && verifier_may_enter(&unit, 3) && verifier_may_enter(&unit, 7));
    EXPECT(verifier_may_enter(&unit, 0) && !verifier_may_enter(&unit, 10) &&
           !verifier_may_enter(&unit, 0xffffffff));
    for (unsigned i = 4; i < 7; i++)
        EXPECT(!verifier_may_enter(&unit, i));
    EXPECT(verifier_may_link(&unit, 2, 8) && verifier_may_link(&unit, 7, 9));
    EXPECT(!verifier_may_link(&unit, 2, 9)); /* not where it goes */
    EXPECT(!verifier_may_link(&unit, 3, 8)); /* not a branch */
    EXPECT(!verifier_may_link(&unit, 12, 8));
    start();
    add_branch(0, 3);
    add(0xe0810002);
    add(UDF);
    EXPECT(accepted());
    EXPECT(!verifier_may_link(&unit, 2, 3)); /* not a stub */
}
