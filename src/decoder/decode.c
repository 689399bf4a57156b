/*
 * Words to struct insn. The tables say which row matches, where its fields are and what it
 * does; this file gives immediates their meaning and fits class and effects to the word.
 */
#include "decoder/core.h"
#include "host/owner.h"

enum root { ROOT_A32 = 0, ROOT_A32_UNCONDITIONAL, ROOT_T16, ROOT_T32 };

static const struct insn blank = {
    .op = OP_UNDEFINED,
    .class = CLASS_UNDEFINED,
    .cond = COND_AL,
    .rd = REG_NONE,
    .rn = REG_NONE,
    .rm = REG_NONE,
    .ra = REG_NONE,
    .rt = REG_NONE,
    .rt2 = REG_NONE,
};

/* As words: a struct of bytes is cleared by a function's call and then set byte by byte. */
static void begin(struct insn *out)
{
    struct words {
        uint32_t word[sizeof blank / 4];
    } __attribute__((may_alias));

    _Static_assert(sizeof blank % 4 == 0, "by words");
    *(struct words *)out = *(const struct words *)&blank;
}

/* DecodeImmShift (A8.4.3). */
static void set_shift(struct insn *o)
{
    if (o->amount)
        return;
    if (o->shift == SHIFT_LSR || o->shift == SHIFT_ASR) {
        o->amount = 32;
    } else if (o->shift == SHIFT_ROR) {
        o->shift = SHIFT_RRX;
        o->amount = 1;
    }
}

/* ARMExpandImm_C (A5.2.4). */
static void set_a32_immediate(struct insn *o)
{
    unsigned rotation = o->imm >> 8 & 15;

    o->imm = ror32(o->imm & 0xff, 2 * rotation);
    o->imm_carry_valid = rotation != 0;
}

/* ThumbExpandImm_C (A6.3.2). */
static void set_t32_immediate(struct insn *o)
{
    uint32_t v = o->imm, byte = v & 0xff;

    o->imm_carry_valid = v >> 10 != 0;
    if (v >> 10) {
        o->imm = ror32((v & 0x7f) | 0x80, v >> 7);
        return;
    }
    switch (v >> 8) {
    case 0: o->imm = byte; break;
    case 1: o->imm = byte << 16 | byte; break;
    case 2: o->imm = byte << 24 | byte << 8; break;
    default: o->imm = byte * 0x01010101; break;
    }
    if (v >> 8 && !byte)
        o->class = CLASS_UNPREDICTABLE;
}

static void set_memory(struct insn *o) { o->wback |= !o->index; /* post-indexed */ }

static void set_post(struct insn *o)
{
    o->index = false;
    o->wback = true;
}

static void set_offset(struct insn *o, unsigned scale)
{
    o->imm *= scale;
    o->add = o->index = true;
}

/* B, BL, BLX (A8.8.18, A8.8.25): imm24, signed. */
static uint32_t a32_branch(uint32_t imm24) { return (uint32_t)sign_extend(imm24, 24) << 2; }

/* B (encoding T4), BL: S:I1:I2:imm10:imm11, where I = NOT(J EOR S) (A8.8.18). */
static uint32_t wide_branch(uint32_t w)
{
    uint32_t s = bit(w, 26), i1 = !(bit(w, 13) ^ s), i2 = !(bit(w, 11) ^ s);
    uint32_t v = s << 23 | i1 << 22 | i2 << 21 | bits(w, 25, 16) << 11 | bits(w, 10, 0);

    return (uint32_t)sign_extend(v, 24) * 2;
}

/* B (encoding T3): S:J2:J1:imm6:imm11. */
static uint32_t conditional_branch(uint32_t w)
{
    uint32_t v =
        bit(w, 26) << 19 | bit(w, 11) << 18 | bit(w, 13) << 17 | bits(w, 21, 16) << 11 | bits(w, 10, 0);

    return (uint32_t)sign_extend(v, 20) * 2;
}

