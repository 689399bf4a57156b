/* An SP804 (DDI 0271) as the host's clock, by its second timer, and for deadlines, by its first. Both count
 * at 1 MHz. */
#ifndef CLOCK_SP804_H
#define CLOCK_SP804_H

#include "types.h"

struct clock_sp804 {
    uint32_t base; /* in the window */
    uint64_t us, programmed;
    uint32_t last;
};

void clock_sp804_init(struct clock_sp804 *c);
uint64_t clock_sp804_now_ns(struct clock_sp804 *c);
void clock_sp804_program(struct clock_sp804 *c,
                         uint64_t deadline);   /* an interrupt then, or earlier; at least every 2 s */
void clock_sp804_serve(struct clock_sp804 *c); /* its interrupt */
bool clock_sp804_interrupts(uint32_t base);    /* of any SP804: its line is high */

#endif
