/*
 * Short-format descriptors (DDI 0406C B3.5.1), guest's and shadow's alike, and the walk's by-products.
 *
 * Private to src/mmu. The Cortex-A8 has neither PXN nor LPAE, so first-level type 3 is reserved and faults.
 */
#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H

#include "host/armv7.h"
#include "mmu/walk.h"

#define TTBCR_N   7u
#define TTBCR_PD0 (1u << 4)
#define TTBCR_PD1 (1u << 5)

#define L1_TYPE           3u
#define L1_TABLE          1u
#define L1_SECTION        2u
#define L1_XN             (1u << 4)
#define L1_DOMAIN_SHIFT   5
#define L1_AP_SHIFT       10
#define L1_TEX_SHIFT      12
#define L1_APX            (1u << 15)
#define L1_S              (1u << 16)
#define L1_NG             (1u << 17)
#define L1_SUPER          (1u << 18)
#define L1_TABLE_MASK     0xfffffc00u
#define L1_SECTION_MASK   0xfff00000u
#define L1_SUPER_MASK     0xff000000u
#define L1_SUPER_EXTENDED 0x00f001e0u /* PA[39:32] of a supersection */

#define L2_TYPE            3u
#define L2_LARGE           1u
#define L2_SMALL           2u /* bit 0 is XN then */
#define L2_XN              (1u << 0)
#define L2_AP_SHIFT        4
#define L2_AF              (1u << 4) /* AP[0], when SCTLR.AFE */
#define L2_TEX_SHIFT       6
#define L2_APX             (1u << 9)
#define L2_S               (1u << 10)
#define L2_NG              (1u << 11)
#define L2_LARGE_XN        (1u << 15)
#define L2_LARGE_TEX_SHIFT 12

enum { AP_NONE, AP_PL1, AP_PL0_RO, AP_FULL, AP_RESERVED, AP_PL1_RO, AP_RO_OLD, AP_RO };
enum { DOMAIN_NO_ACCESS, DOMAIN_CLIENT, DOMAIN_RESERVED, DOMAIN_MANAGER };

/* Where the PA of a supersection above 4 GiB ends up: nothing is there on this machine, nor in its 32-bit map
 * here. */
#define GPA_ABOVE_4G 0xf0000000u

/* Descriptors that a walk went through, in the VMM's byte order, and where they are. */
struct walk_path {
    const uint32_t *l1_at, *l2_at; /* l2_at: NULL for sections; both NULL with the MMU off */
    uint32_t l1, l2;
};

/* mmu_walk(), telling which way it went. */
bool mmu_walk_path(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
                   struct translation *out, uint32_t *fsr, struct walk_path *path);

/* Where the first-level descriptor for va is; false if TTBCR disables that walk (B3.5.4). */
static inline bool walk_l1_address(const struct mmu_regs *m, gva_t va, gpa_t *at)
{
    unsigned n = m->ttbcr & TTBCR_N;
    uint32_t base;

    if (n && va.a >> (32 - n)) {
        if (m->ttbcr & TTBCR_PD1)
            return false;
        base = m->ttbr1 & 0xffffc000;
    } else {
        if (m->ttbcr & TTBCR_PD0)
            return false;
        base = m->ttbr0 & ~(0x3fffu >> n);
    }
    at->a = base | (va.a >> 18 & 0x3ffc);
    return true;
}

static inline uint32_t walk_order(const struct mmu_regs *m, uint32_t descriptor)
{
    return m->sctlr & SCTLR_EE ? __builtin_bswap32(descriptor) : descriptor;
}

/* May AP (expanded, B3.7.1) grant this? Domain and XN are the caller's. */
static inline bool ap_permits(unsigned ap, bool write, bool privileged)
{
    /* One bit an AP value, index 2 * write + privileged. */
    static const uint8_t grants[4] = {
        1 << AP_PL0_RO | 1 << AP_FULL | 1 << AP_RO_OLD | 1 << AP_RO,
        1 << AP_PL1 | 1 << AP_PL0_RO | 1 << AP_FULL | 1 << AP_PL1_RO | 1 << AP_RO_OLD | 1 << AP_RO,
        1 << AP_FULL,
        1 << AP_PL1 | 1 << AP_PL0_RO | 1 << AP_FULL,
    };

    return grants[2 * write + privileged] >> ap & 1;
}

#endif