/* The same for kinds that only Thumb has. */
static void finish_thumb(struct insn *o, enum kind kind)
{
    switch (kind) {
    case KIND_rsr_lsl:
    case KIND_rsr_lsr:
    case KIND_rsr_asr:
    case KIND_rsr_ror:
        o->imm_form = false;
        o->shift = kind == KIND_rsr_lsl   ? SHIFT_LSL
                   : kind == KIND_rsr_lsr ? SHIFT_LSR
                   : kind == KIND_rsr_asr ? SHIFT_ASR
                                          : SHIFT_ROR;
        break;
    case KIND_lit4:
        o->imm *= 4;
        /* fall through */
    case KIND_lit_t32:
        o->add |= kind == KIND_lit4;
        o->index = true;
        o->rn = REG_PC;
        break;
    case KIND_litd4:
        o->imm *= 4;
        o->rn = REG_PC;
        break;
    case KIND_adr4:
        o->imm *= 4;
        /* fall through */
    case KIND_adr:
    case KIND_adr_sub:
        o->add = kind != KIND_adr_sub;
        o->rn = REG_PC;
        break;
    case KIND_offset:
        o->imm_form = false;
        set_offset(o, 1);
        break;
    case KIND_offset1: set_offset(o, 1); break;
    case KIND_offset2: set_offset(o, 2); break;
    case KIND_offset4: set_offset(o, 4); break;
    case KIND_minus: o->index = true; break;
    case KIND_mem4:
        o->imm *= 4;
        set_memory(o);
        break;
    case KIND_sp_sp:
        o->rd = REG_SP;
        /* fall through */
    case KIND_sp4:
        set_offset(o, 4);
        o->rn = REG_SP;
        if (o->rt == REG_NONE)
            o->add = o->index = false;
        break;
    case KIND_cbz: o->imm *= 2; break;
    case KIND_tbb:
        o->imm_form = false;
        o->shift = SHIFT_LSL;
        o->amount = o->mask;
        break;
    case KIND_push: /* the ninth bit is LR */
        o->list = (uint16_t)((o->list & 0xff) | bit(o->word, 8) << REG_LR);
        o->rn = REG_SP;
        o->index = o->wback = true;
        break;
    case KIND_pop: /* the ninth bit is the PC */
        o->list = (uint16_t)((o->list & 0xff) | bit(o->word, 8) << REG_PC);
        o->rn = REG_SP;
        o->add = o->wback = true;
        break;
    case KIND_stm16:
    case KIND_ldm16:
        o->add = true;
        o->wback = kind == KIND_stm16 || !(o->list >> o->rn & 1);
        break;
    case KIND_cps16: o->imod |= 2; break;
    case KIND_it: o->imm_form = false; break;
    case KIND_b8: o->imm = (uint32_t)sign_extend(o->imm, 8) * 2; break;
    case KIND_b11: o->imm = (uint32_t)sign_extend(o->imm, 11) * 2; break;
    case KIND_movw_t32: /* imm4:i:imm3:imm8, of which i comes first in the word */
        o->imm = bits(o->imm, 14, 11) << 12 | bit(o->imm, 15) << 11 | bits(o->imm, 10, 0);
        break;
    case KIND_subs_pc:
        o->rd = REG_PC;
        o->rn = REG_LR;
        o->s = true;
        break;
    case KIND_srs_t32:
        o->rn = REG_SP;
        o->add = bit(o->word, 23);
        o->index = !o->add;
        break;
    case KIND_ldm_t32:
        o->add = bit(o->word, 23);
        o->index = !o->add;
        break;
    default: CHECK(!"a kind that nobody knows");
    }
}

