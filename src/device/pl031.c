/*
 * PL031. The alarm comes a whole number of seconds after the write that set it.
 */
#include "device/pl031.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"
#include "device/timer.h"

#define NS_PER_S 1000000000u

static struct pl031 {
    uint32_t offset, load, match;
    bool enabled, raised;
} rtc;

static uint32_t seconds(void) { return board_rtc_seconds() + rtc.offset; }

static void update_line(void) { gic_set_line(MACHINE_IRQ_RTC, rtc.raised && rtc.enabled); }

static void match(void)
{
    rtc.raised = true;
    update_line();
}

static void expire(enum timer_slot slot, uint64_t now)
{
    (void)slot, (void)now;
    match();
}

static void set_alarm(void)
{
    uint32_t left = rtc.match - seconds();

    timer_set(TIMER_PL031, left ? board_now_ns() + (uint64_t)left * NS_PER_S : TIMER_NEVER);
    if (!left)
        match();
}

uint32_t pl031_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x00: return seconds();
    case 0x04: return rtc.match;
    case 0x08: return rtc.load;
    case 0x0c: return 1; /* always counting */
    case 0x10: return rtc.enabled;
    case 0x14: return rtc.raised;
    case 0x18: return rtc.raised && rtc.enabled;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00141031, offset) : 0;
    }
}

void pl031_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x04:
        rtc.match = value;
        set_alarm();
        break;
    case 0x08:
        rtc.load = value;
        rtc.offset += value - seconds();
        set_alarm();
        break;
    case 0x10: rtc.enabled = value & 1; break;
    case 0x1c: rtc.raised &= !(value & 1); break;
    default: return;
    }
    update_line();
}

void pl031_reset(void *state)
{
    (void)state;
    rtc = (struct pl031){0};
    timer_bind(TIMER_PL031, expire);
    timer_set(TIMER_PL031, TIMER_NEVER);
    update_line();
}
