/* The A32 encoder against the decoder: what decodes and encodes again must be the same word. */
#define UNIT_MAIN
#include "unit.h"

#include "dbt/a32.h"
#include "ops.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static uint32_t random_word(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Ops whose A32 words have several spellings of one meaning. */
static bool many_spellings(const struct insn *in) { return in->op == OP_HINT; }

/* Of a modified immediate the encoder takes the smallest rotation: value and carry must be the same. */
static bool same(const struct insn *a, const struct insn *b)
{
    return a->op == b->op && a->rd == b->rd && a->rn == b->rn && a->s == b->s && a->imm == b->imm;
}

static bool is_rotated(const struct insn *in) { return in->imm_carry_valid && !in->thumb; }

/* A word of this row; (0) and (1) are kept, or most words would be UNPREDICTABLE. */
static uint32_t word_of(const struct decoder_row *row)
{
    uint32_t word = (random_word() & ~row->mask) | row->value;

    for (unsigned i = 0; i < 32; i++) {
        if (row->bits[i] == 'z')
            word &= ~(0x80000000u >> i);
        if (row->bits[i] == 'o')
            word |= 0x80000000u >> i;
    }
    return row->mask >> 28 ? word : (word & 0x0fffffff) | 0xe0000000;
}

TEST(a32_words_survive_decoding_and_encoding)
{
    static unsigned seen[OP_COUNT];
    unsigned ops = 0;

    for (unsigned i = 0; i < decoder_row_count; i++) {
        const struct decoder_row *row = &decoder_rows[i];

        if (row->isa != ISA_A32)
            continue;
        for (unsigned k = 0; k < 3000; k++) {
            uint32_t word = word_of(row), again = 0;
            struct insn in, back;

            decode_a32(word, &in);
            if (in.class == CLASS_UNPREDICTABLE || in.class == CLASS_UNDEFINED || many_spellings(&in) ||
                !a32_encode(&in, &again))
                continue;
            if (!A32_UNCONDITIONAL(again))
                again |= 0xe0000000;
            if (is_rotated(&in)) {
                decode_a32(again, &back);
                EXPECT(same(&in, &back));
                EXPECT(in.imm < 256 || back.imm_carry_valid);
            } else if (again != word) {
                printf("%s: ", row->name);
                EXPECT_EQ(again, word);
            }
            seen[in.op]++;
        }
    }
    for (unsigned op = 0; op < OP_COUNT; op++)
        ops += seen[op] != 0;
    EXPECT_EQ(ops, 177); /* every row of the encoder's table but HINT */
}

TEST(what_does_not_fit_is_refused)
{
    uint32_t word;

    EXPECT(!a32_encode(&(struct insn){.op = OP_ADD_imm, .imm = 0x101}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDRH_imm, .imm = 256}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDR_imm, .imm = 4096}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDRD_imm, .rt = 1, .rt2 = 2}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDRD_imm, .rt = 2, .rt2 = 4}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDRH_reg, .amount = 1}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_LDREX, .imm = 4}, &word));
    EXPECT(!a32_encode(&(struct insn){.op = OP_ORN_reg}, &word));
}
