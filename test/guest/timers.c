/* Proves: SP804: one-shot, periodic, free-running, 16 bits, prescaler, background load, masked and raw
   status, all four timers; no times are printed. */
#include "irq.h"

static void wait_mis(unsigned n)
{
    while (!READ32(TIMER(n) + TIMER_MIS))
        ;
}

static void test_timer(unsigned n)
{
    uint32_t t = TIMER(n);

    print("timer %u: ", n);
    timer_start(n, 500, false);
    uint32_t v = READ32(t + TIMER_VALUE);
    check("counts down from load", v <= 500);
    wait_mis(n);
    print("timer %u: ", n);
    check_eq("one-shot stops at zero", READ32(t + TIMER_VALUE), 0);
    check_eq("  raw status", READ32(t + TIMER_RIS), 1);
    WRITE32(t + TIMER_INTCLR, 0);
    check_eq("  cleared", READ32(t + TIMER_RIS) | READ32(t + TIMER_MIS), 0);
    check_eq("  load kept", READ32(t + TIMER_LOAD), 500);

    timer_start(n, 300, true);
    for (unsigned i = 0; i < 5; i++) {
        wait_mis(n);
        WRITE32(t + TIMER_INTCLR, 0);
    }
    print("timer %u: ", n);
    check("periodic comes again", READ32(t + TIMER_VALUE) <= 300);
    WRITE32(t + TIMER_BGLOAD, 5000);
    print("timer %u: ", n);
    check_eq("background load reads as load", READ32(t + TIMER_LOAD), 5000);
    wait_mis(n);
    timer_stop(n);

    /* Interrupt disabled: raw only. */
    timer_start(n, 100, false);
    WRITE32(t + TIMER_CTRL, 0x80 | 2 | 1);
    while (!READ32(t + TIMER_RIS))
        ;
    print("timer %u: ", n);
    check_eq("masked status", READ32(t + TIMER_MIS), 0);
    timer_stop(n);

    /* Free-running: wraps from 0 to all ones. */
    WRITE32(t + TIMER_LOAD, 50);
    WRITE32(t + TIMER_CTRL, 0x80 | 2);
    while (READ32(t + TIMER_VALUE) <= 50)
        ;
    print("timer %u: ", n);
    check("free-running wraps", READ32(t + TIMER_VALUE) > 0xf0000000);
    timer_stop(n);
    check_eq("control reads", READ32(t + TIMER_CTRL), 0);
}

int main(void)
{
    gic_init();
    for (unsigned n = 0; n < 4; n++)
        test_timer(n);
    /* Both timers of a pair raise the one line. */
    gic_enable(IRQ_TIMER01, 0);
    timer_start(0, 100, false);
    timer_start(1, 100, false);
    wait_mis(0);
    wait_mis(1);
    check_eq("pair: line up", gic_ack(), IRQ_TIMER01);
    timer_stop(0);
    gic_eoi(IRQ_TIMER01);
    check_eq("pair: still up", gic_ack(), IRQ_TIMER01);
    timer_stop(1);
    gic_eoi(IRQ_TIMER01);
    check_eq("pair: down", gic_ack(), IRQ_SPURIOUS);
    for (uint32_t i = 0; i < 4; i++)
        print("id %02x %02x\n", (unsigned)READ32(0x10011fe0 + i * 4), (unsigned)READ32(0x10011ff0 + i * 4));
    return 0;
}
