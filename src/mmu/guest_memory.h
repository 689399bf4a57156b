/*
 * Guest physical RAM as the VMM sees it: through its own linear map, never through guest mappings.
 *
 * The low alias (GPA 0 up to 256 MiB) and the RAM proper (from 0x70000000) are the same memory;
 * guest_memory_offset() folds them. Tests give a buffer instead.
 */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include "types.h"

#define GUEST_RAM_BASE      0x70000000u
#define GUEST_RAM_ALIAS_MAX 0x10000000u

struct guest_memory {
    uint8_t *linear;     /* VMM-side address of GPA 0x70000000 */
    uint32_t size;       /* bytes, a multiple of 1 MiB */
    hpa_t host;          /* host physical address of the first byte */
    uint8_t *page_flags; /* one byte a RAM page: PAGE_HAS_CODE, PAGE_DIRTY */
};
extern struct guest_memory guest_memory;

#define PAGE_HAS_CODE 1u /* translations were made from it: writes must be seen */
#define PAGE_DIRTY    2u /* written since: its translations go at the next I-cache maintenance */

/* True and *offset from the start of RAM, if `gpa` is RAM (or its alias). */
static inline bool guest_memory_offset(gpa_t gpa, uint32_t *offset)
{
    uint32_t off = gpa.a - GUEST_RAM_BASE;

    if (off >= guest_memory.size) {
        if (gpa.a >= GUEST_RAM_ALIAS_MAX || gpa.a >= guest_memory.size)
            return false;
        off = gpa.a;
    }
    *offset = off;
    return true;
}

/* VMM pointer to RAM at gpa, valid up to the end of that 4 KiB page; NULL if it is not RAM. */
static inline void *guest_memory_at(gpa_t gpa)
{
    uint32_t off;

    return guest_memory_offset(gpa, &off) ? guest_memory.linear + off : NULL;
}

#endif
