/*
 * SP804 as the board's emulator has it, where that is more particular than the manual: a period is LOAD ticks
 * (not LOAD + 1), a write of CONTROL with the enable bit reloads, VALUE rounds down, and an expired one-shot
 * counter stays stopped until CONTROL is written.
 */
#include "device/sp804.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"
#include "device/timer.h"

#define CONTROL_ONE_SHOT 0x01u
#define CONTROL_32BIT    0x02u
#define CONTROL_IRQ      0x20u
#define CONTROL_PERIODIC 0x40u
#define CONTROL_ENABLE   0x80u
#define CONTROL_RESET    CONTROL_IRQ

struct sp804 sp804[2] = {{.irq = MACHINE_IRQ_TIMER01}, {.irq = MACHINE_IRQ_TIMER23}};

/* x / 1000 for x < 2^42, without a 64-bit division: the estimate is never above, nor far below. */
static uint32_t div1000(uint64_t x)
{
    uint32_t q = (uint32_t)((x >> 10) * 0x83126e97u >> 31), r = (uint32_t)x - q * 1000u;

    while (r >= 1000) {
        q++;
        r -= 1000;
    }
    return q;
}

/*
 * By 256 the clock is a whole number of hertz, 3906, and its period not one of ns: 256016 + PERIOD_FRACTION /
 * 2^32. The emulator divides by the period rounded up to as many bits as the normalised dividend has room
 * for; large counts differ from the exact quotient in the last place.
 */
#define PERIOD_BY_256   256016u
#define PERIOD_FRACTION 0x62928c41u

static uint32_t div_period_by_256(uint64_t ns)
{
    unsigned room = ns ? (unsigned)__builtin_clzll(ns) : 64, most = (unsigned)__builtin_clzll(PERIOD_BY_256);
    unsigned shift = room < most ? room : most;
    uint64_t divisor;

    if (shift >= 32) {
        divisor = (uint64_t)PERIOD_BY_256 << shift | (uint64_t)PERIOD_FRACTION << (shift - 32);
    } else {
        divisor = (uint64_t)PERIOD_BY_256 << shift | (uint64_t)PERIOD_FRACTION << shift >> 32;
        divisor += (uint32_t)(PERIOD_FRACTION << shift) != 0;
    }
    return (uint32_t)((ns << shift) / divisor);
}

static uint64_t ticks_to_ns(const struct sp804_timer *t, uint32_t ticks)
{
    switch (t->control >> 2 & 3) {
    case 1: return (uint64_t)ticks * 16000;
    case 2: return (uint64_t)ticks * PERIOD_BY_256 + ((uint64_t)ticks * PERIOD_FRACTION >> 32);
    default: return (uint64_t)ticks * 1000;
    }
}

static uint32_t ns_to_ticks(const struct sp804_timer *t, uint64_t ns)
{
    switch (t->control >> 2 & 3) {
    case 1: return (uint32_t)(ns / 16000);
    case 2: return div_period_by_256(ns);
    default: return div1000(ns);
    }
}

/* A deadline only for what the guest could notice: its line going up. catch_up() sees to the rest. */
static void arm(const struct sp804_timer *t)
{
    bool due = t->running && !t->raised && t->control & CONTROL_IRQ;

    timer_set(t->slot, due ? t->end : TIMER_NEVER);
}

static void update_line(const struct sp804 *d)
{
    bool level = false;

    for (unsigned i = 0; i < 2; i++)
        level |= d->timer[i].raised && d->timer[i].control & CONTROL_IRQ;
    gic_set_line(d->irq, level);
}

/* Count down from `ticks`, which end at start + ticks. Zero expires at once and goes on with the limit; a
   limit of zero too stops the counter. */
static void run(struct sp804_timer *t, uint64_t start, uint32_t ticks)
{
    if (ticks == 0) {
        t->raised = true;
        ticks = t->limit;
    }
    t->running = ticks != 0;
    t->stopped = 0;
    t->end = start + ticks_to_ns(t, ticks);
    arm(t);
}

