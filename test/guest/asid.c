/* Proves: nG entries belong to their ASID, global ones to all; TLBIASID, TLBIMVA, TLBIMVAA, TLBIALL and the
   I/D forms; TTBCR.N with TTBR1; TTBR0 switches. */
#include "mmu.h"

#define VA 0x40000000u
#define PA 0x78000000u

static uint32_t l1_other[4096] __attribute__((aligned(16384)));
static uint32_t l1_small[2048] __attribute__((aligned(16384)));

/* The architecture's sequence for changing TTBR0 and ASID with global mappings only in between (B3.10.4). */
static void switch_to(uint32_t ttbr, uint32_t asid)
{
    set_asid(0);
    MCR15(0, 2, 0, 0, ttbr);
    ISB();
    set_asid(asid);
}

static void test_asids(void)
{
    /* Each ASID sees its own page at VA: the entry is rewritten under each. */
    bool good = true;
    for (unsigned asid = 1; asid < 40; asid++) {
        set_asid(asid);
        mmu_map_small(VA, PA + asid * 0x1000, M_RW | M_NG);
        tlb_flush_va(VA, asid);
        WRITE32(VA, 0x1000 + asid);
        good &= READ32(PA + asid * 0x1000) == 0x1000 + asid;
    }
    check("39 address spaces by ASID", good);
    good = true;
    for (unsigned asid = 39; asid; asid--) {
        set_asid(asid);
        mmu_map_small(VA, PA + asid * 0x1000, M_RW | M_NG);
        tlb_flush_asid(asid);
        good &= READ32(VA) == 0x1000 + asid;
    }
    check("and back, by TLBIASID", good);
    check_eq("CONTEXTIDR reads back", MRC15(0, 13, 0, 1), 1);
    set_asid(0x12345601);
    check_eq("PROCID", MRC15(0, 13, 0, 1), 0x12345601);
    set_asid(0);

    mmu_map_small(VA + 0x1000, PA + 0x1000, M_RW);
    tlb_flush();
    good = true;
    for (unsigned asid = 0; asid < 256; asid++) {
        set_asid(asid);
        good &= READ32(VA + 0x1000) == 0x1001;
    }
    check("global entry in 256 ASIDs", good);
}

static void test_maintenance(void)
{
    struct {
        const char *name;
        unsigned op;
    } ops[] = {{"TLBIALL", 0},  {"ITLBIALL+DTLBIALL", 1},   {"TLBIMVA", 2}, {"ITLBIMVA+DTLBIMVA", 3},
               {"TLBIASID", 4}, {"ITLBIASID+DTLBIASID", 5}, {"TLBIMVAA", 6}};

    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        bool good = true;
        uint32_t va = VA + 0x10000, asid = 7;
        set_asid(asid);
        for (unsigned round = 1; round < 9; round++) {
            mmu_map_small(va, PA + round * 0x1000, M_RW | M_NG);
            switch (ops[i].op) {
            case 0: MCR15(0, 8, 7, 0, 0); break;
            case 1:
                MCR15(0, 8, 5, 0, 0);
                MCR15(0, 8, 6, 0, 0);
                break;
            case 2: MCR15(0, 8, 7, 1, va | asid); break;
            case 3:
                MCR15(0, 8, 5, 1, va | asid);
                MCR15(0, 8, 6, 1, va | asid);
                break;
            case 4: MCR15(0, 8, 7, 2, asid); break;
            case 5:
                MCR15(0, 8, 5, 2, asid);
                MCR15(0, 8, 6, 2, asid);
                break;
            default:
                MCR15(0, 8, 7, 1, va | asid);
                MCR15(0, 8, 7, 3, va);
                break;
                /* the core may lack MVAA's IS forms, not this */
            }
            DSB();
            ISB();
            good &= READ32(va) == 0x1000 + round;
        }
        check(ops[i].name, good);
    }
    set_asid(0);
}

static void copy_tables(void)
{
    for (unsigned i = 0; i < 4096; i++)
        mmu_write(&l1_other[i], mmu_l1[i]);
}

static void test_ttbr0(void)
{
    copy_tables();
    mmu_map_section(VA + 0x100000, PA, M_RW | M_NG);
    mmu_write(&l1_other[(VA >> 20) + 1], (mmu_l1[(VA >> 20) + 1] & 0xfffff) | (PA + 0x100000));
    WRITE32(PA, 1);
    WRITE32(PA + 0x100000, 2);
    tlb_flush();
    bool good = true;
    for (unsigned i = 0; i < 20; i++) {
        switch_to((uint32_t)mmu_l1, 3);
        good &= READ32(VA + 0x100000) == 1;
        switch_to((uint32_t)l1_other, 4);
        good &= READ32(VA + 0x100000) == 2;
    }
    switch_to((uint32_t)mmu_l1, 0);
    check("two tables, two ASIDs, no flush", good);
    good = true;
    for (unsigned i = 0; i < 10; i++) {
        MCR15(0, 2, 0, 0, i & 1 ? (uint32_t)l1_other : (uint32_t)mmu_l1);
        ISB();
        tlb_flush();
        good &= READ32(VA + 0x100000) == 1 + (i & 1);
    }
    MCR15(0, 2, 0, 0, (uint32_t)mmu_l1 | 0x4a);
    check_eq("TTBR0 attributes read back", MRC15(0, 2, 0, 0) & ~0x3fffu, (uint32_t)mmu_l1);
    MCR15(0, 2, 0, 0, (uint32_t)mmu_l1);
    tlb_flush();
    check("two tables, one ASID, flush", good);
}

/* TTBCR.N = 1..3: the bottom from a small TTBR0 table, the rest from TTBR1. PD0 and PD1 are not tested:
    QEMU's board, without the
   Security Extensions, lacks them. */
static void test_ttbcr(void)
{
    for (unsigned n = 1; n <= 3; n++) {
        uint32_t limit = 1u << (32 - n) >> 20; /* first entry that TTBR1 serves */
        for (unsigned i = 0; i < ARRAY_SIZE(l1_small); i++)
            mmu_write(&l1_small[i], i < limit ? mmu_l1[i] : 0);
        for (unsigned i = 0; i < 4096; i++)
            mmu_write(&l1_other[i], mmu_l1[i]);
        /* The same VA low and high, differently in the two tables. */
        mmu_write(&l1_small[0x180], (PA + 0x100000) | 0xc02);
        mmu_write(&l1_other[0x180], (PA + 0x200000) | 0xc02);
        mmu_write(&l1_other[0xd00], (PA + 0x200000) | 0xc02);
        WRITE32(PA + 0x100000, 0x51);
        WRITE32(PA + 0x200000, 0x52);
        MCR15(0, 2, 0, 1, (uint32_t)l1_other);
        MCR15(0, 2, 0, 2, n);
        MCR15(0, 2, 0, 0, (uint32_t)l1_small);
        ISB();
        tlb_flush();
        print("N=%u: ", n);
        check_eq("TTBR0 serves the bottom", READ32(0x18000000), 0x51);
        check_eq("  TTBR1 the top", READ32(0xd0000000), 0x52);
        check_eq("  TTBCR", MRC15(0, 2, 0, 2), n);
        MCR15(0, 2, 0, 0, (uint32_t)mmu_l1); /* first: the small table lacks the code */
        ISB();
        MCR15(0, 2, 0, 2, 0);
        ISB();
        tlb_flush();
    }
}

int main(void)
{
    mmu_reset();
    mmu_on();
    test_asids();
    test_maintenance();
    test_ttbr0();
    test_ttbcr();
    return 0;
}
