/*
 * A32 encodings by op (DDI 0406C A5): a table of fixed bits and the shape that says where fields go.
 *
 * test/unit/test_a32.c holds it to the decoder: what decodes and encodes again must be the same word.
 */
#include "dbt/a32.h"

#include "dbt/emit.h"
#include "ops.h"

enum shape {
    NO_FORM,
    FIXED,       /* nothing varies */
    DP_REG,      /* Rn 19:16, Rd 15:12, Rm 3:0 shifted by a constant */
    DP_RSR,      /* ... by Rs, 11:8 */
    DP_IMM,      /* modified immediate */
    WIDE_IMM,    /* MOVW, MOVT: 16 bits, 19:16 and 11:0 */
    N_D_M,       /* Rn 19:16, Rd 15:12, Rm 3:0 */
    EXTEND,      /* N_D_M and a rotation by bytes, 11:10 */
    PACK,        /* N_D_M and a shift, ASR is the top form */
    MULTIPLY,    /* Rd 19:16, Ra 15:12, Rm 11:8, Rn 3:0, S */
    MULTIPLY_X,  /* ... M exchanged or rounded, bit 5 */
    MULTIPLY_XY, /* ... of halves, bits 6 and 5 */
    LONG,        /* RdHi 19:16, RdLo 15:12, Rm 11:8, Rn 3:0, S */
    LONG_X,
    LONG_XY,
    SATURATE,   /* position 20:16, Rd 15:12, shift 11:7 and 6, Rn 3:0 */
    SATURATE_1, /* ... position - 1 */
    FIELD,      /* width - 1 20:16, Rd 15:12, lowest bit 11:7, Rn 3:0 */
    INSERT,     /* highest bit 20:16 */
    WORD_IMM,   /* P, U, W, Rn 19:16, Rt 15:12, 12-bit offset */
    WORD_REG,   /* ... shifted register */
    HALF_IMM,   /* ... 8-bit offset, 11:8 and 3:0 */
    HALF_REG,   /* ... plain register */
    PAIR_IMM,   /* HALF_IMM, Rt even and Rt2 the next */
    PAIR_REG,
    USER_IMM, /* post-indexed only, and W says unprivileged */
    USER_HALF,
    MULTIPLE,  /* P, U, W, Rn 19:16, list 15:0 */
    EXCLUSIVE, /* Rn 19:16, Rt 15:12, no offset */
    EXCLUSIVE_PAIR,
    STORE_EX, /* Rn 19:16, Rd 15:12, Rt 3:0 */
    STORE_EX_PAIR,
    NUMBER,  /* a small immediate in the low bits */
    PRELOAD, /* U, Rn 19:16, 12-bit offset */
    PRELOAD_REG,
    PSR_READ, /* R 22, Rd 15:12 */
    PSR_WRITE /* R 22, mask 19:16, Rn 3:0 */
};

struct form {
    uint32_t word;
    enum shape shape;
};

