/* Proves: page tables full of reserved, contradictory and drawn entries give what the manual's walk gives;
   nothing else is reachable. */
#include "mmu.h"

#define VA  0x40000000u
#define RAM 0x78000000u
static uint32_t seed = 2024;
static uint32_t l2[256] __attribute__((aligned(1024)));

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 13;
}

/* A read at PL1 of an address under a first-level entry and the table l2, by B3.5. 0 or FAULT, *pa set. */
static uint32_t walk(uint32_t l1_entry, uint32_t va, uint32_t *pa)
{
    uint32_t ap;

    switch (l1_entry & 3) {
    case 0:
    case 3: return FAULT(FS_TRANSLATION_L1);
    case 2:
        ap = (l1_entry >> 10 & 3) | (l1_entry >> 13 & 4);
        *pa = l1_entry & 1u << 18 ? (l1_entry & 0xff000000) | (va & 0xffffff)
                                  : (l1_entry & 0xfff00000) | (va & 0xfffff);
        return ap == 0 || ap == 4 ? FAULT(FS_PERMISSION_L1) : 0;
    }
    uint32_t e = l2[va >> 12 & 255];
    if (!(e & 3))
        return FAULT(FS_TRANSLATION_L2);
    ap = (e >> 4 & 3) | (e >> 7 & 4);
    *pa = e & 2 ? (e & ~0xfffu) | (va & 0xfff) : (e & 0xffff0000) | (va & 0xffff);
    return ap == 0 || ap == 4 ? FAULT(FS_PERMISSION_L2) : 0;
}

/* Keep drawn entries in free RAM and out of reserved AP 4 and remote address bits. */
static uint32_t tame(uint32_t entry, bool level2)
{
    if (level2)
        return (entry & 2 ? (entry & 0x00fff) | (RAM + 0x100000 + (entry & 0xff000))
                          : (entry & 0xffff & ~0xfc0u) | RAM | (entry & 0xf0000)) &
               ~(((entry >> 4 & 3) == 0) ? 0x200u : 0);
    uint32_t e = (entry & 0x000fffff) | RAM;
    e &= ~(entry & 1u << 18 ? 0x00f001e0u : 0); /* no 40-bit addresses in supersections */
    return e & ~(((entry >> 10 & 3) == 0) ? 1u << 15 : 0) & ~(1u << 19) & ~(1u << 9);
}

int main(void)
{
    unsigned bad = 0;

    mmu_reset();
    for (uint32_t i = 0; i < 0x2000000; i += 0x1000)
        WRITE32(RAM + i, RAM + i);
    mmu_on();
    set_dacr(0x55555555);
    for (unsigned i = 0; i < 600; i++) {
        uint32_t e = draw(), pa = 0, va = VA + (draw() & 0xff000);
        for (unsigned j = 0; j < 256; j++)
            l2[j] = tame(draw(), true);
        for (uint32_t j = 0; j < 256; j += 16) /* large pages want 16 equal entries */
            if ((l2[j] & 3) == 1)
                for (unsigned k = 1; k < 16; k++)
                    l2[j + k] = l2[j];
            else
                for (unsigned k = 1; k < 16; k++)
                    if ((l2[j + k] & 3) == 1)
                        l2[j + k] = 0;
        if ((e & 3) == 1)
            e = (uint32_t)l2 | (e & 0x1e0) | 1;
        else
            e = tame(e, false);
        for (unsigned k = 0; k < 16; k++) /* for supersections */
            mmu_write(&mmu_l1[(VA >> 20) + k], e);
        for (unsigned j = 0; j < 256; j += 16)
            MCR15(0, 7, 10, 1, (uint32_t)&l2[j]);
        tlb_flush();
        uint32_t want = walk(e, va, &pa), got = probe(ACCESS_LOAD, false, va) & ~0xf0u;
        if (got != want || (!want && probe_value != (pa & ~0xfffu))) {
            if (!bad++)
                print("FAIL l1 %08x l2 %08x va %08x: %08x want %08x, read %08x want %08x\n", (unsigned)e,
                      (unsigned)l2[va >> 12 & 255], (unsigned)va, (unsigned)got, (unsigned)want,
                      (unsigned)probe_value, (unsigned)pa);
        }
    }
    check_eq("600 drawn tables", bad, 0);

    /* A table that maps itself, written through itself. */
    mmu_map_section(VA, (uint32_t)mmu_l1 & 0xfff00000, M_RW);
    tlb_flush();
    uint32_t self = VA + ((uint32_t)mmu_l1 & 0xfffff);
    for (unsigned i = 0; i < 16; i++) {
        WRITE32(self + ((VA >> 20) + 0x100 + i) * 4, (RAM + i * 0x100000) | 0xc02);
        MCR15(0, 7, 10, 1, self + ((VA >> 20) + 0x100 + i) * 4);
        DSB();
        bad += READ32(VA + 0x10000000 + i * 0x100000) != RAM + i * 0x100000;
    }
    check_eq("a table that maps itself", bad, 0);
    return 0;
}
