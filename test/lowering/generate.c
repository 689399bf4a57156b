/*
 * Makes instances for runner.c: random Thumb instructions of every row, as the VMM's own translator does
 * them.
 *
 *   generate OUTPUT COUNT SEED [ROW]
 *
 * ROW: only rows of that name. Ends with status 1 if the translator makes a callout of an innocuous
 * instruction, the verifier refuses a block, or a row has no instance.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cache/verifier.h"
#include "dbt/dbt.h"
#include "decoder/decoder.h"
#include "emul/vcpu.h"
#include "host/window.h"
#include "instance.h"
#include "ops.h"

#define STATES      6u
#define SVC_0       0xdf00u
#define SLOT        256u /* bytes of guest code for each: CBZ reaches that far; filled with SVC */
#define MCR_NMRR    0xee0a0f32u
#define CACHE_WHERE (WINDOW_CACHE + PAGE_SIZE)

unsigned vmm_switched_off;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    exit(1);
}

static uint64_t random_state;

static uint32_t random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20);
}

static uint8_t image[LOWERING_CODE_END - LOWERING_CODE];
static uint32_t image_used = sizeof(struct instance_file);
static struct instance *instances;
static bool failed;

/* (0) and (1) are kept, the rest is random. */
static uint32_t word_of(const struct decoder_row *row)
{
    unsigned width = row->isa == ISA_T16 ? 16 : 32;
    uint32_t word = (random_word() & ~row->mask) | row->value;

    for (unsigned i = 0; i < width; i++) {
        uint32_t place = 1u << (width - 1 - i);

        if (row->bits[i] == 'z')
            word &= ~place;
        if (row->bits[i] == 'o')
            word |= place;
    }
    return width == 16 ? word & 0xffff : word;
}

static bool is_unprivileged(const struct insn *in)
{
    switch (in->op) {
    case OP_LDRT:
    case OP_LDRBT:
    case OP_LDRHT:
    case OP_LDRSBT:
    case OP_LDRSHT:
    case OP_STRT:
    case OP_STRBT:
    case OP_STRHT: return true;
    default: return false;
    }
}

static bool wanted(const struct insn *in)
{
    switch (in->class) {
    case CLASS_INNOCUOUS: return in->op != OP_IT && in->op != OP_WFE;
    case CLASS_PC_RELATIVE: return true;
    case CLASS_CONTROL_FLOW: return in->op == OP_CBZ;
    case CLASS_CRITICAL: return is_unprivileged(in);
    default: return false;
    }
}

static unsigned bit_count(uint32_t word)
{
    unsigned n = 0;

    for (; word; word &= word - 1)
        n++;
    return n;
}

/* Where memory is accessed: rn + delta (+ rm shifted). */
static void aim(struct instance *i, const struct insn *in, const char *name)
{
    bool vector = !strncmp(name, "VLD", 3) || !strncmp(name, "VST", 3);
    bool core = !strncmp(name, "LD", 2) || !strncmp(name, "ST", 2) || !strncmp(name, "PL", 2);

    i->base = i->index = 16;
    if (in->rn >= 15 || !(vector || core))
        return;
    i->base = in->rn;
    if (in->op == OP_LDM || in->op == OP_STM)
        i->delta = in->add ? 0 : 4 * -bit_count(in->list);
    else if (in->imm_form && in->index && (in->imm < 4096 || !vector))
        i->delta = in->add ? in->imm : -in->imm;
    if (in->rm < 15 && in->rm != in->rn && !in->imm_form) {
        i->index = in->rm;
        i->index_shift = in->amount;
    }
    if (in->op == OP_LDM)
        i->unknown = in->list;
    if (in->op == OP_LDRD_imm || in->op == OP_LDRD_lit)
        i->unknown = 1u << in->rt | 1u << in->rt2;
    i->unknown &= ~(1u << in->rn);
}

static void put16(uint32_t at, uint32_t value)
{
    image[at] = (uint8_t)value;
    image[at + 1] = (uint8_t)(value >> 8);
}

