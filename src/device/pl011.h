/*
 * UARTs PL011 (DDI 0183). UART 0 is connected to the board's (board_uart_open()); what the others send is
 * dropped.
 *
 * Nothing the guest sends is lost: while the host cannot take a byte it waits in the transmit FIFO, and FR
 * and the transmit interrupt tell so.
 */
#ifndef PL011_H
#define PL011_H

#include "types.h"

#define PL011_COUNT 4
#define PL011_DEPTH 16u

struct pl011 {
    uint32_t lcr, cr, ifl, ilpr, ibrd, fbrd, dmacr, rsr;
    uint32_t raised, enabled; /* interrupts: RIS and IMSC */
    uint16_t rx[PL011_DEPTH];
    uint8_t rx_first, rx_count;
    uint8_t tx[PL011_DEPTH];
    uint8_t tx_first, tx_count;
    uint8_t rx_flags; /* FR.RXFE and RXFF, which bytes and reads of DR change; see write_lcr() */
    uint8_t irq;
};
extern struct pl011 pl011[PL011_COUNT];

uint32_t pl011_read(void *state, uint32_t offset, unsigned size);
void pl011_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void pl011_reset(void *state);
void pl011_share_host(void); /* UART 0's other end is the board's UART from now on */

#endif
