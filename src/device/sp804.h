/*
 * Dual timers SP804 (DDI 0271): two modules, four counters, all clocked at 1 MHz.
 *
 * A counter runs from a time stamp; its value is computed on reads, and an expiry that changes no line is not
 * an event.
 */
#ifndef SP804_H
#define SP804_H

#include "types.h"

/* One counter. Times are ns of board_now_ns(). */
struct sp804_timer {
    uint32_t control, load;
    uint32_t limit;   /* what the counter reloads */
    uint32_t stopped; /* the value while not running */
    uint64_t end;     /* when the running counter reaches 0 */
    bool running, one_shot, raised;
    uint8_t slot; /* enum timer_slot */
};

struct sp804 {
    struct sp804_timer timer[2];
    uint8_t irq;
};
extern struct sp804 sp804[2];

uint32_t sp804_read(void *state, uint32_t offset, unsigned size);
void sp804_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void sp804_reset(void *state);

#endif
