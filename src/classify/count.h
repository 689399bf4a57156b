/* Counting an image's instructions: by class, by instruction, by symbol. JSON out. */
#ifndef COUNT_H
#define COUNT_H

#include "classify/descent.h"

struct symbol {
    uint32_t address;
    const char *name; /* outlives the count */
};

/* Symbols by ascending address. Prints one JSON object on stdout. */
void count_print(const struct image *i, const struct symbol *symbols, unsigned symbol_count);

#endif
