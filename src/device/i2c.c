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
} i2c;

static void stop(void)
{
    if (i2c.has_address)
        i2c.selected = i2c.is_general = false;
    i2c.has_address = false;
    i2c.phase = IDLE;
}

static bool take_address(void)
{
    uint8_t address = i2c.byte >> 1;

    i2c.has_address = true;
    i2c.reads = i2c.byte & 1;
    i2c.is_general |= !address;
    i2c.selected |= address == DS1338_ADDRESS || i2c.is_general;
    if (i2c.selected)
        ds1338_start(i2c.reads);
    return i2c.selected;
}

/* The level of the acknowledge bit: low is yes. */
static bool answer(void)
{
    if (i2c.has_address) {
        ds1338_send(i2c.byte);
    } else if (!take_address()) {
        stop();
        return true;
    }
    i2c.phase = i2c.reads ? GIVES : TAKES;
    return false;
}

static bool give(void)
{
    if (!i2c.bit)
        i2c.byte = i2c.is_general ? 0xff : ds1338_recv();
    if (++i2c.bit == BITS) {
        i2c.bit = 0;
        i2c.phase = LISTENS;
    }
    return i2c.byte >> ((BITS - i2c.bit) % BITS) & 1;
}

static bool rise(void)
{
    switch (i2c.phase) {
    case TAKES:
        i2c.byte = (uint8_t)(i2c.byte << 1 | i2c.data);
        if (++i2c.bit == BITS) {
            i2c.bit = 0;
            i2c.phase = ANSWERS;
        }
        return true;
    case ANSWERS: return answer();
    case GIVES: return give();
    case LISTENS: i2c.phase = i2c.data ? IDLE : GIVES; return true;
    default: return true;
    }
}

static void set_clock(bool level)
{
    if (level == i2c.clock)
        return;
    i2c.clock = level;
    i2c.device = level ? rise() : true;
}

static void set_data(bool level)
{
    if (level == i2c.data)
        return;
    i2c.data = level;
    if (!i2c.clock)
        return;
    if (level) {
        stop();
    } else {
        i2c.phase = TAKES;
        i2c.bit = 0;
        i2c.has_address = false;
    }
    i2c.device = true;
}

uint32_t i2c_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    return offset == 0 ? (uint32_t)i2c.data_line << 1 | (i2c.driven & CLOCK) : 0xffffffff;
}

void i2c_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    if (offset == 0)
        i2c.driven |= value & (CLOCK | DATA);
    else if (offset == 4)
        i2c.driven &= ~value;
    set_clock(i2c.driven & CLOCK);
    set_data(i2c.driven & DATA);
    i2c.data_line = i2c.device && i2c.data;
}

void i2c_reset(void *state)
{
    (void)state;
    i2c = (struct i2c){.clock = true, .data = true, .device = true};
    ds1338_reset();
}
