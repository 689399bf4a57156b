/* What the translator makes of one instruction, as text: its own output, disassembled. */
#ifndef EMITTED_H
#define EMITTED_H

#include "decoder/decoder.h"

#define EMITTED_LINES 64
#define EMITTED_SIZE  128

struct emitted {
    unsigned count; /* host words */
    char lines[EMITTED_LINES][EMITTED_SIZE];
    bool callout; /* the VMM emulates it, always */
};

/* For an instruction at `pc` in guest mode `mode` (five bits, not User). */
void emitted_find(const struct insn *in, uint32_t pc, unsigned mode, struct emitted *out);

#endif
