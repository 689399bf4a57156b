/* The experiment in every mode: what the two halves of its host program share. */
#ifndef MODES_HOST_H
#define MODES_HOST_H

#include "decode/experiment/modes.h"
#include "decoder/decoder.h"

void modes_decode(const struct modes_word *w, struct insn *out);

/* `count` instances of each row, eight times as many of those that name system registers, to a file. */
void modes_emit(unsigned count, const char *path);

#endif
