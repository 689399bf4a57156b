/*
 * struct insn to UAL text. A format's `assembly` says what follows the mnemonic; in it % and a
 * letter stand for an operand as the cases of put_core() and its like tell. For tools only: needs
 * rows_names.c.
 */
#include "decoder/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ops.h"

void text_put(struct text *t, const char *format, ...)
{
    va_list list;
    int n;

    va_start(list, format);
    n = vsnprintf(t->at, (size_t)(t->end - t->at), format, list);
    va_end(list);
    t->at = n < t->end - t->at ? t->at + n : t->end - 1;
}

/* A field of the row's diagram that struct insn has no member for; 0 if there is none. */
unsigned text_field(const struct text *t, char letter)
{
    unsigned width = (unsigned)strlen(t->row->bits);
    unsigned value = 0;

    for (unsigned i = 0; i < width; i++)
        if (t->row->bits[i] == letter)
            value = value << 1 | bit(t->in->word, width - 1 - i);
    return value;
}

bool text_has_field(const struct text *t, char letter) { return strchr(t->row->bits, letter); }

void text_put_register(struct text *t, uint8_t reg)
{
    static const char *const names[] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                        "r8", "r9", "r10", "r11", "r12", "sp", "lr", "pc"};

    text_put_name(t, reg < 16 ? names[reg] : NULL);
}

void text_put_name(struct text *t, const char *name)
{
    if (name)
        text_put(t, "%s", name);
    else
        t->nameless = true;
}

static void put_shift(struct text *t, unsigned type, unsigned amount)
{
    static const char *const names[] = {"lsl", "lsr", "asr", "ror"};

    if (type == SHIFT_RRX)
        text_put(t, ", rrx");
    else if (amount)
        text_put(t, ", %s #%u", names[type & 3], amount);
}

/* Rm and its shift, by a constant or a register. */
static void put_shifted(struct text *t)
{
    static const char *const names[] = {"lsl", "lsr", "asr", "ror"};

    text_put_register(t, t->in->rm);
    if (t->in->ra != REG_NONE) {
        text_put(t, ", %s ", names[t->in->shift & 3]);
        text_put_register(t, t->in->ra);
    } else {
        put_shift(t, t->in->shift, t->in->amount);
    }
}

static void put_offset(struct text *t)
{
    const struct insn *in = t->in;

    text_put(t, ", ");
    if (in->imm_form) {
        text_put(t, "#%s%u", in->add ? "" : "-", (unsigned)in->imm);
        return;
    }
    text_put(t, "%s", in->add ? "" : "-");
    text_put_register(t, in->rm);
    put_shift(t, in->shift, in->amount);
}

static void put_address(struct text *t)
{
    const struct insn *in = t->in;

    if (in->op == OP_ADR) {
        text_put(t, "#%s%u", in->add ? "" : "-", (unsigned)in->imm);
        return;
    }
    text_put(t, "[");
    text_put_register(t, in->rn);
    if ((in->op == OP_LDC || in->op == OP_STC || in->op == OP_LDC2 || in->op == OP_STC2) && !in->index &&
        !in->wback) {
        text_put(t, "], {%u}", (unsigned)in->imm / 4);
        return;
    }
    if (!in->index)
        text_put(t, "]");
    if (!in->imm_form || in->imm || !in->add || in->wback || (in->thumb && in->rn == REG_PC))
        put_offset(t);
    if (in->index)
        text_put(t, "]%s", in->wback ? "!" : "");
}

static void put_list(struct text *t)
{
    const char *comma = "";

    text_put(t, "{");
    for (unsigned r = 0; r < 16; r++) {
        if (!(t->in->list >> r & 1))
            continue;
        text_put(t, "%s", comma);
        text_put_register(t, (uint8_t)r);
        comma = ", ";
    }
    text_put(t, "}");
}

