/*
 * PL181. A driver waits for the end of every command, without a limit of its own: the command path is complete.
 * Data never follows, so the data path is registers only.
 */
#include "emul/pl181.h"

#include "emul/bus.h"
#include "emul/primecell.h"

#define IRQ_0 49u
#define IRQ_1 50u
#define COMMAND_RESPONSE 0x040u
#define COMMAND_PENDING 0x200u
#define COMMAND_ENABLE 0x400u
#define STATUS_TIMEOUT 0x04u
#define STATUS_SENT 0x80u
#define STATUS_DATA_END 0x500u /* with any command: there are no data */
#define CLEAR_MASK 0x7ffu

static struct pl181 {
    uint32_t power, clock, argument, command, timer, length, control, status, mask[2];
} mmci;

static void write_command(uint32_t value)
{
    mmci.command = value & ~COMMAND_ENABLE;
    if (!(value & COMMAND_ENABLE) || value & COMMAND_PENDING)
        return;
    mmci.status |= STATUS_DATA_END | (value & COMMAND_RESPONSE ? STATUS_TIMEOUT : STATUS_SENT);
}

uint32_t pl181_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x00: return mmci.power;
    case 0x04: return mmci.clock;
    case 0x08: return mmci.argument;
    case 0x0c: return mmci.command;
    case 0x24: return mmci.timer;
    case 0x28: return mmci.length;
    case 0x2c: return mmci.control;
    case 0x34: return mmci.status;
    case 0x3c: return mmci.mask[0];
    case 0x40: return mmci.mask[1];
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00041181, offset) : 0;
    }
}

void pl181_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x00: mmci.power = value & 0xff; break;
    case 0x04: mmci.clock = value & 0xff; break;
    case 0x08: mmci.argument = value; break;
    case 0x0c: write_command(value); break;
    case 0x24: mmci.timer = value; break;
    case 0x28: mmci.length = value & 0xffff; break;
    case 0x2c: mmci.control = value & 0xff; break;
    case 0x38: mmci.status &= ~(value & CLEAR_MASK); break;
    case 0x3c: mmci.mask[0] = value; break;
    case 0x40: mmci.mask[1] = value; break;
    default: return;
    }
    gic_set_line(IRQ_0, mmci.status & mmci.mask[0]);
    gic_set_line(IRQ_1, mmci.status & mmci.mask[1]);
}

void pl181_reset(void *state)
{
    (void)state;
    mmci = (struct pl181){ 0 };
    gic_set_line(IRQ_0, false);
    gic_set_line(IRQ_1, false);
}
