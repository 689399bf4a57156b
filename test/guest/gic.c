/* Proves: GIC behaviour: enables, pending, priorities, mask, acknowledge and end of interrupt, SGIs,
   preemption, spurious, level lines. */
#include "irq.h"

static volatile unsigned order[16], taken;
static volatile bool nested;

static void put(unsigned id)
{
    if (taken < 16)
        order[taken] = id;
    taken++;
}

/* Take everything that is pending, in order; a timer is quieted at its source. */
static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack(), id = iar & 0x3ff;

    f->pc -= 4;
    put(id);
    if (id == IRQ_TIMER01)
        timer_stop(0), timer_stop(1);
    if (id == IRQ_TIMER23)
        timer_stop(2), timer_stop(3);
    if (id != IRQ_SPURIOUS)
        gic_eoi(iar);
}

static void start(void)
{
    taken = 0;
    for (unsigned i = 0; i < 16; i++)
        order[i] = 0;
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
}

static void open_up(void)
{
    irq_unmask();
    __asm__ volatile("nop\n\tnop\n\tnop\n\tnop");
    irq_mask();
}

static void pend(unsigned n)
{
    timer_start(n, 1, false);
    while (!READ32(TIMER(n) + TIMER_MIS))
        ;
}

static void test_registers(void)
{
    print("TYPER %08x\n", (unsigned)READ32(GICD_TYPER));
    check_eq("PMR reads", READ32(GICC_PMR) & 0xff, 0xff);
    WRITE32(GICC_PMR, 0x50);
    check_eq("PMR written", READ32(GICC_PMR) & 0xff, 0x50);
    WRITE32(GICC_PMR, 0xff);
    check_eq("spurious when nothing is pending", gic_ack() & 0x3ff, IRQ_SPURIOUS);
    WRITE32(GICD_ISENABLER(64), 0x00000100);
    check_eq("set-enable", READ32(GICD_ISENABLER(64)), 0x100);
    check_eq("read through clear-enable", READ32(GICD_ICENABLER(64)), 0x100);
    WRITE32(GICD_ICENABLER(64), 0x100);
    check_eq("clear-enable", READ32(GICD_ISENABLER(64)), 0);
    *(volatile uint8_t *)GICD_IPRIORITYR(45) = 0xa0;
    check_eq("priority byte", *(volatile uint8_t *)GICD_IPRIORITYR(45), 0xa0);
    check_eq("priority word", READ32(GICD_IPRIORITYR(44)) >> 8 & 0xff, 0xa0);
    check_eq("SGIs are always enabled", READ32(GICD_ISENABLER(0)) & 0xffff, 0xffff);
    check_eq("running priority, idle", READ32(GICC_RPR) & 0xff, 0xff);
}

static void test_sgi(void)
{
    start();
    for (unsigned i = 0; i < 16; i++)
        *(volatile uint8_t *)GICD_IPRIORITYR(i) = (uint8_t)(0xf0 - i * 0x10);
    WRITE32(GICD_SGIR, 2u << 24 | 3); /* to self */
    WRITE32(GICD_SGIR, 2u << 24 | 9);
    WRITE32(GICD_SGIR, 1u << 16 | 5); /* to CPU 0 by list */
    check_eq("highest pending", READ32(GICC_HPPIR) & 0x3ff, 9);
    open_up();
    check("three SGIs by priority", taken == 3 && order[0] == 9 && order[1] == 5 && order[2] == 3);
    start();
    WRITE32(GICD_SGIR, 1u << 24 | 1); /* to all but self: nobody */
    open_up();
    check_eq("SGI to others", taken, 0);
    start();
    WRITE32(GICD_SGIR, 2u << 24 | 3);
    WRITE32(GICD_SGIR, 2u << 24 | 3);
    open_up();
    check_eq("SGI twice is one", taken, 1);
}

static void test_mask(void)
{
    gic_enable(IRQ_TIMER01, 0x80);
    start();
    WRITE32(GICC_PMR, 0x80); /* lets only higher (smaller) ones through */
    pend(0);
    open_up();
    check_eq("priority equal to the mask: held", taken, 0);
    WRITE32(GICC_PMR, 0x90);
    open_up();
    check("mask lowered: taken", taken == 1 && order[0] == IRQ_TIMER01);
    WRITE32(GICC_PMR, 0xff);

    start();
    pend(0);
    WRITE32(GICC_CTLR, 0);
    open_up();
    check_eq("interface disabled: held", taken, 0);
    WRITE32(GICC_CTLR, 1);
    WRITE32(GICD_CTLR, 0);
    open_up();
    check_eq("distributor disabled: held", taken, 0);
    WRITE32(GICD_CTLR, 1);
    gic_disable(IRQ_TIMER01);
    open_up();
    check_eq("line disabled: held", taken, 0);
    check_eq("  but pending", READ32(GICD_ISPENDR(36)) >> 4 & 1, 1);
    gic_enable(IRQ_TIMER01, 0x80);
    open_up();
    check_eq("enabled: taken", taken, 1);
    check_eq("  pending no more", READ32(GICD_ISPENDR(36)) >> 4 & 1, 0);
}

