/*
 * A host board: what there is, and drivers for what the VMM needs of it. One folder a board, chosen at build;
 * `board` is its description, the functions are made of the drivers in drivers/.
 */
#ifndef BOARD_H
#define BOARD_H

#include "types.h"

/* A device that the VMM does not need for itself: it may be a guest's. */
struct board_spare {
    const char *model;        /* "sp804", "pl011": what a guest's own may be replaced by */
    hpa_t page;               /* its registers, within devices[] */
    unsigned irq;             /* the board's interrupt number */
    bool (*interrupts)(void); /* its line is high */
};

struct board {
    const char *name;
    hpa_t ram;
    uint32_t ram_size;
    hpa_t devices[2]; /* MiBs mapped at WINDOW_DEVICES */
    const struct board_spare *spares;
    unsigned spare_count;
};
extern const struct board board;

/* The guest's modelled UART on the host's: called by board_irq_serve() and board_uart_rx_resume(). */
struct board_uart_client {
    bool (*rx_room)(void);
    void (*rx)(uint8_t byte); /* only while there is room */
    void (*tx_ready)(void);   /* wanted by board_uart_want_tx() */
};

void board_init(void);          /* interrupt controller, clock, UARTs; the devices are mapped */
void board_console_put(char c); /* the VMM's own UART; waits for room */
void board_console_listen(void (*receive)(uint8_t byte)); /* what is typed on it, from board_irq_serve() */
_Noreturn void board_reset(void);
_Noreturn void
board_power_off(int status); /* on an emulator its status too; elsewhere the processor waits for ever */
uint32_t board_rtc_seconds(void);

/* Time: nanoseconds since board_init(). */
uint64_t board_now_ns(void);
void board_timer_program(
    uint64_t deadline); /* an interrupt at that time at the latest (UINT64_MAX: none needed) */

/* Interrupts. */
void board_irq_serve(void); /* acknowledge and serve everything pending, without waiting */
void board_wait(void);      /* WFI until any interrupt is pending */

/* Spare devices. While a line is high its owner knows, and the host need not hear of it. */
void board_spare_listen(void (*line)(const struct board_spare *s,
                                     bool level)); /* told of lines that rise, from now on */
bool board_spare_level(const struct board_spare *s);
volatile void *board_registers(hpa_t at); /* within devices[] */

/* A UART of the host's for the guest's modelled first one, where none is spare. */
void board_uart_open(const struct board_uart_client *client);
/* False: the FIFO is full. A guest that ignores FR.TXFF is held by calling this until it takes the byte, so
   it looks at the hardware itself and does not wait for an interrupt. */
bool board_uart_put(uint8_t byte);
void board_uart_want_tx(bool want);
/* The client has room again. Bytes for which there was none stay in the hardware until then, its receive
 * interrupt off. */
void board_uart_rx_resume(void);

#endif
