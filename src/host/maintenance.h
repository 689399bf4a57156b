/*
 * Cache and TLB maintenance of the real processor (DDI 0406C B2.2, B3.10): what was written becomes visible
 * where it is looked for. On the host, tests have fakes that count.
 */
#ifndef MAINTENANCE_H
#define MAINTENANCE_H

#include "types.h"

/* Data that is read through another mapping. Cortex-A8 data caches are PIPT: a DSB is enough. */
void sync_data(const void *start, size_t size);
/* Instructions at `start`; they run at `where`. Clean D to the point of unification, then invalidate I and
 * BTB. */
void sync_code(const void *start, cca_t where, size_t size);

/* Translation tables: clean to the point the walker sees (B3.3.1: Cortex-A8 walks do not look into L1), DSB.
 */
void table_write_sync(const void *start, size_t size);
void table_write_sync_line(const void *entry); /* the 16 entries that this one is in */

/* The real TLB. */
void tlb_flush_all(void);
void tlb_flush_asid(uint8_t real_asid);
void tlb_flush_pages(gva_t va, unsigned count); /* of the current ASID, or global */
static inline void tlb_flush_va(gva_t va) { tlb_flush_pages(va, 1); }

#endif
