/*
 * The guest's deadlines. Invariant: next is the least of at[].
 */
#include "device/timer.h"

#include "device/bus.h"

static struct {
    uint64_t at[TIMER_SLOT_COUNT];
    void (*expire[TIMER_SLOT_COUNT])(enum timer_slot slot, uint64_t now);
    uint64_t next;
} timer;

static void find_next(void)
{
    timer.next = TIMER_NEVER;
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++)
        if (timer.at[i] < timer.next)
            timer.next = timer.at[i];
}

void timer_reset(void)
{
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++)
        timer.at[i] = TIMER_NEVER;
    timer.next = TIMER_NEVER;
}

void timer_bind(enum timer_slot slot, void (*expire)(enum timer_slot slot, uint64_t now))
{
    timer.expire[slot] = expire;
}

void timer_set(enum timer_slot slot, uint64_t deadline)
{
    uint64_t old = timer.at[slot];

    timer.at[slot] = deadline;
    if (deadline <= timer.next)
        timer.next = deadline;
    else if (old == timer.next)
        find_next();
}

uint64_t timer_next_deadline(void) { return timer.next; }

/* Devices set their next deadline themselves; one that lies before `now` again fires at the next call, so a
   guest's shortest period cannot keep the VMM in here. */
void timers_run(uint64_t now)
{
    if (now < timer.next)
        return;
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++) {
        if (timer.at[i] > now)
            continue;
        timer.at[i] = TIMER_NEVER;
        timer.expire[i](i, now);
    }
    find_next();
}
