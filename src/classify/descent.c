#include "classify/descent.h"
#include "ops.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_MAX 1024u /* entries of a branch table that no comparison bounds */
#define AGAIN     3u    /* trials of a function that took literals for code, each knowing more of them */
#define RECENT    8u    /* instructions back in which the comparison of a table's index is looked for */

struct descent_stats descent_stats;

/* A growing list of addresses; bit 0 is the Thumb state. */
struct list {
    uint32_t *items;
    size_t count, room;
};

static void list_add(struct list *l, uint32_t item)
{
    if (l->count == l->room) {
        l->room = l->room ? 2 * l->room : 1024;
        l->items = realloc(l->items, l->room * sizeof(*l->items));
        CHECK(l->items);
    }
    l->items[l->count++] = item;
}

static struct list calls;    /* functions that accepted code calls: strong roots */
static struct list symbols;  /* said to be functions, but assembly code has labels at its data too */
static struct list pointers; /* addresses that accepted code computes or loads: weak roots */

/* One trial: what it has marked so far, what it has still to walk, and what it would lead to. */
struct trial {
    struct image *image;
    struct list marked, todo, calls, pointers, words;
    unsigned insns;
    bool failed;
    bool overran; /* took literals for code, behind a call that does not return: again, knowing them */
};

struct segment *descent_find_segment(const struct image *i, uint32_t address)
{
    static struct segment *last;

    if (last && address - last->address < last->size && last >= i->segments &&
        last < i->segments + i->segment_count)
        return last;
    for (unsigned n = 0; n < i->segment_count; n++)
        if (address - i->segments[n].address < i->segments[n].size)
            return last = &i->segments[n];
    return NULL;
}

static uint8_t *mark_of(const struct segment *s, uint32_t address)
{
    return &s->marks[(address - s->address) / 2];
}

static uint32_t half_at(const struct segment *s, uint32_t address)
{
    const uint8_t *p = s->bytes + (address - s->address);

    return p[0] | (uint32_t)p[1] << 8;
}

/* All four bytes are in the segment? */
static bool has_word(const struct segment *s, uint32_t address)
{
    return s && address - s->address < s->size && s->size - (address - s->address) >= 4;
}

static uint32_t word_at(const struct segment *s, uint32_t address)
{
    return half_at(s, address) | half_at(s, address + 2) << 16;
}

/* False: it does not end in this segment. */
static bool decode_at(const struct segment *s, uint32_t address, bool thumb, struct insn *out)
{
    if (!thumb) {
        if (!has_word(s, address))
            return false;
        decode_a32(word_at(s, address), out);
        return true;
    }
    if (!decode_is_wide((uint16_t)half_at(s, address))) {
        decode_thumb(half_at(s, address), false, out);
        return true;
    }
    if (!has_word(s, address))
        return false;
    decode_thumb(half_at(s, address) << 16 | half_at(s, address + 2), true, out);
    return true;
}

bool descent_decode_at(const struct segment *s, uint32_t address, struct insn *out)
{
    uint8_t mark = *mark_of(s, address);

    return mark >= MARK_A32 && mark <= MARK_T32 && decode_at(s, address, mark != MARK_A32, out);
}

static struct segment *code_segment(const struct image *i, uint32_t address)
{
    struct segment *s = descent_find_segment(i, address);

    return s && s->executable ? s : NULL;
}

static bool is_code_address(const struct image *i, uint32_t target)
{
    return target != 0 && (target & 3) != 2 && code_segment(i, target & ~1u);
}

static void mark_insn(struct trial *t, struct segment *s, uint32_t address, const struct insn *in)
{
    *mark_of(s, address) = !in->thumb ? MARK_A32 : in->size == 2 ? MARK_T16 : MARK_T32;
    if (in->size == 4)
        *mark_of(s, address + 2) = MARK_INSIDE;
    list_add(&t->marked, address);
    t->insns++;
}

static void unmark(struct trial *t, uint32_t address)
{
    struct segment *s = descent_find_segment(t->image, address);
    uint8_t mark = *mark_of(s, address);

    *mark_of(s, address) = MARK_UNKNOWN;
    if (mark == MARK_A32 || mark == MARK_T32)
        *mark_of(s, address + 2) = MARK_UNKNOWN;
    t->insns -= mark != MARK_DATA;
}

