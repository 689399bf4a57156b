/*
 * What a word asks of the Cortex-A8's pipelines (DDI 0344K chapter 16), from the decoder's record of it.
 *
 * Stages are E1 to E5. A source is needed at the beginning of its stage, a result is there at the end of its
 * own; both count from the instruction's first issue cycle, so a result of a later micro-operation has a
 * stage above 5.
 */
#ifndef TIMING_H
#define TIMING_H

#include "decoder/decoder.h"

enum a8_unit { A8_LOAD_STORE = 1, A8_MULTIPLY = 2, A8_BRANCH = 4 };

/* What waits for everything before it; NONE: ordinary. SPILL: IFAR and NMRR, where translated code keeps
 * registers. */
enum a8_serial {
    SERIAL_NONE,
    SERIAL_CP15_READ,
    SERIAL_CP15_WRITE,
    SERIAL_TLB,
    SERIAL_CACHE,
    SERIAL_ISB,
    SERIAL_DSB,
    SERIAL_DMB,
    SERIAL_PSR_READ,
    SERIAL_PSR_WRITE,
    SERIAL_SPILL
};

/* As the prediction hardware sees it (DDI 0344K 5.2). UNPREDICTED: exception returns. */
enum a8_branch {
    BRANCH_NONE,
    BRANCH_DIRECT,
    BRANCH_CALL,
    BRANCH_INDIRECT,
    BRANCH_RETURN,
    BRANCH_UNPREDICTED
};

/* The NEON unit (16.5 to 16.7): data processing, loads and stores, the VFPLite unit, to the core. */
enum a8_vector { VECTOR_NONE, VECTOR_DATA, VECTOR_MEMORY, VECTOR_VFP, VECTOR_TO_CORE };

struct a8_op {
    uint8_t cycles; /* in which it issues; it pairs in the last one only */
    uint8_t units;  /* enum a8_unit */
    uint8_t serial, branch, vector;
    uint8_t needs, results; /* how many of these there are */
    struct a8_use {
        uint8_t r, stage;
    } need[16], result[16];
    uint8_t flags_need, flags_ready;
    bool conditional;                   /* its condition, or CBZ's comparison, decides whether it branches */
    uint8_t it;                         /* of an IT: how many instructions it covers */
    uint8_t latency, occupancy;         /* of a vector operation, in cycles of the NEON unit */
    uint32_t vector_need, vector_ready; /* D registers */
    uint16_t writes;
    uint8_t size; /* bytes */
    bool writes_pc, tlb_all,
        jump_map; /* jump_map: LDM r12, {pc}, the last word of a translated indirect branch */
};

void timing_of(const struct insn *in, struct a8_op *out);

#endif
