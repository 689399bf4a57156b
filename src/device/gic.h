/*
 * The guest's interrupt controller: a GICv1 (GIC architecture 1.0) without security extensions, one CPU, 96
 * interrupts (16 SGIs, 16 PPIs that nothing drives, 64 SPIs), 8 priority bits, as on the PB-A8.
 *
 * The IRQ output is recomputed at every change, so that asking for it costs a load. There is no FIQ output.
 */
#ifndef GIC_H
#define GIC_H

#include "board/board.h"

#define GIC_IRQ_COUNT 96u

uint32_t gic_cpu_read(void *state, uint32_t offset, unsigned size);
void gic_cpu_write(void *state, uint32_t offset, uint32_t value, unsigned size);
uint32_t gic_dist_read(void *state, uint32_t offset, unsigned size);
void gic_dist_write(void *state, uint32_t offset, uint32_t value, unsigned size);
void gic_reset(void *state);

/*
 * A line that the guest may move without the VMM's knowledge, as one of a device of the host's own (bus.h):
 * its level is asked for whenever it can make a difference. The host says gic_set_line() when it rises. For
 * good; reset keeps it.
 */
void gic_direct_line(unsigned irq, const struct board_spare *spare);
bool gic_is_edge_triggered(unsigned irq);

#endif
