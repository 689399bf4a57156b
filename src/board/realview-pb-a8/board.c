/*
 * The RealView PB-A8 as host (DUI 0417): a GIC; the first SP804 as clock and for deadlines; PL011 1 for the
 * VMM's lines; PL031. Spare are the second SP804 and PL011 0, which is the other end of the guest's modelled
 * UART where it is not given away.
 */
#include "board/board.h"

#include "board/drivers/clock_sp804.h"
#include "board/drivers/irqc_gic.h"
#include "board/drivers/registers.h"
#include "board/drivers/uart_pl011.h"
#include "host/arm.h"
#include "host/owner.h"
#include "host/window.h"

#define SYSREG  WINDOW_DEVICES
#define UART0   (WINDOW_DEVICES + 0x9000)
#define UART1   (WINDOW_DEVICES + 0xa000)
#define TIMER23 (WINDOW_DEVICES + 0x12000)
#define RTC     (WINDOW_DEVICES + 0x17000)

enum { IRQ_TIMER01 = 36, IRQ_TIMER23 = 37, IRQ_UART0 = 44, IRQ_UART1 = 45 };

static bool timer_interrupts(void) { return clock_sp804_interrupts(TIMER23); }
static bool uart_interrupts(void) { return uart_pl011_interrupts(UART0); }

static const struct board_spare spares[] = {
    {"sp804", {0x10012000}, IRQ_TIMER23, timer_interrupts},
    {"pl011", {0x10009000}, IRQ_UART0, uart_interrupts},
};

const struct board board = {.name = "realview-pb-a8",
                            .ram = {0x70000000},
                            .ram_size = 0x20000000,
                            .devices = {{0x10000000}, {0x1e000000}},
                            .spares = spares,
                            .spare_count = ARRAY_SIZE(spares)};

static const struct irqc_gic irqc = {
    .cpu = WINDOW_DEVICES + 0x100000, .dist = WINDOW_DEVICES + 0x101000, .count = 96};
static struct {
    struct clock_sp804 clock;
    const struct board_uart_client *uart;
    void (*receive)(uint8_t byte);
    void (*line)(const struct board_spare *s, bool level);
    uint32_t unheard; /* a bit for each spare whose line is high: its interrupt is disabled */
} pb_a8 HOST_DATA = {.clock = {.base = WINDOW_DEVICES + 0x11000}};

void board_init(void)
{
    uart_pl011_init(UART1);
    clock_sp804_init(&pb_a8.clock);
    irqc_gic_init(&irqc);
    irqc_gic_enable(&irqc, IRQ_TIMER01, true);
}

volatile void *board_registers(hpa_t at)
{
    for (unsigned i = 0; i < ARRAY_SIZE(board.devices); i++)
        if (at.a - board.devices[i].a < SECTION_SIZE)
            return (volatile void *)(uintptr_t)(WINDOW_DEVICES + i * SECTION_SIZE +
                                                (at.a - board.devices[i].a));
    CHECK(!"a register of the board's");
    return NULL;
}

bool board_spare_level(const struct board_spare *s)
{
    bool level = s->interrupts();
    uint32_t m = 1u << (s - spares);

    if (level != !!(pb_a8.unheard & m)) {
        irqc_gic_enable(&irqc, s->irq, !level);
        pb_a8.unheard ^= m;
    }
    return level;
}

void board_spare_listen(void (*line)(const struct board_spare *s, bool level))
{
    pb_a8.line = line;
    pb_a8.unheard = (1u << ARRAY_SIZE(spares)) - 1; /* as they are disabled */
    for (unsigned i = 0; i < ARRAY_SIZE(spares); i++)
        board_spare_level(&spares[i]);
}

void board_console_put(char c)
{
    while (!uart_pl011_put(UART1, (uint8_t)c))
        ;
}

void board_console_listen(void (*receive)(uint8_t byte))
{
    pb_a8.receive = receive;
    uart_pl011_listen(UART1);
    irqc_gic_enable(&irqc, IRQ_UART1, true);
}

void board_reset(void)
{
    REG(SYSREG, 0x20) = 0xa05f; /* unlock */
    REG(SYSREG, 0x40) = 0x108;  /* QEMU takes bit 2 or 8 of it for a reset, the board its level */
    REG(SYSREG, 0x40) = 0x104;
    for (;;)
        arm_wfi();
}

void board_power_off(int status) { arm_semihost_exit(status); }

uint32_t board_rtc_seconds(void) { return REG(RTC, 0); }

uint64_t board_now_ns(void) { return clock_sp804_now_ns(&pb_a8.clock); }
void board_timer_program(uint64_t deadline) { clock_sp804_program(&pb_a8.clock, deadline); }

void board_uart_open(const struct board_uart_client *client)
{
    pb_a8.uart = client;
    uart_pl011_open(UART0);
    irqc_gic_enable(&irqc, IRQ_UART0, true);
}

bool board_uart_put(uint8_t byte) { return uart_pl011_put(UART0, byte); }
void board_uart_want_tx(bool want) { uart_pl011_want_tx(UART0, want); }
void board_uart_rx_resume(void) { uart_pl011_rx_resume(UART0, pb_a8.uart); }

static void serve(unsigned irq)
{
    if (irq == IRQ_TIMER01) {
        clock_sp804_serve(&pb_a8.clock);
    } else if (irq == IRQ_UART1) {
        uart_pl011_receive(UART1, pb_a8.receive);
    } else if (irq == IRQ_UART0 && pb_a8.uart) {
        uart_pl011_serve(UART0, pb_a8.uart);
    } else {
        for (unsigned i = 0; i < ARRAY_SIZE(spares); i++)
            if (spares[i].irq == irq && pb_a8.line)
                pb_a8.line(&spares[i], board_spare_level(&spares[i]));
    }
}

void board_irq_serve(void)
{
    uint32_t ack;

    while (((ack = irqc_gic_acknowledge(&irqc)) & 0x3ff) != IRQC_GIC_SPURIOUS) {
        serve(ack & 0x3ff);
        irqc_gic_end(&irqc, ack);
    }
}

void board_wait(void) { arm_wfi(); }