static void put_status_register(struct text *t)
{
    const struct insn *in = t->in;

    if (in->op == OP_MRS) {
        text_put(t, in->spsr ? "spsr" : "apsr");
        return;
    }
    if (!in->spsr && !(in->mask & 3) && in->mask) {
        text_put(t, "apsr_%s%s", in->mask & 8 ? "nzcvq" : "", in->mask & 4 ? "g" : "");
        return;
    }
    text_put(t, in->spsr ? "spsr_" : "cpsr_");
    text_put(t, "%s%s%s%s", in->mask & 8 ? "f" : "", in->mask & 4 ? "s" : "", in->mask & 2 ? "x" : "",
             in->mask & 1 ? "c" : "");
}

/* SYSm of the banked MRS and MSR: R, then M (B9.2.3). */
static void put_banked_register(struct text *t)
{
    static const char *const names[] = {
        "r8_usr", "r9_usr", "r10_usr", "r11_usr", "r12_usr", "sp_usr", "lr_usr",  NULL,
        "r8_fiq", "r9_fiq", "r10_fiq", "r11_fiq", "r12_fiq", "sp_fiq", "lr_fiq",  NULL,
        "lr_irq", "sp_irq", "lr_svc",  "sp_svc",  "lr_abt",  "sp_abt", "lr_und",  "sp_und",
        NULL,     NULL,     NULL,      NULL,      "lr_mon",  "sp_mon", "elr_hyp", "sp_hyp"};
    /* in the word M's top bit is the lowest */
    unsigned m = bit(t->in->word, t->in->thumb ? 4 : 8) << 4;

    m |= t->in->thumb ? (t->in->op == OP_MRS_bank ? bits(t->in->word, 19, 16) : bits(t->in->word, 11, 8))
                      : bits(t->in->word, 19, 16);
    if (!t->in->spsr) {
        text_put_name(t, names[m]);
        return;
    }
    text_put_name(t, m == 14   ? "spsr_fiq"
                     : m == 16 ? "spsr_irq"
                     : m == 18 ? "spsr_svc"
                     : m == 20 ? "spsr_abt"
                     : m == 22 ? "spsr_und"
                     : m == 28 ? "spsr_mon"
                     : m == 30 ? "spsr_hyp"
                               : NULL);
}

static void put_barrier(struct text *t)
{
    static const char *const names[] = {"", "", "oshst", "osh", "", "", "nshst", "nsh",
                                        "", "", "ishst", "ish", "", "", "st",    "sy"};
    const char *name = names[t->in->imm & 15];

    if (*name && (t->in->op != OP_ISB || t->in->imm == 15))
        text_put(t, "%s", name);
    else
        text_put(t, "#%u", (unsigned)t->in->imm);
}

static void put_cps(struct text *t)
{
    const struct insn *in = t->in;

    text_put(t, "%s", in->imod == 2 ? "ie" : in->imod == 3 ? "id" : "");
    if (in->imod & 2)
        text_put(t, " %s%s%s", in->mask & 4 ? "a" : "", in->mask & 2 ? "i" : "", in->mask & 1 ? "f" : "");
    if (in->wback)
        text_put(t, "%s #%u", in->imod & 2 ? "," : "", (unsigned)in->imm);
}

