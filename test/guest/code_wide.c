/* Proves: code of a section, supersection or large page goes with its mapping when TLBIMVA names any one
   address of it: an entry of a TLB is of the size of its descriptor. */
#include "mmu.h"

#define VA        0x40000000u
#define PA        0x72000000u
#define MOV_R0(n) (0xe3a00000u | (n))
#define BX_LR     0xe12fff1eu

typedef uint32_t (*fn_t)(uint32_t);

static const struct wide {
    const char *name;
    void (*map)(uint32_t va, uint32_t pa, uint32_t attr);
    uint32_t size;
} wides[] = {{"section", mmu_map_section, 0x100000},
             {"supersection", mmu_map_supersection, 0x1000000},
             {"large page", mmu_map_large, 0x10000}};

/* Where code runs, in pages, and where maintenance is. */
static uint32_t place(const struct wide *w, uint32_t i)
{
    const uint32_t at[] = {0, 0x1000, w->size / 2 + 0x3000, w->size - 0x1000};

    return at[i];
}
#define PLACES 4u

static void plant(uint32_t at, uint32_t value)
{
    WRITE32(at, MOV_R0(value));
    WRITE32(at + 4, BX_LR);
    code_sync((void *)at, 8);
}

static bool runs(const struct wide *w, uint32_t copy)
{
    bool good = true;

    for (uint32_t i = 0; i < PLACES; i++)
        good &= ((fn_t)(VA + place(w, i)))(0) == copy * 16 + i;
    return good;
}

/* The emulated core goes on from where it went before, within such a mapping, until its ASID changes. */
static void invalidate(uint32_t va)
{
    tlb_flush_va(va, 0);
    MCR15(0, 7, 5, 6, 0);
    ISB();
    set_asid(1);
    set_asid(0);
}

static void run_wide(const struct wide *w, uint32_t attr)
{
    bool good = true;

    for (uint32_t i = 0; i < PLACES; i++) {
        plant(PA + place(w, i), i);
        plant(PA + w->size + place(w, i), 16 + i);
    }
    w->map(VA, PA, attr);
    tlb_flush();
    good &= runs(w, 0);
    for (uint32_t round = 1; round <= 16; round++) {
        w->map(VA, PA + (round & 1) * w->size, attr);
        invalidate(VA + place(w, round / 2 % PLACES));
        good &= runs(w, round & 1);
    }
    check(w->name, good);

    good = true; /* by an address from where nothing has run */
    for (uint32_t round = 1; round <= 16; round++) {
        w->map(VA, PA + (round & 1) * w->size, attr);
        invalidate(VA + w->size / 2 - 0x2000 - round % 3 * 0x1000);
        good &= runs(w, round & 1);
    }
    check("by an address without code", good);
    for (uint32_t i = 0; i < w->size; i += 0x100000)
        mmu_unmap_section(VA + i);
    tlb_flush();
}

int main(void)
{
    mmu_reset();
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(wides); i++) {
        run_wide(&wides[i], M_RW);
        if (wides[i].size < 0x1000000)
            run_wide(&wides[i], M_RW | M_NG);
    }
    return 0;
}
