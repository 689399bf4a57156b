/*
 * A page of RAM at 0xe0000000, where the yardstick's board keeps what would start second processors. Data
 * only: what a guest executes there reads as zeros (design 9).
 */
#ifndef SRAM_H
#define SRAM_H

#include "types.h"

uint32_t sram_read(void *state, uint32_t offset, unsigned size);
void sram_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void sram_reset(void *state);

#endif
