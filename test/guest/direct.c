/* Proves: a timer and the UART behind small pages: the GIC sees their line rise and fall at once, level- and
   edge-triggered, whoever looked last; and such a page permits what its descriptor says. */
#include "irq.h"
#include "mmu.h"

#define VA_TIMER       0x20000000u
#define VA_UART        0x20001000u
#define VA_READ_ONLY   0x20002000u
#define UART_PA        0x10009000u
#define TIMER_ONE_SHOT 0xa3u
#define UART_DR        0x00
#define UART_IMSC      0x38
#define UART_MIS       0x40
#define UART_ICR       0x44
#define INT_TX         0x20u

static void at_timer(uint32_t reg, uint32_t value) { WRITE32(VA_TIMER + reg, value); }
static void at_uart(uint32_t reg, uint32_t value) { WRITE32(VA_UART + reg, value); }

static uint32_t pending(unsigned irq) { return READ32(GICD_ISPENDR(irq)) >> irq % 32 & 1; }

static void set_edge(unsigned irq, bool edge)
{
    uint32_t m = 2u << irq % 16 * 2, config = READ32(GICD_ICFGR(irq));

    WRITE32(GICD_ICFGR(irq), edge ? config | m : config & ~m);
}

/* Until its line is high. */
static void raise_timer(void)
{
    at_timer(TIMER_CTRL, 0);
    at_timer(TIMER_LOAD, 50);
    at_timer(TIMER_CTRL, TIMER_ONE_SHOT);
    while (!READ32(VA_TIMER + TIMER_MIS))
        ;
}

static void lower_timer(void) { at_timer(TIMER_INTCLR, 1); }

static void polled(void)
{
    gic_disable(IRQ_TIMER01);
    for (unsigned i = 0; i < 3; i++) {
        raise_timer();
        check_eq("polled: pending", pending(IRQ_TIMER01), 1);
        lower_timer();
        check_eq("polled: cleared", pending(IRQ_TIMER01), 0);
    }
    raise_timer();
    lower_timer();
    raise_timer();
    check_eq("polled: fell and rose unseen", pending(IRQ_TIMER01), 1);
    lower_timer();
}

static void masked(void)
{
    gic_enable(IRQ_TIMER01, 0);
    for (unsigned i = 0; i < 3; i++) {
        raise_timer();
        check_eq("masked: highest pending", READ32(GICC_HPPIR), IRQ_TIMER01);
        lower_timer();
        check_eq("masked: gone", READ32(GICC_HPPIR), IRQ_SPURIOUS);
        check_eq("masked: nothing to acknowledge", gic_ack(), IRQ_SPURIOUS);
    }
    raise_timer();
    lower_timer();
    irq_unmask(); /* an interrupt would end the test */
    irq_mask();
    raise_timer();
    check_eq("masked: acknowledged", gic_ack(), IRQ_TIMER01);
    check_eq("masked: active and high", pending(IRQ_TIMER01), 1);
    lower_timer();
    check_eq("masked: active and low", pending(IRQ_TIMER01), 0);
    gic_eoi(IRQ_TIMER01);
    check_eq("masked: ended", gic_ack(), IRQ_SPURIOUS);
}

static volatile unsigned taken, keep;

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    taken++;
    if (iar == IRQ_TIMER01 && taken > keep)
        lower_timer();
    if (iar == IRQ_UART0)
        at_uart(UART_IMSC, 0);
    gic_eoi(iar);
}

static void again_and_again(void)
{
    taken = 0;
    keep = 4; /* so often the handler leaves the line high */
    raise_timer();
    irq_unmask();
    while (taken <= keep)
        ;
    irq_mask();
    check_eq("taken while it was high", taken, keep + 1);
    keep = 0;
    taken = 0;
    at_timer(TIMER_LOAD, 200);
    at_timer(TIMER_CTRL, 0xe2); /* periodic */
    irq_unmask();
    while (taken < 20)
        ;
    irq_mask();
    at_timer(TIMER_CTRL, 0);
    lower_timer();
    check("periods", taken >= 20);
}

