/*
 * DMA controller PL081 (DDI 0218): two channels that copy between the guest's physical addresses. No
 * peripheral asks for anything, so only transfers of memory move.
 */
#ifndef PL081_H
#define PL081_H

#include "types.h"

uint32_t pl081_read(void *state, uint32_t offset, unsigned size);
void pl081_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl081_reset(void *state);

#endif
