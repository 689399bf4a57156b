/*
 * System registers.
 */
#include "device/sysreg.h"

#include "device/bus.h"

#define SYS_ID         0x01780500u /* PB-A8 */
#define SYS_PROCID0    0x0e000000u /* Cortex-A8 */
#define LOCK_KEY       0xa05fu
#define RESETCTL_RESET 0x04u

static struct sysreg {
    uint32_t led, lock, config[2], flags, nvflags, reset_level, clcd;
} sys;

/* ns * 24 / 1000 without overflow: milliseconds and the rest apart. */
static uint32_t count_24mhz(void)
{
    uint64_t now = board_now_ns(), ms = now / 1000000;

    return (uint32_t)ms * 24000 + (uint32_t)(now - ms * 1000000) * 24 / 1000;
}

uint32_t sysreg_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x00: return SYS_ID;
    case 0x08: return sys.led;
    case 0x20: return sys.lock;
    case 0x28: return sys.config[0];
    case 0x2c: return sys.config[1];
    case 0x30: return sys.flags;
    case 0x38: return sys.nvflags;
    case 0x40: return sys.reset_level;
    case 0x44: return 1; /* PCICTL: no card */
    case 0x50: return sys.clcd;
    case 0x5c: return count_24mhz();
    case 0x84: return SYS_PROCID0;
    case 0x88: return 0xff000000; /* PROCID1: no second tile */
    default: return 0;            /* the 100 Hz counter at 0x24, too: the emulator's stands still */
    }
}

static void write_resetctl(uint32_t value)
{
    if (sys.lock != LOCK_KEY)
        return;
    sys.reset_level = value;
    if (value & RESETCTL_RESET)
        bus.up->reset();
}

void sysreg_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x08: sys.led = value; break;
    case 0x20: sys.lock = value == LOCK_KEY ? value : value & 0x7fff; break;
    case 0x28: sys.config[0] = value; break;
    case 0x2c: sys.config[1] = value; break;
    case 0x30: sys.flags |= value; break;
    case 0x34: sys.flags &= ~value; break;
    case 0x38: sys.nvflags |= value; break;
    case 0x3c: sys.nvflags &= ~value; break;
    case 0x40: write_resetctl(value); break;
    case 0x50: sys.clcd = (sys.clcd & 0x80) | (value & ~0x80u); break;
    }
}

void sysreg_reset(void *state)
{
    (void)state;
    sys = (struct sysreg){.clcd = 0x1f00};
}
