/*
 * The decoder's contract: one guest instruction word in, one `struct insn` out.
 *
 * Everything is driven by the rows of *.tab (one row an encoding, in the manual's
 * bit diagram, DDI 0406C chapters A5-A8 and B9); decoder_rows[] is generated from them.
 * Rows of the same instruction in A32, T16 and T32 share one `op`, so whoever treats
 * an instruction treats it once. Nothing here knows of translation or of the VMM.
 */
#ifndef DECODER_H
#define DECODER_H

#include "types.h"

enum insn_class {
    CLASS_INNOCUOUS,    /* may be copied, if it does not use the PC */
    CLASS_CONTROL_FLOW, /* B, BL, BLX, BX, BXJ, CBZ, TBB, or data processing or a load into the PC */
    CLASS_PC_RELATIVE,  /* otherwise innocuous, but reads the PC */
    CLASS_CRITICAL,     /* sensitive and not privileged: CPS, MSR/MRS, SRS, RFE, LDM^, LDRT, MOVS PC ... */
    CLASS_PRIVILEGED,   /* traps at PL0: MCR/MRC (system), LDC/STC of CP14, SMC, ... */
    CLASS_EXCEPTION,    /* SVC, BKPT, UDF, SMC */
    CLASS_UNDEFINED,    /* no row names it, or the row says UNDEFINED (or the Cortex-A8 lacks it) */
    CLASS_UNPREDICTABLE /* the manual leaves it open: UNDEFINED under the VMM unless it knows better */
};

/* In what way an instruction is sensitive, a mask; classes follow: sensitive and no trap at PL0 is critical.
 */
enum sensitivity {
    SENSITIVE_CONTROL = 1, /* can change mode, masks, byte order or a system register */
    SENSITIVE_MODE = 2,    /* does something else in another mode or at another privilege level */
    SENSITIVE_LOCATION =
        4, /* depends on the address that it is executed at: what reads the PC; no row says it */
    SENSITIVE_RESOURCE = 8,      /* uses or manages what guests share: processor time, TLBs, caches */
    SENSITIVE_CONFIGURATION = 16 /* its result shows system state: PSR system bits, system registers */
};

enum shift_type { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR, SHIFT_RRX };

#define REG_NONE 0xff
#define REG_SP   13
#define REG_LR   14
#define REG_PC   15
#define COND_AL  14

#define FLAG_N 8
#define FLAG_Z 4
#define FLAG_C 2
#define FLAG_V 1

/* What the decoder knows of one instruction. Fields that the instruction lacks are 0 or REG_NONE. */
struct insn {
    uint32_t word; /* A32: the word. T32: first halfword << 16 | second. T16: zero-extended */
    uint16_t op;   /* enum op, generated (ops.h): OP_ADD_imm, OP_LDR_imm ...; OP_UNDEFINED */
    uint16_t row;  /* index into decoder_rows[]; 0xffff: no row */
    uint8_t size;  /* bytes, 2 or 4 */
    uint8_t class; /* enum insn_class, after the word's own fields were looked at (Rd == PC, ...) */
    bool thumb;
    uint8_t cond;           /* 0..14; Thumb: COND_AL but for B<cond>. ITSTATE is the caller's to apply */
    uint8_t rd, rn, rm, ra; /* ra: Rs of a register-shifted operand, Ra of MLA, RdHi of long multiplies */
    uint8_t rt, rt2;        /* loads, stores, MCR, MRC; rt2 also of MCRR, LDRD, LDREXD */
    bool s; /* sets NZCV (16-bit data processing: true; for an IT block see decode_within_it()) */
    bool add, index, wback; /* U, P, and whether the base is written (also post-indexed) */
    bool imm_form;          /* the last operand is imm, not rm */
    uint8_t shift, amount;  /* enum shift_type and 0..32 applied to rm */
    uint32_t imm; /* expanded immediate; memory offset (magnitude, see add); branch: signed offset to be
                     added to the architectural PC value (instruction address + 8, or + 4 in Thumb; BLX and
                     Thumb literals align it);
                     SVC, BKPT, UDF, SMC, HINT number; MSR/MRS see mask; CPS mode */
    bool imm_carry_valid; /* a rotated immediate: the shifter's carry-out is bit 31 of imm */
    uint16_t list;        /* LDM, STM, PUSH, POP register list */
    uint8_t mask; /* MSR: field mask (c=1 x=2 s=4 f=8). CPS: A=4 I=2 F=1. IT: the 8-bit firstcond:mask */
    uint8_t imod; /* CPS: 0 none, 2 enable, 3 disable; `wback` then says M (mode change, in imm) */
    bool spsr;    /* MSR/MRS: R, the SPSR */
    uint8_t coproc, opc1, crn, crm, opc2; /* coprocessor instructions */
    uint8_t vd, vn, vm; /* vector registers as D:Vd, N:Vn, M:Vm; a single is Vd << 1 | D. LDC, CDP: CRd */
    /* Effects, as masks: core registers (bit 15 the PC) read and written, NZCV read and written (FLAG_*).
       Conservative: reads may be too many, sure writes never are (a conditional instruction writes nothing
       for sure; `writes` lists possible writes, `sure` those that happen whenever it completes). */
    uint16_t reads, writes, sure;
    uint8_t flags_read, flags_written, flags_sure;
};

/* A row, as the tables have it; for tools (disassembler, generators, documentation). */
struct decoder_row {
    const char *name;     /* the op's name: "ADD_imm" */
    const char *encoding; /* "A1", "T3" ... */
    const char *bits;     /* the diagram, 32 or 16 characters: "cccc00101000nnnnddddvvvvvvvvvvvv" */
    uint32_t mask, value; /* the fixed bits */
    uint16_t op;
    uint8_t class;
    uint8_t sensitive; /* enum sensitivity, as the row says: effects of the word's own fields are not in it */
    bool traps;        /* at PL0 always an exception */
    uint8_t isa;       /* enum decoder_isa */
    const char *manual;   /* "A8.8.5" */
    const char *assembly; /* after the mnemonic: disassemble.c tells the escapes */
    const char *checks;   /* the constraints, as in the table */
};
enum decoder_isa { ISA_A32, ISA_T16, ISA_T32 };
extern const struct decoder_row decoder_rows[];
extern const unsigned decoder_row_count;

/* True if the halfword begins a 32-bit Thumb instruction (A6.1). */
static inline bool decode_is_wide(uint16_t hw) { return (hw & 0xf800) >= 0xe800; }

/* Decode an A32 word. Never fails: an unallocated word is OP_UNDEFINED, CLASS_UNDEFINED. */
void decode_a32(uint32_t word, struct insn *out);

/* The same, remembered: for words that come again and again. Valid until the next call. */
const struct insn *decode_a32_again(uint32_t word);

/* Decode Thumb. `word` as in struct insn; `wide` as decode_is_wide() of the first halfword. */
void decode_thumb(uint32_t word, bool wide, struct insn *out);

/*
 * Of a Thumb instruction in an IT block: its condition, and that 16-bit data processing sets no flags there,
 * but for CMP, CMN and TST. flags_written and flags_sure stay as outside.
 */
void decode_within_it(struct insn *in, unsigned cond);

/* Disassemble in UAL; `pc` is the instruction's own address. Returns the length, at most size - 1. */
int disassemble(const struct insn *in, uint32_t pc, char *text, size_t size);

#endif
