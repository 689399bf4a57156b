/*
 * Do the checks bite? Every fixed bit of every row is flipped, and every row's class changed, one
 * at a time, in memory; the comparison with Capstone or the list of classes must see each.
 *
 * The generated tables are compiled into this file as variables, and the decoder's tree is made a
 * list of all rows, so that a changed row is found where its new pattern says.
 */
#include <capstone/capstone.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_MAIN
#include "unit.h"

#define const
#include "rows_core.c"
#include "rows_names.c"

#include "decode/agreement.c"
#include "decode/classes.c"
#include "decode/normalize.c"
#include "decode/other_capstone.c"

#define SAMPLES 48

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static char *reviewed_path(void)
{
    static char path[1024];
    char *folder = strstr(__FILE__, "unit/test_mutation.c");

    snprintf(path, sizeof(path), "%.*sdecode/reviewed_capstone.txt", (int)(folder - __FILE__), __FILE__);
    return path;
}

/* One list for each instruction set; decoding then tries its rows in the table's order. */
static void flatten_tree(void)
{
    static enum decoder_isa isas[] = {ISA_A32, ISA_A32, ISA_T16, ISA_T32};
    unsigned at = 0;

    for (unsigned root = 0; root < ARRAY_SIZE(core_roots); root++) {
        unsigned last = root + 1 < ARRAY_SIZE(core_roots) ? core_roots[root + 1] : ARRAY_SIZE(core_nodes);

        core_slots[root] = (uint16_t)at;
        for (unsigned node = core_roots[root]; node < last; node++)
            core_nodes[node] = (struct core_node){.slot = (uint16_t)root};
        for (unsigned r = 0; r < decoder_row_count; r++)
            if (decoder_rows[r].isa == isas[root] &&
                (root > 1 || (root == 1) == !strncmp(decoder_rows[r].bits, "1111", 4)))
                core_lists[at++] = (uint16_t)r;
        core_lists[at++] = 0xffff;
        CHECK(at < ARRAY_SIZE(core_lists));
    }
}

static unsigned sample_words(struct decoder_row *row, struct word *words)
{
    for (unsigned i = 0; i < SAMPLES; i++)
        words[i] = (struct word){row->isa, sample_row(row)};
    return SAMPLES;
}

/* Cond = 1111 is a space of its own in A32. */
static bool overlap(struct decoder_row *a, struct decoder_row *b)
{
    return a->isa == b->isa && !((a->value ^ b->value) & a->mask & b->mask) &&
           (a->isa != ISA_A32 || !strncmp(a->bits, "1111", 4) == !strncmp(b->bits, "1111", 4));
}

/* generate.py refuses patterns outside their instruction set's space. */
static bool is_malformed(struct decoder_row *row)
{
    if (row->isa == ISA_A32)
        return strncmp(row->bits, "cccc", 4) && strncmp(row->bits, "1110", 4) &&
               strncmp(row->bits, "1111", 4);
    return row->isa == ISA_T32 && (strncmp(row->bits, "111", 3) || !strncmp(row->bits + 3, "00", 2));
}

/* Flips that no other decoder can show, by operation. */
static struct {
    char *ops, *reason;
} unseen[] = {
    {" ERET ENTERX LEAVEX VMOV_undefined ", "undefined with the row and without it"},
    {" ADR ", "ADDW and SUBW from the PC are spelled alike; test_decoder.c has words of it"},
    {" HINT_mem_imm HINT_mem_reg HINT_mem_lit ",
     "Capstone does not know them; test_decoder.c has words of them"},
};

static bool is_unseen(struct decoder_row *row)
{
    char name[64];

    snprintf(name, sizeof(name), " %s ", row->name);
    for (unsigned i = 0; i < ARRAY_SIZE(unseen); i++)
        if (strstr(unseen[i].ops, name))
            return true;
    return false;
}

/* generate.py refuses a table in which rows overlap and neither says that it wins: true if the flip would do
 * that. */
static bool overlap_is_new(unsigned r, struct decoder_row *old)
{
    for (unsigned other = 0; other < decoder_row_count; other++)
        if (other != r && overlap(&decoder_rows[r], &decoder_rows[other]) &&
            !overlap(old, &decoder_rows[other]))
            return true;
    return false;
}

/* Flip one bit of a row as if in its table, and see whether words of the old or new pattern are wrong now. */
static bool flip_is_seen(unsigned r, unsigned bit_number)
{
    struct agreement_options quiet = {.other = other_capstone, .reviewed = reviewed_path(), .quiet = true};
    struct decoder_row *row = &decoder_rows[r], old = *row;
    unsigned width = (unsigned)strlen(row->bits), count;
    struct word words[2 * SAMPLES];
    char bits[33];
    bool seen;

    snprintf(bits, sizeof(bits), "%s", row->bits);
    bits[width - 1 - bit_number] ^= 1;
    count = sample_words(row, words);
    row->bits = bits;
    row->value ^= 1u << bit_number;
    core_rows[r].value ^= 1u << bit_number;
    count += sample_words(row, words + count);
    seen = is_malformed(row) || overlap_is_new(r, &old) || agreement_check_words(&quiet, words, count);
    *row = old;
    core_rows[r].value ^= 1u << bit_number;
    return seen;
}

TEST(flipped_bits_are_seen)
{
    unsigned flips = 0, missed = 0;

    flatten_tree();
    for (unsigned r = 0; r < decoder_row_count; r++) {
        for (unsigned b = 0; b < strlen(decoder_rows[r].bits); b++) {
            if (!(decoder_rows[r].mask >> b & 1))
                continue;
            flips++;
            if (!flip_is_seen(r, b) && !is_unseen(&decoder_rows[r])) {
                missed++;
                printf("%s %s %u: bit %u of %s\n", decoder_rows[r].name, decoder_rows[r].encoding,
                       decoder_rows[r].isa, b, decoder_rows[r].bits);
            }
        }
    }
    printf("%u bits flipped, %u not seen\n", flips, missed);
    EXPECT_EQ(missed, 0);
}

/* As they are, they agree; each other class, each other sensitivity and the other answer to trapping do not.
 */
TEST(changed_classes_are_seen)
{
    for (unsigned r = 0; r < decoder_row_count; r++) {
        struct decoder_row *row = &decoder_rows[r], old = *row;

        EXPECT(classes_agree(row));
        EXPECT_EQ(core_rows[r].class, row->class);
        for (unsigned class = 0; class <= CLASS_UNPREDICTABLE; class ++) {
            row->class = (uint8_t) class;
            EXPECT_EQ(classes_agree(row), class == old.class);
        }
        *row = old;
        for (unsigned sensitive = 1; sensitive < 32; sensitive++) {
            row->sensitive = old.sensitive ^ (uint8_t)sensitive;
            EXPECT(!classes_agree(row));
        }
        *row = old;
        row->traps = !old.traps;
        EXPECT(!classes_agree(row));
        *row = old;
    }
}