static void edges(void)
{
    set_edge(IRQ_TIMER01, true);
    raise_timer();
    check_eq("edge: acknowledged", gic_ack(), IRQ_TIMER01);
    check_eq("edge: high, but no new edge", pending(IRQ_TIMER01), 0);
    lower_timer();
    raise_timer();
    check_eq("edge: a second one while active", pending(IRQ_TIMER01), 1);
    lower_timer();
    check_eq("edge: stays pending", pending(IRQ_TIMER01), 1);
    gic_eoi(IRQ_TIMER01);
    check_eq("edge: acknowledged again", gic_ack(), IRQ_TIMER01);
    gic_eoi(IRQ_TIMER01);
    for (unsigned i = 0; i < 3; i++) { /* seen by nobody in between */
        raise_timer();
        lower_timer();
    }
    check_eq("edge: many are one", gic_ack(), IRQ_TIMER01);
    gic_eoi(IRQ_TIMER01);
    check_eq("edge: no other", gic_ack(), IRQ_SPURIOUS);
    set_edge(IRQ_TIMER01, false);
    raise_timer();
    check_eq("level again: pending", pending(IRQ_TIMER01), 1);
    lower_timer();
    check_eq("level again: cleared", pending(IRQ_TIMER01), 0);
}

static void uart(void)
{
    gic_disable(IRQ_UART0);
    at_uart(UART_ICR, 0x7ff);
    at_uart(UART_IMSC, INT_TX);
    check_eq("uart: nothing sent", pending(IRQ_UART0), 0);
    at_uart(UART_DR, '*');
    while (!READ32(VA_UART + UART_MIS))
        ;
    check_eq("uart: sent", pending(IRQ_UART0), 1);
    at_uart(UART_IMSC, 0);
    check_eq("uart: masked there", pending(IRQ_UART0), 0);
    at_uart(UART_IMSC, INT_TX);
    check_eq("uart: at once", pending(IRQ_UART0), 1);
    at_uart(UART_ICR, INT_TX);
    check_eq("uart: cleared", pending(IRQ_UART0), 0);
    at_uart(UART_IMSC, 0); /* the checks print by it, too */
    gic_enable(IRQ_UART0, 0);
    taken = 0;
    irq_unmask();
    for (unsigned i = 1; i <= 3; i++) {
        at_uart(UART_IMSC, INT_TX);
        at_uart(UART_DR, '\n');
        while (taken < i)
            ;
    }
    irq_mask();
    check_eq("uart: interrupts", taken, 3);
    gic_disable(IRQ_UART0);
}

static void permissions(void)
{
    check_eq("read-only: load", probe(ACCESS_LOAD, false, VA_READ_ONLY + TIMER_LOAD), 0);
    check_eq("read-only: store", probe(ACCESS_STORE, false, VA_READ_ONLY + TIMER_LOAD),
             FAULT(FS_PERMISSION_L2) | FAULT_WRITE);
    check_eq("read-only: load from User", probe(ACCESS_LOAD, true, VA_READ_ONLY + TIMER_LOAD),
             FAULT(FS_PERMISSION_L2));
    check_eq("no execution", probe(ACCESS_EXEC, false, VA_TIMER), FAULT(FS_PERMISSION_L2));
    mmu_unmap_page(VA_TIMER);
    tlb_flush_va(VA_TIMER, 0);
    check_eq("unmapped", probe(ACCESS_STORE, false, VA_TIMER + TIMER_LOAD),
             FAULT(FS_TRANSLATION_L2) | FAULT_WRITE);
}

int main(void)
{
    mmu_reset();
    mmu_map_small(VA_TIMER, TIMER(0), M_AP(3) | M_DEVICE | M_XN);
    mmu_map_small(VA_UART, UART_PA, M_AP(3) | M_DEVICE | M_XN);
    mmu_map_small(VA_READ_ONLY, TIMER(0), M_AP(5) | M_DEVICE | M_XN);
    mmu_on();
    gic_init();
    exc_arm(EXC_BIT(EXC_IRQ));
    polled();
    masked();
    exc_hook = on_irq;
    again_and_again();
    edges();
    uart();
    exc_hook = NULL;
    permissions();
    mmu_off();
    return 0;
}
