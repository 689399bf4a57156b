/* Proves: SP804 modes, prescaler, background load and both counters of a module, against the board's 24 MHz
 * counter; the PL031's alarm. */
#include "irq.h"

#define COUNTER_24MHZ 0x1000005cu
#define RTC           0x10017000u
#define RTC_MATCH     (RTC + 4)
#define RTC_LOAD      (RTC + 8)
#define RTC_MASK      (RTC + 0x10)
#define RTC_RIS       (RTC + 0x14)
#define RTC_MIS       (RTC + 0x18)
#define RTC_CLEAR     (RTC + 0x1c)
#define IRQ_RTC       42

static uint32_t us(void) { return READ32(COUNTER_24MHZ) / 24; } /* wraps after minutes */

static void wait_raised(unsigned n)
{
    while (!READ32(TIMER(n) + TIMER_RIS))
        ;
}

/* Measured from before the start: never shorter, and not absurdly longer on a busy host. */
static void check_time(const char *name, uint32_t got, uint32_t want)
{
    check(name, got >= want - 2 && got <= want + 300000);
}

static void start(unsigned n, uint32_t load, uint32_t control)
{
    WRITE32(TIMER(n) + TIMER_CTRL, 0);
    WRITE32(TIMER(n) + TIMER_INTCLR, 1);
    WRITE32(TIMER(n) + TIMER_LOAD, load);
    WRITE32(TIMER(n) + TIMER_CTRL, control);
}

static void timer(unsigned n)
{
    uint32_t t, a, b;

    print("timer %u\n", n);
    t = us();
    start(n, 5000, 0xa3);
    wait_raised(n);
    check_time("one-shot", us() - t, 5000);
    check_eq("stays at zero", READ32(TIMER(n) + TIMER_VALUE), 0);
    check_eq("masked status", READ32(TIMER(n) + TIMER_MIS), 1);

    t = us();
    start(n, 3000, 0xc2);
    for (unsigned i = 0; i < 4; i++) {
        wait_raised(n);
        WRITE32(TIMER(n) + TIMER_INTCLR, 1);
    }
    check_time("four periods", us() - t, 12000);
    check_eq("no interrupt enabled", READ32(TIMER(n) + TIMER_MIS), 0);
    b = READ32(TIMER(n) + TIMER_VALUE);
    check("value within the period", b <= 3000);

    t = us();
    start(n, 100, 0xe6); /* by 16 */
    wait_raised(n);
    check_time("prescaler", us() - t, 1600);

    t = us();
    start(n, 50000, 0xe2);
    WRITE32(TIMER(n) + TIMER_BGLOAD, 6000);
    wait_raised(n);
    check_time("first the load", us() - t, 50000);
    WRITE32(TIMER(n) + TIMER_INTCLR, 1);
    wait_raised(n);
    check_time("then the background load", us() - t, 56000);
    check_eq("load shows it", READ32(TIMER(n) + TIMER_LOAD), 6000);

    start(n, 7, 0x82); /* free running ignores the load */
    a = READ32(TIMER(n) + TIMER_VALUE);
    t = us();
    while (us() - t < 1000)
        ;
    b = READ32(TIMER(n) + TIMER_VALUE);
    check("free running from the top", a > 0xffff0000);
    check_time("and down", a - b, 1000);
    start(n, 7, 0x80);
    check("16 bits", READ32(TIMER(n) + TIMER_VALUE) <= 0xffff);
    start(n, 0, 0);
}

int main(void)
{
    for (unsigned n = 0; n < 4; n++)
        timer(n);

    gic_init();
    for (unsigned irq = IRQ_TIMER01; irq <= IRQ_TIMER23; irq++)
        gic_enable(irq, 0);
    start(1, 10, 0xa3);
    wait_raised(1);
    check_eq("timer 1 interrupts as", gic_ack(), IRQ_TIMER01);
    WRITE32(TIMER(1) + TIMER_INTCLR, 1);
    gic_eoi(IRQ_TIMER01);
    start(2, 10, 0xa3);
    wait_raised(2);
    check_eq("timer 2 interrupts as", gic_ack(), IRQ_TIMER23);
    WRITE32(TIMER(2) + TIMER_INTCLR, 1);
    gic_eoi(IRQ_TIMER23);
    check_eq("none left", gic_ack(), IRQ_SPURIOUS);

    /* The clock can be set, counts seconds, and wakes. */
    gic_enable(IRQ_RTC, 0);
    WRITE32(RTC_LOAD, 1000);
    check("set", READ32(RTC) - 1000 <= 1);
    WRITE32(RTC_CLEAR, 1);
    WRITE32(RTC_MASK, 1);
    WRITE32(RTC_MATCH, 1001 + READ32(RTC) - 1000);
    if (!READ32(RTC_RIS))
        while (gic_ack() == IRQ_SPURIOUS)
            __asm__ volatile("wfi");
    check_eq("alarm", READ32(RTC_MIS), 1);
    check("time", READ32(RTC) >= 1001);
    WRITE32(RTC_CLEAR, 1);
    check_eq("cleared", READ32(RTC_RIS), 0);
    return 0;
}
