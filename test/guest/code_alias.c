/* Proves: code at one VA remapped to other physical pages (TLBIMVA), one page run at two VAs, code written
   through an alias, per-ASID code, XN toggled. */
#include "mmu.h"

#define VA        0x40000000u
#define SPACE_VA  0x41000000u
#define MOV_R0(n) (0xe3a00000u | (n))
#define BX_LR     0xe12fff1eu

static uint32_t run(uint32_t va) { return ((uint32_t(*)(uint32_t))va)(0); }

static void plant(uint32_t page, uint32_t value)
{
    WRITE32(page, 0xe92d4010);      /* push {r4, lr} */
    WRITE32(page + 4, 0xeb000001);  /* bl +12: position independent */
    WRITE32(page + 8, 0xe2800000);  /* add r0, r0, #0 */
    WRITE32(page + 12, 0xe8bd8010); /* pop {r4, pc} */
    WRITE32(page + 16, MOV_R0(value));
    WRITE32(page + 20, BX_LR);
    WRITE32(page + 32, 0xe1a0000f); /* mov r0, pc */
    WRITE32(page + 36, BX_LR);
    code_sync((void *)page, 40);
}

int main(void)
{
    bool good = true;

    mmu_reset();
    for (unsigned i = 0; i < 16; i++)
        plant(test_page(i), i + 1);
    mmu_on();
    for (unsigned i = 0; i < 64; i++) {
        mmu_map_small(VA, test_page(i % 16), M_RW);
        tlb_flush_va(VA, 0);
        good &= run(VA) == i % 16 + 1;
    }
    check("one VA, sixteen pages", good);

    good = true;
    for (unsigned i = 0; i < 16; i++)
        mmu_map_small(VA + 0x10000 + i * 0x1000, test_page(3), M_RW);
    for (unsigned i = 0; i < 16; i++) {
        uint32_t va = VA + 0x10000 + i * 0x1000;
        good &= run(va) == 4 && run(va + 32) == va + 40;
    }
    check("sixteen VAs, one page, right PCs", good);
    good = true;
    for (unsigned n = 0; n < 8; n++) {
        WRITE32(VA + 0x10010 + (n % 16) * 0x1000, MOV_R0(0x40 + n)); /* through one alias */
        code_sync((void *)(VA + 0x10010 + (n % 16) * 0x1000), 4);
        for (unsigned i = 0; i < 16; i++) {
            MCR15(0, 7, 5, 1, VA + 0x10010 + i * 0x1000);
            MCR15(0, 7, 5, 0, 0);
            ISB();
            good &= run(VA + 0x10000 + i * 0x1000) == 0x40 + n; /* seen by all */
        }
    }
    check("written through an alias, maintained", good);
    plant(test_page(3), 4);

    /* Written through the flat mapping, maintained by that VA alone: a PIPT view; the core's I-cache is
        VIPT with
       aliases, so by ICIALLU here. */
    good = true;
    mmu_map_small(VA, test_page(0), M_RW);
    tlb_flush_va(VA, 0);
    for (unsigned n = 0; n < 20; n++) {
        WRITE32(test_page(0) + 16, MOV_R0(n));
        MCR15(0, 7, 11, 1, test_page(0) + 16);
        DSB();
        MCR15(0, 7, 5, 0, 0);
        DSB();
        ISB();
        good &= run(VA) == n;
    }
    check("written through the flat map", good);
    plant(test_page(0), 1);

    /* Different code at one VA for each ASID, no maintenance at the switch. No global mapping of the VA may
       linger in a TLB. */
    good = true;
    static uint32_t l1[2][4096] __attribute__((aligned(16384)));
    static uint32_t l2[2][256] __attribute__((aligned(1024)));
    for (unsigned t = 0; t < 2; t++) {
        for (unsigned i = 0; i < 4096; i++)
            mmu_write(&l1[t][i], mmu_l1[i]);
        mmu_write(&l1[t][SPACE_VA >> 20], (uint32_t)l2[t] | 1);
        for (unsigned i = 0; i < 8; i++)
            mmu_write(&l2[t][i], test_page(t ? 7 - i : i) | 0x87e); /* nG, full access, Normal */
    }
    tlb_flush();
    for (unsigned round = 0; round < 40; round++) {
        unsigned t = round & 1;
        set_asid(0);
        MCR15(0, 2, 0, 0, (uint32_t)l1[t]);
        ISB();
        set_asid(t + 1);
        for (unsigned i = 0; i < 8; i++)
            good &= run(SPACE_VA + i * 0x1000) == (t ? 8 - i : i + 1);
    }
    set_asid(0);
    MCR15(0, 2, 0, 0, (uint32_t)mmu_l1);
    tlb_flush();
    check("two address spaces' code at one VA", good);

    /* Calls that cross from a page to the next, whose mapping changes: chained blocks must not survive it. */
    good = true;
    mmu_map_small(VA + 0x20000, test_page(8), M_RW);
    WRITE32(test_page(8) + 0xff8, 0xe320f000);
    WRITE32(test_page(8) + 0xffc, 0xe320f000);
    for (unsigned i = 9; i < 16; i++) {
        WRITE32(test_page(i), MOV_R0(i * 2));
        WRITE32(test_page(i) + 4, BX_LR);
    }
    WRITE32(test_page(8) + 0x100, 0xea0003be); /* b to VA + 0x21000 */
    code_sync((void *)test_page(8), 4096);
    for (unsigned i = 0; i < 28; i++) {
        unsigned n = 9 + i % 7;
        code_sync((void *)test_page(n), 8);
        mmu_map_small(VA + 0x21000, test_page(n), M_RW);
        tlb_flush_va(VA + 0x21000, 0);
        good &= run(VA + 0x20ff8) == n * 2 && run(VA + 0x20100) == n * 2;
    }
    check("falls and branches into a page that changes", good);

    /* XN, unmapped, and back. */
    good = true;
    for (unsigned i = 0; i < 10; i++) {
        mmu_map_small(VA + 0x21000, test_page(9), M_RW | M_XN);
        tlb_flush_va(VA + 0x21000, 0);
        good &= probe(ACCESS_EXEC, false, VA + 0x20ff8) == FAULT(FS_PERMISSION_L2) &&
                exc_last.ifar == VA + 0x21000;
        good &= probe(ACCESS_EXEC, true, VA + 0x20100) == FAULT(FS_PERMISSION_L2) &&
                exc_last.ifar == VA + 0x21000;
        mmu_unmap_page(VA + 0x21000);
        tlb_flush_va(VA + 0x21000, 0);
        good &= probe(ACCESS_EXEC, false, VA + 0x20100) == FAULT(FS_TRANSLATION_L2);
        mmu_map_small(VA + 0x21000, test_page(9), M_RW);
        good &= run(VA + 0x20100) == 18;
        mmu_map_small(VA + 0x21000, test_page(9), M_AP(1) | M_NORMAL);
        tlb_flush_va(VA + 0x21000, 0);
        good &= run(VA + 0x20100) == 18 && probe(ACCESS_EXEC, true, VA + 0x20100) == FAULT(FS_PERMISSION_L2);
        mmu_map_small(VA + 0x21000, test_page(9), M_RW);
        tlb_flush_va(VA + 0x21000, 0);
        good &= probe(ACCESS_EXEC, true, VA + 0x20100) == 0 && probe_value == 18;
    }
    check("XN, missing, PL1 only, back", good);
    return 0;
}
