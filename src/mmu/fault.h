/*
 * Whose a real abort is, by the processor's own word for it: the fault status (DDI 0406C B3.13.3). Pure; both
 * ways out of the guest ask it, so that no status is without an end.
 */
#ifndef FAULT_H
#define FAULT_H

#include "types.h"

#define FSR_STATUS 0x40fu     /* FS[4], FS[3:0] */
#define FSR_WNR    (1u << 11) /* DFSR only */
#define FSR_EXT    (1u << 12) /* which external abort: IMPLEMENTATION DEFINED */

enum fault_verdict {
    FAULT_TABLES, /* the shadow tables': hidden, or the guest's own, as its tables say */
    FAULT_OWN,    /* the guest's own, and no table's: it gets the same status */
    FAULT_BUS,    /* the memory's answer: FAULT_OWN where that is the guest's, else FAULT_HOST */
    FAULT_HOST    /* nothing that a guest does leads there: the machine stops */
};

struct fault_row {
    uint8_t data, fetch; /* verdicts on a DFSR, on an IFSR */
    bool asynchronous;   /* the fault address register is another's */
    const char *name;
};
extern const struct fault_row fault_rows[32]; /* by FS */

static inline const struct fault_row *fault_row(uint32_t fsr)
{
    return &fault_rows[(fsr >> 6 & 0x10) | (fsr & 0xf)];
}

/* FAULT_TABLES by what all have in common but 0x04, which is rare: odd, from 0x05 to 0x0f. */
static inline bool fault_is_common(uint32_t fsr) { return fsr & 1 && fsr & 0xc && !(fsr & 0x400); }

#endif
