/*
 * Clock DS1338 on the two-wire bus: seven registers of the time, a control register, 56 bytes of memory.
 */
#ifndef DS1338_H
#define DS1338_H

#include "types.h"

#define DS1338_ADDRESS 0x68u

void ds1338_reset(void);
void ds1338_start(bool reads);
uint8_t ds1338_recv(void);
void ds1338_send(uint8_t byte);

#endif
