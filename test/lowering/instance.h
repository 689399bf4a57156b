/*
 * What generate.c writes for runner.c: Thumb code, and the A32 code that the translator makes of it, to be
 * run from the same states. Words; offsets in bytes from the start of the file, which is loaded at
 * LOWERING_CODE.
 */
#ifndef INSTANCE_H
#define INSTANCE_H

#include <stdint.h>

#define LOWERING_CODE       0x70100000u /* read-only at run time */
#define LOWERING_CODE_END   0x70700000u
#define LOWERING_MEMORY     0x70800000u /* data, one MiB; what is below and above is not mapped */
#define LOWERING_MEMORY_END 0x70900000u
#define LOWERING_WINDOW     512u /* at either end: what is set and compared */

#define LOWERING_MAGIC 0x4c6f7731u
#define LOWERING_STOPS 6u
#define LOWERING_INSNS 6u

struct instance_stop {
    uint32_t word, offset; /* the block's UDF at `word` stands for the guest address code + offset */
};

struct instance_insn {
    uint32_t word, offset, itstate, spilled; /* as in struct insn_map */
};

struct instance {
    uint32_t thumb;       /* offset of the guest code: perhaps LDREX, IT; the instruction; SVC */
    uint32_t block;       /* offset of the block's words */
    uint32_t encoding;    /* the instruction */
    uint32_t base, delta; /* register to aim at memory, and what the instruction adds to it; 16: none */
    uint32_t index, index_shift; /* register to keep small; 16: none */
    uint32_t unknown; /* registers an abort leaves UNKNOWN: what a multiple load loads, but for its base */
    uint32_t stop_count, insn_count;
    struct instance_stop stops[LOWERING_STOPS];
    struct instance_insn insns[LOWERING_INSNS];
};

struct instance_file {
    uint32_t magic, count;
    uint32_t table;  /* offset of `count` struct instance */
    uint32_t states; /* states to run each from */
};

#endif