/* What the immediate, the shift and the addressing bits of this kind of instruction mean. */
static void finish(struct insn *o, enum kind kind)
{
    o->imm_form = true;
    switch (kind) {
    case KIND_none:
    case KIND_mrc: o->imm_form = false; break;
    case KIND_plain: break;
    case KIND_a32: set_a32_immediate(o); break;
    case KIND_shift:
        o->imm_form = false;
        set_shift(o);
        break;
    case KIND_rsr: o->imm_form = false; break;
    case KIND_rot8:
        o->imm_form = false;
        o->shift = SHIFT_ROR;
        o->amount *= 8;
        break;
    case KIND_pkh: /* f, the bottom or the top form */
        o->imm_form = false;
        o->shift = bit(o->word, o->thumb ? 5 : 6) ? SHIFT_ASR : SHIFT_LSL;
        set_shift(o);
        break;
    case KIND_sat1:
        o->imm++;
        /* fall through */
    case KIND_sat:
        o->shift = o->shift ? SHIFT_ASR : SHIFT_LSL;
        set_shift(o);
        break;
    case KIND_sat1_16:
    case KIND_width1: o->imm++; break;
    case KIND_msb: o->imm = o->imm - o->amount + 1; break;
    case KIND_mem:
    case KIND_ldm:
        set_memory(o);
        if (kind == KIND_ldm)
            o->wback = bit(o->word, 21);
        break;
    case KIND_mem_reg:
        o->imm_form = false;
        set_memory(o);
        break;
    case KIND_mem_shift:
        o->imm_form = false;
        set_memory(o);
        set_shift(o);
        break;
    case KIND_lit:
        o->rn = REG_PC;
        set_memory(o);
        break;
    case KIND_litd:
        o->rn = REG_PC;
        /* fall through */
    case KIND_memd:
        set_memory(o);
        o->rt2 = o->rt + 1;
        break;
    case KIND_memd_reg:
        o->imm_form = false;
        set_memory(o);
        o->rt2 = o->rt + 1;
        break;
    case KIND_post: set_post(o); break;
    case KIND_post_reg:
        o->imm_form = false;
        set_post(o);
        break;
    case KIND_post_shift:
        o->imm_form = false;
        set_post(o);
        set_shift(o);
        break;
    case KIND_pair:
        o->imm_form = false;
        o->rt2 = o->rt + 1;
        break;
    case KIND_pld: o->index = true; break;
    case KIND_pld_shift:
        o->index = true;
        o->imm_form = false;
        set_shift(o);
        break;
    case KIND_ldc:
        o->wback = bit(o->word, 21);
        o->imm *= 4;
        break;
    case KIND_vldm:
    case KIND_vldr:
        o->imm *= 4;
        if (kind == KIND_vldr)
            o->index = true;
        break;
    case KIND_vld: /* Rm: 15 no write-back, 13 by the size of what is transferred (A7.7.1) */
        o->wback = o->rm != REG_PC;
        o->imm_form = o->rm == REG_SP;
        if (o->rm == REG_PC || o->rm == REG_SP)
            o->rm = REG_NONE;
        o->add = true;
        break;
    case KIND_srs: o->rn = REG_SP; break;
    case KIND_branch: o->imm = a32_branch(o->imm); break;
    case KIND_t32: set_t32_immediate(o); break;
    case KIND_b20:
        o->imm = conditional_branch(o->word);
        if (o->cond > COND_AL) /* the row makes it UNDEFINED */
            o->cond = COND_AL;
        break;
    case KIND_b24:
    case KIND_blx_t32: /* bit 0 of the word is H, 0: a multiple of 4 */ o->imm = wide_branch(o->word); break;
    case KIND_blx: o->imm = a32_branch(o->imm) | bit(o->word, 24) << 1; break;
    default: finish_thumb(o, kind);
    }
}

/* Roles rd .. rt2 are the low six, in the order of the fields. */
#define ROLE_FIELDS (ROLE_RD | ROLE_RN | ROLE_RM | ROLE_RA | ROLE_RT | ROLE_RT2)
_Static_assert(offsetof(struct insn, rt2) == offsetof(struct insn, rd) + 5 && ROLE_RD == 1 && ROLE_RN == 2 &&
                   ROLE_RM == 4 && ROLE_RA == 8 && ROLE_RT == 16 && ROLE_RT2 == 32,
               "decode.c");

static uint8_t role_field(const struct insn *o, unsigned n)
{
    return ((const uint8_t *)o)[offsetof(struct insn, rd) + n];
}

