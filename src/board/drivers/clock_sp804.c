/* SP804 as the host's clock (board/drivers/clock_sp804.h). */
#include "board/drivers/clock_sp804.h"

#include "board/drivers/registers.h"

enum { LOAD = 0, VALUE = 4, CONTROL = 8, INTCLR = 12, MIS = 20, TIMER1 = 0x20 };
#define TIMER_FREE     0x82u /* enable, 32 bits */
#define TIMER_ONE_SHOT 0xa3u /* enable, interrupt, 32 bits, one-shot */
#define LONGEST_NS     2000000000u
#define NOT_PROGRAMMED 0u

void clock_sp804_init(struct clock_sp804 *c)
{
    REG(c->base, TIMER1 + CONTROL) = 0;
    REG(c->base, TIMER1 + LOAD) = 0xffffffff;
    REG(c->base, TIMER1 + CONTROL) = TIMER_FREE;
    c->last = ~REG(c->base, TIMER1 + VALUE);
    c->programmed = NOT_PROGRAMMED;
}

uint64_t clock_sp804_now_ns(struct clock_sp804 *c)
{
    uint32_t now = ~REG(c->base, TIMER1 + VALUE);

    c->us += now - c->last; /* read at least every LONGEST_NS */
    c->last = now;
    return c->us * 1000;
}

void clock_sp804_program(struct clock_sp804 *c, uint64_t deadline)
{
    uint64_t now, us;

    if (deadline == c->programmed)
        return;
    c->programmed = deadline;
    now = clock_sp804_now_ns(c);
    if (deadline > now + LONGEST_NS)
        deadline = now + LONGEST_NS;
    us = deadline > now ? (deadline - now + 999) / 1000 : 1;
    REG(c->base, CONTROL) = 0;
    REG(c->base, LOAD) = us ? (uint32_t)us : 1;
    REG(c->base, CONTROL) = TIMER_ONE_SHOT;
}

void clock_sp804_serve(struct clock_sp804 *c)
{
    REG(c->base, INTCLR) = 1;
    c->programmed = NOT_PROGRAMMED;
}

bool clock_sp804_interrupts(uint32_t base) { return REG(base, MIS) | REG(base, TIMER1 + MIS); }
