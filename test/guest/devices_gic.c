/* Proves: the interrupt controller as a kernel uses it: priorities, masks, preemption with nested handlers,
 * SGIs, edges and levels. */
#include "irq.h"

#define LOG_SIZE 16
static volatile unsigned log_count, log_irq[LOG_SIZE], log_running[LOG_SIZE];
static volatile unsigned depth, deepest;
static volatile int raise_in; /* in the handler of this interrupt ... */
static volatile int raise;    /* ... raise this one, and unmask */

/* Any of them can be made pending by software. */
#define A 70
#define B 71
#define C 72

static void pend(unsigned irq) { WRITE32(GICD_ISPENDR(irq), 1u << irq % 32); }

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if (log_count < LOG_SIZE) {
        log_irq[log_count] = iar;
        log_running[log_count++] = READ32(GICC_RPR);
    }
    if (iar == IRQ_SPURIOUS)
        return;
    if (++depth > deepest)
        deepest = depth;
    if ((int)(iar & 0x3ff) == raise_in) {
        uint32_t spsr = READ_SPSR(), lr;

        raise_in = -1;
        pend((unsigned)raise);
        /* A nested interrupt takes over LR_irq and SPSR_irq. */
        __asm__ volatile("mov %0, lr\n\tcpsie i\n\tnop\n\tnop\n\tcpsid i\n\tmov lr, %0"
                         : "=&r"(lr)::"memory", "lr");
        __asm__ volatile("msr spsr_cxsf, %0" ::"r"(spsr));
    }
    depth--;
    gic_eoi(iar);
}

static void let(void)
{
    irq_unmask();
    for (volatile unsigned i = 0; i < 50; i++)
        ;
    irq_mask();
}

static void show(const char *what)
{
    print("%s:", what);
    for (unsigned i = 0; i < log_count; i++)
        print(" %u/%x", log_irq[i], log_running[i]);
    print(" depth %u, then running %x, pending %x %x\n", deepest, (unsigned)READ32(GICC_RPR),
          (unsigned)READ32(GICC_HPPIR), (unsigned)READ32(GICD_ISPENDR(A)));
    log_count = deepest = 0;
}

static void reset(void)
{
    gic_init();
    gic_enable(A, 0x40);
    gic_enable(B, 0x40);
    gic_enable(C, 0x20);
    raise_in = raise = -1;
}

int main(void)
{
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    reset();

    pend(B), pend(C), pend(A);
    let();
    show("in order of priority, then number");

    WRITE32(GICC_PMR, 0x40);
    pend(A), pend(C);
    let();
    show("masked by priority");
    WRITE32(GICC_PMR, 0x41);
    let();
    show("unmasked");
    WRITE32(GICC_PMR, 0xff);

    raise_in = A, raise = C;
    pend(A);
    let();
    show("a higher one preempts");
    raise_in = A, raise = B;
    pend(A);
    let();
    show("an equal one does not");
    raise_in = C, raise = A;
    pend(C);
    let();
    show("a lower one does not");
    WRITE32(GICC_BPR, 6);
    raise_in = A, raise = C;
    pend(A);
    let();
    show("within a group none does");
    WRITE32(GICC_BPR, 0);

    gic_disable(A);
    pend(A);
    let();
    show("disabled");
    gic_enable(A, 0x40);
    let();
    show("enabled");
    pend(A);
    WRITE32(GICD_ICPENDR(A), 1u << A % 32);
    let();
    show("no longer pending");
    WRITE32(GICD_CTLR, 0);
    pend(A);
    let();
    show("distributor off");
    WRITE32(GICD_CTLR, 1);
    WRITE32(GICC_CTLR, 0);
    let();
    show("interface off");
    WRITE32(GICC_CTLR, 1);
    let();
    show("on");

    for (unsigned i = 0; i < 3; i++)
        *(volatile uint8_t *)GICD_IPRIORITYR(i) = (uint8_t)(0x80 - i * 16);
    WRITE32(GICD_SGIR, 0x02000000);
    WRITE32(GICD_SGIR, 0x00010001);
    WRITE32(GICD_SGIR, 0x02000002);
    WRITE32(GICD_SGIR, 0x01000003); /* to the others: nobody */
    WRITE32(GICD_SGIR, 0x00fe0004);
    let();
    show("software-generated");

    /* A level stays until its source is quiet, an edge is once. */
    gic_enable(IRQ_TIMER01, 0x30);
    timer_start(0, 1, false);
    while (!READ32(TIMER(0) + TIMER_RIS))
        ;
    check_eq("level", gic_ack(), IRQ_TIMER01);
    WRITE32(GICD_ICPENDR(IRQ_TIMER01), 1u << IRQ_TIMER01 % 32);
    gic_eoi(IRQ_TIMER01);
    check_eq("level again", gic_ack(), IRQ_TIMER01);
    WRITE32(TIMER(0) + TIMER_INTCLR, 1);
    gic_eoi(IRQ_TIMER01);
    check_eq("quiet", gic_ack(), IRQ_SPURIOUS);
    WRITE32(GICD_ICFGR(IRQ_TIMER01), 2u << IRQ_TIMER01 % 16 * 2);
    timer_start(0, 1, false);
    while (!READ32(TIMER(0) + TIMER_RIS))
        ;
    WRITE32(TIMER(0) + TIMER_INTCLR, 1);
    check_eq("edge after its source is quiet", gic_ack(), IRQ_TIMER01);
    gic_eoi(IRQ_TIMER01);
    check_eq("once", gic_ack(), IRQ_SPURIOUS);

    check_eq("end of nothing", (gic_eoi(A), READ32(GICC_RPR)), 0xff);
    gic_eoi(IRQ_SPURIOUS);
    check_eq("no exception but interrupts", exc_last.type, EXC_IRQ);
    return 0;
}
