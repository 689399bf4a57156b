/*
 * The guest's deadlines. Invariant: next is the least of at[].
 */
#include "device/timer.h"

#include "device/bus.h"
#include "device/pl031.h"
#include "device/pl041.h"
#include "device/pl081.h"
#include "device/pl111.h"
#include "device/sp804.h"

static uint64_t at[TIMER_SLOT_COUNT];
static uint64_t next;

static void find_next(void)
{
    next = TIMER_NEVER;
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++)
        if (at[i] < next)
            next = at[i];
}

void timer_reset(void)
{
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++)
        at[i] = TIMER_NEVER;
    next = TIMER_NEVER;
}

void timer_set(enum timer_slot slot, uint64_t deadline)
{
    uint64_t old = at[slot];

    at[slot] = deadline;
    if (deadline <= next)
        next = deadline;
    else if (old == next)
        find_next();
}

uint64_t timer_next_deadline(void) { return next; }

static void expire(enum timer_slot slot, uint64_t now)
{
    switch (slot) {
    case TIMER_PL031: pl031_expire(); break;
    case TIMER_LM4549: pl041_expire(); break;
    case TIMER_PL081: pl081_expire(); break;
    case TIMER_PL111: pl111_expire(now); break;
    default: sp804_expire(slot - TIMER_SP804_0, now);
    }
}

/* Devices set their next deadline themselves; one that lies before `now` again fires at the next call, so a
   guest's shortest period cannot keep the VMM in here. */
void timers_run(uint64_t now)
{
    if (now < next)
        return;
    for (unsigned i = 0; i < TIMER_SLOT_COUNT; i++) {
        if (at[i] > now)
            continue;
        at[i] = TIMER_NEVER;
        expire(i, now);
    }
    find_next();
}
