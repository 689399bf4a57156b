/* What the translator makes of one instruction, as text: its own output, disassembled. */
#ifndef EMITTED_H
#define EMITTED_H

#include "decoder/decoder.h"

#define EMITTED_LINES 64
#define EMITTED_SIZE  128

enum emitted_how {
    EMITTED_CALLOUT, /* the VMM emulates it, always */
    EMITTED_JUMP,    /* goes to another block by the jump map */
    EMITTED_LINK,    /* goes to other blocks by links */
    EMITTED_COPY,    /* the guest's own word */
    EMITTED_INLINE   /* other words, or none */
};
extern const char *const emitted_how_names[];

struct emitted {
    unsigned count; /* host words */
    char lines[EMITTED_LINES][EMITTED_SIZE];
    enum emitted_how how;
};

/* For an instruction at `pc` in guest mode `mode` (five bits, not User). */
void emitted_find(const struct insn *in, uint32_t pc, unsigned mode, struct emitted *out);

#endif
