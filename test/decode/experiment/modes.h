/*
 * The experiment in every mode: what the host program and the bare-metal one exchange, little-endian.
 */
#ifndef MODES_H
#define MODES_H

#include <stdint.h>

enum { MODES_A32, MODES_T16, MODES_T32 };

/* One instance of an instruction, and the state that it is to find, the same in every run. */
struct modes_word {
    uint32_t word;
    uint8_t state;    /* MODES_* */
    uint8_t kernel;   /* registers lead to what the guest's kernel alone may access; else to everybody's */
    uint16_t offsets; /* registers that hold a small number instead */
    uint8_t preset;   /* this register holds `value`; 0xff: none does */
    uint8_t masks;    /* A, I and F of the CPSR: bits 8:6 in bits 2:0 */
    uint16_t zero;
    uint32_t value;
};

/* At PL0, in each mode of PL1, and in Supervisor mode at another address. */
enum { RUN_USR, RUN_FIQ, RUN_IRQ, RUN_SVC, RUN_ABT, RUN_UND, RUN_SYS, RUN_ELSEWHERE, RUN_COUNT };

/* The exception that ended the run. What follows the instruction, everywhere nearby, is UDF. */
enum { END_UNDEFINED = 1, END_SVC, END_FETCH_ABORT, END_DATA_ABORT, END_INTERRUPT };

/* Banks: USR and SYS, FIQ, IRQ, SVC, ABT, UND. */
enum { OF_USR, OF_FIQ, OF_IRQ, OF_SVC, OF_ABT, OF_UND, OF_COUNT };

enum {
    SYS_SCTLR,
    SYS_CPACR,
    SYS_TTBR0,
    SYS_TTBR1,
    SYS_TTBCR,
    SYS_DACR,
    SYS_DFSR,
    SYS_IFSR,
    SYS_DFAR,
    SYS_IFAR,
    SYS_CONTEXTIDR,
    SYS_TPIDRURW,
    SYS_TPIDRURO,
    SYS_TPIDRPRW,
    SYS_CSSELR,
    SYS_PAR,
    SYS_PMCNTEN,
    SYS_PMSELR,
    SYS_FPEXC,
    SYS_COUNT
};

/* The machine's state; start.S knows the order up to `end_spsr`. */
struct modes_state {
    uint32_t r0_r7[8], r8_usr[5], r8_fiq[5];
    uint32_t sp[OF_COUNT], lr[OF_COUNT], spsr[OF_COUNT]; /* spsr[OF_USR]: the CPSR to begin with */
    uint32_t end, end_lr, end_spsr; /* after a run: END_*, and what the exception saved */
    uint32_t sys[SYS_COUNT];
    uint32_t memory, vectors; /* sums of what is in memory, in D0-D31 and FPSCR */
    uint32_t ticks;           /* of 24 MHz that it took */
};

struct modes_outcome {
    struct modes_state before, runs[RUN_COUNT];
    uint32_t slot[RUN_COUNT]; /* where the instruction was */
};

#endif
