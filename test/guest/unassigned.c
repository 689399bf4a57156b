/* Proves: unassigned physical addresses read as zero and ignore writes, of any width, with the MMU off and
   on; ROM-like holes next to devices do not abort. */
#include "mmu.h"

/* Holes of the RealView PB-A8's map: between and above the devices, and above RAM. */
static const uint32_t holes[] = {0x20000000, 0x2ffffffc, 0x30000000, 0x50000000, 0x5ffffff0,
                                 0x80000000, 0x9abcdef0, 0xc0000000, 0xdffffffc};

static bool raz(uint32_t a)
{
    bool good = true;
    uint32_t lo, hi;

    *(volatile uint32_t *)a = 0xffffffff;
    *(volatile uint16_t *)a = 0xffff;
    *(volatile uint8_t *)a = 0xff;
    good &= *(volatile uint32_t *)a == 0 && *(volatile uint16_t *)(a + 2) == 0 &&
            *(volatile uint8_t *)(a + 3) == 0;
    __asm__ volatile("mvn r2, #0\n\tmvn r3, #0\n\tstm %2, {r2, r3}\n\tldm %2, {r2, r3}\n\tmov %0, r2\n\t"
                     "mov %1, r3"
                     : "=&r"(lo), "=&r"(hi)
                     : "r"(a & ~7u)
                     : "r2", "r3", "memory");
    good &= !lo && !hi;
    __asm__ volatile("mvn r2, #0\n\tmvn r3, #0\n\tstrd r2, r3, [%2]\n\tldrd r2, r3, [%2]\n\tmov %0, r2\n\t"
                     "mov %1, r3"
                     : "=&r"(lo), "=&r"(hi)
                     : "r"(a & ~7u)
                     : "r2", "r3", "memory");
    return good && !lo && !hi;
}

int main(void)
{
    exc_arm(EXC_BIT(EXC_DABT));
    for (unsigned i = 0; i < ARRAY_SIZE(holes); i++) {
        print("%08x: ", (unsigned)holes[i]);
        check("reads as zero", raz(holes[i]));
    }
    check_eq("no abort", exc_count, 0);
    mmu_reset();
    for (unsigned i = 0; i < ARRAY_SIZE(holes); i++)
        mmu_map_section(0x40000000 + i * 0x100000, holes[i], M_AP(3) | M_DEVICE | M_XN);
    mmu_on();
    exc_arm(EXC_BIT(EXC_DABT));
    bool good = true;
    for (unsigned i = 0; i < ARRAY_SIZE(holes); i++)
        good &= raz(0x40000000 + i * 0x100000 + (holes[i] & 0xffffc));
    check("mapped elsewhere", good);
    good = true;
    for (unsigned i = 0; i < ARRAY_SIZE(holes); i++) {
        uint32_t va = 0x40000000 + i * 0x100000 + (holes[i] & 0xffff0);
        good &= probe(ACCESS_LOAD, true, va) == 0 && probe_value == 0 && probe(ACCESS_STORE, true, va) == 0;
    }
    check("from user mode", good && exc_count == 0);
    return 0;
}
