/*
 * PL111. The current addresses (UPCURR, LPCURR) are the bases: nothing is scanned.
 */
#include "device/pl111.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"
#include "device/timer.h"

#define CONTROL_ENABLED 0x801u /* LcdEn and LcdPwr */
#define STATUS_FRAME    0x0cu  /* next base, vertical compare */
#define FRAME_NS        (1000000000u / 60)
#define PALETTE         0x200u
#define PALETTE_SIZE    0x200u

static struct pl111 {
    uint32_t timing[4], base[2], control, mask, status, palette[PALETTE_SIZE / 4];
} clcd;

static void update_line(void) { gic_set_line(MACHINE_IRQ_CLCD, clcd.status & clcd.mask); }

static void expire(enum timer_slot slot, uint64_t now)
{
    (void)slot;
    clcd.status |= STATUS_FRAME;
    timer_set(TIMER_PL111, now + FRAME_NS);
    update_line();
}

static void write_control(uint32_t value)
{
    bool enabled = (value & CONTROL_ENABLED) == CONTROL_ENABLED;

    clcd.control = value;
    timer_set(TIMER_PL111, enabled ? board_now_ns() + FRAME_NS : TIMER_NEVER);
}

uint32_t pl111_read(void *state, uint32_t offset, unsigned size)
{
    (void)state, (void)size;
    if (offset - PALETTE < PALETTE_SIZE)
        return clcd.palette[(offset - PALETTE) / 4];
    switch (offset >> 2) {
    case 0x00 >> 2:
    case 0x04 >> 2:
    case 0x08 >> 2:
    case 0x0c >> 2: return clcd.timing[offset >> 2];
    case 0x10 >> 2:
    case 0x2c >> 2: return clcd.base[0];
    case 0x14 >> 2:
    case 0x30 >> 2: return clcd.base[1];
    case 0x18 >> 2: return clcd.control;
    case 0x1c >> 2: return clcd.mask;
    case 0x20 >> 2: return clcd.status;
    case 0x24 >> 2: return clcd.status & clcd.mask;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00241111, offset) : 0;
    }
}

void pl111_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state, (void)size;
    if (offset - PALETTE < PALETTE_SIZE) {
        clcd.palette[(offset - PALETTE) / 4] = value;
        return;
    }
    switch (offset >> 2) {
    case 0x00 >> 2:
    case 0x04 >> 2:
    case 0x08 >> 2:
    case 0x0c >> 2: clcd.timing[offset >> 2] = value; break;
    case 0x10 >> 2: clcd.base[0] = value; break;
    case 0x14 >> 2: clcd.base[1] = value; break;
    case 0x18 >> 2: write_control(value); break;
    case 0x1c >> 2: clcd.mask = value; break;
    case 0x28 >> 2: clcd.status &= ~value; break;
    default: return;
    }
    update_line();
}

void pl111_reset(void *state)
{
    (void)state;
    clcd = (struct pl111){0};
    timer_bind(TIMER_PL111, expire);
    timer_set(TIMER_PL111, TIMER_NEVER);
    update_line();
}
