#ifndef CLASSES_H
#define CLASSES_H

#include "decoder/decoder.h"

/* The class that a row should have in its table. */
enum insn_class classes_expected(const struct decoder_row *row);

#endif
