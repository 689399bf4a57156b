/*
 * PL050.
 */
#include "device/pl050.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"

#define CONTROL_TX_INTERRUPT 0x08u
#define CONTROL_RX_INTERRUPT 0x10u
#define STAT_PARITY          0x04u
#define STAT_RX_FULL         0x10u
#define STAT_TX_EMPTY        0x40u
#define IIR_RX               0x01u
#define IIR_TX               0x02u

struct pl050 pl050[PL050_COUNT] = {{.irq = MACHINE_IRQ_KMI0},
                                   {.irq = MACHINE_IRQ_KMI1, .device.is_mouse = true}};

static void set_line(struct pl050 *k, bool received)
{
    gic_set_line(k->irq, k->control & (CONTROL_TX_INTERRUPT | (received ? CONTROL_RX_INTERRUPT : 0)));
}

/* The line falls with each byte read, and rises again if there is another: an edge. */
static uint32_t read_data(struct pl050 *k)
{
    if (ps2_has_byte(&k->device)) {
        k->last = ps2_read(&k->device);
        set_line(k, false);
        set_line(k, ps2_has_byte(&k->device));
    }
    return k->last;
}

static bool has_odd_parity(uint8_t byte)
{
    byte ^= byte >> 4;
    byte ^= byte >> 2;
    return (byte ^ byte >> 1) & 1;
}

static uint32_t status(const struct pl050 *k)
{
    return STAT_TX_EMPTY | (ps2_has_byte(&k->device) ? STAT_RX_FULL : 0) |
           (has_odd_parity(k->last) ? STAT_PARITY : 0);
}

uint32_t pl050_read(void *state, uint32_t offset, unsigned size)
{
    struct pl050 *k = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: return k->control;
    case 0x04 >> 2: return status(k);
    case 0x08 >> 2: return read_data(k);
    case 0x0c >> 2: return k->divisor;
    case 0x10 >> 2: return IIR_TX | (ps2_has_byte(&k->device) ? IIR_RX : 0);
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00041050, offset) : 0;
    }
}

void pl050_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    struct pl050 *k = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: k->control = value; break;
    case 0x08 >> 2: ps2_write(&k->device, value); break;
    case 0x0c >> 2: k->divisor = value; return;
    default: return;
    }
    set_line(k, ps2_has_byte(&k->device));
}

void pl050_reset(void *state)
{
    struct pl050 *k = state;

    *k = (struct pl050){.irq = k->irq, .device = k->device};
    ps2_reset(&k->device);
    set_line(k, false);
}