static uint16_t role_registers(const struct insn *o, unsigned roles)
{
    unsigned set = 0;

    for (unsigned left = roles & ROLE_FIELDS; left; left &= left - 1) {
        unsigned reg = role_field(o, (unsigned)__builtin_ctz(left));

        if (reg < 16)
            set |= 1u << reg;
    }
    if (!(roles & ~(unsigned)ROLE_FIELDS))
        return (uint16_t)set;
    set |= roles & (ROLE_LIST | ROLE_USER) ? o->list : 0;
    set |= roles & ROLE_BASE && o->wback && o->rn < 16 ? 1u << o->rn : 0;
    set |= roles & ROLE_SP ? 1u << REG_SP : 0;
    set |= roles & ROLE_LR ? 1u << REG_LR : 0;
    set |= roles & ROLE_PC ? 1u << REG_PC : 0;
    return (uint16_t)set;
}

/* The flags that a condition looks at (A8.3). */
static uint8_t condition_flags(unsigned cond)
{
    static const uint8_t flags[8] = {
        FLAG_Z, FLAG_C, FLAG_N, FLAG_V, FLAG_C | FLAG_Z, FLAG_N | FLAG_V, FLAG_N | FLAG_Z | FLAG_V, 0};

    return flags[cond >> 1 & 7];
}

static void set_flags(struct insn *o, const struct core_format *f)
{
    const uint8_t all = FLAG_N | FLAG_Z | FLAG_C | FLAG_V;

    if (f->flags & (FLAGS_ALWAYS | FLAGS_T16))
        o->s = true;
    if (o->s) {
        switch (f->flags & FLAGS_SETS) {
        case FLAGS_ARITHMETIC: o->flags_written = o->flags_sure = all; break;
        case FLAGS_LOGICAL: /* C is the shifter's, and stays as it is when nothing is shifted */
            o->flags_written = FLAG_N | FLAG_Z | FLAG_C;
            o->flags_sure = FLAG_N | FLAG_Z;
            if (f->kind == KIND_shift ? o->amount != 0 : o->imm_carry_valid)
                o->flags_sure |= FLAG_C;
            break;
        case FLAGS_RESULT: o->flags_written = o->flags_sure = FLAG_N | FLAG_Z; break;
        }
    }
    if (f->flags & FLAGS_WRITES_ALL || (f->flags & FLAGS_MSR && !o->spsr && o->mask & 8))
        o->flags_written = o->flags_sure = all;
    if (f->flags & FLAGS_READS_C || (!o->imm_form && o->shift == SHIFT_RRX))
        o->flags_read |= FLAG_C;
    if (f->flags & FLAGS_READS_ALL && !o->spsr)
        o->flags_read = all;
    if (f->kind == KIND_mrc && o->rt == REG_PC) /* MRC APSR_nzcv */
        o->flags_written = o->flags_sure = all;
    o->flags_read |= condition_flags(o->cond);
}

static void set_effects(struct insn *o, const struct core_format *f)
{
    o->reads = role_registers(o, f->reads);
    o->writes = role_registers(o, f->writes);
    o->sure = o->writes;
    if (f->writes & ROLE_USER) /* r8 to r14 may be another mode's */
        o->sure &= 0xff;
    if (f->kind == KIND_cbz || f->kind == KIND_srs ||
        f->kind == KIND_srs_t32) /* SRS: another mode's SP, perhaps */
        o->sure = 0;
    if (f->kind == KIND_mrc) {
        o->writes &= (uint16_t) ~(1u << REG_PC);
        o->sure = o->writes;
    }
    set_flags(o, f);
    if (o->cond != COND_AL) {
        o->sure = 0;
        o->flags_sure = 0;
    }
}

/* Register fields among `roles` that are `reg`. */
static bool role_is(const struct insn *o, unsigned roles, uint8_t reg)
{
    for (; roles; roles &= roles - 1)
        if (role_field(o, (unsigned)__builtin_ctz(roles)) == reg)
            return true;
    return false;
}

