/* Proves: SCTLR.AFE (access flag faults, simplified permissions), SCTLR.TRE with PRRR/NMRR, S bits, TEX
   values: translation unaffected, registers read back. */
#include "mmu.h"

#define VA 0x40000000u
#define PA 0x78000000u

static void test_afe(void)
{
    SET_SCTLR(SCTLR() | 1u << 29);
    tlb_flush();
    for (unsigned level = 1; level <= 2; level++)
        for (unsigned ap = 0; ap < 8; ap++) {
            bool good = true, level2 = level == 2;
            for (unsigned user = 0; user < 2; user++)
                for (enum access a = ACCESS_LOAD; a <= ACCESS_EXEC; a++) {
                    bool write = a == ACCESS_STORE, el0 = ap & 2, readonly = ap & 4;
                    uint32_t extra = (write ? FAULT_WRITE : 0);
                    uint32_t va = level2 ? VA + 0x200000 : VA, want = 0;
                    if (level2)
                        mmu_map_small(va, PA, M_AP(ap) | M_NORMAL);
                    else
                        mmu_map_section(va, PA, M_AP(ap) | M_NORMAL);
                    tlb_flush();
                    if (!(ap & 1))
                        want = FAULT(level2 ? FS_ACCESS_L2 : FS_ACCESS_L1) | extra;
                    else if ((user && !el0) || (write && readonly))
                        want = FAULT(level2 ? FS_PERMISSION_L2 : FS_PERMISSION_L1) | extra;
                    probe_store_value = 0xe12fff1e;
                    uint32_t got = probe(a, user, va + 0x40);
                    if (got != want) {
                        print("FAIL afe level %u ap %u user %u access %u: %08x want %08x\n", level, ap, user,
                              a, (unsigned)got, (unsigned)want);
                        good = false;
                    }
                }
            print("afe level %u ap %u: ", level, ap);
            check("accesses", good);
        }
    /* Setting the flag in the entry needs no maintenance: it was never cached. */
    mmu_map_small(VA + 0x201000, PA, M_AP(2) | M_NORMAL);
    check_eq("flag clear", probe(ACCESS_LOAD, false, VA + 0x201040), FAULT(FS_ACCESS_L2));
    mmu_map_small(VA + 0x201000, PA, M_AP(3) | M_NORMAL);
    check_eq("flag set", probe(ACCESS_LOAD, false, VA + 0x201040), 0);
    SET_SCTLR(SCTLR() & ~(1u << 29));
    tlb_flush();
}

static void test_tex(void)
{
    bool good = true;

    for (unsigned attr = 0; attr < 32; attr++) {
        mmu_map_section(VA, PA,
                        M_AP(3) | M_TEX(attr >> 2) | (attr & 2 ? M_C : 0) | (attr & 1 ? M_B : 0) |
                            (attr % 3 ? M_S : 0));
        mmu_map_small(VA + 0x200000, PA + 0x1000,
                      M_AP(3) | M_TEX(attr >> 2) | (attr & 2 ? M_C : 0) | (attr & 1 ? M_B : 0));
        tlb_flush();
        WRITE32(VA + 4, attr);
        WRITE32(VA + 0x200004, attr * 3);
        good &= READ32(PA + 4) == attr && READ32(PA + 0x1004) == attr * 3;
    }
    check("32 TEX, C, B values", good);
}

int main(void)
{
    mmu_reset();
    mmu_on();
    WRITE32(PA + 0x40, 0xe12fff1e);
    code_sync((void *)(PA + 0x40), 4);
    test_afe();
    test_tex();
    MCR15(0, 10, 2, 0, 0x000a81a8); /* PRRR as Linux has it */
    MCR15(0, 10, 2, 1, 0x40e040e0);
    check_eq("PRRR", MRC15(0, 10, 2, 0), 0x000a81a8);
    check_eq("NMRR", MRC15(0, 10, 2, 1), 0x40e040e0);
    SET_SCTLR(SCTLR() | 1u << 28);
    tlb_flush();
    check_eq("TRE", SCTLR() >> 28 & 1, 1);
    test_tex();
    SET_SCTLR(SCTLR() & ~(1u << 28));
    return 0;
}
