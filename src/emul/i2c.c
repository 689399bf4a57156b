/*
 * Two-wire bus: bit 0 is the clock, bit 1 the data line.
 */
#include "emul/i2c.h"

static uint8_t driven, data_line;

uint32_t i2c_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    return offset == 0 ? (uint32_t)data_line << 1 | (driven & 1) : 0xffffffff;
}

void i2c_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    if (offset == 0)
        driven |= value & 3;
    else if (offset == 4)
        driven &= ~value & 3;
    else
        return;
    data_line = driven >> 1;
}

void i2c_reset(void *state)
{
    (void)state;
    driven = data_line = 0;
}
