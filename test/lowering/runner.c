/*
 * Runs every instance twice from each of several states, as Thumb code and as the translation, and compares
 * what comes out: registers, flags, vector registers, memory, and at a fault where it was and what it left.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cache/cache.h"
#include "instance.h"

#define PSR_FLAGS      0xf80f0000u /* N Z C V Q, GE */
#define PSR_T          0x20u
#define PSR_SYS_MASKED 0x1dfu
#define FSR_STATUS     0xc0fu /* WnR, FS; the domain is not the instruction's */
#define NOBODY         16u
#define REPORTS        25u

enum kind { STOPPED, UNDEFINED, DATA_ABORT, PREFETCH_ABORT };

struct machine {
    uint32_t r[15], cpsr, fpscr, pad;
    uint64_t d[32];
    uint32_t kind, pc, ifar, nmrr, dfsr, dfar; /* out */
};
_Static_assert(sizeof(struct machine) == 352, "start.S");

void run(const struct machine *from, uint32_t entry, struct machine *to);
void semihost(uint32_t operation, const void *argument);
void mmu_on(const uint32_t *table);
void runner_main(void);

/* What is at the two ends of the data. */
struct memory {
    uint8_t low[LOWERING_WINDOW], high[LOWERING_WINDOW];
};

static uint32_t table[4096] __attribute__((aligned(16384)));
static const uint8_t *const code = (const uint8_t *)LOWERING_CODE;
static unsigned reports, mismatches, outcomes[4];

static void print(const char *format, ...)
{
    char line[200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    semihost(4, line);
}

static uint32_t random_state;

static uint32_t random_word(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state ^ random_state >> 15;
}

/* Values that carries, saturation and shifts care for, more often than chance has them. */
static uint32_t random_value(void)
{
    static const uint32_t special[] = {
        0,          1,          2,          31,         32,         33,         255,
        0x7f,       0x80,       0x7fff,     0x8000,     0xffff,     0x7fffffff, 0x80000000,
        0xffffffff, 0x80008000, 0x7fff7fff, 0x80808080, 0xfffffffe,
    };
    uint32_t w = random_word();

    return w & 0x300 ? random_word() : special[w % (sizeof(special) / sizeof(special[0]))];
}

static void make_tables(void)
{
    for (unsigned i = 0; i < 4096; i++) {
        uint32_t base = i << 20, normal = base | 0x1000e; /* cacheable, shareable */

        if (base >= LOWERING_CODE && base < LOWERING_CODE_END)
            table[i] = normal | 0x8400; /* PL1 read-only */
        else if (base == LOWERING_MEMORY)
            table[i] = normal | 0xc00;
        else if (base == (LOWERING_CODE - 0x100000))
            table[i] = normal | 0x400;
    }
    mmu_on(table);
}

static void make_state(const struct instance *i, struct machine *m)
{
    uint32_t where = random_word() >> 8, target;

    for (unsigned n = 0; n < 15; n++)
        m->r[n] = random_value();
    for (unsigned n = 0; n < 32; n++)
        m->d[n] = (uint64_t)random_value() << 32 | random_value();
    m->fpscr = random_word() & 0xf8c00000;
    m->cpsr = (random_word() & PSR_FLAGS) | PSR_SYS_MASKED;
    if (i->index != NOBODY)
        m->r[i->index] = random_word() >> 8 & 0x3f;
    if (i->base == NOBODY)
        return;
    switch (where % 8) {
    case 0: target = LOWERING_MEMORY - 16 + (where >> 3) % 32; break;
    case 1: target = LOWERING_MEMORY_END - 32 + (where >> 3) % 48; break;
    case 2: target = LOWERING_CODE + (where >> 3) % 128; break; /* loads, but no stores */
    default: target = LOWERING_MEMORY + 128 + (where >> 3) % 128;
    }
    if (where >> 16 & 3)
        target &= ~7u;
    m->r[i->base] = target - i->delta - (i->index != NOBODY ? m->r[i->index] << i->index_shift : 0);
}

static void set_memory(const struct memory *m)
{
    memcpy((void *)LOWERING_MEMORY, m->low, sizeof(m->low));
    memcpy((void *)(LOWERING_MEMORY_END - LOWERING_WINDOW), m->high, sizeof(m->high));
}

static void get_memory(struct memory *m)
{
    memcpy(m->low, (void *)LOWERING_MEMORY, sizeof(m->low));
    memcpy(m->high, (void *)(LOWERING_MEMORY_END - LOWERING_WINDOW), sizeof(m->high));
}

static uint32_t itstate_of(uint32_t psr) { return (psr >> 8 & 0xfc) | (psr >> 25 & 3); }

/* PC: offset from the guest code. cpsr: the flags, and ITSTATE at a fault. */
static void run_thumb(const struct instance *i, struct machine *from, struct machine *to)
{
    static const uint8_t back[] = {2, 2, 8, 4};

    from->cpsr |= PSR_T;
    run(from, LOWERING_CODE + i->thumb, to);
    to->pc -= back[to->kind & 3] + LOWERING_CODE + i->thumb;
    to->cpsr = (to->cpsr & PSR_FLAGS) | (to->kind ? itstate_of(to->cpsr) : 0);
}

/* As the VMM sees it: the block's UDFs stand for guest addresses; at a fault the spilled register comes back.
 */
static void run_block(const struct instance *i, struct machine *from, struct machine *to)
{
    static const uint8_t back[] = {4, 4, 8, 4};
    const struct instance_insn *at = NULL;
    uint32_t word;

    from->cpsr &= ~PSR_T;
    run(from, LOWERING_CODE + i->block, to);
    word = (to->pc - back[to->kind & 3] - LOWERING_CODE - i->block) / 4;
    to->cpsr &= PSR_FLAGS;
    for (unsigned k = 0; k < i->stop_count; k++)
        if (to->kind == UNDEFINED && i->stops[k].word == word) {
            to->kind = STOPPED;
            to->pc = i->stops[k].offset;
            return;
        }
    for (unsigned k = 0; k < i->insn_count && i->insns[k].word <= word; k++)
        at = &i->insns[k];
    if (!at) {
        to->kind = 99;
        return;
    }
    to->pc = at->offset;
    to->cpsr |= at->itstate;
    if (at->spilled != SPILLED_NONE && word > at->word) {
        to->r[at->spilled & 15] = to->ifar;
        if (at->spilled & SPILLED_PAIR)
            to->r[(at->spilled & 15) + 1] = to->nmrr;
    }
}

static bool differ(const char *what, uint32_t thumb, uint32_t block)
{
    if (thumb != block && reports < REPORTS)
        print("  %s: %08x, translated %08x\n", what, (unsigned)thumb, (unsigned)block);
    return thumb != block;
}

static bool compare(const struct instance *i, const struct machine *a, const struct machine *b,
                    const struct memory *ma, const struct memory *mb)
{
    static const char names[][4] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                    "r8", "r9", "r10", "r11", "r12", "sp", "lr"};
    bool bad = differ("exception", a->kind, b->kind) | differ("pc", a->pc, b->pc) |
               differ("psr", a->cpsr, b->cpsr) | differ("fpscr", a->fpscr, b->fpscr);

    for (unsigned n = 0; n < 15; n++)
        if (a->kind == STOPPED || !(i->unknown >> n & 1))
            bad |= differ(names[n], a->r[n], b->r[n]);
    if (a->kind == STOPPED)
        for (unsigned n = 0; n < 32; n++)
            bad |= differ("d, high", (uint32_t)(a->d[n] >> 32), (uint32_t)(b->d[n] >> 32)) |
                   differ("d, low", (uint32_t)a->d[n], (uint32_t)b->d[n]);
    if (a->kind == DATA_ABORT)
        bad |= differ("dfar", a->dfar, b->dfar) | differ("dfsr", a->dfsr & FSR_STATUS, b->dfsr & FSR_STATUS);
    return bad | differ("memory", 0, memcmp(ma, mb, sizeof(*ma)) != 0);
}

