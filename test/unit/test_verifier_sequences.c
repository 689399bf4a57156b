/*
 * Attacks on the sequences that give a word its power: writes of the DACR and of CPSR_c, the return to User,
 * the jump through the map. A word left out, replaced, jumped into, or with other registers is refused.
 */
#define UNIT_MAIN
#include "verifier_oracle.h"

TEST(sequences_by_hand_are_accepted)
{
    start();
    add_dacr_write();
    add(UDF);
    EXPECT(accepted());
    start();
    add_mode_write(WINDOW_PSR, 0);
    add(UDF);
    EXPECT(accepted());
    start();
    add_mode_write(WINDOW_PSR + 11 * SECTION_SIZE, 1);
    add(UDF);
    EXPECT(accepted());
    start();
    add_return(0xe1b0f00e);
    EXPECT(accepted());
    start();
    add_return(0xe25ef004);
    EXPECT(accepted());
}

TEST(no_branch_into_a_sequence)
{
    for (unsigned into = 0; into < 4; into++) {
        start();
        add_branch(0, 3 + into);
        add_dacr_write();
        add(UDF);
        if (into == 0)
            EXPECT(accepted());
        else
            EXPECT_REFUSED_AT(2);
        start(); /* from behind, and unconditionally */
        add_dacr_write();
        add_branch(14, 2 + into);
        if (into == 0)
            EXPECT(accepted());
        else
            EXPECT_REFUSED_AT(6);
    }
    for (unsigned into = 1; into < 7; into++) {
        if (into < 4) {
            start();
            add_branch(5, 3 + into);
            add_mode_write(WINDOW_PSR, 0);
            add(UDF);
            EXPECT_REFUSED_AT(2);
        }
        start();
        add_branch(5, 3 + into);
        add_return(0xe1b0f00e);
        EXPECT_REFUSED_AT(2);
    }
}

TEST(no_powerful_word_without_its_sequence)
{
    static const uint32_t alone[] = {0xee03cf10, 0xe121f00c, 0xe1b0f00e, 0xe25ef004, 0x0e03cf10,
                                     0x0121f00c, 0x01b0f00e, 0xe129f00c, 0xe12ff00c, 0xe123f00c,
                                     0xe321f013, 0xe327f013, 0xe122f000};

    for (unsigned i = 0; i < ARRAY_SIZE(alone); i++) {
        start();
        add(alone[i]);
        add(UDF);
        EXPECT_REFUSED_AT(2);
    }
    /* Each word of a sequence left out, or replaced by one that does nothing. */
    for (unsigned out = 0; out < 3; out++) {
        start();
        add_dacr_write();
        words[2 + out] = 0xe320f000;
        add(UDF);
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned out = 0; out < 3; out++) {
        start();
        add_mode_write(WINDOW_PSR, 0);
        words[2 + out] = 0xe320f000;
        add(UDF);
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned out = 0; out < 6; out++) {
        start();
        add_return(0xe1b0f00e);
        words[2 + out] = 0xe320f000;
        EXPECT_REFUSED_AT(8);
    }
    for (unsigned missing = 1; missing < 7; missing++) { /* the sequence begins before the unit */
        if (missing < 4) {
            start();
            add_mode_write(WINDOW_PSR, 0);
            add(UDF);
            unit.words += 2 + missing;
            unit.word_count -= 2 + missing;
            EXPECT_REFUSED_AT(3 - missing);
            unit.words = words;
        }
        start();
        add_return(0xe1b0f00e);
        unit.words += 2 + missing;
        unit.word_count -= 2 + missing;
        EXPECT(!accepted());
        unit.words = words;
    }
    for (unsigned missing = 1; missing < 4; missing++) {
        start();
        add_dacr_write();
        add(UDF);
        unit.words += 2 + missing;
        unit.word_count -= 2 + missing;
        EXPECT_REFUSED_AT(3 - missing);
        unit.words = words;
    }
}

TEST(sequences_keep_their_registers_apart)
{
    /* o == n: the check would look at something else than what is written. */
    start();
    add(MVN_TRAP_LAST(1u)), add(0xe7d11e21), add(0xe3811201), add(0xee031f10), add(UDF);
    EXPECT_REFUSED_AT(5);
    start();
    add(0xe201107f), add(0xe2211013), add(0xe28114f9), add(0xe5511001), add(0xe7e610d1), add(0xe221101a),
        add(0xe121f001), add(UDF);
    EXPECT_REFUSED_AT(8);
    /* SP, which an interrupted System mode would exchange, and PC. */
    start();
    add(MVN_TRAP_LAST(13u)), add(0xe7ddde21), add(0xe381d201), add(0xee03df10), add(UDF);
    EXPECT(!accepted());
}

