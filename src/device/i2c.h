/*
 * The board's two-wire serial bus, bit-banged (DUI 0417, 4.5.8), with one device on it, the clock (ds1338.h).
 */
#ifndef I2C_H
#define I2C_H

#include "types.h"

uint32_t i2c_read(void *state, uint32_t offset, unsigned size);
void i2c_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void i2c_reset(void *state);

#endif
