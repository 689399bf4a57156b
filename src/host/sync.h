/*
 * Making written code and data visible where the guest will look (DDI 0406C B2.2.5, B3.3.1). The target does
 * cache maintenance (src/boot); host tests have a fake that counts.
 */
#ifndef SYNC_H
#define SYNC_H

#include "types.h"

/* The VMM wrote data that is read through another mapping. Cortex-A8 data caches are PIPT: a DSB is enough.
 */
void sync_data(const void *start, size_t size);
/* The VMM wrote instructions at `start`; they run at `where`. Clean D to the point of unification, then
 * invalidate I and BTB. */
void sync_code(const void *start, cca_t where, size_t size);

#endif
