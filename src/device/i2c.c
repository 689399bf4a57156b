/*
 * Two-wire bus: bit 0 is the clock, bit 1 the data line. A bit is taken or given when the clock rises.
 *
 * As in the yardstick, a start without a stop before it goes to the device that was selected, whatever its
 * address says; and the general call, address 0, selects it too, then nothing can be read.
 */
#include "device/i2c.h"

#include "device/ds1338.h"

#define CLOCK 1u
#define DATA  2u
#define BITS  8u

/* What the device does with the next rise of the clock; it listens for ACK. */
enum phase { IDLE, TAKES, ANSWERS, GIVES, LISTENS };

static struct i2c {
    uint8_t driven; /* as the register shows them */
    uint8_t data_line;
    bool clock, data, device; /* levels: by the master, and what the device leaves the data line at */
    enum phase phase;
    uint8_t bit, byte;
    bool has_address, reads, selected, is_general;
} bus;

static void stop(void)
{
    if (bus.has_address)
        bus.selected = bus.is_general = false;
    bus.has_address = false;
    bus.phase = IDLE;
}

static bool take_address(void)
{
    uint8_t address = bus.byte >> 1;

    bus.has_address = true;
    bus.reads = bus.byte & 1;
    bus.is_general |= !address;
    bus.selected |= address == DS1338_ADDRESS || bus.is_general;
    if (bus.selected)
        ds1338_start(bus.reads);
    return bus.selected;
}

/* The level of the acknowledge bit: low is yes. */
static bool answer(void)
{
    if (bus.has_address) {
        ds1338_send(bus.byte);
    } else if (!take_address()) {
        stop();
        return true;
    }
    bus.phase = bus.reads ? GIVES : TAKES;
    return false;
}

static bool give(void)
{
    if (!bus.bit)
        bus.byte = bus.is_general ? 0xff : ds1338_recv();
    if (++bus.bit == BITS) {
        bus.bit = 0;
        bus.phase = LISTENS;
    }
    return bus.byte >> ((BITS - bus.bit) % BITS) & 1;
}

static bool rise(void)
{
    switch (bus.phase) {
    case TAKES:
        bus.byte = (uint8_t)(bus.byte << 1 | bus.data);
        if (++bus.bit == BITS) {
            bus.bit = 0;
            bus.phase = ANSWERS;
        }
        return true;
    case ANSWERS: return answer();
    case GIVES: return give();
    case LISTENS: bus.phase = bus.data ? IDLE : GIVES; return true;
    default: return true;
    }
}

static void set_clock(bool level)
{
    if (level == bus.clock)
        return;
    bus.clock = level;
    bus.device = level ? rise() : true;
}

static void set_data(bool level)
{
    if (level == bus.data)
        return;
    bus.data = level;
    if (!bus.clock)
        return;
    if (level) {
        stop();
    } else {
        bus.phase = TAKES;
        bus.bit = 0;
        bus.has_address = false;
    }
    bus.device = true;
}

uint32_t i2c_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    return offset == 0 ? (uint32_t)bus.data_line << 1 | (bus.driven & CLOCK) : 0xffffffff;
}

void i2c_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    if (offset == 0)
        bus.driven |= value & (CLOCK | DATA);
    else if (offset == 4)
        bus.driven &= ~value;
    set_clock(bus.driven & CLOCK);
    set_data(bus.driven & DATA);
    bus.data_line = bus.device && bus.data;
}

void i2c_reset(void *state)
{
    (void)state;
    bus = (struct i2c){.clock = true, .data = true, .device = true};
    ds1338_reset();
}
