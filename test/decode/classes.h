#ifndef CLASSES_H
#define CLASSES_H

#include "decoder/decoder.h"

/* The class that a row should have in its table. */
enum insn_class classes_expected(const struct decoder_row *row);

/* In what way it should be sensitive (enum sensitivity), and whether PL0 should trap on it. */
unsigned classes_sensitivity_expected(const struct decoder_row *row);
bool classes_traps_expected(const struct decoder_row *row);

/* True if the row's class, sensitivity and trap are as here. */
bool classes_agree(const struct decoder_row *row);

#endif
