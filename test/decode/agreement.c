/*
 * Our decoder against another: validity and text of words sampled row by row and at random.
 *
 * Kinds of disagreement: they-refuse (ours is defined), they-accept (ours is UNDEFINED), text.
 * UNPREDICTABLE words are not compared, as decoders refuse or print them as they like; but with
 * `unpredictable` they are: we-define (they call it UNPREDICTABLE), we-do-not (they do not).
 */
#include "decode/agreement.h"
#include "decoder/decoder.h"
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH     4096
#define TEXT_SIZE 256

enum verdict {
    VERDICT_AGREE,
    VERDICT_REFUSE,
    VERDICT_ACCEPT,
    VERDICT_TEXT,
    VERDICT_LAX,
    VERDICT_STRICT,
    VERDICT_LOOSE_TEXT,
    VERDICT_COUNT
};
static const char *const kind_names[] = {"agree",     "they-refuse", "they-accept",       "text",
                                         "we-define", "we-do-not",   "unpredictable-text"};

static struct agreement_options options;

struct tally {
    unsigned long count;
    uint32_t word;
    char *ours, *theirs; /* of the first word */
};

static struct tally *tallies; /* [row][kind]; the last row is that of words without one */
static unsigned long compared, skipped;

static void decode_word(const struct word *w, struct insn *out)
{
    if (w->isa == ISA_A32)
        decode_a32(w->bits, out);
    else
        decode_thumb(w->bits, w->isa == ISA_T32, out);
}

static void judge(const struct word *w, uint32_t address, const char *theirs)
{
    bool loose = strstr(theirs, OTHER_UNPREDICTABLE);
    struct insn in;
    char text[TEXT_SIZE], plain[TEXT_SIZE], ours[TEXT_SIZE], other[TEXT_SIZE];
    enum verdict kind = VERDICT_AGREE;
    struct tally *tally;

    decode_word(w, &in);
    if (in.class == CLASS_UNPREDICTABLE && !*theirs) {
        skipped++;
        return;
    }
    compared++;
    snprintf(plain, sizeof(plain), "%.*s", loose ? (int)(strstr(theirs, OTHER_UNPREDICTABLE) - theirs) : -1,
             theirs);
    disassemble(&in, address, text, sizeof(text));
    normalize_text(text, ours, sizeof(ours));
    normalize_text(plain, other, sizeof(other));
    if (in.class == CLASS_UNPREDICTABLE)
        kind = strcmp(ours, other)               ? VERDICT_LOOSE_TEXT
               : options.unpredictable && !loose ? VERDICT_STRICT
                                                 : VERDICT_AGREE;
    else if (in.row < decoder_row_count && !strcmp(decoder_rows[in.row].encoding, "-") && in.coproc >= 14)
        kind = *theirs ? VERDICT_ACCEPT : VERDICT_AGREE; /* p14 and p15 have rows of their own */
    else if (in.row < decoder_row_count && decoder_rows[in.row].class == CLASS_UNDEFINED)
        kind = *theirs && strcmp(ours, other) ? VERDICT_TEXT : VERDICT_AGREE; /* what a Cortex-A8 lacks */
    else if (in.class == CLASS_UNDEFINED)
        kind = *theirs ? VERDICT_ACCEPT : VERDICT_AGREE;
    else if (!*theirs)
        kind = VERDICT_REFUSE;
    else if (strcmp(ours, other))
        kind = VERDICT_TEXT;
    else if (options.unpredictable && loose)
        kind = VERDICT_LAX;
    tally = &tallies[(in.row < decoder_row_count ? in.row : decoder_row_count) * VERDICT_COUNT + kind];
    if (kind != VERDICT_AGREE && options.verbose)
        printf("%08x %-12s | %s | %s\n", w->bits, kind_names[kind], ours, other);
    if (!tally->count++) {
        tally->word = w->bits;
        tally->ours = kind == VERDICT_AGREE ? NULL : strdup(ours);
        tally->theirs = kind == VERDICT_AGREE ? NULL : strdup(other);
    }
}

static struct word batch[BATCH];
static unsigned batch_count;

static void flush(void)
{
    static char texts[BATCH][TEXT_SIZE];

    if (!batch_count)
        return;
    options.other(batch, batch_count, &texts[0][0], TEXT_SIZE);
    for (unsigned i = 0; i < batch_count; i++)
        judge(&batch[i], OTHER_BASE + OTHER_STRIDE * i, texts[i]);
    batch_count = 0;
}

