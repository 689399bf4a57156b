/*
 * Run a snippet from a given processor state up to its first exception, and look at the state there.
 *
 *     transfer_regs[0] = 5;
 *     transfer_run(MODE_IRQ | PSR_I | PSR_F, (uint32_t)snippet);
 *     exc_last.type, transfer_frame.r[0] ...
 *
 * Called from SVC mode with I and F set. The snippet must use no stack that it was not given.
 */
#ifndef GUEST_TRANSFER_H
#define GUEST_TRANSFER_H

#include "guest.h"

extern uint32_t transfer_regs[13];      /* r0-r12 at the start */
extern struct exc_frame transfer_frame; /* at the exception */
void transfer_run(uint32_t psr, uint32_t pc);
/* psr's T bit says the instruction set; bit 0 of pc is ignored */
void transfer_fill(uint32_t seed);        /* distinct values in transfer_regs */
bool transfer_kept(uint32_t except_mask); /* r0-r12 as they were, but for those */
void transfer_end(struct exc_frame *f);   /* the hook that ends a run */

#endif
