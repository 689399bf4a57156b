#include "classify/emitted.h"
#include "dbt/dbt.h"
#include "dbt/emit.h"
#include "host/a32.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window.h"
#include "ops.h"

#include <stdio.h>
#include <string.h>

unsigned vmm_switched_off = 1u << SWITCH_long_blocks; /* a block is one instruction */

const char *const emitted_how_names[] = {"callout", "jump map", "link", "copy", "inline"};

static uint8_t page[PAGE_SIZE];

/* The instruction in an empty page. What goes on in the next page is returned as the source's second half. */
static void put(const struct insn *in, struct dbt_source *s)
{
    uint32_t at = s->pc.a & PAGE_MASK;

    memset(page, 0, sizeof(page));
    if (in->thumb && in->size == 4) {
        page[at] = (uint8_t)(in->word >> 16);
        page[at + 1] = (uint8_t)(in->word >> 24);
        if (at + 2 == PAGE_SIZE) {
            s->second_valid = true;
            s->second = (uint16_t)in->word;
            return;
        }
        page[at + 2] = (uint8_t)in->word;
        page[at + 3] = (uint8_t)(in->word >> 8);
        return;
    }
    for (unsigned i = 0; i < in->size; i++)
        page[at + i] = (uint8_t)(in->word >> 8 * i);
}

static const struct site *site_of(const struct translation_unit *u, unsigned word)
{
    for (unsigned i = 0; i < u->site_count; i++)
        if (u->sites[i].word == word || u->sites[i].stub == word)
            return &u->sites[i];
    return NULL;
}

/* Words whose meaning their disassembly does not tell. */
static const char *name_of(uint32_t word)
{
    static char text[32];

    if (word == JUMP_LOAD)
        return "by the jump map to the block";
    switch (word & 0xffef0fff) {
    case 0xee060f50: snprintf(text, sizeof(text), "the spill register IFAR"); return text;
    case 0xee0a0f32: snprintf(text, sizeof(text), "the spill register NMRR"); return text;
    default: return NULL;
    }
}

static void note(const struct translation_unit *u, unsigned k, uint32_t next, char *text, size_t size)
{
    uint32_t word = u->words[k];
    const struct site *site = site_of(u, k);
    unsigned literal = k + 2 + (word & 0xfff) / 4;

    if ((word & 0x0fff0000) == 0x059f0000 && literal >= u->word_count &&
        literal < u->word_count + u->literal_count)
        snprintf(text, size, "=%#x", u->words[literal]);
    else if (site && site->kind == SITE_EXIT && site->word == k)
        snprintf(text, size, "to the block of %#x%s", site->data,
                 site->data == next ? ", the next instruction" : "");
    else if (site && site->kind == SITE_EXIT)
        snprintf(text, size, "until the block of %#x is linked", site->data);
    else if (site && word == A32_UDF)
        snprintf(text, size, "callout: the VMM emulates the instruction");
    else if (site && (word & 0x0c000000) == 0x04000000)
        snprintf(text, size, "traps to the VMM if an interrupt waits or the value is not for here");
    else if (name_of(word))
        snprintf(text, size, "%s", name_of(word));
}

/* What is only there because this block has no more: the exit to the next instruction, its branch and its
 * stub, and what stands for an IT. */
static bool leads_on(const struct translation_unit *u, const struct insn *in, unsigned k, uint32_t next)
{
    const struct site *site = site_of(u, k);

    if (in->op == OP_IT && in->class == CLASS_INNOCUOUS)
        return true;
    return in->class != CLASS_CONTROL_FLOW && site && site->kind == SITE_EXIT && site->data == next &&
           u->words[site->word] >> 24 == 0xea;
}

/* The words that do the instruction's work are those that are neither exits, nor callouts, nor the branch
 * over one. */
static enum emitted_how how_of(const struct translation_unit *u, const struct insn *in)
{
    bool jump = false, callout = false, exits = false;
    unsigned work = 0, first = 0;

    for (unsigned k = 0; k < u->word_count; k++) {
        const struct site *site = site_of(u, k);
        bool udf = A32_UDF == (u->words[k]);

        jump |= u->words[k] == JUMP_LOAD;
        callout |= site && site->kind == SITE_CALLOUT && udf;
        exits |= site && site->kind == SITE_EXIT;
        if (udf || (site && site->kind == SITE_EXIT) || (!site && (u->words[k] & 0x0f000000) == 0x0a000000))
            continue;
        first = work++ ? first : u->words[k];
    }
    if (jump)
        return EMITTED_JUMP;
    if (in->class == CLASS_CONTROL_FLOW && exits && !callout)
        return EMITTED_LINK;
    if (callout && !work)
        return EMITTED_CALLOUT;
    /* But for the condition: it may be a branch over the word, and T32's coprocessor and vector words have 14
     * there. */
    if (work == 1 && in->size == 4 && !((first ^ in->word) & 0x0fffffffu))
        return EMITTED_COPY;
    return EMITTED_INLINE;
}

void emitted_find(const struct insn *in, uint32_t pc, unsigned mode, struct emitted *out)
{
    struct block_state state = {.mode = (uint8_t)mode, .thumb = in->thumb};
    struct dbt_source source = {.pc = GVA(pc), .state = state, .page = page};
    cca_t where = CCA(WINDOW_CACHE + PAGE_SIZE);
    struct translation_unit u;

    out->count = 0;
    dbt_dacr_inline = true; /* as for a guest that leaves the window's domains alone */
    dbt_serve(state);
    put(in, &source);
    CHECK(dbt_translate(&source, where, &u) == DBT_DONE);
    out->how = how_of(&u, in);
    for (unsigned k = 0; k < u.word_count && out->count < EMITTED_LINES; k++) {
        char *line = out->lines[out->count], text[96] = "";
        struct insn host;
        int length;

        if (leads_on(&u, in, k, pc + in->size))
            continue;
        decode_a32(u.words[k], &host);
        length = disassemble(&host, where.a + 4 * k, line, EMITTED_SIZE);
        note(&u, k, pc + in->size, text, sizeof(text));
        if (*text)
            snprintf(line + length, EMITTED_SIZE - (size_t)length, "%*s; %s", length < 32 ? 32 - length : 1,
                     "", text);
        out->count++;
    }
}
