/* The real processor's registers that are set once. */
#ifndef PROCESSOR_H
#define PROCESSOR_H

#include "types.h"

/* Vectors; coprocessors off; the SP of ABT and IRQ mode is where entries save the first registers. */
void processor_init(uint32_t save);

#endif
