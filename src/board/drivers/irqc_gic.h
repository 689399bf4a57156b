/* A GIC version 1 (IHI 0048A) as the host's interrupt controller. */
#ifndef IRQC_GIC_H
#define IRQC_GIC_H

#include "types.h"

#define IRQC_GIC_SPURIOUS 1023u

struct irqc_gic {
    uint32_t cpu, dist; /* in the window */
    unsigned count;     /* interrupts, a multiple of 32 */
};

void irqc_gic_init(const struct irqc_gic *g); /* all are disabled, level-triggered, of one priority */
void irqc_gic_enable(const struct irqc_gic *g, unsigned irq, bool on);
uint32_t
irqc_gic_acknowledge(const struct irqc_gic *g); /* bits 9:0 the interrupt, or IRQC_GIC_SPURIOUS; for _end() */
void irqc_gic_end(const struct irqc_gic *g, uint32_t acknowledged);

#endif