static void print_instance(unsigned n, const struct instance *i, const struct machine *from)
{
    const uint32_t *words = (const uint32_t *)(code + i->block);

    print("instance %u: %08x", n, (unsigned)i->encoding);
    for (unsigned k = 0; k < 12; k++)
        print(" %08x", (unsigned)words[k]);
    print("\n  from psr %08x:", (unsigned)from->cpsr);
    for (unsigned k = 0; k < 15; k++)
        print(" %08x", (unsigned)from->r[k]);
    print("\n");
}

static void test(unsigned n, const struct instance *i, unsigned states)
{
    static struct machine from, thumb, block;
    static struct memory before, after_thumb, after_block;

    for (unsigned k = 0; k < states; k++) {
        random_state = n * 2654435761u + k * 40503u;
        make_state(i, &from);
        for (unsigned b = 0; b < sizeof(before); b += 4) {
            uint32_t w = random_word();

            memcpy((uint8_t *)&before + b, &w, 4);
        }
        set_memory(&before);
        run_thumb(i, &from, &thumb);
        get_memory(&after_thumb);
        set_memory(&before);
        run_block(i, &from, &block);
        get_memory(&after_block);
        outcomes[thumb.kind & 3]++;
        if (compare(i, &thumb, &block, &after_thumb, &after_block)) {
            mismatches++;
            if (reports++ < REPORTS)
                print_instance(n, i, &from);
            return;
        }
    }
}

void runner_main(void)
{
    const struct instance_file *file = (const struct instance_file *)LOWERING_CODE;

    if (file->magic != LOWERING_MAGIC) {
        print("no instances are loaded\n");
    } else {
        make_tables();
        for (unsigned n = 0; n < file->count; n++)
            test(n, (const struct instance *)(code + file->table) + n, file->states);
        print("%u instances, %u states each: %u ended, %u undefined, %u data aborts; %u mismatches\n",
              (unsigned)file->count, (unsigned)file->states, outcomes[STOPPED], outcomes[UNDEFINED],
              outcomes[DATA_ABORT], mismatches);
    }
    semihost(0x18, (const void *)0x20026); /* SYS_EXIT: ADP_Stopped_ApplicationExit */
}