static const char *const conditions[] = {"eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc",
                                         "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};

/* x, y, z: then where the mask's bit equals the condition's lowest (A8.8.54). */
static void put_it(struct text *t)
{
    unsigned cond = t->in->mask >> 4, mask = t->in->mask & 15, length = 4;

    while (length && !(mask >> (4 - length) & 1))
        length--;
    for (unsigned i = 3; i > 4 - length; i--)
        text_put(t, "%c", (mask >> i & 1) == (cond & 1) ? 't' : 'e');
    text_put(t, " %s", conditions[cond]);
}

/* A rotated immediate that is not written the shortest way keeps its two halves (A5.2.4). */
static void put_immediate(struct text *t)
{
    const struct insn *in = t->in;
    unsigned rotation = 2 * bits(in->word, 11, 8), shortest = 0;

    if (in->thumb || !strstr(t->row->bits, "vvvvvvvvvvvv") || in->op == OP_MOVW || in->op == OP_MOVT ||
        !text_has_field(t, 'c') || in->imm > 0xffffffff - 1 || t->row->bits[6] != '1' ||
        t->row->bits[4] != '0') {
        text_put(t, "#%u", (unsigned)in->imm);
        return;
    }
    while (shortest < 32 && ror32(in->imm, 32 - shortest) > 0xff)
        shortest += 2;
    if (shortest == rotation)
        text_put(t, "#%u", (unsigned)in->imm);
    else
        text_put(t, "#%u, %u", (unsigned)bits(in->word, 7, 0), rotation);
}

static void put_target(struct text *t)
{
    uint32_t pc = t->pc + (t->in->thumb ? 4 : 8);

    if (t->in->op == OP_BLX_imm)
        pc &= ~3u;
    text_put(t, "#%#x", (unsigned)(pc + t->in->imm));
}

/* The operand of `%` and `letter`, core instructions. False: not one of these. */
static bool put_core(struct text *t, char letter)
{
    const struct insn *in = t->in;

    switch (letter) {
    case 'c': text_put(t, "%s", in->cond < COND_AL ? conditions[in->cond] : ""); return true;
    case 's': text_put(t, "%s", in->s ? "s" : ""); return true;
    case 'd': text_put_register(t, in->rd); return true;
    case 'n': text_put_register(t, in->rn); return true;
    case 'm': text_put_register(t, in->rm); return true;
    case 'a': text_put_register(t, in->ra); return true;
    case 't':
        if (in->rt == REG_PC && (in->op == OP_MRC || in->op == OP_MRC2 || in->op == OP_VMRS))
            text_put(t, "apsr_nzcv");
        else
            text_put_register(t, in->rt);
        return true;
    case 'x': text_put_register(t, in->rt2); return true;
    case 'i': put_immediate(t); return true;
    case 'k': text_put(t, "%u", in->amount); return true;
    case 'S': put_shifted(t); return true;
    case 'N':
        text_put_register(t, in->rn);
        put_shift(t, in->shift, in->amount);
        return true;
    case 'A': put_address(t); return true;
    case 'l': put_list(t); return true;
    case 'w': text_put(t, "%s", in->wback ? "!" : ""); return true;
    case 'M': /* LDM and STM leave the usual mode out */
        text_put(t, "%s", in->add ? in->index ? "ib" : in->list ? "" : "ia" : in->index ? "db" : "da");
        return true;
    case 'b': put_target(t); return true;
    case 'j': text_put(t, "%c", text_field(t, 'j') ? 't' : 'b'); return true;
    case 'y': text_put(t, "%c", text_field(t, 'y') ? 't' : 'b'); return true;
    case 'P': text_put(t, "%s", text_field(t, 'f') ? "tb" : "bt"); return true;
    case 'X': text_put(t, "%s", text_field(t, 'f') ? "x" : ""); return true;
    case 'R': text_put(t, "%s", text_field(t, 'f') ? "r" : ""); return true;
    case 'B': text_put(t, "%s", text_field(t, 'f') ? "b" : ""); return true;
    case 'K': text_put(t, "%s", text_field(t, 'g') ? "l" : ""); return true;
    case 'p': put_status_register(t); return true;
    case 'o': put_banked_register(t); return true;
    case 'q': text_put(t, "p%u", in->coproc); return true;
    case 'e': text_put(t, "#%u", in->opc1); return true;
    case 'g': text_put(t, "#%u", in->opc2); return true;
    case 'f': text_put(t, "c%u", in->crn); return true;
    case 'h': text_put(t, "c%u", in->crm); return true;
    case 'v': text_put(t, "%u", in->vd); return true;
    case '_': put_barrier(t); return true;
    case 'C': put_cps(t); return true;
    case 'E': text_put(t, "%s", in->imm ? "be" : "le"); return true;
    case 'I': text_put(t, "%s", in->mask ? "nz" : "z"); return true;
    case 'T': put_it(t); return true;
    case 'G':
        text_put(t, "%c [", in->mask ? 'h' : 'b');
        text_put_register(t, in->rn);
        text_put(t, ", ");
        text_put_register(t, in->rm);
        text_put(t, "%s]", in->mask ? ", lsl #1" : "");
        return true;
    }
    return false;
}

/* The row's name without the form: VMLA_fp is VMLA, SMLAxy is SMLA. */
static void put_mnemonic(struct text *t)
{
    if (t->in->op == OP_CBZ || t->in->op == OP_TBB) { /* two instructions of one row */
        text_put(t, t->in->op == OP_CBZ ? "cb" : "tb");
        return;
    }
    for (const char *c = t->row->name; *c && *c != '_' && !(*c >= 'a' && *c <= 'z'); c++)
        text_put(t, "%c", *c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
}

/* The forms that UAL prefers to the instruction's own name. True if it was one. */
static bool put_preferred(struct text *t)
{
    static const char *const shifts[] = {"lsl", "lsr", "asr", "ror", "rrx"};
    const struct insn *in = t->in;
    const char *cond = in->cond < COND_AL ? conditions[in->cond] : "";

    if (in->op == OP_MOV_rsr || (in->op == OP_MOV_reg && (in->amount || in->shift))) {
        text_put(t, "%s%s%s ", shifts[in->shift], in->s ? "s" : "", cond);
        text_put_register(t, in->rd);
        text_put(t, ", ");
        text_put_register(t, in->rm);
        if (in->op == OP_MOV_rsr) {
            text_put(t, ", ");
            text_put_register(t, in->ra);
        } else if (in->shift != SHIFT_RRX) {
            text_put(t, ", #%u", in->amount);
        }
        return true;
    }
    if ((in->op == OP_STM && in->index && !in->add) || (in->op == OP_LDM && !in->index && in->add)) {
        if (in->rn != REG_SP || !in->wback || (in->size == 4 && !(in->list & (in->list - 1))))
            return false;
        text_put(t, "%s%s ", in->op == OP_STM ? "push" : "pop", cond);
        put_list(t);
        return true;
    }
    if (((in->op == OP_STR_imm && in->index && !in->add) ||
         (in->op == OP_LDR_imm && !in->index && in->add)) &&
        in->rn == REG_SP && in->wback && in->imm == 4) {
        text_put(t, "%s%s {", in->op == OP_STR_imm ? "push" : "pop", cond);
        text_put_register(t, in->rt);
        text_put(t, "}");
        return true;
    }
    if (in->op == OP_VSTM || in->op == OP_VLDM) {
        bool push = in->op == OP_VSTM && in->index, pop = in->op == OP_VLDM && !in->index;
        bool extended = text_field(t, 'Z') && in->imm & 4; /* FSTMX, FLDMX: one word more */

        if (extended) {
            text_put(t, "%s%sx%s ", in->op == OP_VSTM ? "fstm" : "fldm", in->add ? "ia" : "db", cond);
            text_put_register(t, in->rn);
            text_put(t, "%s, ", in->wback ? "!" : "");
        } else if (in->rn == REG_SP && in->wback && (push || pop)) {
            text_put(t, "%s%s ", push ? "vpush" : "vpop", cond);
        } else {
            return false;
        }
        text_put_vector_list(t);
        return true;
    }
    return false;
}

/* The row's name and what its `assembly` says. */
static void put_row(struct text *t)
{
    put_mnemonic(t);
    for (const char *c = t->row->assembly; *c; c++) {
        char force = 0;

        if (*c != '%') {
            text_put(t, "%c", *c);
            continue;
        }
        c++;
        if (strchr("VUW", *c) && (c[1] == 'd' || c[1] == 'q' || c[1] == 's'))
            force = c[1];
        if (!put_core(t, *c))
            text_put_vector_operand(t, *c, force);
        if (force)
            c++;
    }
}

int disassemble(const struct insn *in, uint32_t pc, char *text, size_t size)
{
    struct text t = {.at = text, .end = text + size, .in = in, .pc = pc, .nameless = true};

    if (!size)
        return 0;
    *text = 0;
    if (in->row < decoder_row_count) {
        t.row = &decoder_rows[in->row];
        t.nameless = false;
        if (!put_preferred(&t))
            put_row(&t);
    }
    if (t.nameless) {
        t.at = text;
        text_put(&t, in->size == 2 ? ".inst.n %#06x" : ".inst %#010x", (unsigned)in->word);
    }
    return (int)(t.at - text);
}