static void put32(uint32_t at, uint32_t value)
{
    put16(at, value);
    put16(at + 2, value >> 16);
}

/* The load that lets a store exclusive succeed: into what the store writes, and what it does not use. */
static uint32_t load_exclusive(const struct insn *in)
{
    unsigned other = 12;

    while ((in->reads | in->writes) >> other & 1)
        other--;
    switch (in->op) {
    case OP_STREX: return 0xe8500f00 | in->rn << 16 | in->rd << 12 | in->imm / 4;
    case OP_STREXB: return 0xe8d00f4f | in->rn << 16 | in->rd << 12;
    case OP_STREXH: return 0xe8d00f5f | in->rn << 16 | in->rd << 12;
    case OP_STREXD: return 0xe8d0007f | in->rn << 16 | in->rd << 12 | other << 8;
    default: return 0;
    }
}

/* Perhaps LDREX, IT; the instruction; then SVC as far as CBZ goes. Returns the instruction's offset. */
static uint32_t write_thumb(uint32_t at, const struct insn *in, bool conditional)
{
    uint32_t here = at, load = random_word() % 4 ? load_exclusive(in) : 0;

    if (load) {
        put16(here, load >> 16);
        put16(here + 2, load);
        here += 4;
    }
    if (conditional) {
        put16(here, 0xbf08 | (random_word() % 14) << 4);
        here += 2;
    }
    at = here;
    if (in->size == 4) {
        put16(here, in->word >> 16);
        here += 2;
    }
    put16(here, in->word);
    for (here += 2; here & (SLOT - 1); here += 2)
        put16(here, SVC_0);
    return at;
}

static void complain(const char *what, const char *name, const struct insn *in, unsigned k)
{
    fprintf(stderr, "%s: %s %08x (word %u)\n", what, name, (unsigned)in->word, k);
    failed = true;
}

/* The block, its stops and its map into the instance. False: left out. */
static bool write_block(struct instance *i, const struct insn *in, uint32_t insn_at, const char *name)
{
    struct dbt_source s = {.pc = GVA(LOWERING_CODE + i->thumb), .state = {.mode = MODE_SYS, .thumb = true}};
    struct translation_unit u;
    struct verifier_unit v;
    unsigned bad = 0, total;

    s.page = image + (i->thumb & ~PAGE_MASK);
    if (dbt_translate(&s, CCA(CACHE_WHERE), &u) != DBT_DONE) {
        complain("not translated", name, in, 0);
        return false;
    }
    v = (struct verifier_unit){.words = u.words,
                               .word_count = u.word_count,
                               .literal_count = u.literal_count,
                               .where = CCA(CACHE_WHERE)};
    if (!verifier_check(&v, &bad)) {
        complain("refused by the verifier", name, in, bad);
        fprintf(stderr, "  word %u is %08x\n", bad, (unsigned)u.words[bad]);
    }
    total = u.word_count + u.literal_count;
    if (u.site_count > LOWERING_STOPS || u.insn_count > LOWERING_INSNS) {
        complain("too large for this test", name, in, u.insn_count);
        return false;
    }
    for (unsigned k = 0; k < u.site_count; k++) {
        const struct site *site = &u.sites[k];
        struct instance_stop *stop = &i->stops[i->stop_count++];

        stop->word = site->kind == SITE_EXIT ? site->stub : site->word;
        if (site->kind == SITE_EXIT)
            stop->offset = site->data - s.pc.a;
        else
            for (unsigned n = 0; n < u.insn_count && u.insns[n].word <= site->word; n++)
                stop->offset = u.insns[n].offset;
        if (stop->offset == insn_at - i->thumb) {
            if (in->class == CLASS_INNOCUOUS)
                complain("a callout", name, in, stop->word);
            return false;
        }
    }
    for (unsigned k = 0; k < u.insn_count; k++) {
        const struct insn_map *m = &u.insns[k];

        i->insns[i->insn_count++] = (struct instance_insn){m->word, m->offset, m->itstate, m->spilled};
    }
    i->block = image_used;
    for (unsigned k = 0; k < total; k++, image_used += 4) {
        put32(image_used, u.words[k]);
        if ((u.words[k] & 0xffff0fff) == MCR_NMRR) /* the VMM does not give this one back */
            i->unknown |= 1u << (u.words[k] >> 12 & 15);
    }
    return true;
}

