/* Proves: all cache and branch-predictor maintenance, by address and by set and way, and barriers, at PL1
   are harmless and keep memory; at PL0 only barriers run. */
#include "mmu.h"

static uint32_t buffer[4096] __attribute__((aligned(64)));

static bool intact(uint32_t seed)
{
    for (unsigned i = 0; i < ARRAY_SIZE(buffer); i++)
        if (buffer[i] != seed * (i + 1))
            return false;
    return true;
}

static void fill(uint32_t seed)
{
    for (unsigned i = 0; i < ARRAY_SIZE(buffer); i++)
        buffer[i] = seed * (i + 1);
}

/* As in B2.2.7's example: every level, set and way of the data caches. */
static void by_set_way(bool invalidate)
{
    uint32_t clidr = MRC15(1, 0, 0, 1);

    for (unsigned level = 0; level < 7; level++) {
        if ((clidr >> level * 3 & 7) < 2)
            continue;
        MCR15(2, 0, 0, 0, level << 1);
        ISB();
        uint32_t ccsidr = MRC15(1, 0, 0, 0), line = (ccsidr & 7) + 4, ways = ccsidr >> 3 & 0x3ff,
                 sets = ccsidr >> 13 & 0x7fff;
        unsigned shift = ways ? (unsigned)__builtin_clz(ways) : 0;
        for (uint32_t way = 0; way <= ways; way++)
            for (uint32_t set = 0; set <= sets; set++) {
                uint32_t v = (ways ? way << shift : 0) | set << line | level << 1;
                if (invalidate)
                    MCR15(0, 7, 14, 2, v);
                else
                    MCR15(0, 7, 10, 2, v);
            }
    }
    MCR15(2, 0, 0, 0, 0);
    DSB();
    ISB();
}

#define BY_ADDRESS(crm, op2)                                                                                 \
    do {                                                                                                     \
        for (uint32_t a = (uint32_t)buffer; a < (uint32_t)buffer + sizeof(buffer); a += 64) {                \
            MCR15(0, 7, crm, op2, a);                                                                        \
        }                                                                                                    \
        DSB();                                                                                               \
    } while (0)

static void all(void)
{
    fill(3);
    by_set_way(false);
    check("clean by set and way", intact(3));
    fill(5);
    by_set_way(true);
    check("clean and invalidate by set and way", intact(5));
    fill(7);
    BY_ADDRESS(10, 1);
    check("DCCMVAC", intact(7));
    fill(9);
    BY_ADDRESS(11, 1);
    check("DCCMVAU", intact(9));
    fill(11);
    BY_ADDRESS(14, 1);
    check("DCCIMVAC", intact(11));
    BY_ADDRESS(10, 1);
    BY_ADDRESS(6, 1);
    check("DCIMVAC after a clean", intact(11));
    BY_ADDRESS(5, 1);
    MCR15(0, 7, 5, 0, 0);
    MCR15(0, 7, 5, 6, 0);
    MCR15(0, 7, 5, 7, (uint32_t)buffer);
    ISB();
    check("ICIMVAU, ICIALLU, BPIALL, BPIMVA", intact(11));
    __asm__ volatile("dsb\n\tdmb\n\tisb\n\tdsb st\n\tdmb ish\n\tmcr p15, 0, %0, c7, c10, 4\n\t"
                     "mcr p15, 0, %0, c7, c10, 5\n\t"
                     "mcr p15, 0, %0, c7, c5, 4\n\tpld [%1]\n\tpli [%1]\n\tnop\n\tyield\n\tsev" ::"r"(0),
                     "r"(buffer)
                     : "memory");
    check("barriers and hints", intact(11));
}

static uint32_t user_ops(uint32_t which)
{
    uint32_t a = (uint32_t)buffer;

    switch (which) {
    case 0: MCR15(0, 7, 10, 1, a); break;
    case 1: MCR15(0, 7, 5, 1, a); break;
    case 2: MCR15(0, 7, 5, 0, 0); break;
    case 3: MCR15(0, 7, 14, 2, 0); break;
    case 4: MCR15(0, 8, 7, 0, 0); break;
    case 5: MCR15(0, 7, 6, 1, a); break;
    default:
        __asm__ volatile("dsb\n\tdmb\n\tisb\n\tmcr p15, 0, %0, c7, c10, 4\n\t"
                         "mcr p15, 0, %0, c7, c5, 4" ::"r"(0));
        break;
    }
    return 0;
}

/* VA to PA: privileged and user, read and write (c7, c8), result in PAR. */
static void test_translation(void)
{
    mmu_map_small(0x40000000, test_page(3), M_RW);
    mmu_map_small(0x40001000, test_page(4), M_AP(1) | M_NORMAL);
    tlb_flush();
    MCR15(0, 7, 8, 0, 0x40000123);
    ISB();
    check_eq("V2PCWPR", MRC15(0, 7, 4, 0) & 0xfffff001, test_page(3));
    MCR15(0, 7, 8, 3, 0x40000123);
    ISB();
    check_eq("V2PCWUW", MRC15(0, 7, 4, 0) & 0xfffff001, test_page(3));
    MCR15(0, 7, 8, 1, 0x40001000);
    ISB();
    check_eq("V2PCWPW", MRC15(0, 7, 4, 0) & 0xfffff001, test_page(4));
    MCR15(0, 7, 8, 2, 0x40001000);
    ISB();
    check_eq("V2PCWUR: permission fault", MRC15(0, 7, 4, 0) & 0x3f, FS_PERMISSION_L2 << 1 | 1);
    MCR15(0, 7, 8, 0, 0x40002000);
    ISB();
    check_eq("V2PCWPR: translation fault", MRC15(0, 7, 4, 0) & 0x3f, FS_TRANSLATION_L2 << 1 | 1);
}

int main(void)
{
    all();
    mmu_reset();
    mmu_on();
    print("MMU on\n");
    all();
    for (uint32_t which = 0; which < 7; which++) {
        exc_arm(EXC_BIT(EXC_UND));
        run_user(MODE_USR | PSR_I | PSR_F, user_ops, which);
        print("user operation %u: ", (unsigned)which);
        check_eq("undefined", exc_count, which < 6);
    }
    test_translation();
    return 0;
}