/* Base of a literal or a table (A8: Align(PC, 4)). */
static uint32_t pc_of(uint32_t address, const struct insn *in)
{
    return (address + (in->thumb ? 4 : 8)) & ~3u;
}

static void mark_data(struct trial *t, struct segment *s, uint32_t address, uint32_t size)
{
    for (uint32_t at = address; at < address + size; at += 2)
        if (*mark_of(s, at) == MARK_UNKNOWN) {
            *mark_of(s, at) = MARK_DATA;
            list_add(&t->marked, at);
        }
}

/* Bytes that a literal load takes from near the PC; 0: it is none. */
static unsigned literal_size(const struct insn *in)
{
    switch (in->op) {
    case OP_LDR_lit:
    case OP_LDRB_lit:
    case OP_LDRH_lit:
    case OP_LDRSB_lit:
    case OP_LDRSH_lit: return 4;
    case OP_LDRD_lit: return 8;
    case OP_VLDR: return in->rn == REG_PC ? 8 : 0;
    default: return 0;
    }
}

static void note_word(struct trial *t, struct segment *s, uint32_t at)
{
    list_add(&t->words, at);
    t->overran |= *mark_of(s, at) != MARK_UNKNOWN && *mark_of(s, at) != MARK_DATA;
    mark_data(t, s, at, 4);
}

static void note_literal(struct trial *t, uint32_t address, const struct insn *in)
{
    uint32_t at = (pc_of(address, in) + (in->add ? in->imm : -in->imm)) & ~3u;
    struct segment *s = code_segment(t->image, at);

    for (unsigned n = 0; n < literal_size(in); n += 4)
        if (has_word(s, at + n))
            note_word(t, s, at + n);
    if (in->op == OP_LDR_lit && has_word(s, at) && is_code_address(t->image, word_at(s, at)))
        list_add(in->rt == REG_PC ? &t->calls : &t->pointers, word_at(s, at));
}

/* The upper bound that a CMP just before sets to a table's index; TABLE_MAX if none does. */
static unsigned table_bound(const struct segment *s, const uint32_t *recent, unsigned count, bool thumb,
                            unsigned reg)
{
    for (unsigned n = 0; n < count && n < RECENT; n++) {
        struct insn in;

        if (!decode_at(s, recent[(count - 1 - n) % RECENT], thumb, &in))
            break;
        if (in.op == OP_CMP_imm && in.rn == reg)
            return in.imm < TABLE_MAX ? in.imm + 1 : TABLE_MAX;
        if (in.writes >> reg & 1)
            break;
    }
    return TABLE_MAX;
}

/* LDR pc, [pc, Rm, LSL #2], ADD pc, pc, Rm, LSL #2, TBB and TBH: where they may go. */
static void follow_table(struct trial *t, struct segment *s, uint32_t address, const struct insn *in,
                         unsigned bound)
{
    uint32_t table = in->thumb ? address + 4 : address + 8, lowest = UINT32_MAX;

    descent_stats.tables++;
    for (unsigned n = 0; n < bound; n++) {
        uint32_t at = table + 4 * n, target;
        struct insn branch;

        if (in->op == OP_TBB)
            at = table + (in->mask ? 2 * n : n);
        if (at >= lowest) /* the first case's code */
            return;
        if (in->op == OP_TBB) {
            if (code_segment(t->image, at) != s)
                return;
            target = (in->mask ? half_at(s, at) : s->bytes[at - s->address]) * 2 + table;
            if (code_segment(t->image, target) != s || (bound == TABLE_MAX && target <= at))
                return;
            lowest = target < lowest ? target : lowest;
            mark_data(t, s, at & ~1u, 2);
            list_add(&t->todo, target | 1);
            continue;
        }
        if (code_segment(t->image, at) != s || !has_word(s, at))
            return;
        if (in->op == OP_ADD_reg) { /* a table of branches */
            decode_a32(word_at(s, at), &branch);
            if (bound == TABLE_MAX && (branch.op != OP_B || branch.cond != COND_AL))
                return;
            list_add(&t->todo, at);
            continue;
        }
        target = word_at(s, at);
        if (target & 3 || code_segment(t->image, target) != s || target - address + 0x10000 > 0x20000)
            return;
        if (target > address)
            lowest = target < lowest ? target : lowest;
        note_word(t, s, at);
        list_add(&t->todo, target);
    }
}

