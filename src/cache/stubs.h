/*
 * Fixed places in the vectors page (src/boot/entry.S puts the code there, and asserts these addresses).
 * Usable from assembly.
 */
#ifndef STUBS_H
#define STUBS_H

#include "boot/window.h"

#define STUB_SVC_SLOT (WINDOW_VECTORS + 0x48)    /* after MSR CPSR_c: B to the block of the guest's SVC vector, or UDF */
#define STUB_MISS (WINDOW_VECTORS + 0x50)        /* UDF: the jump map has no block for the target */
#define STUB_FUNNEL_SIZE 16
#define STUB_FUNNEL (WINDOW_JUMP1 - STUB_FUNNEL_SIZE) /* indirect branch: target in LR, the guest's LR in NMRR, its r12 in IFAR */

#ifndef __ASSEMBLER__
#include "types.h"
void stub_set_svc(uint32_t word); /* src/boot; a fake in host tests */
#endif

#endif
