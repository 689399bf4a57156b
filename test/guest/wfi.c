/* Proves: SP804 interrupts through the GIC, taken from SVC, SYS and user mode, and WFI woken by them, masked
   or not. */
#include "irq.h"

static volatile unsigned ticks, spurious, spsr_seen;

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if (iar == IRQ_TIMER01) {
        WRITE32(TIMER(0) + TIMER_INTCLR, 1);
        ticks++;
        gic_eoi(iar);
    } else {
        spurious++;
    }
}

static uint32_t wait_ticks(uint32_t n)
{
    unsigned start = ticks;

    while (ticks - start < n)
        ;
    spsr_seen = exc_last.spsr; /* in main() the next one may have come */
    return READ_CPSR() & PSR_MODE;
}

static uint32_t wfi_ticks(uint32_t n)
{
    unsigned start = ticks;

    while (ticks - start < n)
        __asm__ volatile("wfi");
    return READ_CPSR() & PSR_MODE;
}

int main(void)
{
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    timer_start(0, 2000, true);
    irq_unmask();
    check_eq("busy wait in svc", wait_ticks(5), MODE_SVC);
    check_eq("spsr", spsr_seen & 0xdf, MODE_SVC | PSR_F);
    check_eq("cpsr at the vector", exc_last.cpsr & 0xff, MODE_IRQ | PSR_I | PSR_F);
    check_eq("busy wait in sys", run_in_mode(MODE_SYS, wait_ticks, 5), MODE_SYS);
    check_eq("spsr", spsr_seen & 0xdf, MODE_SYS | PSR_F);
    check_eq("busy wait in usr", run_user(MODE_USR | PSR_F, wait_ticks, 5), MODE_USR);
    check_eq("spsr", spsr_seen & 0xdf, MODE_USR | PSR_F);
    check_eq("wfi in svc", wfi_ticks(5), MODE_SVC);
    check_eq("wfi in sys", run_in_mode(MODE_SYS, wfi_ticks, 5), MODE_SYS);
    irq_mask();
    timer_stop(0);

    /* WFI wakes on a masked interrupt, and the interrupt stays pending. */
    unsigned before = ticks;
    timer_start(0, 3000, false);
    __asm__ volatile("wfi");
    while (!READ32(TIMER(0) + TIMER_MIS)) /* WFI may end early */
        ;
    check_eq("masked: not taken", ticks, before);
    irq_unmask();
    __asm__ volatile("nop\n\tnop" ::: "memory");
    irq_mask();
    check_eq("unmasked: taken once", ticks, before + 1);
    __asm__ volatile("mcr p15, 0, %0, c7, c0, 4" ::"r"(0) : "memory"); /* the old WFI is a NOP in ARMv7 */
    check_eq("spurious", spurious, 0);
    return 0;
}
