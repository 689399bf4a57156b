/*
 * Real-time clock PL031 (DDI 0224): the host's seconds plus the offset that the guest's writes of LR make.
 */
#ifndef PL031_H
#define PL031_H

#include "types.h"

uint32_t pl031_read(void *state, uint32_t offset, unsigned size);
void pl031_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl031_reset(void *state);

#endif
