/*
 * PL050.
 */
#include "emul/pl050.h"

#include "emul/bus.h"
#include "emul/primecell.h"

#define CONTROL_TX_INTERRUPT 0x08u
#define STAT_TX_EMPTY 0x40u
#define IIR_TX 0x02u

struct pl050 pl050[PL050_COUNT] = { { .irq = 52 }, { .irq = 53 } };

uint32_t pl050_read(void *state, uint32_t offset, unsigned size)
{
    const struct pl050 *k = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: return k->control;
    case 0x04 >> 2: return STAT_TX_EMPTY;
    case 0x0c >> 2: return k->divisor;
    case 0x10 >> 2: return IIR_TX;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00041050, offset) : 0;
    }
}

void pl050_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    struct pl050 *k = state;

    (void)size;
    switch (offset >> 2) {
    case 0x00 >> 2: k->control = value; break;
    case 0x0c >> 2: k->divisor = value; break;
    default: return;
    }
    gic_set_line(k->irq, k->control & CONTROL_TX_INTERRUPT);
}

void pl050_reset(void *state)
{
    struct pl050 *k = state;

    *k = (struct pl050){ .irq = k->irq };
    gic_set_line(k->irq, false);
}
