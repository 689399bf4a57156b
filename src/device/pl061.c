/*
 * PL061. An output pin that becomes an input keeps the level it was driven to: nothing else drives it.
 */
#include "device/pl061.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"

/* Pin 0 of the third: no card in the slot. */
struct pl061 pl061[PL061_COUNT] = {
    {.irq = MACHINE_IRQ_GPIO0}, {.irq = MACHINE_IRQ_GPIO1}, {.irq = MACHINE_IRQ_GPIO2, .pins = 0x01}};

static void update(struct pl061 *g)
{
    uint8_t changed = (g->data ^ g->seen) & ~g->direction;

    if (changed) {
        uint8_t edges = changed & ~g->level_sense;

        g->seen = g->data;
        g->raised |= edges & (g->both_edges | (uint8_t) ~(g->data ^ g->event));
    }
    g->raised |= (uint8_t) ~(g->data ^ g->event) & g->level_sense;
    gic_set_line(g->irq, g->raised & g->mask);
}

uint32_t pl061_read(void *state, uint32_t offset, unsigned size)
{
    const struct pl061 *g = state;

    (void)size;
    if (offset < 0x400)
        return g->data & offset >> 2; /* the address masks the pins */
    switch (offset) {
    case 0x400: return g->direction;
    case 0x404: return g->level_sense;
    case 0x408: return g->both_edges;
    case 0x40c: return g->event;
    case 0x410: return g->mask;
    case 0x414: return g->raised;
    case 0x418: return g->raised & g->mask;
    case 0x420: return g->alternate;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00041061, offset) : 0;
    }
}

void pl061_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    struct pl061 *g = state;
    uint8_t byte = (uint8_t)value;

    (void)size;
    if (offset < 0x400) {
        uint8_t pins = offset >> 2 & g->direction;

        g->data = (g->data & ~pins) | (byte & pins);
        update(g);
        return;
    }
    switch (offset) {
    case 0x400: g->direction = byte; break;
    case 0x404: g->level_sense = byte; break;
    case 0x408: g->both_edges = byte; break;
    case 0x40c: g->event = byte; break;
    case 0x410: g->mask = byte; break;
    case 0x41c: g->raised &= (uint8_t)~byte; break;
    case 0x420: g->alternate = byte; break;
    default: return;
    }
    update(g);
}

void pl061_reset(void *state)
{
    struct pl061 *g = state;

    *g = (struct pl061){.irq = g->irq, .pins = g->pins, .data = g->pins, .seen = g->pins};
    update(g);
}
