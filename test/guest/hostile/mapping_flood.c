/* Proves: more mappings than any shadow table holds: 9,000 small pages in 40 address spaces, touched over
   and over, stay right. */
#include "mmu.h"

#define SPACES 40u
#define TABLES 36u /* second-level tables, 256 pages each */
#define VA     0x40000000u
#define PAGES  512u /* of RAM behind them */
#define RAM    0x76000000u

static uint32_t l1[SPACES][4096] __attribute__((aligned(16384)));

static uint32_t page_of(uint32_t i) { return RAM + (i * 37 % PAGES) * 0x1000; }

int main(void)
{
    unsigned bad = 0;

    mmu_reset();
    for (uint32_t i = 0; i < PAGES; i++)
        WRITE32(RAM + i * 0x1000 + 0x10, RAM + i * 0x1000);
    for (uint32_t i = 0; i < TABLES * 256; i++)
        *mmu_l2_entry(VA + i * 0x1000, 0) = page_of(i) | 0x87e; /* nG, full access, Normal */
    for (uint32_t s = 0; s < SPACES; s++)
        for (unsigned i = 0; i < 4096; i++)
            l1[s][i] = mmu_l1[i];
    MCR15(0, 7, 10, 1, 0);
    mmu_on();
    tlb_flush();
    for (unsigned round = 0; round < 3; round++)
        for (uint32_t s = 0; s < SPACES; s++) {
            set_asid(0);
            MCR15(0, 2, 0, 0, (uint32_t)l1[s]);
            ISB();
            set_asid(s + 1);
            for (uint32_t i = s; i < TABLES * 256; i += 41) {
                bad += READ32(VA + i * 0x1000 + 0x10) != page_of(i);
                WRITE32(VA + i * 0x1000 + 0x20 + s * 4, i * s);
                bad += READ32(page_of(i) + 0x20 + s * 4) != i * s;
            }
        }
    check_eq("all pages in all spaces", bad, 0);
    set_asid(0);
    MCR15(0, 2, 0, 0, (uint32_t)mmu_l1);
    tlb_flush();
    for (uint32_t i = 0; i < TABLES * 256; i++)
        bad += READ32(VA + i * 0x1000 + 0x10) != page_of(i);
    check_eq("all pages in one space", bad, 0);
    return 0;
}