static bool is_table_branch(const struct insn *in)
{
    if (in->op == OP_TBB)
        return in->rn == REG_PC;
    return (in->op == OP_LDR_reg || in->op == OP_ADD_reg) && in->rn == REG_PC && in->shift == SHIFT_LSL &&
           in->amount == 2 && (in->op == OP_LDR_reg ? in->rt : in->rd) == REG_PC && !in->thumb;
}

/* MOVW and MOVT of one register are an address. */
static void note_constant(struct trial *t, const struct insn *in, uint32_t low[16])
{
    if (in->op == OP_MOVW) {
        low[in->rd & 15] = in->imm;
    } else if (in->op == OP_MOVT && low[in->rd & 15] <= 0xffff) {
        uint32_t value = in->imm << 16 | low[in->rd & 15];

        if (is_code_address(t->image, value))
            list_add(&t->pointers, value);
    } else {
        for (unsigned r = 0; r < 15; r++)
            if (in->writes >> r & 1)
                low[r] = UINT32_MAX;
    }
}

static bool is_call(const struct insn *in)
{
    return in->op == OP_BL_imm || in->op == OP_BLX_imm || in->op == OP_BLX_reg;
}

/* Where a direct branch goes, with the state in bit 0; false if it is none. */
static bool branch_target(uint32_t address, const struct insn *in, uint32_t *target)
{
    uint32_t pc = address + (in->thumb ? 4 : 8);

    switch (in->op) {
    case OP_B:
    case OP_BL_imm: *target = (pc + in->imm) | in->thumb; return true;
    case OP_BLX_imm: *target = in->thumb ? (pc & ~3u) + in->imm : (pc + in->imm) | 1; return true;
    case OP_CBZ: *target = (pc + in->imm) | 1; return true;
    default: return false;
    }
}

/* Nothing falls through, if it is executed (an IT block's instructions are taken as conditional). */
static bool ends_run(const struct insn *in, unsigned it_left)
{
    if (in->cond != COND_AL || it_left)
        return false;
    if (in->op == OP_UDF || in->op == OP_B || in->op == OP_RFE)
        return true;
    return in->writes >> REG_PC & 1 && !is_call(in) && in->op != OP_CBZ;
}

/* Forget a run's instructions from `keep` of its marks on. */
static void cut_off(struct trial *t, size_t keep)
{
    while (t->marked.count > keep)
        unmark(t, t->marked.items[--t->marked.count]);
}

/*
 * UNDEFINED words that some core has (PLDW, SDIV, HVC ...) are in kernels that look first whether theirs
 * does, or patch themselves when it does not.
 */
static bool is_no_code(const struct insn *in)
{
    if (in->class == CLASS_UNDEFINED)
        return in->row >= decoder_row_count || decoder_rows[in->row].class != CLASS_UNDEFINED ||
               !strcmp(decoder_rows[in->row].encoding, "-");
    /* Registers of VFP that only others have: in code that has looked. */
    return in->class == CLASS_UNPREDICTABLE && in->op != OP_VMRS && in->op != OP_VMSR;
}

