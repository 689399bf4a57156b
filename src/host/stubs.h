/*
 * Fixed places in the vectors page (src/run/entry.S puts the code there, and asserts these addresses), and
 * words that blocks end with. Usable from assembly.
 */
#ifndef STUBS_H
#define STUBS_H

#include "host/window.h"

#define STUB_SVC_SLOT                                                                                        \
    (WINDOW_VECTORS + 0x48) /* after MSR CPSR_c: B to the block of the guest's SVC vector, or UDF */
#define STUB_MISS (WINDOW_VECTORS + 0x50) /* UDF: the jump map has no block for the target */

/* An indirect branch by the jump map (cache/jump.h): target in LR, the guest's LR in NMRR, its r12 in IFAR.
 */
#define JUMP_BASE 0xe3e0c409 /* MVN r12, #0x09000000: the address of the last byte before WINDOW_JUMP */
#define JUMP_BYTE 0xe75ccc2e /* LDRB r12, [r12, -lr, LSR #24] */
#define JUMP_SLOT 0xe08ecc0c /* ADD r12, lr, r12, LSL #24 */
#define JUMP_LOAD 0xe89c8000 /* LDMIA r12, {PC} */

#endif
