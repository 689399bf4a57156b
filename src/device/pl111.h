/*
 * Display controller PL111 (DDI 0293): registers, palette and the 60 Hz interrupt. Nothing is shown, so the
 * frame buffer is never read.
 */
#ifndef PL111_H
#define PL111_H

#include "types.h"

uint32_t pl111_read(void *state, uint32_t offset, unsigned size);
void pl111_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl111_reset(void *state);

#endif
