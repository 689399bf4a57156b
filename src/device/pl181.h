/*
 * Card interface PL181 (DDI 0205) with no card in the slot: commands that want an answer time out, data go
 * nowhere.
 */
#ifndef PL181_H
#define PL181_H

#include "types.h"

uint32_t pl181_read(void *state, uint32_t offset, unsigned size);
void pl181_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl181_reset(void *state);

#endif