static void add_word(enum decoder_isa isa, uint32_t bits)
{
    if (isa == ISA_T32 && !decode_is_wide((uint16_t)(bits >> 16)))
        return;
    if (isa == ISA_T16 && (decode_is_wide((uint16_t)bits) || bits > 0xffff))
        return;
    if (batch_count && batch[0].isa != isa)
        flush();
    batch[batch_count++] = (struct word){isa, bits};
    if (batch_count == BATCH)
        flush();
}

static void compare_all(void)
{
    for (unsigned r = 0; r < decoder_row_count; r++) {
        if (options.row && strcmp(options.row, decoder_rows[r].name))
            continue;
        for (unsigned i = 0; i < sample_corner_count(&decoder_rows[r]); i++)
            add_word(decoder_rows[r].isa, sample_corner(&decoder_rows[r], i));
        for (unsigned i = 0; i < options.words; i++)
            add_word(decoder_rows[r].isa, sample_row(&decoder_rows[r]));
    }
    if (!options.row) {
        for (unsigned i = 0; i < 0x10000; i++)
            add_word(ISA_T16, i);
        for (unsigned i = 0; i < options.random; i++)
            add_word(ISA_A32, sample_random());
        for (unsigned i = 0; i < options.random; i++)
            add_word(ISA_T32, sample_random() | 0xe8000000);
    }
    flush();
}

/* `ROW ENCODING ISA KIND reason`, a line each. */
static char *reviewed_list;

static void read_reviewed(const char *path)
{
    FILE *file = fopen(path, "r");
    size_t size;

    if (!file) {
        perror(path);
        exit(2);
    }
    reviewed_list = calloc(1, 1 << 20);
    CHECK(reviewed_list);
    size = fread(reviewed_list, 1, (1 << 20) - 1, file);
    CHECK(size < (1 << 20) - 1);
    fclose(file);
}

static bool is_reviewed(const char *row, const char *encoding, const char *isa, const char *kind)
{
    char f[4][64];

    for (const char *line = reviewed_list; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (sscanf(line, "%63s %63s %63s %63s", f[0], f[1], f[2], f[3]) == 4 && !strcmp(f[0], row) &&
            !strcmp(f[1], encoding) && !strcmp(f[2], isa) && !strcmp(f[3], kind))
            return true;
    return false;
}

static unsigned report(void)
{
    static const char *const isas[] = {"A32", "T16", "T32"};
    unsigned open = 0, reviewed = 0;

    for (unsigned r = 0; r <= decoder_row_count; r++) {
        const struct decoder_row *row = &decoder_rows[r];
        bool none = r == decoder_row_count;

        for (unsigned kind = VERDICT_REFUSE; kind < VERDICT_COUNT; kind++) {
            struct tally *t = &tallies[r * VERDICT_COUNT + kind];

            if (!t->count)
                continue;
            if (is_reviewed(none ? "-" : row->name, none ? "-" : row->encoding, none ? "-" : isas[row->isa],
                            kind_names[kind])) {
                reviewed++;
                continue;
            }
            open++;
            if (options.quiet)
                continue;
            printf("%s %s %s %s %lu: %08x ours '%s' theirs '%s'\n", none ? "-" : row->name,
                   none ? "-" : row->encoding, none ? "-" : isas[row->isa], kind_names[kind], t->count,
                   t->word, t->ours, t->theirs);
        }
    }
    if (!options.quiet)
        printf("%lu words compared, %lu UNPREDICTABLE ones skipped, %u disagreements reviewed, %u open\n",
               compared, skipped, reviewed, open);
    return open;
}

static void begin(const struct agreement_options *chosen)
{
    options = *chosen;
    compared = skipped = 0;
    tallies = calloc((decoder_row_count + 1) * VERDICT_COUNT, sizeof(*tallies));
    CHECK(tallies);
    if (options.reviewed && !reviewed_list)
        read_reviewed(options.reviewed);
}

static unsigned end(void)
{
    unsigned open = report();

    for (unsigned i = 0; i < (decoder_row_count + 1) * VERDICT_COUNT; i++) {
        free(tallies[i].ours);
        free(tallies[i].theirs);
    }
    free(tallies);
    return open;
}

unsigned agreement_check(const struct agreement_options *chosen)
{
    begin(chosen);
    compare_all();
    return end();
}

unsigned agreement_check_range(const struct agreement_options *chosen, enum decoder_isa isa, uint64_t first,
                               uint64_t last)
{
    begin(chosen);
    for (uint64_t word = first; word <= last; word++)
        add_word(isa, (uint32_t)word);
    flush();
    return end();
}

unsigned agreement_check_words(const struct agreement_options *chosen, const struct word *words,
                               unsigned count)
{
    begin(chosen);
    for (unsigned i = 0; i < count; i++)
        add_word(words[i].isa, words[i].bits);
    flush();
    return end();
}
