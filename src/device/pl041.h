/*
 * Audio interface PL041 (DDI 0173) with its codec (lm4549.h): one channel, playback only, as the yardstick's.
 */
#ifndef PL041_H
#define PL041_H

#include "types.h"

uint32_t pl041_read(void *state, uint32_t offset, unsigned size);
void pl041_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl041_reset(void *state);

#endif
