/*
 * Keyboard and mouse ports PL050 (DDI 0143), each with its device (ps2.h). Every byte is sent at once.
 */
#ifndef PL050_H
#define PL050_H

#include "device/ps2.h"

#define PL050_COUNT 2

struct pl050 {
    uint32_t control, divisor;
    uint8_t irq, last; /* `last`: the byte read last, which the register keeps */
    struct ps2 device;
};
extern struct pl050 pl050[PL050_COUNT];

uint32_t pl050_read(void *state, uint32_t offset, unsigned size);
void pl050_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl050_reset(void *state);

#endif
