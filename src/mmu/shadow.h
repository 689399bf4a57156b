/*
 * Shadow translation tables: an architectural TLB in the form of tables that the real MMU walks (design 5).
 *
 * Invariants: an entry maps at most what a walk of the guest's tables allowed at some time since the
 * last maintenance that named it; no entry maps VMM memory or anything but guest RAM (but for device pages
 * that shadow_upcalls.direct_page() names); no entry is writable whose RAM page has PAGE_HAS_CODE without
 * PAGE_DIRTY; all PL1-only entries are XN (real PL1 executes nothing but the code cache); the window's
 * first-level entries are the VMM's in every table. Real attributes: the guest's memory type where it is
 * Normal or more restrictive (so that real hardware behaves), nG and real ASIDs per space. Everything comes
 * from a fixed pool; running out evicts.
 */
#ifndef SHADOW_H
#define SHADOW_H

#include "mmu/walk.h"

/* What the real MMU must be given to run the guest; real TTBCR.N is 0, TRE and AFE are off. */
struct shadow_regs {
    uint32_t ttbr0;      /* hpa of the first-level table, with walk attributes */
    uint32_t contextidr; /* real ASID */
    uint32_t dacr;       /* guest domains as mapped | DACR_GUEST_BITS */
};

enum shadow_verdict {
    SHADOW_RESUME, /* hidden fault: filled (or upgraded); run the instruction again */
    SHADOW_DEVICE, /* permitted, but not RAM: emulate an access to out->gpa */
    SHADOW_WINDOW, /* permitted RAM or device, but at an address of the window: emulate an access to out->gpa
                    */
    SHADOW_TRUE_FAULT /* the guest's own: *fsr as mmu_walk() gives it */
};

#define SHADOW_PAGE_BYTES 9u /* of the pool, for each RAM page */
struct shadow_pool {
    void *memory;
    hpa_t host;
    uint32_t size;
}; /* 16 KiB-aligned, VMM-side pointer and its HPA */

/* What the shadow tables ask of those above them. */
struct shadow_upcalls {
    /* The current space changed within shadow_fault(), shadow_drop_all() or shadow_protect_page(): load TTBR0
       and CONTEXTIDR. */
    void (*set_space)(uint32_t ttbr0, uint32_t contextidr);
    /* A page that has translations was written for the first time since. (Marks are set already.) */
    void (*page_dirty)(uint32_t ram_page);
    /* Is any device in that page? */
    bool (*is_device)(gpa_t gpa);
    /* A device page that the guest may access directly, and where it is. Such pages are mapped as the guest
       maps them, but as Device or Strongly-ordered memory always, the only ones that are not RAM. If the
       answer changes, everything is dropped. */
    bool (*direct_page)(gpa_t gpa, hpa_t *page);
};

/* window: 4096 first-level descriptors of which the non-zero ones are copied into every table. It stays in
   use, unchanged. guest_memory is set up before. The pool must have room for three first-level tables, 16 of
   second level, and 9 bytes a RAM page. */
void shadow_init(struct shadow_pool pool, const uint32_t *window, const struct shadow_upcalls *up);

/* After any change to *m (TTBR0/1, TTBCR, CONTEXTIDR, DACR, SCTLR.M/TRE/AFE/EE): find or make the space.
   Format changes (TTBCR, SCTLR bits, PRRR, NMRR) drop what they invalidate. Returns true if any real register
   changed. Translated code may write the real DACR itself (and m->dacr) instead, with (value & 0x0fffffff) |
   DACR_GUEST_BITS, if neither the value nor the one before has a Manager or reserved field, and bits [31:28]
   are the same in both. */
bool shadow_switch(const struct mmu_regs *m, struct shadow_regs *out);

/* The same after a change of TTBR0 and CONTEXTIDR only, with the MMU on and TTBCR.N zero. */
bool shadow_switch_space(uint32_t ttbr0, uint32_t contextidr, struct shadow_regs *out);

/* An abort at va in the current space, cause unknown: walk, fill (with fill-ahead), or say why not. *out is
   the translation for DEVICE and WINDOW, *fsr for TRUE_FAULT. */
enum shadow_verdict shadow_fault(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
                                 struct translation *out, uint32_t *fsr);

/* TLB maintenance, what each names (B3.10.5) and at times more. `asid` 0..255. The real TLB is seen to. */
void shadow_drop_all(void);
void shadow_drop_asid(uint8_t asid);
void shadow_drop_va(gva_t va, uint8_t asid); /* TLBIMVA: asid or global */
void shadow_drop_pages(gva_t va, unsigned count,
                       uint8_t asid); /* TLBIMVA of each of them, 1 or more within one MiB */
void shadow_drop_va_all(gva_t va);    /* TLBIMVAA */

/* The RAM page (offset from RAM start >> 12) is about to have translations: no writable entry may remain for
   it. Sets PAGE_HAS_CODE, if the caller has not. A page with PAGE_DIRTY is left as it is. */
void shadow_protect_page(uint32_t ram_page);

/* The VMM writes to that page on the guest's behalf (through the linear map): the marks, as a guest's own
 * write sets them. */
void shadow_page_written(uint32_t ram_page);

/* Do the guest's current tables map RAM or a device in those slots? Then *where is the first such page. */
bool shadow_window_conflict(const struct mmu_regs *m, uint32_t first_slot, uint32_t last_slot, gva_t *where);
/* Switches and counters. */
extern bool shadow_fill_ahead; /* design 7 */
struct shadow_stats {
    uint32_t fills, hidden, true_faults, upgrades, spaces_made, spaces_evicted, tables_evicted, unprotects;
};
extern struct shadow_stats shadow_stats;

#endif