/* The class of this word, not only of its row. */
static void set_class(struct insn *o, const struct core_row *row, uint32_t word)
{
    const struct core_should *should = &core_shoulds[row->should];
    unsigned verdict = core_check(row->check, word, o);

    if (row->class == CLASS_UNDEFINED || verdict == CLASS_UNDEFINED) {
        o->class = CLASS_UNDEFINED;
        return;
    }
    if (verdict == CLASS_UNPREDICTABLE || o->class == CLASS_UNPREDICTABLE ||
        (word & should->mask) != should->value || role_is(o, row->nopc, REG_PC) ||
        role_is(o, row->nosp, REG_SP)) {
        o->class = CLASS_UNPREDICTABLE;
        return;
    }
    o->class = row->class;
    if (o->op == OP_MSR_imm || o->op == OP_MSR_reg) {
        if (!o->spsr && !(o->mask & 3)) /* flags and GE: user-mode state (B9.3.11) */
            o->class = CLASS_INNOCUOUS;
    } else if (o->class == CLASS_INNOCUOUS) {
        if (o->writes & 1u << REG_PC)
            o->class = o->s ? CLASS_CRITICAL : CLASS_CONTROL_FLOW;
        else if (o->reads & 1u << REG_PC)
            o->class = CLASS_PC_RELATIVE;
    }
}

static const struct core_row *find_row(enum root root, unsigned key, uint32_t word)
{
    const struct core_node *node = &core_nodes[core_roots[root] + key];
    const uint16_t *list =
        &core_lists[core_slots[node->slot + (word >> node->shift & ((1u << node->width) - 1))]];

    for (; *list != 0xffff; list++)
        if ((word & core_rows[*list].mask) == core_rows[*list].value)
            return &core_rows[*list];
    return NULL;
}

static void decode(const struct core_row *row, uint32_t word, struct insn *out)
{
    const struct core_format *format;

    out->word = word;
    out->row = 0xffff;
    if (!row)
        return;
    format = &core_formats[row->format];
    out->op = row->op;
    out->row = (uint16_t)(row - core_rows);
    out->class = row->class;
    core_extract(row->layout, word, out);
    finish(out, format->kind);
    set_effects(out, format);
    set_class(out, row, word);
}

void decode_a32(uint32_t word, struct insn *out)
{
    enum root root = word >> 28 == 15 ? ROOT_A32_UNCONDITIONAL : ROOT_A32;

    begin(out);
    out->size = 4;
    decode(find_row(root, bits(word, 27, 20), word), word, out);
}

/* What words were decoded to: the same for all guests, so the host's. */
static struct {
    struct insn branch[15][2]; /* only their offsets tell most direct branches from each other: one of each
                                  condition */
    struct insn other[16384];
} again HOST_BSS;

static const struct insn *branch_again(uint32_t word)
{
    struct insn *m = &again.branch[word >> 28][bit(word, 24)];

    if (!m->size)
        decode_a32(word, m);
    m->word = word;
    m->imm = a32_branch(bits(word, 23, 0));
    return m;
}

const struct insn *decode_a32_again(uint32_t word)
{
    struct insn *m = &again.other[(word ^ word >> 10 ^ word >> 20) % ARRAY_SIZE(again.other)];

    if ((word & 0x0e000000) == 0x0a000000 && word >> 28 != 15)
        return branch_again(word);
    if (m->word != word || !m->size)
        decode_a32(word, m);
    return m;
}

void decode_thumb(uint32_t word, bool wide, struct insn *out)
{
    begin(out);
    out->thumb = true;
    out->size = wide ? 4 : 2;
    if (wide)
        decode(find_row(ROOT_T32, bits(word, 28, 20), word), word, out);
    else
        decode(find_row(ROOT_T16, bits(word, 15, 8), word), word, out);
}

void decode_within_it(struct insn *in, unsigned cond)
{
    in->cond = (uint8_t)cond;
    if (in->size == 2)
        in->s = in->s && (in->writes & 0x7fff) == 0;
}
