/*
 * Where r12 and LR are (design 3.8), by following each value through a block's words: at every row they are
 * where the row says, at every exit where its record says; what an instruction reads is in place before it.
 */
#define UNIT_MAIN
#include "unit.h"

#include "dbt/dbt.h"
#include "decoder/decoder.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window.h"
#include "ops.h"
#include "support/sample.h"

#define UDF   0xe7f000f0u
#define INSNS 5u
#define PC_AT 0xc0008200u

unsigned vmm_switched_off;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    exit(1);
}

static _Alignas(4) uint8_t page[PAGE_SIZE];
static struct translation_unit unit;
static unsigned followed;

/* ---- The machine: which value is where. 0 is none that anybody wants ---- */

enum { IFAR = 16, NMRR, PLACES };
struct values {
    unsigned at[PLACES];
    unsigned r12, lr; /* the guest's */
    unsigned made;    /* numbers so far */
};

static unsigned new_value(struct values *v) { return ++v->made; }

static void begin(struct values *v, uint8_t away)
{
    *v = (struct values){0};
    v->r12 = v->at[away & AWAY_R12 ? IFAR : 12] = new_value(v);
    v->lr = v->at[away & AWAY_LR ? NMRR : 14] = new_value(v);
}

static unsigned r12_at(uint8_t away) { return away & AWAY_R12 ? IFAR : 12; }
static unsigned lr_at(uint8_t away) { return away & AWAY_LR ? NMRR : 14; }

/* The word is executed. */
static void execute(struct values *v, uint32_t word)
{
    unsigned r = word >> 12 & 15;
    struct insn in;

    switch (word & 0xffff0fff) {
    case 0xee060f50: v->at[IFAR] = v->at[r]; return;
    case 0xee160f50: v->at[r] = v->at[IFAR]; return;
    case 0xee0a0f32: v->at[NMRR] = v->at[r]; return;
    case 0xee1a0f32: v->at[r] = v->at[NMRR]; return;
    default: break;
    }
    if ((word & 0xffff0ff0) == 0xe1a00000) {
        v->at[r] = v->at[word & 15];
        return;
    }
    decode_a32(word, &in);
    if (in.op == OP_LDM_user)
        in.writes &= (uint16_t) ~(1u << REG_LR); /* another mode's */
    if (in.wback && in.imm_form && !in.imm && in.rn < 16)
        in.writes &= (uint16_t) ~(1u << in.rn); /* as it was */
    for (unsigned i = 0; i < 15; i++)
        if (in.writes >> i & 1)
            v->at[i] = new_value(v);
}

/* A callout ends with both in both places: sync_out(). */
static void call_out(struct values *v, const struct insn *guest)
{
    if (guest->writes >> 12 & 1)
        v->r12 = new_value(v);
    if (guest->writes >> 14 & 1)
        v->lr = new_value(v);
    v->at[12] = v->at[IFAR] = v->r12;
    v->at[14] = v->at[NMRR] = v->lr;
}

/* ---- The block ---- */

static const struct insn *guest_insn(const struct insn_map *m)
{
    static struct insn in;
    const uint8_t *p = page + (PC_AT & PAGE_MASK) + m->offset;
    uint16_t half[2];

    memcpy(half, p, 4);
    if (!unit.state.thumb)
        decode_a32(half[0] | (uint32_t)half[1] << 16, &in);
    else if (decode_is_wide(half[0]))
        decode_thumb((uint32_t)half[0] << 16 | half[1], true, &in);
    else
        decode_thumb(half[0], false, &in);
    return &in;
}

static const struct site *site_of(unsigned word, enum site_kind kind)
{
    for (unsigned i = 0; i < unit.site_count; i++)
        if (unit.sites[i].word == word && unit.sites[i].kind == kind)
            return &unit.sites[i];
    return NULL;
}

static const struct insn_map *row_at(unsigned word)
{
    for (unsigned i = 0; i < unit.insn_count; i++)
        if (unit.insns[i].word == word && (i + 1 == unit.insn_count || unit.insns[i + 1].word != word))
            return &unit.insns[i];
    return NULL;
}

static const char *wrong;

static void expect_at(const struct values *v, uint8_t away, const char *what)
{
    if (v->at[r12_at(away)] != v->r12 || v->at[lr_at(away)] != v->lr)
        wrong = what;
}

static bool is_user_bank(const struct insn *in) { return in->op == OP_LDM_user || in->op == OP_STM_user; }

/* A row begins: the instruction before may have written them. `holds`: its condition did. */
static const struct insn *begin_row(struct values *v, const struct insn_map *m, const struct insn *before,
                                    bool holds)
{
    const struct insn *in;

    if (before && holds && before->writes >> 12 & 1)
        v->r12 = v->at[r12_at(m->away)];
    if (before && holds && before->writes >> 14 & 1 && !is_user_bank(before))
        v->lr = v->at[lr_at(m->away)];
    expect_at(v, m->away, "a register is not where the row says");
    in = guest_insn(m);
    if (row_at(m->word) == m && (m + 1 == unit.insns + unit.insn_count || m[1].offset != m->offset) &&
        ((in->reads >> 12 & 1 && m->away & AWAY_R12) ||
         (in->reads >> 14 & 1 && m->away & AWAY_LR && !is_user_bank(in))))
        wrong = "what the instruction reads is away";
    return in;
}

