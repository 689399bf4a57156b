/*
 * What the code cache should be: a model of blocks, their links, and pages, that knows what each operation
 * means for each of them one by one. It finds nothing quickly and keeps no lists.
 */
#ifndef CACHE_MODEL_H
#define CACHE_MODEL_H

#include "cache_machine.h"

/* The guest: pages, and places in them, that there are. */
#define GVAS   6u
#define GPAS   6u
#define PLACES 3u /* in a page */
#define STATES 4u
#define NO_RAM RAM_PAGES

static const uint32_t gva_of[GVAS] = {0xc0100000, 0xc0101000, 0xc0200000, 0xc0500000, 0xbf0ff000, 0x00000000};
/* An alias, no RAM, and those that the indexes do not tell from others. */
static const uint32_t gpa_of[GPAS] = {0x70003000, 0x70004000, 0x70403000, 0x00003000, 0x703ff000, 0x40000000};
static const uint32_t ram_of[GPAS] = {3, 4, 3 + 1024, 3, 1023, NO_RAM};
static const struct block_state state_of[STATES] = {{.mode = 0x13},
                                                    {.mode = 0x13, .away = AWAY_BOTH},
                                                    {.mode = 0x12},
                                                    {.mode = 0x13, .thumb = true, .itstate = 8}};
#define JUMP_STATE 1u /* only blocks of one state are in the jump map */

static uint32_t address(unsigned g, unsigned place) { return gva_of[g] + place * 0x7f8; }

#define BLOCKS 400u
#define EXITS  3u
#define NONE   (-1)

struct model_exit {
    unsigned gva, place, state, cond;
    int to; /* block */
};

static struct model {
    struct block *b;
    unsigned gva, gpa, place, state, word_count, exit_count;
    int reads_gva, reads_gpa; /* the page of its constant, or NONE */
    bool valid;
    struct model_exit exits[EXITS];
} blocks[BLOCKS];
static unsigned block_count;

static struct code_page *pages[GVAS][GPAS]; /* NULL: never mapped so */
static int active[GVAS];                    /* GPA, or NONE */
static unsigned size_log2[GVAS];            /* of the mapping */
static bool global[GVAS];
static uint8_t model_flags[RAM_PAGES];
static int jump[GVAS][PLACES], svc; /* block */
static bool reached_less;           /* a block stopped being reachable */

/* How often something has happened: a test in which it never does shows nothing. */
enum {
    ADDED,
    FULL,
    LINKED,
    AT_ONCE,
    REMAPPED,
    DROPPED,
    WRITTEN,
    READ_GONE,
    JUMPED,
    SVCED,
    REVALIDATED,
    TOGETHER,
    UNASKED,
    FLUSHED,
    COUNTS
};
static unsigned counts[COUNTS];

static bool reachable(int i) { return blocks[i].valid && active[blocks[i].gva] == (int)blocks[i].gpa; }

static void model_reset(void)
{
    block_count = 0;
    memset(pages, 0, sizeof pages);
    memset(model_flags, 0, sizeof model_flags);
    for (unsigned g = 0; g < GVAS; g++) {
        active[g] = NONE;
        for (unsigned p = 0; p < PLACES; p++)
            jump[g][p] = NONE;
    }
    svc = NONE;
}

static void model_unreach(int i)
{
    reached_less |= reachable(i);
    for (unsigned k = 0; k < block_count; k++)
        for (unsigned e = 0; e < blocks[k].exit_count; e++)
            if (blocks[k].exits[e].to == i)
                blocks[k].exits[e].to = NONE;
    if (jump[blocks[i].gva][blocks[i].place] == i)
        jump[blocks[i].gva][blocks[i].place] = NONE;
    if (svc == i)
        svc = NONE;
}

static void model_drop(int i)
{
    if (!blocks[i].valid)
        return;
    model_unreach(i);
    blocks[i].valid = false;
    for (unsigned e = 0; e < blocks[i].exit_count; e++)
        blocks[i].exits[e].to = NONE;
}

static void model_drop_readers(unsigned g, unsigned p)
{
    for (unsigned i = 0; i < block_count; i++)
        if (blocks[i].reads_gva == (int)g && blocks[i].reads_gpa == (int)p && blocks[i].valid) {
            model_drop((int)i);
            counts[READ_GONE]++;
        }
}

static void model_deactivate(unsigned g)
{
    int p = active[g];

    if (p == NONE)
        return;
    for (unsigned i = 0; i < block_count; i++)
        if (blocks[i].gva == g && blocks[i].gpa == (unsigned)p)
            model_unreach((int)i);
    active[g] = NONE;
    model_drop_readers(g, (unsigned)p);
}

static void model_icache(uint32_t ram)
{
    if (!(model_flags[ram] & PAGE_DIRTY))
        return;
    model_flags[ram] = 0;
    for (unsigned i = 0; i < block_count; i++)
        if (ram_of[blocks[i].gpa] == ram) {
            counts[DROPPED] += blocks[i].valid;
            model_drop((int)i);
        }
}

static void model_watch(unsigned p)
{
    if (ram_of[p] != NO_RAM)
        model_flags[ram_of[p]] |= PAGE_HAS_CODE;
}

static int model_find(unsigned g, unsigned p, unsigned place, unsigned state)
{
    for (unsigned i = 0; i < block_count; i++) {
        const struct model *m = &blocks[i];

        if (m->valid && m->gva == g && m->gpa == p && m->place == place && m->state == state)
            return (int)i;
    }
    return NONE;
}

#endif
