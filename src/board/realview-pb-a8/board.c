/*
 * The RealView PB-A8 as host (DUI 0417): GIC, SP804 timer 0 for deadlines and timer 1 as clock (1 MHz, down),
 * PL011 1 for the VMM's messages, PL031. Timers 2 and 3 are the guest's first SP804, PL011 0 is its first
 * UART.
 */
#include "board/board.h"
#include "board/host.h"
#include "device/bus.h"
#include "host/arm.h"
#include "host/window.h"
#include "run/run.h"

const uint32_t board_ram_size = 0x20000000;
const uint32_t board_devices[2] = {0x10000000, 0x1e000000};

#define REG(base, offset) (*(volatile uint32_t *)(uintptr_t)((base) + (offset)))
#define SYSREG            WINDOW_DEVICES
#define UART0             (WINDOW_DEVICES + 0x9000)
#define UART1             (WINDOW_DEVICES + 0xa000)
#define TIMER01           (WINDOW_DEVICES + 0x11000)
#define TIMER23           (WINDOW_DEVICES + 0x12000)
#define RTC               (WINDOW_DEVICES + 0x17000)
#define GICC              (WINDOW_DEVICES + 0x100000)
#define GICD              (WINDOW_DEVICES + 0x101000)

#define IRQ_TIMER01     36u
#define IRQ_TIMER23     37u
#define IRQ_UART0       44u
#define GUEST_IRQ_TIMER 36u /* its SP804 is the other one, its UART the same */
#define SPURIOUS        1023u

/* PL011 (DDI 0183) */
enum { DR = 0x00, FR = 0x18, LCR_H = 0x2c, CR = 0x30, IFLS = 0x34, IMSC = 0x38, UART_MIS = 0x40, ICR = 0x44 };
#define FR_RXFE 0x10u
#define FR_TXFF 0x20u
#define INT_RX  0x50u /* receive, receive timeout */
#define INT_TX  0x20u

/* SP804 (DDI 0271) */
enum { LOAD = 0, VALUE = 4, CONTROL = 8, INTCLR = 12, MIS = 20, TIMER1 = 0x20 };
#define TIMER_FREE     0x82u /* enable, 32 bits */
#define TIMER_ONE_SHOT 0xa3u /* enable, interrupt, 32 bits, one-shot */
#define TIMER_MAX_NS   2000000000u

#define NOT_PROGRAMMED 0u
static uint64_t clock_us, programmed = NOT_PROGRAMMED, timeout;
static uint32_t clock_last;

static void uart_init(uint32_t base)
{
    REG(base, CR) = 0;
    REG(base, LCR_H) = 0x70; /* 8 bits, FIFOs */
    REG(base, IFLS) = 0;
    REG(base, IMSC) = 0;
    REG(base, CR) = 0x301;
}

void board_init(void)
{
    uart_init(UART1);
    REG(TIMER01, TIMER1 + CONTROL) = 0;
    REG(TIMER01, TIMER1 + LOAD) = 0xffffffff;
    REG(TIMER01, TIMER1 + CONTROL) = TIMER_FREE;
    clock_last = ~REG(TIMER01, TIMER1 + VALUE);
    REG(GICD, 0) = 0;
    for (unsigned i = 0; i < 96; i += 32)
        REG(GICD, 0x180 + i / 8) = 0xffffffff;
    for (unsigned i = 32; i < 96; i += 4) {
        REG(GICD, 0x400 + i) = 0xa0a0a0a0;
        REG(GICD, 0x800 + i) = 0x01010101;
    }
    REG(GICD, 0x100 + 4) = 1u << (IRQ_TIMER01 - 32);
    REG(GICC, 4) = 0xff;
    REG(GICC, 0) = 1;
    REG(GICD, 0) = 1;
}

/* ---- Devices given to the guest ---- */

/* By the guest's width: an access to a device must be aligned (A3.2.1). */
static uint32_t real_read(uint32_t at, unsigned size)
{
    switch (size) {
    case 1: return *(volatile uint8_t *)(uintptr_t)at;
    case 2: return *(volatile uint16_t *)(uintptr_t)at;
    default: return REG(at, 0);
    }
}

static void real_write(uint32_t at, uint32_t value, unsigned size)
{
    switch (size) {
    case 1: *(volatile uint8_t *)(uintptr_t)at = (uint8_t)value; break;
    case 2: *(volatile uint16_t *)(uintptr_t)at = (uint16_t)value; break;
    default: REG(at, 0) = value; break;
    }
}

/* While a line is high the guest's GIC knows, and the host need not hear of it. */
static bool follow_line(unsigned irq, bool level)
{
    static uint32_t low; /* lines that the host hears of; none is before the first time */
    uint32_t m = 1u << (irq - 32);

    if (level != !(low & m)) {
        REG(GICD, (level ? 0x180 : 0x100) + 4) = m;
        low ^= m;
    }
    return level;
}

static bool timer_level(void)
{
    return follow_line(IRQ_TIMER23, REG(TIMER23, MIS) | REG(TIMER23, TIMER1 + MIS));
}
static bool uart_level(void) { return follow_line(IRQ_UART0, REG(UART0, UART_MIS)); }

