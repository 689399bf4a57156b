/*
 * GPIO PL061 (DDI 0190): three of eight pins. Nothing drives them but two lines of the card slot on the
 * third.
 */
#ifndef PL061_H
#define PL061_H

#include "types.h"

#define PL061_COUNT 3

struct pl061 {
    uint8_t data, seen; /* pins; the input pins when edges were last looked for */
    uint8_t direction, level_sense, both_edges, event, mask, raised, alternate;
    uint8_t pins, irq; /* what the board drives; constant */
};
extern struct pl061 pl061[PL061_COUNT];

uint32_t pl061_read(void *state, uint32_t offset, unsigned size);
void pl061_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl061_reset(void *state);

#endif
