/*
 * The host's own devices as the guest's: accesses that do not reach them by the MMU, and their interrupt
 * lines (device/direct.h).
 */
#include "device/direct.h"

#include <string.h>

#include "device/bus.h"
#include "device/realview_pb_a8.h"

/* By the guest's width: an access to a device must be aligned (A3.2.1). */
static uint32_t real_read(volatile void *at, unsigned size)
{
    switch (size) {
    case 1: return *(volatile uint8_t *)at;
    case 2: return *(volatile uint16_t *)at;
    default: return *(volatile uint32_t *)at;
    }
}

static void real_write(volatile void *at, uint32_t value, unsigned size)
{
    switch (size) {
    case 1: *(volatile uint8_t *)at = (uint8_t)value; break;
    case 2: *(volatile uint16_t *)at = (uint16_t)value; break;
    default: *(volatile uint32_t *)at = value; break;
    }
}

static void update_line(const struct direct_device *d) { gic_set_line(d->irq, board_spare_level(d->spare)); }

/* `state` is the device's own row. */
static uint32_t direct_read(void *state, uint32_t offset, unsigned size)
{
    const struct direct_device *d = state;
    uint32_t value = real_read(board_registers(HPA(d->page.a + offset)), size);

    update_line(d);
    return value;
}

static void direct_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    const struct direct_device *d = state;

    real_write(board_registers(HPA(d->page.a + offset)), value, size);
    update_line(d);
}

/* The guest's devices that may be the host's, in the order in which spares are given, and their interrupts.
 */
static struct direct_row {
    const char *model;
    struct direct_device d;
} rows[] = {
#define ROW(i, name, model, base, irq)                                                                       \
    {                                                                                                        \
        model, { {name, base, PAGE_SIZE, &rows[i].d, direct_read, direct_write, NULL}, {0}, irq, NULL }      \
    }
    ROW(0, "timer01", "sp804", MACHINE_TIMER01, MACHINE_IRQ_TIMER01),
    ROW(1, "uart0", "pl011", MACHINE_UART0, MACHINE_IRQ_UART0),
#undef ROW
};

static void line_rose(const struct board_spare *s, bool level)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++)
        if (rows[i].d.spare == s)
            gic_set_line(rows[i].d.irq, level);
}

static void give(const struct board_spare *s)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].d.spare || strcmp(rows[i].model, s->model))
            continue;
        rows[i].d.spare = s;
        rows[i].d.page = s->page;
        bus_give(&rows[i].d);
        return;
    }
}

void direct_give_spares(void)
{
    for (unsigned i = 0; i < board.spare_count; i++)
        give(&board.spares[i]);
    board_spare_listen(line_rose);
}
