/*
 * Disassemblers of other origin, and what makes their texts comparable.
 */
#ifndef OTHER_H
#define OTHER_H

#include "decoder/decoder.h"

struct word {
    enum decoder_isa isa;
    uint32_t bits; /* as in struct insn */
};

#define OTHER_BASE          0x10000u /* where word 0 is */
#define OTHER_STRIDE        16u      /* from one word to the next */
#define OTHER_UNPREDICTABLE " <UNPREDICTABLE>"

/* A word's bytes in memory. Returns their count. */
size_t other_bytes(const struct word *w, uint8_t *bytes);

/* Disassemble `count` words of one instruction set; texts[i * size] is "" where it refuses. */
typedef void (*other_fn)(const struct word *words, unsigned count, char *texts, size_t size);
void other_capstone(const struct word *words, unsigned count, char *texts, size_t size);
void other_objdump(const struct word *words, unsigned count, char *texts, size_t size);

/* Is this a mnemonic of ARMv8? The others know those, and offer no way to leave them out. */
bool other_is_later(const char *mnemonic);

/* Case, blanks, number bases, register aliases and synonyms out of the way. */
void normalize_text(const char *in, char *out, size_t size);

#endif