/* From one address up to what nothing falls through. */
static void walk_path(struct trial *t, uint32_t start)
{
    bool thumb = start & 1, after_call = false;
    uint32_t address = start & ~1u, recent[RECENT], low[16], target;
    unsigned count = 0, it_left = 0;
    size_t keep = 0, keep_todo = 0;
    struct insn in;

    memset(low, 0xff, sizeof(low));
    for (;; address += in.size) {
        struct segment *s = code_segment(t->image, address);
        uint8_t mark = s ? *mark_of(s, address) : MARK_DATA;

        if (mark >= MARK_A32 && mark <= MARK_T32 && (mark != MARK_A32) == thumb)
            return; /* known from here on */
        if (!s || mark != MARK_UNKNOWN || !decode_at(s, address, thumb, &in) || is_no_code(&in) ||
            (in.size == 4 && *mark_of(s, address + 2) != MARK_UNKNOWN)) {
            if (after_call) {
                cut_off(t, keep);
                t->todo.count = keep_todo;
            } else {
                t->failed = true;
            }
            return;
        }
        mark_insn(t, s, address, &in);
        note_constant(t, &in, low);
        note_literal(t, address, &in);
        if (is_table_branch(&in))
            follow_table(t, s, address, &in, table_bound(s, recent, count, thumb, in.rm));
        if (branch_target(address, &in, &target)) {
            if (!code_segment(t->image, target & ~1u)) {
                if (!after_call && !is_call(&in)) {
                    t->failed = true; /* out of the image */
                    return;
                }
            } else if (is_call(&in)) {
                list_add(&t->calls, target);
            } else {
                list_add(&t->todo, target);
            }
        }
        if (is_call(&in) && in.cond == COND_AL) {
            after_call = true;
            keep = t->marked.count;
            keep_todo = t->todo.count;
        }
        if (ends_run(&in, it_left))
            return;
        if (it_left)
            it_left--;
        if (in.op == OP_IT)
            it_left = in.mask & 1 ? 4 : in.mask & 2 ? 3 : in.mask & 4 ? 2 : 1;
        recent[count++ % RECENT] = address;
    }
}

static bool mostly_thumb; /* the known code: addresses of the other state are mostly odd numbers, or text */

/* PUSH {..., lr} */
static bool begins_function(const struct insn *in)
{
    return (in->op == OP_STM || in->op == OP_STR_imm) && in->rn == REG_SP && in->wback && !in->add &&
           (in->op == OP_STM ? in->list >> REG_LR & 1 : in->rt == REG_LR);
}

/* What an unknown address must show to pass for code. */
static bool looks_like_code(struct image *i, uint32_t start, enum root_kind kind)
{
    struct segment *s = code_segment(i, start & ~1u);
    struct insn in;

    if (!s || *mark_of(s, start & ~1u) != MARK_UNKNOWN || !decode_at(s, start & ~1u, start & 1, &in))
        return false;
    /* Zeros are ANDEQ and MOVS r0, r0; text and small numbers are conditional. */
    return in.word != 0 && in.cond == COND_AL &&
           (kind != ROOT_WEAK || mostly_thumb == (start & 1) || begins_function(&in));
}

static bool holds(const struct trial *t, enum root_kind kind)
{
    unsigned always = 0, thumb = 0;

    if (t->failed)
        return false;
    if (kind != ROOT_WEAK)
        return true;
    for (size_t n = 0; n < t->marked.count; n++) {
        struct insn in;
        struct segment *s = descent_find_segment(t->image, t->marked.items[n]);

        if (!descent_decode_at(s, t->marked.items[n], &in))
            continue;
        always += in.cond == COND_AL && in.word != 0;
        thumb += in.thumb;
    }
    /* Data rarely decodes as this many unconditional instructions up to a jump; a single one is no evidence.
     */
    return t->insns >= 2 && 3 * always >= 2 * t->insns && (!thumb || t->insns >= 4);
}

static void append(struct list *to, struct list *from)
{
    for (size_t n = 0; n < from->count; n++)
        list_add(to, from->items[n]);
}

static void walk_trial(struct trial *t, uint32_t root)
{
    t->marked.count = t->todo.count = t->calls.count = t->pointers.count = 0;
    t->insns = 0;
    t->failed = t->overran = false;
    for (size_t n = 0; n < t->words.count; n++)
        mark_data(t, code_segment(t->image, t->words.items[n]), t->words.items[n], 4);
    list_add(&t->todo, root);
    while (t->todo.count && !t->failed)
        walk_path(t, t->todo.items[--t->todo.count]);
}

