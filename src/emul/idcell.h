/*
 * Devices of the board that are not replicated but answer a probe: their registers keep the reset
 * values, writes are ignored, no interrupt ever comes. README.md says which and why.
 */
#ifndef IDCELL_H
#define IDCELL_H

#include "types.h"

struct idcell {
    uint32_t peripheral_id;
    struct { uint16_t offset; uint32_t value; } reg[2];
};
extern const struct idcell idcell_pl041, idcell_pl111, idcell_pl081;

uint32_t idcell_read(void *state, uint32_t offset, unsigned size);
void idcell_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void idcell_reset(void *state);

#endif
