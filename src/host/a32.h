/* A32 words that the VMM plants, or looks for in what it has emitted (DDI 0406C A5, A8). The verifier has its
 * own. */
#ifndef HOST_A32_H
#define HOST_A32_H

#include "types.h"

#define A32_UDF        0xe7f000f0u /* UDF #0: callouts, unlinked exits, stop points, device sites */
#define A32_B          0x0a000000u /* and a condition; its offset in bits 23:0 */
#define A32_NOP        0xe320f000u
#define A32_MOVS_PC_LR 0xe1b0f00eu
#define A32_ISB        0xf57ff060u /* its option in bits 3:0 */
#define A32_OPTION     15u

/* B, conditional or not; not BL, nor BLX. */
static inline bool a32_is_b(uint32_t w) { return (w & 0x0f000000u) == A32_B && w >> 28 != 15; }
/* SUBS PC, LR, #imm */
static inline bool a32_is_subs_pc_lr(uint32_t w) { return (w & 0xfffff000u) == 0xe25ef000u; }
static inline bool a32_is_mcr(uint32_t w) { return (w & 0x0f000010u) == 0x0e000010u; }

/* B from word `at` to word `to`; the same with a condition. */
static inline uint32_t a32_b(uint32_t from, uint32_t to)
{
    return 0xea000000u | ((to - from - 8) >> 2 & 0xffffffu);
}

#endif
