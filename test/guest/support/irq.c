/* GIC and SP804 set-up; see irq.h. */
#include "irq.h"

void gic_init(void)
{
    WRITE32(GICD_CTLR, 0);
    WRITE32(GICC_CTLR, 0);
    for (unsigned i = 0; i < 96; i += 32) {
        WRITE32(GICD_ICENABLER(i), 0xffffffff);
        WRITE32(GICD_ICPENDR(i), 0xffffffff);
    }
    WRITE32(GICC_PMR, 0xff);
    WRITE32(GICC_BPR, 0);
    WRITE32(GICC_CTLR, 1);
    WRITE32(GICD_CTLR, 1);
}

void gic_enable(unsigned irq, unsigned priority)
{
    *(volatile uint8_t *)GICD_IPRIORITYR(irq) = (uint8_t)priority;
    *(volatile uint8_t *)GICD_ITARGETSR(irq) = 1;
    WRITE32(GICD_ISENABLER(irq), 1u << irq % 32);
}

void gic_disable(unsigned irq) { WRITE32(GICD_ICENABLER(irq), 1u << irq % 32); }

void timer_start(unsigned n, uint32_t us, bool periodic)
{
    WRITE32(TIMER(n) + TIMER_CTRL, 0);
    WRITE32(TIMER(n) + TIMER_INTCLR, 0);
    WRITE32(TIMER(n) + TIMER_LOAD, us);
    WRITE32(TIMER(n) + TIMER_CTRL, 0x80 | 0x20 | 2 | (periodic ? 0x40 : 1)); /* enable, interrupt, 32 bits */
}

void timer_stop(unsigned n)
{
    WRITE32(TIMER(n) + TIMER_CTRL, 0);
    WRITE32(TIMER(n) + TIMER_INTCLR, 0);
}
