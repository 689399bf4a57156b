/*
 * How guest descriptors' attributes become the shadow's, and what a change of their format or of the domains
 * drops.
 */
#include "mmu/shadow_attrs.h"

#define FORMAT_BITS  (SCTLR_TRE | SCTLR_AFE | SCTLR_EE)
#define FORMAT_TTBCR (TTBCR_N | TTBCR_PD0 | TTBCR_PD1)
#define HIGH_DOMAINS 0xf0000000u

uint16_t client_attrs[1024];

/* AP as the shadow has it, and XN for what only PL1 may read: nothing of the guest's executes there. */
static uint32_t client_ap(unsigned ap)
{
    static const uint16_t table[8] = {
        [AP_PL1] = AP_PL1 << L2_AP_SHIFT | L2_SMALL | L2_XN,
        [AP_PL0_RO] = AP_PL0_RO << L2_AP_SHIFT | L2_SMALL,
        [AP_FULL] = AP_FULL << L2_AP_SHIFT | L2_SMALL,
        [AP_PL1_RO] = L2_APX | 1 << L2_AP_SHIFT | L2_SMALL | L2_XN,
        [AP_RO_OLD] = L2_APX | 3 << L2_AP_SHIFT | L2_SMALL,
        [AP_RO] = L2_APX | 3 << L2_AP_SHIFT | L2_SMALL,
    };

    return table[ap];
}

static uint32_t permit_bits(unsigned ap)
{
    uint32_t permit = 0;

    for (unsigned i = 0; i < 4; i++)
        permit |= (uint32_t)ap_permits(ap, i >> 1, i & 1) << (12 + i);
    return permit;
}

static uint32_t type_attrs(const struct mmu_regs *m, uint32_t guest)
{
    struct translation t = {.tex_cb = bits(guest, 8, 6) << 2 | bits(guest, 3, 2), .s = guest & L2_S};

    mmu_memory_type(m, &t);
    return (t.tex_cb >> 2) << L2_TEX_SHIFT | (t.tex_cb & 3) << 2 | (t.s ? L2_S : 0);
}

void attrs_make(const struct mmu_regs *m)
{
    for (uint32_t i = 0; i < ARRAY_SIZE(client_attrs); i++) {
        uint32_t guest = i << 2, ap = bits(guest, 5, 4) | bit(guest, 9) << 2;

        client_attrs[i] = 0;
        if (client_ap(ap) && !((m->sctlr & SCTLR_AFE) && !(guest & L2_AF)))
            client_attrs[i] = client_ap(ap) | type_attrs(m, guest) | (guest & L2_NG) | permit_bits(ap);
    }
}

uint32_t attrs_of(const struct mmu_regs *m, uint32_t guest, bool manager)
{
    uint32_t attrs = client_attrs[(guest & ATTRS_MASK) >> 2] & ATTRS_MASK;

    if (manager)
        return ATTRS_FULL | type_attrs(m, guest) | (guest & L2_NG);
    return attrs ? attrs | (guest & L2_XN) : 0;
}

/*
 * Entries of guest domains 14 and 15 are in a real domain that is always Client: they exist only while the
 * guest's fields say Client or Manager, and go when those change.
 */
bool attrs_note_domain(const struct mmu_regs *m, unsigned domain)
{
    if (domain >= REAL_DOMAIN_ALWAYS) {
        if (!(m->dacr >> 2 * domain & 1))
            return false;
        shadow.high_domains = true;
    }
    if (is_manager(m, domain))
        shadow.managed |= 1u << domain;
    return true;
}

static uint16_t managers(uint32_t dacr)
{
    uint16_t mask = 0;

    for (dacr &= dacr >> 1 & DACR_FIELDS_LOW; dacr; dacr &= dacr - 1)
        mask |= 1u << __builtin_ctz(dacr) / 2;
    return mask;
}

void attrs_set_format(const struct mmu_regs *m)
{
    struct mmu_regs *seen = &shadow.seen;
    uint32_t sctlr = (m->sctlr ^ seen->sctlr) & FORMAT_BITS;
    bool remap = m->sctlr & SCTLR_TRE && (m->prrr != seen->prrr || m->nmrr != seen->nmrr);

    if (sctlr || remap || (m->ttbcr ^ seen->ttbcr) & FORMAT_TTBCR ||
        (m->ttbr1 != seen->ttbr1 && m->ttbcr & TTBCR_N)) {
        drop_everything(false);
        if (sctlr & (SCTLR_TRE | SCTLR_AFE) || remap)
            attrs_make(m);
    }
    if (m->dacr != seen->dacr) {
        /* What was filled as Manager grants too much now; what was not is upgraded fault by fault. */
        if ((shadow.managed && shadow.managed & ~managers(m->dacr)) ||
            (shadow.high_domains && (m->dacr ^ seen->dacr) & HIGH_DOMAINS))
            drop_everything(false);
    }
    *seen = *m;
}
