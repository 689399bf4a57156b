/* The PB-A8's GIC (v1, distributor and CPU interface) and the SP804 timers, whose clock is 1 MHz. */
#ifndef GUEST_IRQ_H
#define GUEST_IRQ_H

#include "guest.h"

#define GICC               0x1e000000u
#define GICC_CTLR          (GICC + 0x00)
#define GICC_PMR           (GICC + 0x04)
#define GICC_BPR           (GICC + 0x08)
#define GICC_IAR           (GICC + 0x0c)
#define GICC_EOIR          (GICC + 0x10)
#define GICC_RPR           (GICC + 0x14)
#define GICC_HPPIR         (GICC + 0x18)
#define GICD               0x1e001000u
#define GICD_CTLR          (GICD + 0x000)
#define GICD_TYPER         (GICD + 0x004)
#define GICD_ISENABLER(n)  (GICD + 0x100 + (n) / 32 * 4)
#define GICD_ICENABLER(n)  (GICD + 0x180 + (n) / 32 * 4)
#define GICD_ISPENDR(n)    (GICD + 0x200 + (n) / 32 * 4)
#define GICD_ICPENDR(n)    (GICD + 0x280 + (n) / 32 * 4)
#define GICD_ISACTIVER(n)  (GICD + 0x300 + (n) / 32 * 4)
#define GICD_IPRIORITYR(n) (GICD + 0x400 + (n)) /* bytes */
#define GICD_ITARGETSR(n)  (GICD + 0x800 + (n))
#define GICD_ICFGR(n)      (GICD + 0xc00 + (n) / 16 * 4)
#define GICD_SGIR          (GICD + 0xf00)

#define IRQ_TIMER01  36
#define IRQ_TIMER23  37
#define IRQ_UART0    44
#define IRQ_SPURIOUS 1023

void gic_init(void); /* everything disabled but the two interfaces; all priorities and the mask let all
    through */
void gic_enable(unsigned irq, unsigned priority);
void gic_disable(unsigned irq);
static inline uint32_t gic_ack(void) { return READ32(GICC_IAR); }
static inline void gic_eoi(uint32_t iar) { WRITE32(GICC_EOIR, iar); }

/* Timer n of 0..3. */
#define TIMER(n)     (0x10011000u + ((n) >> 1) * 0x1000 + ((n)&1) * 0x20)
#define TIMER_LOAD   0x00
#define TIMER_VALUE  0x04
#define TIMER_CTRL   0x08
#define TIMER_INTCLR 0x0c
#define TIMER_RIS    0x10
#define TIMER_MIS    0x14
#define TIMER_BGLOAD 0x18
void timer_start(unsigned n, uint32_t us, bool periodic); /* with its interrupt */
void timer_stop(unsigned n);

static inline void irq_unmask(void) { __asm__ volatile("cpsie i" ::: "memory"); }
static inline void irq_mask(void) { __asm__ volatile("cpsid i" ::: "memory"); }

#endif
