/* Proves: arbitrary values written to every register of the interrupt controller, timers, clock and spare
   UARTs, at every width, do no harm; they work when set up again. */
#include "irq.h"

static const struct {
    uint32_t base, size;
} devices[] = {{0x1e000000, 0x100},  {0x1e001000, 0x1000}, {0x10011000, 0x1000}, {0x10012000, 0x1000},
               {0x1000a000, 0x1000}, {0x1000b000, 0x1000}, {0x10017000, 0x1000}};

static uint32_t seed = 4711;
static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 13;
}

static volatile unsigned ticks;
static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if ((iar & 0x3ff) == IRQ_TIMER01) {
        WRITE32(TIMER(0) + TIMER_INTCLR, 0);
        ticks++;
    }
    if ((iar & 0x3ff) != IRQ_SPURIOUS)
        gic_eoi(iar);
}

int main(void)
{
    exc_arm(EXC_BIT(EXC_DABT));
    for (unsigned round = 0; round < 4; round++)
        for (unsigned d = 0; d < ARRAY_SIZE(devices); d++)
            for (uint32_t i = 0; i < devices[d].size; i += 4) {
                uint32_t a = devices[d].base + i, v = draw();
                if (round & 1)
                    (void)READ32(a);
                switch (draw() % 3) {
                case 0: WRITE32(a, v); break;
                case 1: *(volatile uint16_t *)(a + (v & 2)) = (uint16_t)v; break;
                default: *(volatile uint8_t *)(a + (v & 3)) = (uint8_t)v; break;
                }
            }
    check_eq("no aborts", exc_count, 0);
    /* Back to order. */
    for (unsigned n = 0; n < 4; n++)
        timer_stop(n);
    WRITE32(0x1000a038, 0);
    WRITE32(0x1000b038, 0);
    WRITE32(0x1000a030, 0);
    WRITE32(0x1000b030, 0);
    WRITE32(0x10017010, 0);
    WRITE32(0x1001701c, 1);
    gic_init();
    for (unsigned i = 0; i < 96; i++)
        gic_eoi(i);
    for (unsigned n = 0; n < 200; n++) {
        uint32_t iar = gic_ack();
        if ((iar & 0x3ff) == IRQ_SPURIOUS)
            break;
        gic_eoi(iar);
    }
    gic_enable(IRQ_TIMER01, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    timer_start(0, 500, true);
    irq_unmask();
    for (unsigned spin = 0; ticks < 5 && spin < 200000000; spin++)
        __asm__ volatile("nop");
    irq_mask();
    check("the timer interrupts again", ticks >= 5);
    return 0;
}
