/*
 * Deadlines of the guest's timed devices: one slot each, the earliest is cached.
 *
 * Counters are computed from board_now_ns() when they are read; a deadline exists only where a line
 * must change by itself.
 */
#ifndef TIMER_H
#define TIMER_H

#include "types.h"

#define TIMER_NEVER UINT64_MAX

enum timer_slot {
    TIMER_SP804_0,
    TIMER_SP804_1,
    TIMER_SP804_2,
    TIMER_SP804_3,
    TIMER_PL031,
    TIMER_LM4549,
    TIMER_PL081,
    TIMER_PL111,
    TIMER_SLOT_COUNT
};

void timer_reset(void);
/* What the slot's device does when its deadline has come; at reset. */
void timer_bind(enum timer_slot slot, void (*expire)(enum timer_slot slot, uint64_t now));
/* Fire the slot's device at `at` (ns); TIMER_NEVER takes the deadline away. */
void timer_set(enum timer_slot slot, uint64_t at);

#endif
