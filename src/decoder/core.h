/*
 * What generate.py and decode.c share: the tables' shape at run time.
 */
#ifndef CORE_H
#define CORE_H

#include "decoder/decoder.h"
#include "ops.h"

struct core_row {
    uint32_t mask, value; /* fixed bits */
    uint16_t op;
    uint16_t class : 4, nopc : 6, nosp : 6; /* roles rd..rt2 that may not be 15, 13 */
    uint8_t format, layout, check, should;
};

struct core_should {
    uint32_t mask, value; /* the manual's (0) and (1) bits: UNPREDICTABLE otherwise */
};

struct core_format {
    uint16_t reads, writes; /* enum role */
    uint8_t flags;          /* FLAGS_* below */
    uint8_t kind;           /* enum kind: what the immediate means */
};

/* The letters of formats.tab: A, L, M in the low two bits; a, l, m are those with FLAGS_ALWAYS. */
#define FLAGS_SETS       3
#define FLAGS_ARITHMETIC 1
#define FLAGS_LOGICAL    2
#define FLAGS_RESULT     3
#define FLAGS_ALWAYS     4
#define FLAGS_READS_C    8
#define FLAGS_READS_ALL  16
#define FLAGS_WRITES_ALL 32
#define FLAGS_MSR        64
#define FLAGS_T16        128 /* S is implied outside IT blocks */

struct core_node {
    uint16_t slot;
    uint8_t shift, width;
};

extern const struct core_row core_rows[];
extern const struct core_should core_shoulds[];
extern const struct core_format core_formats[];
extern const struct core_node core_nodes[];
extern const uint16_t core_slots[], core_lists[], core_roots[];

void core_extract(unsigned layout, uint32_t w, struct insn *o);
unsigned core_check(unsigned check, uint32_t w, const struct insn *o);

#endif
