/*
 * What becomes of guest code whose translation the verifier refuses: the same code by one instruction a
 * block, and where that one is refused too, its callout. The translator and the cache are the real ones, the
 * verifier is this file's.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#include "cache/verifier.h"
#include "dbt/make.h"
#include "host/switches.h"

#define PC        0xc0008000u
#define MOV       0xe1a00001u
#define ADD_THUMB 0x1888u /* adds r0, r1, r2 */

unsigned vmm_switched_off;

/* ---- The verifier ---- */

static uint32_t bad_code; /* a unit that has this word is refused; 0: none is */

bool verifier_check(const struct verifier_unit *u, unsigned *bad)
{
    for (unsigned i = 0; i < u->word_count; i++)
        if (bad_code && u->words[i] == bad_code) {
            *bad = i;
            return false;
        }
    return true;
}

bool verifier_may_enter(const struct verifier_unit *u, unsigned word) { return word < u->word_count; }

bool verifier_may_link(const struct verifier_unit *u, unsigned branch, unsigned stub)
{
    return branch < u->word_count && stub < u->word_count;
}

/* ---- The guest's code ---- */

static _Alignas(4) uint8_t page[PAGE_SIZE];
static struct made made;

static enum make_verdict make(uint32_t offset, bool thumb, uint8_t itstate)
{
    struct block_state state = {.mode = 0x13, .thumb = thumb, .itstate = itstate};
    struct dbt_source s = {.pc = GVA(PC + offset), .state = state, .page = page};

    return dbt_make_block(map(GVA(PC), GPA(0x70000000), true), &s, &made);
}

static void put_arm(const uint32_t *code_words, unsigned count)
{
    begin();
    memset(page, 0, sizeof page);
    memcpy(page, code_words, count * 4);
}

TEST(nothing_refused)
{
    put_arm((uint32_t[]){MOV, ADD, MOV, 0xeafffffe}, 4);
    bad_code = 0;
    EXPECT_EQ(make(0, false, 0), MAKE_DONE);
    EXPECT_EQ(made.refused_count, 0);
    EXPECT_EQ(made.block->insn_count, 4);
}

/* The ADD is what is refused: not what stands before it. */
TEST(one_instruction_before_the_refused_one)
{
    put_arm((uint32_t[]){MOV, ADD, MOV, 0xeafffffe}, 4);
    bad_code = ADD;
    EXPECT_EQ(make(0, false, 0), MAKE_DONE);
    EXPECT_EQ(made.refused_count, 1);
    EXPECT_EQ(made.refused_at, 1);
    EXPECT_EQ(made.refused_word, ADD);
    EXPECT_EQ(made.block->insn_count, 1);
    EXPECT_EQ(made.block->guest_size, 4);
    EXPECT_EQ(cache_peek(made.block, 0), MOV);
    EXPECT_EQ(made.block->sites[0].kind, SITE_EXIT);
    EXPECT_EQ(made.block->sites[0].data, PC + 4);
}

TEST(the_refused_one_becomes_a_callout)
{
    put_arm((uint32_t[]){MOV, ADD, MOV, 0xeafffffe}, 4);
    bad_code = ADD;
    EXPECT_EQ(make(4, false, 0), MAKE_DONE);
    EXPECT_EQ(made.refused_count, 2);
    EXPECT_EQ(made.refused_word, ADD);
    EXPECT_EQ(made.block->insn_count, 1);
    EXPECT_EQ(cache_peek(made.block, 0), UDF);
    EXPECT_EQ(made.block->sites[0].kind, SITE_CALLOUT);
    EXPECT_EQ(made.block->sites[0].data, ADD);
    EXPECT_EQ(made.block->sites[1].kind, SITE_EXIT);
    EXPECT_EQ(made.block->sites[1].data, PC + 8);
    EXPECT(cache_find(cache_active(GVA(PC)), GVA(PC + 4), SVC) == made.block);
    EXPECT_EQ(make(8, false, 0), MAKE_DONE); /* and what follows is as ever */
    EXPECT_EQ(made.refused_count, 0);
}

/* Within an IT block: conditional, and the VMM carries ITSTATE on. */
TEST(a_conditional_callout)
{
    static const uint16_t code_halves[] = {ADD_THUMB, ADD_THUMB, 0xe7fe};

    begin();
    memset(page, 0, sizeof page);
    memcpy(page, code_halves, sizeof code_halves);
    bad_code = 0x00810002; /* addeq r0, r1, r2 */
    EXPECT_EQ(make(0, true, 0x04), MAKE_DONE);
    EXPECT_EQ(made.refused_count, 2);
    EXPECT_EQ(made.refused_word, 0x00810002);
    EXPECT_EQ(cache_peek(made.block, 0) >> 24, 0x1a); /* BNE past it */
    EXPECT_EQ(cache_peek(made.block, 1), UDF);
    EXPECT_EQ(made.block->sites[0].data, ADD_THUMB);
    EXPECT_EQ(made.block->sites[0].size, 2);
    EXPECT_EQ(made.block->sites[1].kind, SITE_CONTINUE);
    EXPECT_EQ(made.block->sites[1].size, 0x08);
}

/* Away registers are where the row says, in the callout's form too. */
TEST(callout_with_registers_away)
{
    struct dbt_source s = {.pc = GVA(PC), .state = {.mode = 0x13, .away = AWAY_BOTH}, .page = page};

    put_arm((uint32_t[]){0xe08cc00e, 0xeafffffe}, 2); /* add r12, r12, lr */
    dbt_serve(s.state);
    bad_code = 0xe08cc00e;
    EXPECT_EQ(dbt_make_block(map(GVA(PC), GPA(0x70000000), true), &s, &made), MAKE_DONE);
    EXPECT_EQ(made.refused_count, 2);
    EXPECT_EQ(made.block->away, AWAY_BOTH);
    EXPECT_EQ(made.block->insns[1].away, 0); /* brought back */
    EXPECT_EQ(made.block->insns[1].word, 2);
    EXPECT_EQ(cache_peek(made.block, 2), UDF);
}