/* `state` is the device's own row. */
static uint32_t spare_at(const struct direct_device *d, uint32_t offset)
{
    return WINDOW_DEVICES + (d->page.a - board_devices[0]) + offset;
}

static uint32_t spare_read(void *state, uint32_t offset, unsigned size)
{
    const struct direct_device *d = state;
    uint32_t value = real_read(spare_at(d, offset), size);

    gic_set_line(d->irq, d->level());
    return value;
}

static void spare_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    const struct direct_device *d = state;

    real_write(spare_at(d, offset), value, size);
    gic_set_line(d->irq, d->level());
}

static struct direct_device spare_timer = {
    {"timer01", 0x10011000, PAGE_SIZE, &spare_timer, spare_read, spare_write, NULL},
    {0x10012000},
    GUEST_IRQ_TIMER,
    timer_level};
static struct direct_device spare_uart = {
    {"uart0", 0x10009000, PAGE_SIZE, &spare_uart, spare_read, spare_write, NULL},
    {0x10009000},
    IRQ_UART0,
    uart_level};
static bool uart_shared;

void board_give_spares(void)
{
    bus_give(&spare_timer);
    bus_give(&spare_uart);
    timer_level(); /* the host hears of them from now on */
    uart_level();
}

void board_share_uart(void)
{
    uart_shared = true;
    uart_init(UART0);
    REG(GICD, 0x100 + 4) = 1u << (IRQ_UART0 - 32);
    REG(UART0, IMSC) = INT_RX;
}

void board_console_put(char c)
{
    while (REG(UART1, FR) & FR_TXFF)
        ;
    REG(UART1, DR) = (uint8_t)c;
}

void board_reset(void)
{
    REG(SYSREG, 0x20) = 0xa05f; /* unlock */
    REG(SYSREG, 0x40) = 0x108;  /* QEMU takes bit 2 or 8 of it for a reset, the board its level */
    REG(SYSREG, 0x40) = 0x104;
    for (;;)
        arm_wfi();
}

uint32_t board_rtc_seconds(void) { return REG(RTC, 0); }
uint32_t host_rtc_seconds(void) { return board_rtc_seconds(); }

uint64_t host_now_ns(void)
{
    uint32_t now = ~REG(TIMER01, TIMER1 + VALUE);

    clock_us += now - clock_last; /* read at least every TIMER_MAX_NS */
    clock_last = now;
    return clock_us * 1000;
}

void host_set_timeout(uint64_t ns) { timeout = ns ? host_now_ns() + ns : 0; }

void host_timer_program(uint64_t deadline)
{
    uint64_t now, us;

    if (timeout && deadline > timeout)
        deadline = timeout;
    if (deadline == programmed)
        return;
    programmed = deadline;
    now = host_now_ns();
    if (deadline > now + TIMER_MAX_NS)
        deadline = now + TIMER_MAX_NS;
    us = deadline > now ? (deadline - now + 999) / 1000 : 1;
    REG(TIMER01, CONTROL) = 0;
    REG(TIMER01, LOAD) = us ? (uint32_t)us : 1;
    REG(TIMER01, CONTROL) = TIMER_ONE_SHOT;
}

void host_uart_rx_resume(void)
{
    while (!(REG(UART0, FR) & FR_RXFE) && pl011_host_rx_room())
        pl011_host_rx((uint8_t)REG(UART0, DR));
    if (!(REG(UART0, FR) & FR_RXFE))
        REG(UART0, IMSC) &= ~INT_RX; /* no room: the guest's UART calls when there is */
    else
        REG(UART0, IMSC) |= INT_RX;
}

static void serve_uart(void)
{
    REG(UART0, ICR) = INT_RX | INT_TX;
    host_uart_rx_resume();
    if (!(REG(UART0, FR) & FR_TXFF))
        pl011_host_tx_ready();
}

void host_irq_serve(void)
{
    for (;;) {
        uint32_t ack = REG(GICC, 0xc), irq = ack & 0x3ff;

        if (irq == SPURIOUS)
            return;
        if (irq == IRQ_TIMER01) {
            REG(TIMER01, INTCLR) = 1;
            programmed = NOT_PROGRAMMED;
            if (timeout && host_now_ns() >= timeout)
                guest_stopped(STATUS_TIMEOUT, "timeout: the guest was stopped at pc %08x, cpsr %08x",
                              (unsigned)vcpu.r[15], (unsigned)vcpu.cpsr);
        } else if (irq == IRQ_UART0 && uart_shared) {
            serve_uart();
        } else if (irq == IRQ_UART0) {
            gic_set_line(IRQ_UART0, uart_level());
        } else if (irq == IRQ_TIMER23) {
            gic_set_line(GUEST_IRQ_TIMER, timer_level());
        }
        REG(GICC, 0x10) = ack;
    }
}

void host_wait(void) { arm_wfi(); }

bool host_uart_put(uint8_t byte)
{
    if (REG(UART0, FR) & FR_TXFF)
        return false;
    REG(UART0, DR) = byte;
    return true;
}

void host_uart_want_tx(bool want)
{
    if (want)
        REG(UART0, IMSC) |= INT_TX;
    else
        REG(UART0, IMSC) &= ~INT_TX;
}
