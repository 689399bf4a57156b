/*
 * The real registers that hold guest state while a guest runs and that the VMM itself never uses: handlers
 * reach them through these. real.S on the target; host tests supply an array.
 */
#ifndef REAL_H
#define REAL_H

#include "types.h"

/* Registers that translated code and guest programs read and write natively. */
enum real_sys {
    REAL_TPIDRURW,
    REAL_TPIDRURO,
    REAL_TPIDRPRW,
    REAL_CSSELR,
    REAL_CCSIDR,
    REAL_TEECR,
    REAL_TEEHBR,
    REAL_SYS_COUNT
};

uint32_t real_read_sys(enum real_sys which);
void real_write_sys(enum real_sys which, uint32_t value); /* CCSIDR is read-only: ignored */

/* D0-D31: the Cortex-A8 has them all. Only while CPACR (the guest's is the real one) and FPEXC.EN let. */
uint64_t real_read_d(unsigned n);
void real_write_d(unsigned n, uint64_t value);
uint32_t real_read_fpexc(void);

/* The local monitor (A3.4.1). At an address that the VMM has, of 1 << size_log2 bytes; the store changes
 * nothing. */
void real_load_exclusive(unsigned size_log2, uint32_t va);
bool real_store_exclusive(unsigned size_log2, uint32_t va); /* whether it was stored */
void real_clear_exclusive(void);

#endif
