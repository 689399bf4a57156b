/* Builds the tables; see mmu.h. */
#include "mmu.h"

#define L2_MAX 48

uint32_t mmu_l1[MMU_L1_COUNT] __attribute__((aligned(16384)));
static uint32_t l2_pool[L2_MAX][256] __attribute__((aligned(1024)));
static unsigned l2_used;
static uint8_t pages[16][4096] __attribute__((aligned(65536)));

uint32_t test_page(unsigned n) { return (uint32_t)pages[n]; }

void mmu_write(uint32_t *entry, uint32_t descriptor)
{
    *(volatile uint32_t *)entry = descriptor;
    MCR15(0, 7, 10, 1, (uint32_t)entry); /* DCCMVAC */
    DSB();
}

static uint32_t section_bits(uint32_t m)
{
    return 2 | (m & M_B ? 4 : 0) | (m & M_C ? 8 : 0) | (m & M_XN ? 0x10 : 0) | (m >> 16 & 15) << 5 |
           (m & 3) << 10 | (m >> 8 & 7) << 12 | (m & 4) << 13 | (m & M_S ? 1u << 16 : 0) |
           (m & M_NG ? 1u << 17 : 0);
}

/* AP, S, nG sit at the same place in small and large pages; XN and TEX do not. */
static uint32_t page_bits(uint32_t m)
{
    return (m & M_B ? 4 : 0) | (m & M_C ? 8 : 0) | (m & 3) << 4 | (m & 4) << 7 | (m & M_S ? 0x400 : 0) |
           (m & M_NG ? 0x800 : 0);
}

void mmu_map_section(uint32_t va, uint32_t pa, uint32_t attr)
{
    mmu_write(&mmu_l1[va >> 20], (pa & 0xfff00000) | section_bits(attr));
}

void mmu_map_supersection(uint32_t va, uint32_t pa, uint32_t attr)
{
    attr &= ~M_DOMAIN(15);
    for (unsigned i = 0; i < 16; i++)
        mmu_write(&mmu_l1[(va >> 24 << 4) + i], (pa & 0xff000000) | 1u << 18 | section_bits(attr));
}

uint32_t *mmu_l2_entry(uint32_t va, uint32_t domain)
{
    uint32_t *l1 = &mmu_l1[va >> 20];

    if ((*l1 & 3) != 1) {
        if (l2_used == L2_MAX) {
            print("FAIL out of second-level tables\n");
            guest_exit();
        }
        for (unsigned i = 0; i < 256; i++)
            mmu_write(&l2_pool[l2_used][i], 0);
        mmu_write(l1, (uint32_t)l2_pool[l2_used++] | domain << 5 | 1);
    }
    return (uint32_t *)(*l1 & ~0x3ffu) + (va >> 12 & 255);
}

void mmu_map_small(uint32_t va, uint32_t pa, uint32_t attr)
{
    mmu_write(mmu_l2_entry(va, attr >> 16 & 15),
              (pa & 0xfffff000) | 2 | (attr & M_XN ? 1 : 0) | (attr >> 8 & 7) << 6 | page_bits(attr));
}

void mmu_map_large(uint32_t va, uint32_t pa, uint32_t attr)
{
    uint32_t *first = mmu_l2_entry(va & ~0xffffu, attr >> 16 & 15);

    for (unsigned i = 0; i < 16; i++)
        mmu_write(first + i, (pa & 0xffff0000) | 1 | (attr & M_XN ? 0x8000 : 0) | (attr >> 8 & 7) << 12 |
                                 page_bits(attr));
}

void mmu_unmap_section(uint32_t va) { mmu_write(&mmu_l1[va >> 20], 0); }

void mmu_unmap_page(uint32_t va) { mmu_write(mmu_l2_entry(va, 0), 0); }

void mmu_reset(void)
{
    l2_used = 0;
    for (unsigned i = 0; i < MMU_L1_COUNT; i++)
        mmu_l1[i] = 0;
    for (uint32_t a = 0; a < 0x10000000; a += 0x100000) {
        mmu_map_section(0x70000000 + a, 0x70000000 + a, M_RW);
        mmu_map_section(0x10000000 + a, 0x10000000 + a, M_AP(3) | M_DEVICE | M_XN);
    }
    for (unsigned i = 0; i < MMU_L1_COUNT; i += 16)
        MCR15(0, 7, 10, 1, (uint32_t)&mmu_l1[i]);
    DSB();
}

void mmu_on(void)
{
    MCR15(0, 2, 0, 2, 0);
    MCR15(0, 2, 0, 0, (uint32_t)mmu_l1);
    if (!MRC15(0, 3, 0, 0))
        MCR15(0, 3, 0, 0, 0x55555555);
    MCR15(0, 13, 0, 1, 0);
    MCR15(0, 7, 5, 0, 0); /* ICIALLU */
    tlb_flush();
    SET_SCTLR(SCTLR() | 0x1805); /* I, Z, C, M */
}

void mmu_off(void)
{
    SET_SCTLR(SCTLR() & ~5u);
    tlb_flush();
}
