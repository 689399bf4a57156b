/*
 * Instances of each row for the experiment in every mode, with the state that each is to find: such that the
 * machine survives them, and that what they can change is seen.
 */
#include "classify/verdict.h"
#include "decode/experiment/modes_host.h"
#include "ops.h"
#include "support/sample.h"

#include <stdio.h>
#include <string.h>

#define TRIES 400u /* words a row at most, for those that can be run */

void modes_decode(const struct modes_word *w, struct insn *in)
{
    if (w->state == MODES_A32)
        decode_a32(w->word, in);
    else
        decode_thumb(w->word, w->state == MODES_T32, in);
}

static uint32_t random_mode(bool user)
{
    static const uint8_t modes[] = {0x1f, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x10};

    return modes[sample_random() % (user ? 7 : 6)];
}

/* Writes of system registers that the machine survives; the value that shows. */
static const struct {
    const char *name;
    uint32_t value; /* 0: what the register holds anyway */
} writable[] = {
    {"DACR", 5},         {"DFSR", 0x805},   {"IFSR", 0x7},
    {"DFAR", 0},         {"IFAR", 0},       {"TPIDRURW", 0},
    {"TPIDRURO", 0},     {"TPIDRPRW", 0},   {"CONTEXTIDR", 0x33},
    {"CSSELR", 1},       {"PAR", 0x5000},   {"TLBIALL", 0},
    {"TLBIMVA", 0},      {"ICIALLU", 0},    {"BPIALL", 0},
    {"CP15ISB", 0},      {"CP15DSB", 0},    {"CP15DMB", 0},
    {"DCCMVAC", 0},      {"PMSELR", 3},     {"ATS1CPR", 0x50000000},
    {"CPACR", 0xf00000}, {"TTBR1", 0x4000}, {"PMCNTENSET", 1},
};

static const struct cp15_row *random_register(bool write, uint32_t *value)
{
    for (;;) {
        unsigned chosen = sample_random() % (write ? (unsigned)ARRAY_SIZE(writable) : cp15_row_count);
        const struct cp15_row *row = &cp15_rows[chosen];

        if (write) {
            *value = writable[chosen].value;
            for (row = cp15_rows; strcmp(row->name, writable[chosen].name); row++)
                CHECK(row < cp15_rows + cp15_row_count);
        }
        if (row->access & (write ? CP_W1 : CP_R1) && row->crn != CP15_ANY)
            return row;
    }
}

static uint32_t field(uint8_t value) { return value == CP15_ANY ? 0 : value; }

/* MCR and MRC of a register that is there. */
static void choose_register(struct modes_word *w, bool write)
{
    const struct cp15_row *r = random_register(write, &w->value);

    w->word &= 0xff10f010;
    w->word |= field(r->opc1) << 21 | (uint32_t)r->crn << 16 | (uint32_t)r->coproc << 8 |
               field(r->opc2) << 5 | field(r->crm);
    if (write && w->value)
        w->preset = w->word >> 12 & 15;
}

/* What the manual leaves to the program: values that are modes, and so on. False: such words end the
 * experiment. */
static bool adjust(struct modes_word *w, const struct insn *in)
{
    uint32_t psr = (sample_random() & 0xf80f01c0) | random_mode(true);

    switch (in->op) {
    case OP_MCR:
    case OP_MRC:
        if (in->class == CLASS_PRIVILEGED)
            choose_register(w, in->op == OP_MCR);
        return true;
    case OP_MSR_reg:
        w->preset = in->rn;
        w->value = psr;
        return true;
    case OP_MSR_imm:
        if (in->mask & 1)
            w->word = (w->word & 0xfffff000) | (psr & 0xdf);
        return true;
    case OP_CPS:
        if (in->wback)
            w->word = (w->word & ~31u) | random_mode(true);
        return true;
    case OP_SRS: w->word = (w->word & ~31u) | random_mode(false); return true;
    case OP_VMSR:
        if (in->class == CLASS_PRIVILEGED && in->crn != 8)
            return false;
        w->preset = in->class == CLASS_PRIVILEGED ? in->rt : 0xff;
        return true;
    case OP_SVC:
    case OP_BKPT: return in->imm != 0xab && in->imm != 0x123456; /* the emulator's own */
    default: return true;
    }
}

static bool make_word(const struct decoder_row *row, struct modes_word *w)
{
    struct insn in;

    *w = (struct modes_word){.word = sample_row(row), .preset = 0xff};
    w->state = row->isa == ISA_A32 ? MODES_A32 : row->isa == ISA_T16 ? MODES_T16 : MODES_T32;
    w->masks = sample_random() & 7;
    if (!strncmp(row->bits, "cccc", 4))
        w->word = (w->word & 0x0fffffff) | 0xe0000000;
    modes_decode(w, &in);
    if (!adjust(w, &in))
        return false;
    modes_decode(w, &in);
    if (in.rm < 15 && in.rm != in.rn)
        w->offsets = (uint16_t)(1u << in.rm);
    return in.class != CLASS_UNPREDICTABLE && in.row == row - decoder_rows;
}

void modes_emit(unsigned count, const char *path)
{
    FILE *file = fopen(path, "wb");

    CHECK(file);
    for (unsigned r = 0; r < decoder_row_count; r++) {
        /* Those that name system registers are many instructions. */
        unsigned wanted = decoder_rows[r].class == CLASS_PRIVILEGED ? 8 * count : count;

        for (unsigned n = 0, tries = 0; n < wanted && tries < TRIES; tries++) {
            struct modes_word w;

            if (!make_word(&decoder_rows[r], &w))
                continue;
            w.kernel = !(n & 1);
            CHECK(fwrite(&w, sizeof(w), 1, file) == 1);
            n++;
        }
    }
    CHECK(!fclose(file));
}
