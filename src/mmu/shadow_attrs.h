/*
 * Attributes and domains: a guest descriptor's as the shadow's has them. Private to src/mmu.
 *
 * All go through one form, the small page's bits [11:0] (`attrs`), whatever the guest's descriptor is; a
 * section's are the same bits in other places. 0 means: nothing to cache, every access would fault.
 */
#ifndef SHADOW_ATTRS_H
#define SHADOW_ATTRS_H

#include "mmu/shadow_internal.h"

#define ATTRS_MASK   0xfffu
#define ATTRS_FULL   (AP_FULL << L2_AP_SHIFT | L2_SMALL)
#define ATTRS_TYPE   (7u << L2_TEX_SHIFT | 3u << 2) /* TEX, C, B: 0 is Strongly-ordered */
#define ATTRS_NORMAL (1u << L2_TEX_SHIFT | 3u << 2) /* write-back, write-allocate */
#define ATTRS_DEVICE (1u << 2)

/* Of bits [11:2] of a guest's small page in a Client domain, without its XN. Above ATTRS_MASK: whom it lets
 * what. */
extern uint16_t client_attrs[1024];

static inline bool attrs_permit(uint32_t client, bool write, bool privileged)
{
    return client >> (12 + 2 * write + privileged) & 1;
}

static inline bool attrs_writable(uint32_t attrs) { return !(attrs & L2_APX); }

/* PL1 and PL0 lose their write access and nothing else. */
static inline uint32_t attrs_read_only(uint32_t attrs)
{
    return attrs | L2_APX | (attrs >> 1 & L2_AF); /* AP 2 to 7: 6 is deprecated */
}

/* An entry for the RAM page at `off`, read-only if writes must be seen. A writable one needs a hint. */
static inline uint32_t page_entry(uint32_t attrs, uint32_t off)
{
    if (attrs_writable(attrs) && page_protected(off >> 12))
        attrs = attrs_read_only(attrs);
    return attrs | (guest_memory.host.a + off);
}

static inline uint32_t attrs_from_section(uint32_t l1)
{
    return (l1 >> 6 & 0xff0) | (l1 & 0xc) | (l1 & L1_XN ? L2_XN : 0);
}

static inline uint32_t attrs_from_large(uint32_t l2)
{
    return (l2 & 0xe3c) | bits(l2, 14, 12) << L2_TEX_SHIFT | (l2 & L2_LARGE_XN ? L2_XN : 0);
}

static inline uint32_t section_from_attrs(uint32_t attrs)
{
    return (attrs & 0xff0) << 6 | (attrs & 0xc) | (attrs & L2_XN ? L1_XN : 0) | L1_SECTION;
}

/* A device is one whatever the guest takes it for: never to be gathered, repeated or read ahead (A3.5.5). */
static inline uint32_t attrs_of_device(uint32_t attrs)
{
    return attrs & ATTRS_TYPE ? (attrs & ~ATTRS_TYPE) | ATTRS_DEVICE : attrs;
}

static inline unsigned real_domain(unsigned guest_domain)
{
    return guest_domain < REAL_DOMAIN_ALWAYS ? guest_domain : REAL_DOMAIN_ALWAYS;
}

static inline bool is_manager(const struct mmu_regs *m, unsigned domain)
{
    return (m->dacr >> 2 * domain & 3) == DOMAIN_MANAGER;
}

void attrs_make(const struct mmu_regs *m); /* for this TEX remap and access flag setting */
void attrs_set_format(
    const struct mmu_regs *m); /* drops what a change of format or domains invalidates; *m is seen then */

/* `guest`: bits [11:0] as of a small page. */
uint32_t attrs_of(const struct mmu_regs *m, uint32_t guest, bool manager);

/* An entry of that domain is being made; false if the domain lets nothing be cached. */
bool attrs_note_domain(const struct mmu_regs *m, unsigned domain);

#endif