static bool try_root(struct image *i, uint32_t root, enum root_kind kind)
{
    static struct trial t;
    struct segment *s = code_segment(i, root & ~1u);

    if (!s)
        return false;
    if (*mark_of(s, root & ~1u) != MARK_UNKNOWN)
        return *mark_of(s, root & ~1u) <= MARK_T32;
    if (kind != ROOT_STRONG && !looks_like_code(i, root, kind))
        return false;
    t.image = i;
    t.words.count = 0;
    walk_trial(&t, root);
    for (unsigned again = 0; t.overran && again < AGAIN; again++) {
        cut_off(&t, 0);
        walk_trial(&t, root);
    }
    if (!holds(&t, kind)) {
        cut_off(&t, 0);
        descent_stats.refused++;
        return false;
    }
    for (size_t n = 0; n < t.words.count; n++) {
        s = code_segment(i, t.words.items[n]);
        mark_data(&t, s, t.words.items[n], 4);
    }
    for (size_t n = 0; n < t.calls.count; n++) /* a guess that changes the state would be a wild one */
        list_add(kind == ROOT_WEAK && (t.calls.items[n] ^ root) & 1 ? &pointers : &calls, t.calls.items[n]);
    append(&pointers, &t.pointers);
    descent_stats.roots[kind]++;
    return true;
}

void descent_root(uint32_t address, enum root_kind kind)
{
    list_add(kind == ROOT_STRONG ? &calls : kind == ROOT_SYMBOL ? &symbols : &pointers, address);
}

static void drain(struct image *i)
{
    while (calls.count)
        try_root(i, calls.items[--calls.count], ROOT_STRONG);
}

static void drain_pointers(struct image *i)
{
    drain(i);
    while (pointers.count) {
        try_root(i, pointers.items[--pointers.count], ROOT_WEAK);
        drain(i);
    }
}

/* Words that hold the address of something executable that is not known yet. */
static void scan_data(struct image *i)
{
    for (unsigned n = 0; n < i->segment_count; n++) {
        struct segment *s = &i->segments[n];

        for (uint32_t at = (s->address + 3) & ~3u; has_word(s, at); at += 4) {
            if (s->executable && *mark_of(s, at) != MARK_DATA)
                continue;
            if (is_code_address(i, word_at(s, at)))
                list_add(&pointers, word_at(s, at));
        }
    }
}

/* What follows known code or its literals, up to the next known address: a function that nothing leads to? */
static void scan_gaps(struct image *i, bool thumb)
{
    for (unsigned n = 0; n < i->segment_count; n++) {
        struct segment *s = &i->segments[n];

        if (!s->executable)
            continue;
        for (uint32_t at = (s->address + 3) & ~3u; at - s->address < s->size; at += thumb ? 2 : 4) {
            if (*mark_of(s, at) == MARK_UNKNOWN && try_root(i, at | thumb, ROOT_WEAK))
                drain_pointers(i);
        }
    }
}

/* Instructions of known code, by state. */
static void count_states(const struct image *i, unsigned long count[2])
{
    count[0] = count[1] = 0;
    for (unsigned n = 0; n < i->segment_count; n++)
        for (uint32_t h = 0; i->segments[n].executable && h < i->segments[n].size / 2; h++) {
            uint8_t mark = i->segments[n].marks[h];

            count[0] += mark == MARK_A32;
            count[1] += mark == MARK_T16 || mark == MARK_T32;
        }
}

void descent_run(struct image *i, bool guess)
{
    unsigned long count[2];

    drain(i);
    while (symbols.count) {
        try_root(i, symbols.items[--symbols.count], ROOT_SYMBOL);
        drain(i);
    }
    count_states(i, count);
    mostly_thumb = count[1] > count[0];
    drain_pointers(i);
    scan_data(i);
    drain_pointers(i);
    count_states(i, count);
    mostly_thumb = count[1] > count[0];
    if (guess)
        scan_gaps(i, mostly_thumb);
}

void descent_span(struct image *i, uint32_t address, uint32_t end, enum mark state)
{
    struct segment *s = code_segment(i, address);
    struct insn in = {.size = 2};

    if (!s)
        return;
    if (end - s->address > s->size)
        end = s->address + s->size;
    for (uint32_t at = address & ~1u; at < end; at += in.size) {
        in.size = 2;
        if (state == MARK_DATA) {
            *mark_of(s, at) = MARK_DATA;
        } else if (decode_at(s, at, state != MARK_A32, &in) && at + in.size <= end) {
            *mark_of(s, at) = !in.thumb ? MARK_A32 : in.size == 2 ? MARK_T16 : MARK_T32;
            if (in.size == 4)
                *mark_of(s, at + 2) = MARK_INSIDE;
        }
    }
}