#define BY_OPERAND(name, opcode, extra)                                                                      \
    [OP_##name##_reg] = {(opcode) << 21 | (extra), DP_REG},                                                  \
    [OP_##name##_imm] = {0x02000000 | (opcode) << 21 | (extra), DP_IMM}
#define SETS_FLAGS 0x00100000
#define PARALLEL(prefix, op1)                                                                                \
    [OP_##prefix##ADD16] = {0x06000f10 | (op1) << 20, N_D_M},                                                \
    [OP_##prefix##ASX] = {0x06000f30 | (op1) << 20, N_D_M},                                                  \
    [OP_##prefix##SAX] = {0x06000f50 | (op1) << 20, N_D_M},                                                  \
    [OP_##prefix##SUB16] = {0x06000f70 | (op1) << 20, N_D_M},                                                \
    [OP_##prefix##ADD8] = {0x06000f90 | (op1) << 20, N_D_M},                                                 \
    [OP_##prefix##SUB8] = {0x06000ff0 | (op1) << 20, N_D_M}

static const struct form forms[OP_COUNT] = {
    BY_OPERAND(AND, 0u, 0),
    BY_OPERAND(EOR, 1u, 0),
    BY_OPERAND(SUB, 2u, 0),
    BY_OPERAND(RSB, 3u, 0),
    BY_OPERAND(ADD, 4u, 0),
    BY_OPERAND(ADC, 5u, 0),
    BY_OPERAND(SBC, 6u, 0),
    BY_OPERAND(ORR, 12u, 0),
    BY_OPERAND(MOV, 13u, 0),
    BY_OPERAND(BIC, 14u, 0),
    BY_OPERAND(MVN, 15u, 0),
    BY_OPERAND(TST, 8u, SETS_FLAGS),
    BY_OPERAND(TEQ, 9u, SETS_FLAGS),
    BY_OPERAND(CMP, 10u, SETS_FLAGS),
    BY_OPERAND(CMN, 11u, SETS_FLAGS),
    [OP_MOV_rsr] = {0x01a00010, DP_RSR},
    [OP_MOVW] = {0x03000000, WIDE_IMM},
    [OP_MOVT] = {0x03400000, WIDE_IMM},

    [OP_MUL] = {0x00000090, MULTIPLY},
    [OP_MLA] = {0x00200090, MULTIPLY},
    [OP_MLS] = {0x00600090, MULTIPLY},
    [OP_UMAAL] = {0x00400090, LONG},
    [OP_UMULL] = {0x00800090, LONG},
    [OP_UMLAL] = {0x00a00090, LONG},
    [OP_SMULL] = {0x00c00090, LONG},
    [OP_SMLAL] = {0x00e00090, LONG},
    [OP_SMLAxy] = {0x01000080, MULTIPLY_XY},
    [OP_SMLAWy] = {0x01200080, MULTIPLY_XY},
    [OP_SMULWy] = {0x012000a0, MULTIPLY_XY},
    [OP_SMLALxy] = {0x01400080, LONG_XY},
    [OP_SMULxy] = {0x01600080, MULTIPLY_XY},
    [OP_SMLAD] = {0x07000010, MULTIPLY_X},
    [OP_SMUAD] = {0x0700f010, MULTIPLY_X},
    [OP_SMLSD] = {0x07000050, MULTIPLY_X},
    [OP_SMUSD] = {0x0700f050, MULTIPLY_X},
    [OP_SMLALD] = {0x07400010, LONG_X},
    [OP_SMLSLD] = {0x07400050, LONG_X},
    [OP_SMMLA] = {0x07500010, MULTIPLY_X},
    [OP_SMMUL] = {0x0750f010, MULTIPLY_X},
    [OP_SMMLS] = {0x075000d0, MULTIPLY_X},
    [OP_USAD8] = {0x0780f010, MULTIPLY},
    [OP_USADA8] = {0x07800010, MULTIPLY},

    [OP_QADD] = {0x01000050, N_D_M},
    [OP_QSUB] = {0x01200050, N_D_M},
    [OP_QDADD] = {0x01400050, N_D_M},
    [OP_QDSUB] = {0x01600050, N_D_M},
    PARALLEL(S, 1),
    PARALLEL(Q, 2),
    PARALLEL(SH, 3),
    PARALLEL(U, 5),
    PARALLEL(UQ, 6),
    PARALLEL(UH, 7),
    [OP_SEL] = {0x06800fb0, N_D_M},
    [OP_PKH] = {0x06800010, PACK},
    [OP_CLZ] = {0x016f0f10, N_D_M},
    [OP_REV] = {0x06bf0f30, N_D_M},
    [OP_REV16] = {0x06bf0fb0, N_D_M},
    [OP_RBIT] = {0x06ff0f30, N_D_M},
    [OP_REVSH] = {0x06ff0fb0, N_D_M},
    [OP_SXTAB16] = {0x06800070, EXTEND},
    [OP_SXTB16] = {0x068f0070, EXTEND},
    [OP_SXTAB] = {0x06a00070, EXTEND},
    [OP_SXTB] = {0x06af0070, EXTEND},
    [OP_SXTAH] = {0x06b00070, EXTEND},
    [OP_SXTH] = {0x06bf0070, EXTEND},
    [OP_UXTAB16] = {0x06c00070, EXTEND},
    [OP_UXTB16] = {0x06cf0070, EXTEND},
    [OP_UXTAB] = {0x06e00070, EXTEND},
    [OP_UXTB] = {0x06ef0070, EXTEND},
    [OP_UXTAH] = {0x06f00070, EXTEND},
    [OP_UXTH] = {0x06ff0070, EXTEND},
    [OP_SSAT] = {0x06a00010, SATURATE_1},
    [OP_USAT] = {0x06e00010, SATURATE},
    [OP_SSAT16] = {0x06a00f30, SATURATE_1},
    [OP_USAT16] = {0x06e00f30, SATURATE},
    [OP_SBFX] = {0x07a00050, FIELD},
    [OP_UBFX] = {0x07e00050, FIELD},
    [OP_BFI] = {0x07c00010, INSERT},
    [OP_BFC] = {0x07c0001f, INSERT},

    [OP_STR_imm] = {0x04000000, WORD_IMM},
    [OP_LDR_imm] = {0x04100000, WORD_IMM},
    [OP_STRB_imm] = {0x04400000, WORD_IMM},
    [OP_LDRB_imm] = {0x04500000, WORD_IMM},
    [OP_STR_reg] = {0x06000000, WORD_REG},
    [OP_LDR_reg] = {0x06100000, WORD_REG},
    [OP_STRB_reg] = {0x06400000, WORD_REG},
    [OP_LDRB_reg] = {0x06500000, WORD_REG},
    [OP_STRH_imm] = {0x004000b0, HALF_IMM},
    [OP_LDRH_imm] = {0x005000b0, HALF_IMM},
    [OP_LDRSB_imm] = {0x005000d0, HALF_IMM},
    [OP_LDRSH_imm] = {0x005000f0, HALF_IMM},
    [OP_STRH_reg] = {0x000000b0, HALF_REG},
    [OP_LDRH_reg] = {0x001000b0, HALF_REG},
    [OP_LDRSB_reg] = {0x001000d0, HALF_REG},
    [OP_LDRSH_reg] = {0x001000f0, HALF_REG},
    [OP_LDRD_imm] = {0x004000d0, PAIR_IMM},
    [OP_STRD_imm] = {0x004000f0, PAIR_IMM},
    [OP_LDRD_reg] = {0x000000d0, PAIR_REG},
    [OP_STRD_reg] = {0x000000f0, PAIR_REG},
    [OP_STRT] = {0x04200000, USER_IMM},
    [OP_LDRT] = {0x04300000, USER_IMM},
    [OP_STRBT] = {0x04600000, USER_IMM},
    [OP_LDRBT] = {0x04700000, USER_IMM},
    [OP_STRHT] = {0x006000b0, USER_HALF},
    [OP_LDRHT] = {0x007000b0, USER_HALF},
    [OP_LDRSBT] = {0x007000d0, USER_HALF},
    [OP_LDRSHT] = {0x007000f0, USER_HALF},
    [OP_STM] = {0x08000000, MULTIPLE},
    [OP_LDM] = {0x08100000, MULTIPLE},
    [OP_LDREX] = {0x01900f9f, EXCLUSIVE},
    [OP_LDREXB] = {0x01d00f9f, EXCLUSIVE},
    [OP_LDREXH] = {0x01f00f9f, EXCLUSIVE},
    [OP_LDREXD] = {0x01b00f9f, EXCLUSIVE_PAIR},
    [OP_STREX] = {0x01800f90, STORE_EX},
    [OP_STREXB] = {0x01c00f90, STORE_EX},
    [OP_STREXH] = {0x01e00f90, STORE_EX},
    [OP_STREXD] = {0x01a00f90, STORE_EX_PAIR},
    [OP_PLD_imm] = {0xf550f000, PRELOAD},
    [OP_PLI_imm] = {0xf450f000, PRELOAD},
    [OP_PLD_reg] = {0xf750f000, PRELOAD_REG},
    [OP_PLI_reg] = {0xf650f000, PRELOAD_REG},

    [OP_NOP] = {0x0320f000, FIXED},
    [OP_YIELD] = {0x0320f001, FIXED},
    [OP_WFE] = {0x0320f002, FIXED},
    [OP_SEV] = {0x0320f004, FIXED},
    [OP_HINT] = {0x0320f000, FIXED}, /* unallocated: a NOP */
    [OP_DBG] = {0x0320f0f0, NUMBER},
    [OP_CLREX] = {0xf57ff01f, FIXED},
    [OP_DSB] = {0xf57ff040, NUMBER},
    [OP_DMB] = {0xf57ff050, NUMBER},
    [OP_ISB] = {A32_ISB, NUMBER},
    [OP_MRS] = {0x010f0000, PSR_READ},
    [OP_MSR_reg] = {0x0120f000, PSR_WRITE},
};

static uint32_t field(uint8_t reg, unsigned low) { return reg < 16 ? (uint32_t)reg << low : 0; }

static uint32_t s_bit(const struct insn *in) { return (uint32_t)in->s << 20; }

static uint32_t n_d_m(const struct insn *in)
{
    return field(in->rn, 16) | field(in->rd, 12) | field(in->rm, 0);
}

static uint32_t shift(const struct insn *in)
{
    if (in->shift == SHIFT_RRX)
        return SHIFT_ROR << 5;
    return (in->amount & 31u) << 7 | (uint32_t)in->shift << 5;
}

/* RdHi or Ra, Rm and Rn. */
static uint32_t multiply(const struct insn *in, unsigned d, unsigned a)
{
    return s_bit(in) | field(in->rd, d) | field(in->ra, a) | field(in->rm, 8) | field(in->rn, 0);
}

/* M exchanged, or the result rounded. */
static uint32_t multiply_x(const struct insn *in) { return bit(in->word, in->thumb ? 4 : 5) << 5; }

/* Which halves: A32 has M in bit 6 and N in bit 5, T32 in bits 4 and 5. */
static uint32_t multiply_xy(const struct insn *in)
{
    return bit(in->word, 5) << 5 | bit(in->word, in->thumb ? 4 : 6) << 6;
}

/* P, U, W and registers; W of a post-indexed access would make it unprivileged. */
static uint32_t access(const struct insn *in)
{
    return (uint32_t)in->index << 24 | (uint32_t)in->add << 23 | (uint32_t)(in->index && in->wback) << 21 |
           field(in->rn, 16) | field(in->rt, 12);
}

/* Shifts and rotations by less than 32, left or arithmetic right by bit 6. */
static uint32_t narrow_shift(const struct insn *in)
{
    return (in->amount & 31u) << 7 | (uint32_t)(in->shift == SHIFT_ASR) << 6;
}

/* A field of bits: `high` in 20:16 is what the shape makes of the width. */
static uint32_t bit_field(const struct insn *in, uint32_t high)
{
    return high << 16 | field(in->rd, 12) | (uint32_t)in->amount << 7 | field(in->rn, 0);
}

static uint32_t split_offset(uint32_t imm) { return (imm & 0xf0) << 4 | (imm & 15); }

static bool is_pair(const struct insn *in) { return !(in->rt & 1) && in->rt != LR && in->rt2 == in->rt + 1; }

/* Everything but the fixed bits. */
static bool operands(const struct insn *in, enum shape shape, uint32_t *o)
{
    uint32_t imm12;

    switch (shape) {
    case NO_FORM: return false;
    case FIXED: *o = 0; return true;
    case DP_REG: *o = s_bit(in) | n_d_m(in) | shift(in); return true;
    case DP_RSR: *o = s_bit(in) | n_d_m(in) | (uint32_t)in->shift << 5 | field(in->ra, 8); return true;
    case DP_IMM:
        *o = s_bit(in) | n_d_m(in);
        if (!imm_encodable(in->imm, &imm12))
            return false;
        *o |= imm12;
        return true;
    case WIDE_IMM: *o = (in->imm & 0xf000) << 4 | (in->imm & 0xfff) | field(in->rd, 12); return true;
    case N_D_M: *o = n_d_m(in); return true;
    case EXTEND: *o = n_d_m(in) | (in->amount / 8u) << 10; return true;
    case PACK: *o = n_d_m(in) | narrow_shift(in); return true;
    case MULTIPLY: *o = multiply(in, 16, 12); return true;
    case MULTIPLY_X: *o = multiply(in, 16, 12) | multiply_x(in); return true;
    case MULTIPLY_XY: *o = multiply(in, 16, 12) | multiply_xy(in); return true;
    case LONG: *o = multiply(in, 12, 16); return true;
    case LONG_X: *o = multiply(in, 12, 16) | multiply_x(in); return true;
    case LONG_XY: *o = multiply(in, 12, 16) | multiply_xy(in); return true;
    case SATURATE:
    case SATURATE_1:
        *o =
            (in->imm - (shape == SATURATE_1)) << 16 | field(in->rd, 12) | field(in->rn, 0) | narrow_shift(in);
        return true;
    case FIELD: *o = bit_field(in, in->imm - 1); return true;
    case INSERT: *o = bit_field(in, in->imm + in->amount - 1); return true;
    case WORD_IMM: *o = access(in) | in->imm; return in->imm <= 4095;
    case WORD_REG: *o = access(in) | shift(in) | field(in->rm, 0); return true;
    case PAIR_IMM:
        if (!is_pair(in))
            return false;
        /* fall through */
    case HALF_IMM: *o = access(in) | split_offset(in->imm); return in->imm <= 255;
    case PAIR_REG:
        if (!is_pair(in))
            return false;
        /* fall through */
    case HALF_REG: *o = access(in) | field(in->rm, 0); return in->amount == 0;
    case USER_IMM:
    case USER_HALF:
        if (!in->imm_form || in->index)
            return false;
        *o = access(in) | (shape == USER_HALF ? split_offset(in->imm) : in->imm);
        return in->imm <= (shape == USER_HALF ? 255 : 4095);
    case MULTIPLE: *o = access(in) | (uint32_t)in->wback << 21 | in->list; return true;
    case EXCLUSIVE_PAIR:
        if (!is_pair(in))
            return false;
        /* fall through */
    case EXCLUSIVE: *o = field(in->rn, 16) | field(in->rt, 12); return in->imm == 0;
    case STORE_EX_PAIR:
        if (!is_pair(in))
            return false;
        /* fall through */
    case STORE_EX: *o = field(in->rn, 16) | field(in->rd, 12) | field(in->rt, 0); return in->imm == 0;
    case NUMBER: *o = in->imm; return true;
    case PRELOAD: *o = (uint32_t)in->add << 23 | field(in->rn, 16) | in->imm; return true;
    case PRELOAD_REG: *o = (uint32_t)in->add << 23 | n_d_m(in) | shift(in); return true;
    case PSR_READ: *o = (uint32_t)in->spsr << 22 | field(in->rd, 12); return true;
    case PSR_WRITE: *o = (uint32_t)in->spsr << 22 | (uint32_t)in->mask << 16 | field(in->rn, 0); return true;
    }
    return false;
}

/*
 * Coprocessor instructions, VFP among them, are the same words in T32 but for the condition (A7.5, A7.6,
 * A7.8). Advanced SIMD has only its fixed bits elsewhere (A7.4, A7.7).
 */
static bool vector(uint32_t t32, uint32_t *word)
{
    if ((t32 & 0xef000000) == 0xef000000)
        *word = 0xf2000000 | bit(t32, 28) << 24 | (t32 & 0x00ffffff);
    else if (t32 >> 26 == 0x3b) /* 1110 11.. */
        *word = t32 & 0x0fffffff;
    else if ((t32 & 0xff100000) == 0xf9000000)
        *word = 0xf4000000 | (t32 & 0x00ffffff);
    else
        return false;
    return true;
}

bool a32_encode(const struct insn *in, uint32_t *word)
{
    const struct form *form = &forms[in->op];
    uint32_t o = 0;

    if (form->shape == NO_FORM && in->thumb && in->size == 4)
        return vector(in->word, word);
    if (!operands(in, form->shape, &o))
        return false;
    *word = form->word | o;
    return true;
}
