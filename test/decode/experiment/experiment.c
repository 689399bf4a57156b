/*
 * The host's side of the experiment: words of every row that User mode can run and come back
 * from, and afterwards what happened against what the decoder says of them.
 *
 *   experiment emit N_A_ROW SEED words.bin
 *   experiment judge words.bin outcomes.bin
 */
#include "decode/experiment/record.h"
#include "decoder/decoder.h"
#include "ops.h"
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static void decode_record(const struct record *r, struct insn *in)
{
    if (r->state == RECORD_A32)
        decode_a32(r->word, in);
    else
        decode_thumb(r->word, r->state == RECORD_T32, in);
}

/* SRS, RFE and the user-bank and exception-returning LDM and STM are UNPREDICTABLE in User mode; WFI waits.
 */
static bool can_run_critical(const struct insn *in)
{
    switch (in->op) {
    case OP_SRS:
    case OP_RFE:
    case OP_LDM_user:
    case OP_STM_user:
    case OP_LDM_eret:
    case OP_SUBS_PC_LR:
    case OP_WFI: return false;
    case OP_MRS:
    case OP_MSR_imm:
    case OP_MSR_reg: return !in->spsr; /* User mode has none */
    default: return true;
    }
}

/* Words that go elsewhere, or that User mode's result says nothing of, are left out. */
static bool can_run(const struct insn *in)
{
    if (in->op == OP_IT || in->writes >> REG_PC & 1)
        return false;
    if (in->class == CLASS_CRITICAL)
        return can_run_critical(in);
    return in->class == CLASS_INNOCUOUS || in->class == CLASS_PC_RELATIVE || in->class == CLASS_UNDEFINED ||
           in->class == CLASS_PRIVILEGED;
}

static void emit(unsigned words, const char *path)
{
    FILE *file = fopen(path, "wb");

    CHECK(file);
    for (unsigned i = 0; i < decoder_row_count; i++) {
        const struct decoder_row *row = &decoder_rows[i];

        for (unsigned n = 0; n < words; n++) {
            struct record r = {.word = sample_row(row),
                               .state = row->isa == ISA_A32   ? RECORD_A32
                                        : row->isa == ISA_T16 ? RECORD_T16
                                                              : RECORD_T32};
            struct insn in;

            if (r.state == RECORD_A32 && r.word >> 28 != 15 && sample_random() % 4)
                r.word = (r.word & 0x0fffffff) | 0xe0000000;
            decode_record(&r, &in);
            if (!can_run(&in))
                continue;
            r.reads = in.reads;
            r.flags_read = in.flags_read;
            if (in.rm < 15 && in.rm != in.rn)
                r.offsets = (uint16_t)(1u << in.rm);
            CHECK(fwrite(&r, sizeof(r), 1, file) == 1);
        }
    }
    CHECK(!fclose(file));
}

/* Where it is the emulated core that is not a Cortex-A8. */
static bool is_explained(const struct insn *in)
{
    if (in->op == OP_VFMA || in->op == OP_VFMS) /* it has no VFPv4, and its MVFR1 says so, but these run */
        return true;
    return in->coproc == 9; /* half-precision loads and stores, likewise */
}

/* Coprocessor registers that User mode may reach: barriers, thread pointers, counters, debug, ThumbEE. */
static bool is_for_user(const struct insn *in)
{
    return in->coproc == 14 || (in->coproc == 15 && (in->crn == 7 || in->crn == 9 || in->crn == 13));
}

/* What is wrong with a word, or NULL. */
static const char *judge_word(const struct insn *in, const struct outcomes *o)
{
    if (in->class == CLASS_UNDEFINED) {
        if (in->cond != COND_AL && in->cond < 15 && o->first == OUTCOME_RUN)
            return NULL; /* the condition failed, which a core may look at first */
        return o->first == OUTCOME_UNDEFINED || is_explained(in) ? NULL : "is not undefined";
    }
    if (in->class == CLASS_PRIVILEGED) /* that is, it traps in User mode */
        return o->first == OUTCOME_UNDEFINED || in->cond != COND_AL || is_for_user(in) ? NULL
                                                                                       : "does not trap";
    if (o->first == OUTCOME_UNDEFINED || o->second == OUTCOME_UNDEFINED)
        return in->class == CLASS_CRITICAL ? "traps" : "is undefined";
    if (o->first != OUTCOME_RUN || o->second != OUTCOME_RUN)
        return NULL;
    if (o->changed & ~in->writes)
        return "writes more registers";
    if (o->mixed)
        return "reads more registers, for registers";
    if (in->sure & o->different & 0x7fff)
        return "does not write surely";
    if (o->flags_changed & ~in->flags_written)
        return "writes more flags";
    if (o->flags_mixed)
        return "reads more, for flags";
    if (in->flags_sure & o->flags_different)
        return "does not write flags surely";
    if (o->memory_different)
        return "reads more, for memory";
    return NULL;
}

struct finding {
    const char *what;
    unsigned row;
};

static int judge(const char *words, const char *results)
{
    FILE *in_file = fopen(words, "rb"), *out_file = fopen(results, "rb");
    unsigned long runs[OUTCOME_OTHER + 1] = {0}, classes[CLASS_UNPREDICTABLE + 1] = {0}, count = 0;
    unsigned wrong = 0;
    struct record r;
    struct outcomes o;
    static struct finding seen[4096];

    CHECK(in_file && out_file);
    while (fread(&r, sizeof(r), 1, in_file) == 1) {
        struct insn in;
        const char *what;
        char text[128];
        unsigned i;

        if (fread(&o, sizeof(o), 1, out_file) != 1) {
            printf("word %lu, %08x: the machine did not come back\n", count, r.word);
            return 1;
        }
        count++;
        runs[o.first < OUTCOME_OTHER ? o.first : OUTCOME_OTHER]++;
        decode_record(&r, &in);
        classes[in.class]++;
        what = judge_word(&in, &o);
        if (!what)
            continue;
        for (i = 0; i < wrong && (seen[i].what != what || seen[i].row != in.row); i++)
            ;
        if (i < wrong || wrong == ARRAY_SIZE(seen))
            continue;
        seen[wrong].what = what;
        seen[wrong++].row = in.row;
        disassemble(&in, 0, text, sizeof(text));
        printf("%s %s: %08x '%s' %s (changed %04x mixed %04x different %04x, flags %x %x %x)\n",
               in.row < decoder_row_count ? decoder_rows[in.row].name : "-",
               in.row < decoder_row_count ? decoder_rows[in.row].encoding : "-", r.word, text, what,
               o.changed, o.mixed, o.different, o.flags_changed, o.flags_mixed, o.flags_different);
    }
    printf("%lu words: %lu run, %lu undefined, %lu aborted; %lu critical, %lu privileged; %u rows disagree\n",
           count, runs[OUTCOME_RUN], runs[OUTCOME_UNDEFINED],
           runs[OUTCOME_FETCH_ABORT] + runs[OUTCOME_DATA_ABORT], classes[CLASS_CRITICAL],
           classes[CLASS_PRIVILEGED], wrong);
    return wrong != 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "emit")) {
        sample_seed(strtoull(argv[3], NULL, 0));
        emit((unsigned)strtoul(argv[2], NULL, 0), argv[4]);
        return 0;
    }
    if (argc == 4 && !strcmp(argv[1], "judge"))
        return judge(argv[2], argv[3]);
    fprintf(stderr,
            "usage: experiment emit N_A_ROW SEED words.bin | experiment judge words.bin outcomes.bin\n");
    return 2;
}
