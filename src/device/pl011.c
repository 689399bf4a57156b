/*
 * PL011 as the board's emulator has it: the receive interrupt comes with the first byte whatever IFLS says,
 * so there is no receive timeout; enables and baud rates are stored and have no effect.
 */
#include "device/pl011.h"

#include "board/board.h"
#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"

#define FR_BUSY 0x08u
#define FR_RXFE 0x10u
#define FR_TXFF 0x20u
#define FR_RXFF 0x40u
#define FR_TXFE 0x80u
#define LCR_FEN 0x10u
#define INT_RX  0x10u
#define INT_TX  0x20u
#define INT_ALL 0x7ffu

struct pl011 pl011[PL011_COUNT] = {{.irq = MACHINE_IRQ_UART0},
                                   {.irq = MACHINE_IRQ_UART1},
                                   {.irq = MACHINE_IRQ_UART2},
                                   {.irq = MACHINE_IRQ_UART3}};

static void update_line(const struct pl011 *u) { gic_set_line(u->irq, u->raised & u->enabled & INT_ALL); }

static unsigned depth(const struct pl011 *u) { return u->lcr & LCR_FEN ? PL011_DEPTH : 1; }

/* --- Transmit --- */

static bool send(const struct pl011 *u, uint8_t byte) { return u != &pl011[0] || board_uart_put(byte); }

static void drain(struct pl011 *u)
{
    while (u->tx_count && send(u, u->tx[u->tx_first])) {
        u->tx_first = (u->tx_first + 1) % PL011_DEPTH;
        u->tx_count--;
    }
}

static void write_data(struct pl011 *u, uint8_t byte)
{
    if (u->tx_count || !send(u, byte)) {
        while (u->tx_count == PL011_DEPTH)
            drain(u); /* a guest that ignores FR.TXFF waits here, as it would for the emulator's own UART */
        u->tx[(u->tx_first + u->tx_count++) % PL011_DEPTH] = byte;
        board_uart_want_tx(true);
        return;
    }
    u->raised |= INT_TX;
    update_line(u);
}

/* The transmit interrupt comes when the FIFO has emptied to half (or, without FIFOs, is empty). */
static void tx_ready(void)
{
    struct pl011 *u = &pl011[0];

    if (!u->tx_count) {
        board_uart_want_tx(false);
        return;
    }
    drain(u);
    if (u->tx_count <= depth(u) / 2)
        u->raised |= INT_TX;
    if (!u->tx_count)
        board_uart_want_tx(false);
    update_line(u);
}

/* --- Receive --- */

static bool rx_room(const struct pl011 *u) { return u->rx_count < depth(u); }

static bool host_rx_room(void) { return rx_room(&pl011[0]); }

static void resume_rx(const struct pl011 *u)
{
    if (u == &pl011[0] && rx_room(u))
        board_uart_rx_resume();
}

static void host_rx(uint8_t byte)
{
    struct pl011 *u = &pl011[0];

    if (u->rx_count == PL011_DEPTH)
        return;
    u->rx[(u->rx_first + u->rx_count++) % PL011_DEPTH] = byte;
    u->rx_flags &= ~FR_RXFE;
    if (u->rx_count >= depth(u))
        u->rx_flags |= FR_RXFF;
    if (u->rx_count == 1)
        u->raised |= INT_RX;
    update_line(u);
}

/* Reading an empty FIFO gives what its cell holds. */
static uint32_t read_data(struct pl011 *u)
{
    uint32_t r = u->rx[u->rx_first];

    u->rx_flags &= ~FR_RXFF;
    if (u->rx_count) {
        u->rx_count--;
        u->rx_first = (u->rx_first + 1) % PL011_DEPTH;
    }
    if (u->rx_count == 0) {
        u->rx_flags |= FR_RXFE;
        u->raised &= ~INT_RX;
    }
    u->rsr = r >> 8;
    update_line(u);
    resume_rx(u);
    return r;
}

/* --- Registers --- */

static uint32_t flags(const struct pl011 *u)
{
    uint32_t r = u->rx_flags | (u->tx_count ? FR_BUSY : FR_TXFE);

    return u->tx_count >= depth(u) ? r | FR_TXFF : r;
}

uint32_t pl011_read(void *state, uint32_t offset, unsigned size)
{
    struct pl011 *u = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: return read_data(u);
    case 0x04 >> 2: return u->rsr;
    case 0x18 >> 2: return flags(u);
    case 0x20 >> 2: return u->ilpr;
    case 0x24 >> 2: return u->ibrd;
    case 0x28 >> 2: return u->fbrd;
    case 0x2c >> 2: return u->lcr;
    case 0x30 >> 2: return u->cr;
    case 0x34 >> 2: return u->ifl;
    case 0x38 >> 2: return u->enabled;
    case 0x3c >> 2: return u->raised;
    case 0x40 >> 2: return u->raised & u->enabled;
    case 0x48 >> 2: return u->dmacr;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00141011, offset) : 0;
    }
}

/* Switching the FIFOs empties the receiver; its flags and interrupt stay until the next byte or read. */
static void write_lcr(struct pl011 *u, uint32_t value)
{
    if ((u->lcr ^ value) & LCR_FEN) {
        u->rx_count = 0;
        u->rx_first = 0;
    }
    u->lcr = value;
    resume_rx(u);
}

void pl011_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    struct pl011 *u = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: write_data(u, (uint8_t)value); return;
    case 0x04 >> 2: u->rsr = 0; return;
    case 0x20 >> 2: u->ilpr = value; return;
    case 0x24 >> 2: u->ibrd = value; return;
    case 0x28 >> 2: u->fbrd = value; return;
    case 0x2c >> 2: write_lcr(u, value); return;
    case 0x30 >> 2: u->cr = value; return;
    case 0x34 >> 2: u->ifl = value; return;
    case 0x38 >> 2: u->enabled = value; break;
    case 0x44 >> 2: u->raised &= ~value; break;
    case 0x48 >> 2: u->dmacr = value; return;
    default: return;
    }
    update_line(u);
}

void pl011_reset(void *state)
{
    struct pl011 *u = state;

    *u = (struct pl011){.irq = u->irq, .cr = 0x300, .ifl = 0x12, .rx_flags = FR_RXFE};
    update_line(u);
}

void pl011_share_host(void)
{
    static const struct board_uart_client client = {host_rx_room, host_rx, tx_ready};

    board_uart_open(&client);
}
