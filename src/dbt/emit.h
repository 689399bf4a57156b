/*
 * Emitters: one call, one host instruction, operands in assembler order (A32 encodings, DDI 0406C A8, B9).
 */
#ifndef EMIT_H
#define EMIT_H

#include "cache/cache.h"
#include "decoder/decoder.h"
#include "host/a32.h"
#include "host/window.h"

#define TR_WORDS 860u /* code words of a block: LDR literal reaches 4 KiB */
#define TR_INSNS 48u

enum reg { R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, SP, LR, PC };
enum cond { EQ, NE, CS, CC, MI, PL, VS, VC, HI, LS, GE_, LT, GT, LE, AL };

/* One block in the making. */
struct tr {
    gva_t pc; /* of the instruction being translated */
    gva_t start;
    struct block_state state;
    bool (*constant_word)(gva_t at, uint32_t *value); /* dbt_source's */
    bool reads_constant; /* the translation is right only while the word at constant_at is what it was */
    gva_t constant_at;
    uint8_t itstate; /* of the instruction being translated */
    cca_t where;     /* words[0] will be here */
    uint32_t words[TR_WORDS + 128];
    unsigned count;
    uint32_t literals[128];
    unsigned literal_count;
    struct {
        uint16_t word, literal;
    } literal_use[256];
    unsigned literal_use_count;
    uint8_t away;           /* AWAY_ bits after the words so far */
    uint8_t kept;           /* AWAY_ bits: IFAR or NMRR has the guest's value, be it in place or not */
    bool dacr;              /* an instruction accesses the DACR */
    bool may_leave;         /* templates may leave r12 and LR away: the jump map serves this state */
    bool conditional;       /* of the instruction being translated: its words may be skipped */
    uint32_t constants[15]; /* values of registers that the block itself has made so */
    uint16_t constant;      /* which of them are valid */
    _Alignas(4) struct insn_map insns[TR_INSNS + 4]; /* copied by words. Some instructions have rows for the
                                                        registers that are brought back before them */
    unsigned insn_count;                             /* rows */
    struct site sites[TR_INSNS * 3];
    unsigned site_count;
    uint16_t late[TR_INSNS]; /* branch words that wait for a callout at the block's tail */
    uint32_t late_insn[TR_INSNS];
    uint8_t late_size[TR_INSNS];
    unsigned late_count;
    bool overflow;
};

static inline void e(struct tr *t, uint32_t word)
{
    if (t->count < TR_WORDS)
        t->words[t->count++] = word;
    else
        t->overflow = true;
}

/* Modified immediate constants (A5.2.4). */
static inline bool imm_encodable(uint32_t value, uint32_t *imm12)
{
    for (unsigned rot = 0; rot < 32; rot += 2) {
        uint32_t v = rot ? value << rot | value >> (32 - rot) : value;

        if (v < 256) {
            *imm12 = rot / 2 << 8 | v;
            return true;
        }
    }
    return false;
}

static inline uint32_t imm12_of(uint32_t value)
{
    uint32_t imm12 = 0;

    CHECK(imm_encodable(value, &imm12));
    return imm12;
}

#define E_DP_IMM(name, opcode, has_d)                                                                        \
    static inline void name(struct tr *t, unsigned d, unsigned n, uint32_t value)                            \
    {                                                                                                        \
        e(t, 0xe2000000u | (opcode) << 21 | !(has_d) << 20 | n << 16 | d << 12 | imm12_of(value));           \
    }