/* Bring a running counter up to `now`: periods that passed unseen are one interrupt. */
static void catch_up(struct sp804_timer *t, uint64_t now)
{
    uint64_t period;

    if (now < t->end)
        return;
    t->raised = true;
    if (t->one_shot || t->limit == 0) {
        t->running = false;
        t->stopped = 0;
        arm(t);
    } else {
        period = ticks_to_ns(t, t->limit);
        if (now - t->end >= period)
            t->end += (now - t->end) / period * period;
        run(t, t->end, t->limit);
    }
    update_line(&sp804[(t->slot - TIMER_SP804_0) / 2]);
}

static uint32_t value(struct sp804_timer *t)
{
    uint64_t now;

    if (!t->running)
        return t->stopped;
    now = board_now_ns();
    catch_up(t, now);
    return t->running ? ns_to_ticks(t, t->end - now) : t->stopped;
}

static void stop(struct sp804_timer *t)
{
    t->stopped = value(t);
    t->running = false;
    arm(t);
}

static void set_limit(struct sp804_timer *t, bool reload)
{
    if (t->control & (CONTROL_PERIODIC | CONTROL_ONE_SHOT))
        t->limit = t->load;
    else
        t->limit = t->control & CONTROL_32BIT ? 0xffffffff : 0xffff;
    if (!reload)
        return;
    if (t->running)
        run(t, board_now_ns(), t->limit);
    else
        t->stopped = t->limit;
}

static void write_control(struct sp804_timer *t, uint32_t control)
{
    if (t->running)
        stop(t);
    t->control = control;
    set_limit(t, control & CONTROL_ENABLE);
    t->one_shot = control & CONTROL_ONE_SHOT;
    if (control & CONTROL_ENABLE)
        run(t, board_now_ns(), t->stopped);
}

static void expire(enum timer_slot slot, uint64_t now)
{
    unsigned counter = slot - TIMER_SP804_0;
    struct sp804_timer *t = &sp804[counter / 2].timer[counter & 1];

    if (t->running)
        catch_up(t, now);
}

static uint32_t timer_read(struct sp804_timer *t, uint32_t reg)
{
    if ((reg == 0x10 || reg == 0x14) && t->running)
        catch_up(t, board_now_ns());
    switch (reg) {
    case 0x00:
    case 0x18: return t->load;
    case 0x04: return value(t);
    case 0x08: return t->control;
    case 0x10: return t->raised;
    case 0x14: return t->raised && t->control & CONTROL_IRQ;
    default: return 0;
    }
}

uint32_t sp804_read(void *state, uint32_t offset, unsigned size)
{
    struct sp804 *d = state;

    (void)size;
    if (offset < 0x40)
        return timer_read(&d->timer[offset >> 5], offset & 0x1c);
    if (offset < PRIMECELL_ID_OFFSET || offset > PRIMECELL_LAST_ID)
        return 0;
    return primecell_id(0x00141804, offset);
}

void sp804_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    struct sp804 *d = state;
    struct sp804_timer *t = &d->timer[offset >> 5 & 1];

    (void)size;
    if (offset >= 0x40)
        return;
    if (t->running)
        catch_up(t, board_now_ns());
    switch (offset & 0x1c) {
    case 0x00:
        t->load = value;
        set_limit(t, true);
        break;
    case 0x08: write_control(t, value); break;
    case 0x0c:
        t->raised = false;
        arm(t);
        break;
    case 0x18:
        t->load = value;
        set_limit(t, false);
        break;
    default: return;
    }
    update_line(d);
}

void sp804_reset(void *state)
{
    struct sp804 *d = state;
    unsigned first = d == &sp804[0] ? TIMER_SP804_0 : TIMER_SP804_2;

    for (unsigned i = 0; i < 2; i++) {
        d->timer[i] = (struct sp804_timer){.control = CONTROL_RESET, .slot = (uint8_t)(first + i)};
        timer_bind(first + i, expire);
        timer_set(first + i, TIMER_NEVER);
    }
    update_line(d);
}
