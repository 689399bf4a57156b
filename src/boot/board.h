/* A host board: constants and drivers, chosen at link time (one board_*.c). */
#ifndef BOARD_H
#define BOARD_H

#include "types.h"

extern const uint32_t board_ram_size;
extern const uint32_t board_devices[2]; /* physical MiBs mapped at WINDOW_DEVICES */

void board_init(void);       /* interrupt controller, timers, UARTs; after window_map_early() */
void board_console_put(char c); /* the VMM's own UART; waits for room */
_Noreturn void board_reset(void);
uint32_t board_rtc_seconds(void);

/* An SP804 at 1 MHz that the VMM does not use; NULL: there is none. *page: where the guest may read it itself. */
const struct sp804_direct *board_spare_sp804(hpa_t *page);

#endif