E_DP_IMM(e_and_imm, 0u, 1)
E_DP_IMM(e_eor_imm, 1u, 1)
E_DP_IMM(e_add_imm, 4u, 1)
E_DP_IMM(e_orr_imm, 12u, 1)
E_DP_IMM(e_bic_imm, 14u, 1)
static inline void e_teq_imm(struct tr *t, unsigned n, uint32_t value)
{
    e(t, 0xe3300000u | n << 16 | imm12_of(value));
}
static inline void e_mov_imm(struct tr *t, unsigned d, uint32_t value)
{
    e(t, 0xe3a00000u | d << 12 | imm12_of(value));
}
static inline void e_mvn_imm(struct tr *t, unsigned d, uint32_t value)
{
    e(t, 0xe3e00000u | d << 12 | imm12_of(value));
}
static inline void e_mov(struct tr *t, unsigned d, unsigned m) { e(t, 0xe1a00000u | d << 12 | m); }
static inline void e_nop(struct tr *t) { e(t, A32_NOP); }
static inline void e_ubfx(struct tr *t, unsigned d, unsigned n, unsigned lsb, unsigned width)
{
    e(t, 0xe7e00050u | (width - 1) << 16 | d << 12 | lsb << 7 | n);
}
static inline void e_bfi(struct tr *t, unsigned d, unsigned n, unsigned lsb, unsigned width)
{
    e(t, 0xe7c00010u | (lsb + width - 1) << 16 | d << 12 | lsb << 7 | n);
}
static inline void e_ldr(struct tr *t, unsigned d, unsigned n, unsigned offset)
{
    e(t, 0xe5900000u | n << 16 | d << 12 | offset);
}
static inline void e_ldrb_down(struct tr *t, unsigned d, unsigned n, unsigned offset)
{
    e(t, 0xe5500000u | n << 16 | d << 12 | offset);
}
static inline void e_mrs_cpsr(struct tr *t, unsigned d) { e(t, 0xe10f0000u | d << 12); }
static inline void e_mrs_spsr(struct tr *t, unsigned d) { e(t, 0xe14f0000u | d << 12); }
static inline void e_msr_cpsr(struct tr *t, unsigned mask, unsigned n) { e(t, 0xe120f000u | mask << 16 | n); }
static inline void e_cps(struct tr *t, bool disable, unsigned aif)
{
    e(t, 0xf1080000u | disable << 18 | aif << 6);
}
static inline void e_udf(struct tr *t) { e(t, A32_UDF); }

/* The two spill registers: the real IFAR and NMRR (the real MMU runs with TRE off, the VMM handles no
   prefetch aborts of its own code; the guest's values live in the VMM). Neither is changed by a data abort.
 */
static inline void e_spill(struct tr *t, unsigned r) /* MCR p15,0,r,c6,c0,2 */
{
    CHECK(!((t->away | t->kept) & AWAY_R12)); /* or the guest's r12 would be lost */
    e(t, 0xee060f50u | r << 12);
}
static inline void e_unspill(struct tr *t, unsigned r) { e(t, 0xee160f50u | r << 12); }
static inline void e_spill_nmrr(struct tr *t, unsigned r) /* MCR p15,0,r,c10,c2,1 */
{
    CHECK(!((t->away | t->kept) & AWAY_LR));
    e(t, 0xee0a0f32u | r << 12);
}
static inline void e_unspill_nmrr(struct tr *t, unsigned r) { e(t, 0xee1a0f32u | r << 12); }
static inline void e_mcr_dacr(struct tr *t, unsigned r) { e(t, 0xee030f10u | r << 12); }
static inline void e_mrc_dacr(struct tr *t, unsigned r) { e(t, 0xee130f10u | r << 12); }

/* LDR d, =value under a condition: the literal goes to the block's end. */
void e_ldr_literal(struct tr *t, unsigned cond, unsigned d, uint32_t value);
/* B<cond> to the block of guest address `target`: an exit, first to its stub. */
void e_exit(struct tr *t, unsigned cond, uint32_t target);
/* B<cond> forward inside the block: returns the word to give to e_land(). */
unsigned e_skip(struct tr *t, unsigned cond);
void e_land(struct tr *t, unsigned word);
/* A store into the nearest gate page: faults when the VMM has closed the gates. The callout for `in` follows
 * then. */
void e_gate(struct tr *t, const struct insn *in);
/* UDF: callout for `in`, here. */
void e_callout(struct tr *t, const struct insn *in);
/* UDF: the block ends inside an IT block, the VMM carries ITSTATE to the next. */
void e_continue(struct tr *t);
/* B<cond> to a callout for `in` at the block's tail. */
void e_late_callout(struct tr *t, unsigned cond, const struct insn *in);
/* The next word emitted may fault on purpose: callout for `in`. */
void e_trap_site(struct tr *t, const struct insn *in);
/* Stubs, late callouts, literals: call once at the end. */
void e_finish(struct tr *t);

#endif
