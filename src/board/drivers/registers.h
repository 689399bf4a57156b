/* Device registers: 32 bits wide, by their address in the window. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include "types.h"

#define REG(base, offset) (*(volatile uint32_t *)(uintptr_t)((base) + (offset)))

#endif