/* Conditions hold, or they do not: an instruction's words are skipped then. */
static void follow(bool holds)
{
    struct insn before, now;
    const struct insn *in = NULL;
    unsigned offset = 0;
    struct values v;

    begin(&v, unit.state.away);
    for (unsigned at = 0; at < unit.word_count && !wrong; at++) {
        const struct insn_map *m = row_at(at);
        uint32_t word = unit.words[at];
        const struct site *s;

        if (m) {
            bool same = in && m->offset == offset;

            if (in)
                before = *in;
            now = *begin_row(&v, m, in && !same ? &before : NULL, holds || before.cond == COND_AL);
            in = &now;
            offset = m->offset;
        }
        if (word == UDF) {
            if (!site_of(at, SITE_CALLOUT))
                return;
            call_out(&v, in);
            in = NULL;
            continue;
        }
        s = site_of(at, SITE_EXIT);
        if (s) {
            if (in && (holds || in->cond == COND_AL) && in->writes >> 14 & 1)
                v.lr = v.at[lr_at(s->away)]; /* BL */
            expect_at(&v, s->away, "a register is not where the exit says");
            if (word >> 28 == COND_AL)
                return;
            continue;
        }
        if ((word & 0x0f000000) == 0x0a000000) { /* past the words, or to a late callout */
            unsigned to = at + 2 + (unsigned)sign_extend(word & 0xffffff, 24);

            if (!holds && !(to < unit.word_count && unit.words[to] == UDF && site_of(to, SITE_CALLOUT) &&
                            site_of(to, SITE_CALLOUT)->stub != to))
                at = to - 1;
            continue;
        }
        if (word == JUMP_LOAD || word == 0xe1b0f00e || (word & 0xfffff000) == 0xe25ef000) { /* away */
            if (in->writes >> 12 & 1)
                v.r12 = v.at[IFAR];
            if (in->writes >> 14 & 1)
                v.lr = v.at[NMRR];
            if (word == JUMP_LOAD)
                expect_at(&v, AWAY_BOTH, "a register is not where the jump map's blocks want it");
            return;
        }
        if (holds || word >> 28 >= COND_AL)
            execute(&v, word);
        followed++;
    }
}

/* ---- All of the decoder's rows, a few instructions a block ---- */

static void put(struct block_state state)
{
    unsigned at = PC_AT & PAGE_MASK;

    memset(page, 0, sizeof page);
    for (unsigned i = 0; i < INSNS; i++) {
        const struct decoder_row *row;
        uint32_t word;

        do
            row = &decoder_rows[sample_random() % decoder_row_count];
        while ((row->isa != ISA_A32) != state.thumb);
        word = sample_row(row);
        if (row->isa == ISA_T32)
            word = word << 16 | word >> 16;
        memcpy(page + at, &word, row->isa == ISA_T16 ? 2 : 4);
        at += row->isa == ISA_T16 ? 2 : 4;
    }
}

static void try_state(struct block_state state, unsigned rounds)
{
    struct dbt_source s = {.pc = GVA(PC_AT), .state = state, .page = page};

    for (unsigned n = 0; n < rounds; n++) {
        wrong = NULL;
        put(state);
        EXPECT_EQ(dbt_translate(&s, CCA(WINDOW_CACHE + PAGE_SIZE), &unit), DBT_DONE);
        follow(true);
        if (!wrong)
            follow(false);
        if (wrong) {
            const uint32_t *words = (const uint32_t *)(const void *)(page + (PC_AT & PAGE_MASK));

            printf("%s: guest %08x %08x %08x %08x %08x, state %x, away %u\n", wrong, words[0], words[1],
                   words[2], words[3], words[4], block_state_key(state), state.away);
            unit_test_failed = true;
            return;
        }
    }
}

TEST(values_are_where_the_records_say)
{
    static const struct block_state unserved[] = {
        {.mode = 0x1f},
        {.mode = 0x13, .fiq_masked = true},
        {.mode = 0x13, .big_endian = true},
        {.mode = 0x13, .thumb = true},
        {.mode = 0x1f, .thumb = true, .itstate = 0x15},
        {.mode = 0x13, .thumb = true, .big_endian = true},
    };

    dbt_dacr_inline = true;
    dbt_serve((struct block_state){.mode = 0x13});
    followed = 0;
    for (uint8_t away = 0; away <= AWAY_BOTH; away++)
        try_state((struct block_state){.mode = 0x13, .away = away}, 40000);
    for (unsigned i = 0; i < ARRAY_SIZE(unserved); i++) {
        EXPECT_EQ(dbt_entry_away(unserved[i]), 0);
        try_state(unserved[i], 20000);
    }
    EXPECT(followed > 1000000);
}

/* A guest may start in any state: the map serves one whose templates know of it. */
TEST(what_may_be_served)
{
    static const struct block_state resets[] = {
        {.mode = 0x13, .fiq_masked = true},
        {.mode = 0x13, .fiq_masked = true, .thumb = true},
        {.mode = 0x13, .big_endian = true},
        {.mode = 0x1f, .thumb = true, .itstate = 0x0c},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(resets); i++) {
        dbt_serve(resets[i]);
        EXPECT(dbt_may_serve(dbt_served()));
        EXPECT_EQ(dbt_served().mode, resets[i].mode);
        EXPECT_EQ(dbt_served().fiq_masked, resets[i].fiq_masked);
        EXPECT_EQ(dbt_served().away, AWAY_BOTH);
        EXPECT_EQ(dbt_entry_away(resets[i]), dbt_may_serve(resets[i]) ? AWAY_BOTH : 0);
    }
    vmm_switched_off = 1u << SWITCH_jump_map;
    EXPECT_EQ(dbt_served().away, 0);
    vmm_switched_off = 0;
}
