/* A host board: constants and drivers, chosen at link time (one board_*.c). */
#ifndef BOARD_H
#define BOARD_H

#include "types.h"

extern const uint32_t board_ram_size;
extern const uint32_t board_devices[2]; /* physical MiBs mapped at WINDOW_DEVICES */

void board_init(void);          /* interrupt controller, timers, UARTs; after window_map_early() */
void board_console_put(char c); /* the VMM's own UART; waits for room */
_Noreturn void board_reset(void);
uint32_t board_rtc_seconds(void);

/* The devices that the VMM does not need for itself are given to the guest (bus_give()), as they are at
 * reset. */
void board_give_spares(void);
void board_share_uart(void); /* instead: the host's UART serves the guest's modelled one */

#endif
