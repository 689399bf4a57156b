/*
 * The real PSR while a guest runs, and the guest's (design: the virtual I bit): the same but for mode, I and
 * F. Full and light exits both go by this.
 */
#ifndef RUN_PSR_H
#define RUN_PSR_H

#include "host/armv7.h"
#include "types.h"

#define PSR_SAME                                                                                             \
    (0xf8000000u | PSR_GE | PSR_E | PSR_A) /* N Z C V Q, GE, E, A: the real ones are the guest's */

/* User for User, SYS for SYS, SVC for all others. */
static inline uint32_t psr_real_mode(uint32_t mode)
{
    return mode == MODE_USR || mode == MODE_SYS ? mode : MODE_SVC;
}

/* What the real one must be for a guest with this CPSR; T and IT of translated code are its block's. */
static inline uint32_t psr_real(uint32_t cpsr)
{
    uint32_t mode = cpsr & PSR_MODE;
    uint32_t rest =
        mode == MODE_USR ? cpsr & (PSR_T | PSR_IT | PSR_F) : (cpsr & PSR_I) >> 1; /* I is the real F */

    return (cpsr & PSR_SAME) | rest | psr_real_mode(mode);
}

/* The guest's in translated code; `state` has its mode, F, T and ITSTATE, which the block knows. */
static inline uint32_t psr_virtual(uint32_t real, uint32_t state)
{
    return (real & PSR_SAME) | (real & PSR_F) << 1 | state;
}

/* A program's. Its I is not in the real one: it is what it was at the last resume (`last`), if that was to a
 * program. */
static inline uint32_t psr_virtual_user(uint32_t real, uint32_t last)
{
    uint32_t cpsr = (real & (PSR_SAME | PSR_T | PSR_IT | PSR_J | PSR_F)) | MODE_USR;

    return (last & PSR_MODE) == MODE_USR ? cpsr | (last & PSR_I) : cpsr;
}

#endif
