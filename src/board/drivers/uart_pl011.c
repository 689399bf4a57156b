/* PL011 of the host's (board/drivers/uart_pl011.h). */
#include "board/drivers/uart_pl011.h"

#include "board/drivers/registers.h"

enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, UART_MIS = 0x40, ICR = 0x44 };
#define FR_RXFE 0x10u
#define FR_TXFF 0x20u
#define INT_RX  0x50u /* receive, receive timeout */
#define INT_TX  0x20u

void uart_pl011_init(uint32_t base)
{
    REG(base, CR) = 0;
    REG(base, LCR_H) = 0x70; /* 8 bits, FIFOs */
    REG(base, IFLS) = 0;
    REG(base, IMSC) = 0;
    REG(base, CR) = 0x301;
}

bool uart_pl011_put(uint32_t base, uint8_t byte)
{
    if (REG(base, FR) & FR_TXFF)
        return false;
    REG(base, DR) = byte;
    return true;
}

bool uart_pl011_interrupts(uint32_t base) { return REG(base, UART_MIS); }

void uart_pl011_listen(uint32_t base) { REG(base, IMSC) = INT_RX; }

void uart_pl011_receive(uint32_t base, void (*receive)(uint8_t byte))
{
    REG(base, ICR) = INT_RX;
    while (!(REG(base, FR) & FR_RXFE))
        receive((uint8_t)REG(base, DR));
}

void uart_pl011_open(uint32_t base)
{
    uart_pl011_init(base);
    REG(base, IMSC) = INT_RX;
}

void uart_pl011_want_tx(uint32_t base, bool want)
{
    if (want)
        REG(base, IMSC) |= INT_TX;
    else
        REG(base, IMSC) &= ~INT_TX;
}

void uart_pl011_rx_resume(uint32_t base, const struct board_uart_client *client)
{
    while (!(REG(base, FR) & FR_RXFE) && client->rx_room())
        client->rx((uint8_t)REG(base, DR));
    if (!(REG(base, FR) & FR_RXFE))
        REG(base, IMSC) &= ~INT_RX; /* no room: the client calls when there is */
    else
        REG(base, IMSC) |= INT_RX;
}

void uart_pl011_serve(uint32_t base, const struct board_uart_client *client)
{
    REG(base, ICR) = INT_RX | INT_TX;
    uart_pl011_rx_resume(base, client);
    if (!(REG(base, FR) & FR_TXFF))
        client->tx_ready();
}
