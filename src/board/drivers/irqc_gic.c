/* GIC version 1 as the host's interrupt controller (board/drivers/irqc_gic.h). */
#include "board/drivers/irqc_gic.h"

#include "board/drivers/registers.h"

enum { GICC_CTLR = 0x0, GICC_PMR = 0x4, GICC_IAR = 0xc, GICC_EOIR = 0x10 };
enum {
    GICD_CTLR = 0x0,
    GICD_ISENABLER = 0x100,
    GICD_ICENABLER = 0x180,
    GICD_IPRIORITYR = 0x400,
    GICD_ITARGETSR = 0x800
};
#define FIRST_SPI 32u

void irqc_gic_init(const struct irqc_gic *g)
{
    REG(g->dist, GICD_CTLR) = 0;
    for (unsigned i = 0; i < g->count; i += 32)
        REG(g->dist, GICD_ICENABLER + i / 8) = 0xffffffff;
    for (unsigned i = FIRST_SPI; i < g->count; i += 4) {
        REG(g->dist, GICD_IPRIORITYR + i) = 0xa0a0a0a0;
        REG(g->dist, GICD_ITARGETSR + i) = 0x01010101;
    }
    REG(g->cpu, GICC_PMR) = 0xff;
    REG(g->cpu, GICC_CTLR) = 1;
    REG(g->dist, GICD_CTLR) = 1;
}

void irqc_gic_enable(const struct irqc_gic *g, unsigned irq, bool on)
{
    REG(g->dist, (on ? GICD_ISENABLER : GICD_ICENABLER) + irq / 32 * 4) = 1u << (irq & 31);
}

uint32_t irqc_gic_acknowledge(const struct irqc_gic *g) { return REG(g->cpu, GICC_IAR); }

void irqc_gic_end(const struct irqc_gic *g, uint32_t acknowledged) { REG(g->cpu, GICC_EOIR) = acknowledged; }