/* One instance of a row; false: this word will not do. */
static bool generate(const struct decoder_row *row, struct instance *i)
{
    struct insn in;
    uint32_t start = image_used, insn_at;
    uint32_t word = word_of(row);

    decode_thumb(word, row->isa == ISA_T32, &in);
    if (in.op != row->op || !wanted(&in))
        return false;
    memset(i, 0, sizeof(*i));
    image_used = (image_used + SLOT - 1) & ~(SLOT - 1);
    i->thumb = image_used + (random_word() & 2);
    i->encoding = word;
    insn_at = write_thumb(i->thumb, &in, in.op != OP_CBZ && random_word() % 3 == 0);
    image_used += SLOT;
    aim(i, &in, row->name);
    if (write_block(i, &in, insn_at, row->name))
        return true;
    image_used = start;
    return false;
}

static bool must_occur(const struct decoder_row *r)
{
    return r->isa != ISA_A32 && r->class == CLASS_INNOCUOUS && r->op != OP_IT && r->op != OP_WFE;
}

static void check_coverage(const bool *covered)
{
    for (unsigned i = 0; i < decoder_row_count; i++) {
        const struct decoder_row *r = &decoder_rows[i];

        if (!must_occur(r) || covered[i])
            continue;
        fprintf(stderr, "no instance of %s %s\n", r->name, r->encoding);
        failed = true;
    }
}

static unsigned generate_all(unsigned count, const char *only)
{
    bool *covered = calloc(decoder_row_count, sizeof(*covered));
    unsigned made = 0, row = 0, idle = 0;

    while (made < count && idle < decoder_row_count * 4 && !failed) {
        const struct decoder_row *r = &decoder_rows[row % decoder_row_count];
        unsigned tries = 0, pass = row++ / decoder_row_count;

        idle++;
        if (r->isa == ISA_A32 || (only ? strcmp(only, r->name) != 0 : r->name[0] == 'V' && pass % 4))
            continue; /* every fourth time: a vector word is only moved */
        while (tries < 2000 && !generate(r, &instances[made]) && !failed)
            tries++;
        if (tries == 2000 || failed)
            continue;
        covered[r - decoder_rows] = true;
        idle = 0;
        made++;
        if (image_used + 2 * SLOT + 4096 + (made + 1) * sizeof(struct instance) > sizeof(image))
            break;
    }
    if (!only)
        check_coverage(covered);
    free(covered);
    return made;
}

int main(int argc, char **argv)
{
    struct instance_file *file = (struct instance_file *)image;
    FILE *out;

    if (argc < 4 || argc > 5) {
        fprintf(stderr, "usage: generate OUTPUT COUNT SEED [ROW]\n");
        return 2;
    }
    random_state = strtoull(argv[3], NULL, 0) * 0x9e3779b97f4a7c15u + 1;
    instances = calloc(strtoul(argv[2], NULL, 0) + 1, sizeof(*instances));
    file->magic = LOWERING_MAGIC;
    file->states = STATES;
    file->count = generate_all((unsigned)strtoul(argv[2], NULL, 0), argc == 5 ? argv[4] : NULL);
    image_used = (image_used + 3) & ~3u;
    file->table = image_used;
    memcpy(image + image_used, instances, file->count * sizeof(*instances));
    image_used += file->count * sizeof(*instances);
    if (failed || !file->count)
        return 1;
    out = fopen(argv[1], "wb");
    if (!out || fwrite(image, image_used, 1, out) != 1 || fclose(out)) {
        perror(argv[1]);
        return 1;
    }
    return 0;
}