static void test_priorities(void)
{
    for (unsigned swap = 0; swap < 2; swap++) {
        gic_enable(IRQ_TIMER01, swap ? 0x60 : 0x40);
        gic_enable(IRQ_TIMER23, swap ? 0x40 : 0x60);
        start();
        pend(2);
        pend(0);
        open_up();
        check("higher priority first",
              taken == 2 && order[0] == (swap ? 37u : 36u) && order[1] == (swap ? 36u : 37u));
    }
    gic_enable(IRQ_TIMER01, 0x40);
    gic_enable(IRQ_TIMER23, 0x40);
    start();
    pend(2);
    pend(0);
    open_up();
    check("equal priority: smaller number first", taken == 2 && order[0] == 36);
}

/* Acknowledge by hand, with interrupts masked: active, running priority, what can preempt. */
static void test_active(void)
{
    gic_enable(IRQ_TIMER01, 0x40);
    gic_enable(IRQ_TIMER23, 0x80);
    pend(0);
    check_eq("acknowledge", gic_ack(), IRQ_TIMER01);
    check_eq("active", READ32(GICD_ISACTIVER(36)) >> 4 & 1, 1);
    check_eq("running priority", READ32(GICC_RPR) & 0xff, 0x40);
    pend(2);
    check_eq("lower priority does not preempt", gic_ack(), IRQ_SPURIOUS);
    timer_stop(0);
    gic_eoi(IRQ_TIMER01);
    check_eq("active no more", READ32(GICD_ISACTIVER(36)) >> 4 & 1, 0);
    check_eq("now the other", gic_ack(), IRQ_TIMER23);
    pend(0);
    check_eq("higher priority preempts", gic_ack(), IRQ_TIMER01);
    check_eq("running priority", READ32(GICC_RPR) & 0xff, 0x40);
    timer_stop(0);
    gic_eoi(IRQ_TIMER01);
    check_eq("back to the outer one", READ32(GICC_RPR) & 0xff, 0x80);
    timer_stop(2);
    gic_eoi(IRQ_TIMER23);
    check_eq("idle", READ32(GICC_RPR) & 0xff, 0xff);
    /* A level line that stays up comes again after its end of interrupt. */
    pend(0);
    check_eq("level", gic_ack(), IRQ_TIMER01);
    gic_eoi(IRQ_TIMER01);
    check_eq("level, again", gic_ack(), IRQ_TIMER01);
    timer_stop(0);
    gic_eoi(IRQ_TIMER01);
    check_eq("level, gone", gic_ack(), IRQ_SPURIOUS);
}

/* Nested handlers: the second, higher interrupt is taken inside the first's handler, in SYS mode. */
static uint32_t inner(uint32_t unused)
{
    (void)unused;
    irq_unmask();
    timer_start(2, 1, false);
    while (!nested)
        ;
    irq_mask();
    return 0;
}

static void on_nested(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    put(iar);
    if (iar == IRQ_TIMER01) {
        timer_stop(0);
        run_in_mode(MODE_SYS, inner, 0);
        put(1000);
    } else {
        timer_stop(2);
        nested = true;
    }
    gic_eoi(iar);
}

static void test_preemption(void)
{
    gic_enable(IRQ_TIMER01, 0x80);
    gic_enable(IRQ_TIMER23, 0x40);
    start();
    exc_hook = on_nested;
    pend(0);
    open_up();
    check("preempted inside a handler",
          nested && taken == 3 && order[0] == 36 && order[1] == 37 && order[2] == 1000);
    /* Software pending. */
    start();
    WRITE32(GICD_ISPENDR(37), 1u << 5);
    open_up();
    check("set pending by software", taken == 1 && order[0] == 37);
    start();
    WRITE32(GICD_ISPENDR(37), 1u << 5);
    WRITE32(GICD_ICPENDR(37), 1u << 5);
    open_up();
    check_eq("and cleared", taken, 0);
}

int main(void)
{
    gic_init();
    test_registers();
    test_sgi();
    test_mask();
    test_priorities();
    test_active();
    test_preemption();
    return 0;
}
