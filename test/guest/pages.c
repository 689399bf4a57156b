/* Proves: sections, supersections, large and small pages translate to the right addresses; unmapping,
   remapping and walks of every slot. */
#include "mmu.h"

#define VA 0x40000000u

/* Mark each word at some stride of the target with its own physical address, through the flat map. */
static void mark(uint32_t pa, uint32_t size, uint32_t stride)
{
    for (uint32_t a = 0; a < size; a += stride)
        WRITE32(pa + a, pa + a);
}

static bool linear(uint32_t va, uint32_t pa, uint32_t size, uint32_t stride)
{
    for (uint32_t a = 0; a < size; a += stride)
        if (READ32(va + a) != pa + a)
            return false;
    return true;
}

#define PA 0x78000000u /* free RAM */

int main(void)
{
    mmu_reset();
    mmu_on();
    check_eq("mmu is on", SCTLR() & 1, 1);
    mark(PA, 0x2000000, 0x1000);

    mmu_map_section(VA, PA + 0x300000, M_RW);
    check("section", linear(VA, PA + 0x300000, 0x100000, 0x1000));
    mmu_map_section(VA + 0x100000, PA, M_RW);
    check("next section", linear(VA + 0x100000, PA, 0x100000, 0x1000));
    mmu_map_supersection(VA + 0x1000000, PA + 0x1000000, M_RW);
    check("supersection", linear(VA + 0x1000000, PA + 0x1000000, 0x1000000, 0x10000));
    mmu_map_large(VA + 0x200000, PA + 0x20000, M_RW);
    mmu_map_large(VA + 0x210000, PA + 0x10000, M_RW);
    check("large pages", linear(VA + 0x200000, PA + 0x20000, 0x10000, 0x1000) &&
                             linear(VA + 0x210000, PA + 0x10000, 0x10000, 0x1000));
    for (unsigned i = 0; i < 256; i++)
        mmu_map_small(VA + 0x300000 + i * 0x1000, PA + (255 - i) * 0x1000, M_RW);
    bool good = true;
    for (unsigned i = 0; i < 256; i++)
        good &= READ32(VA + 0x300000 + i * 0x1000) == PA + (255 - i) * 0x1000;
    check("256 small pages, backwards", good);

    /* Writes through one name are seen through the other. */
    WRITE32(VA + 0x300004, 0x11);
    check_eq("small page write", READ32(PA + 255 * 0x1000 + 4), 0x11);
    WRITE32(VA + 0x1345678, 0x22);
    check_eq("supersection write", READ32(PA + 0x1345678), 0x22);
    WRITE32(VA + 0x21fffc, 0x33);
    check_eq("large page write", READ32(PA + 0x1fffc), 0x33);

    /* Replace with TLBIMVA. */
    mmu_map_small(VA + 0x300000, PA + 0x5000, M_RW);
    tlb_flush_va(VA + 0x300000, 0);
    check_eq("small page moved", READ32(VA + 0x300000), PA + 0x5000);
    mmu_map_section(VA, PA + 0x1500000, M_RW);
    tlb_flush_va(VA + 0x8000, 0);
    check("section moved", linear(VA, PA + 0x1500000, 0x100000, 0x1000));
    mmu_unmap_page(VA + 0x301000);
    tlb_flush_va(VA + 0x301000, 0);
    check_eq("small page gone", probe(ACCESS_LOAD, false, VA + 0x301000), FAULT(FS_TRANSLATION_L2));
    check_eq("  address", exc_last.dfar, VA + 0x301000);
    check_eq("its neighbour stays", READ32(VA + 0x302000), PA + 253 * 0x1000);
    mmu_unmap_section(VA);
    tlb_flush_va(VA, 0);
    check_eq("section gone", probe(ACCESS_STORE, false, VA + 0x1234) & ~0xf0u,
             FAULT(FS_TRANSLATION_L1) | FAULT_WRITE);
    check_eq("  address", exc_last.dfar, VA + 0x1234);
    /* Invalid to valid needs no maintenance. */
    mmu_map_section(VA, PA, M_RW);
    check("made valid without maintenance", linear(VA, PA, 0x100000, 0x1000));
    mmu_map_small(VA + 0x301000, PA + 0x7000, M_RW);
    check_eq("small page made valid", READ32(VA + 0x301000), PA + 0x7000);

    /* A section replaced by a table and back. */
    mmu_unmap_section(VA);
    tlb_flush();
    mmu_map_small(VA + 0x4000, PA + 0x9000, M_RW);
    check_eq("table for section", READ32(VA + 0x4000), PA + 0x9000);
    check_eq("rest of the table", probe(ACCESS_LOAD, false, VA + 0x5000), FAULT(FS_TRANSLATION_L2));
    mmu_map_section(VA, PA + 0x100000, M_RW);
    tlb_flush();
    check("section for table", linear(VA, PA + 0x100000, 0x100000, 0x1000));

    /* Accesses across a page boundary: both halves are translated. */
    mmu_map_small(VA + 0x300000, PA + 0x5000, M_RW);
    mmu_map_small(VA + 0x301000, PA + 0x3000, M_RW);
    tlb_flush();
    WRITE32(PA + 0x5ffc, 0x44332211);
    WRITE32(PA + 0x3000, 0x88776655);
    uint32_t v, w;
    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(VA + 0x300ffe) : "memory");
    check_eq("unaligned across pages", v, 0x66554433);
    __asm__ volatile("ldm %2, {%0, %1}" : "=&r"(v), "=&r"(w) : "r"(VA + 0x300ffc) : "memory");
    check("ldm across pages", v == 0x44332211 && w == 0x88776655);
    mmu_unmap_page(VA + 0x301000);
    tlb_flush();
    check_eq("unaligned, second page missing", probe(ACCESS_LOAD, false, VA + 0x300ffe),
             FAULT(FS_TRANSLATION_L2));
    check_eq("  address", exc_last.dfar, VA + 0x301000);

    /* Code in each kind of page. */
    static const uint32_t vas[] = {VA, VA + 0x1000000, VA + 0x200000, VA + 0x300000};
    static const char *const names[] = {"code in a section", "code in a supersection", "code in a large page",
                                        "code in a small page"};
    for (unsigned i = 0; i < 4; i++) {
        WRITE32(vas[i] + 0x100, 0xe3a00000 | (i + 1)); /* mov r0, #i + 1 */
        WRITE32(vas[i] + 0x104, 0xe12fff1e);           /* bx lr */
        code_sync((void *)(vas[i] + 0x100), 8);
        check_eq(names[i], probe(ACCESS_EXEC, i & 1, vas[i] + 0x100), 0);
        check_eq("  result", probe_value, i + 1);
    }
    mmu_off();
    check_eq("mmu off", READ32(PA + 0x300000), PA + 0x300000);
    return 0;
}