TEST(constant_dacr_keeps_the_window_closed)
{
    for (unsigned nibble = 0; nibble < 16; nibble++)
        for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
            start();
            add(0xe59fc004); /* ldr r12, the literal */
            add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
            add(UDF);
            words[unit.word_count] = nibble << 28 | 0x51;
            unit.literal_count = 1;
            unit.big_endian = big_endian;
            EXPECT_EQ(accepted(), nibble == 1 && !big_endian);
        }
    start();
    add(0xe59fc008); /* behind the literals */
    add(0xee03cf10);
    add(UDF);
    words[unit.word_count] = words[unit.word_count + 1] = 0x10000051;
    unit.literal_count = 1;
    EXPECT(!accepted());
    start();
    add(0xe59fd004); /* SP */
    add(0xee03df10);
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
    EXPECT_REFUSED_AT(3);
    start();
    add_branch(0, 4); /* past the load */
    add(0xe59fc004);
    add(0xee03cf10);
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
    EXPECT_REFUSED_AT(2);
}

TEST(mode_write_is_of_the_bytes_for_it)
{
    for (uint32_t mib = 0xf00; mib < 0x1000; mib++)
        for (uint32_t back = 0; back < 8; back++) {
            bool good = mib >= WINDOW_PSR >> 20 && mib < (WINDOW_PSR >> 20) + WINDOW_PSR_STATES && back < 2;

            start();
            add_mode_write(mib << 20, back);
            add(UDF);
            EXPECT_EQ(accepted(), good);
        }
}

TEST(mode_write_by_other_words)
{
    static const uint32_t words_instead[4][4] = {
        {0xe3a0c6f6, 0xe3e0c509, 0xe320f000, 0x13e0c6ff}, /* MOV; another rotation; no MVN; MVNNE */
        {0xe7d4c611, 0xe7d2c611, 0xe7d3c691,
         0xe7d3c61c}, /* to bit 20, to bit 18, from bit 13; n = o has no new bits */
        {0xe5dcc000, 0xe51cc000, 0xe55c1000,
         0xe57cc000}, /* upwards; a word; to another register; written back */
        {0xe123f00c, 0xe121f001, 0xe129f00c,
         0xe161f00c}, /* x too; another register; f too, another row; the SPSR, which is free */
    };

    for (unsigned at = 0; at < 4; at++)
        for (unsigned i = 0; i < 4; i++) {
            bool good = words_instead[at][i] == 0xe7d3c61c || words_instead[at][i] == 0xe161f00c;

            start();
            add_mode_write(WINDOW_PSR, 0);
            words[2 + at] = words_instead[at][i];
            add(UDF);
            if (accepted() != good) {
                printf("%08x at %u: %d\n", words_instead[at][i], at, !good);
                unit_test_failed = true;
            }
        }
}

TEST(return_checks_lead_to_a_callout)
{
    start();
    add_return(0xe1b0f00e);
    words[6] = 0x1a000002; /* to what follows the UDF */
    add(0xe0810002);
    add(UDF);
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[6] = 0x0a000001; /* BEQ */
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[7] = 0xe50c0004; /* a store elsewhere */
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[4] = 0xe33c0090; /* I set */
    EXPECT_REFUSED_AT(8);
}

static void add_jump(void)
{
    add(JUMP_BASE);
    add(JUMP_BYTE);
    add(JUMP_SLOT);
    add(JUMP_LOAD);
}

static void add_dacr_constant(void)
{
    add(0xe59fc004); /* ldr r12, the literal */
    add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
}

static void add_nth_sequence(unsigned n)
{
    switch (n) {
    case 0: add_dacr_write(), add(UDF); break;
    case 1: add_mode_write(WINDOW_PSR, 0), add(UDF); break;
    case 2: add_return(0xe1b0f00e); break;
    case 3: add_return(0xe25ef004); break;
    case 4: add_dacr_constant(); break;
    default: add_jump(); break;
    }
}

/* What counts on the value of a word that it loads is for little-endian units only. */
TEST(each_sequence_with_e_set)
{
    for (unsigned n = 0; n < 6; n++)
        for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
            start();
            unit.big_endian = big_endian;
            add_nth_sequence(n);
            EXPECT_EQ(accepted(), !big_endian || n < 4);
            EXPECT(!accepted() || !harm_of_unit(200));
        }
}

TEST(the_jump_map_is_used_as_a_whole)
{
    static const uint32_t loads[] = {0xe89d8000, 0xe89c8001, 0xe8bc8000, 0xe99c8000,
                                     0x089c8000, 0xe8dc8000, 0xe59cf000};

    start();
    add_jump();
    EXPECT(accepted());
    EXPECT(verifier_may_enter(&unit, 2) && !verifier_may_enter(&unit, 3) && !verifier_may_enter(&unit, 5));
    for (unsigned left = 0; left < 3; left++) {
        start();
        add_jump();
        words[2 + left] = 0xe320f000;
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(loads); i++) {
        start();
        add_jump();
        words[5] = loads[i];
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned to = 3; to <= 5; to++) { /* by a branch into it */
        start();
        add_branch(0, to + 1);
        add_jump();
        EXPECT_REFUSED_AT(2);
    }
    start(); /* and round it, as a condition's code does */
    add_branch(0, 7);
    add_jump();
    add(UDF);
    EXPECT(accepted());
}
