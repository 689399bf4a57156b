/* A PL011 (DDI 0183): the VMM's console, or the other end of a guest's modelled UART. */
#ifndef UART_PL011_H
#define UART_PL011_H

#include "board/board.h"

void uart_pl011_init(uint32_t base);              /* 8 bits, FIFOs, no interrupts; base: in the window */
bool uart_pl011_put(uint32_t base, uint8_t byte); /* false: its FIFO is full */
bool uart_pl011_interrupts(uint32_t base);        /* its line is high */
/* Interrupts when bytes come, and takes them all. */
void uart_pl011_listen(uint32_t base);
void uart_pl011_receive(uint32_t base, void (*receive)(uint8_t byte));
/* For a client: receive interrupts on; serve them; as board_uart_ says. */
void uart_pl011_open(uint32_t base);
void uart_pl011_serve(uint32_t base, const struct board_uart_client *client);
void uart_pl011_want_tx(uint32_t base, bool want);
void uart_pl011_rx_resume(uint32_t base, const struct board_uart_client *client);

#endif
