/*
 * The board's system registers (PB-A8 user guide, DUI 0417, 4.3): identification, lock, flags, reset,
 * counters.
 */
#ifndef SYSREG_H
#define SYSREG_H

#include "types.h"

uint32_t sysreg_read(void *state, uint32_t offset, unsigned size);
void sysreg_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void sysreg_reset(void *state);

#endif
