/* Proves: DACR writes and reads with all 16 domains, each as No access, Client and Manager, take effect at
   once. */
#include "mmu.h"

#define VA(d) (0x40000000u + ((d) << 20))

/* By one piece of code, whatever is written. */
static __attribute__((noinline)) uint32_t write_touch_read(uint32_t dacr, uint32_t va)
{
    uint32_t value;

    __asm__ volatile("mcr p15, 0, %1, c3, c0, 0\n isb\n ldr %0, [%2]\n mrc p15, 0, %0, c3, c0, 0"
                     : "=&r"(value)
                     : "r"(dacr), "r"(va)
                     : "memory");
    return value;
}

/* Manager, where it comes after many writes without, none of domains 14 and 15: it reads back as written
 * after accesses of any kind. */
static bool manager_among_many(unsigned rounds)
{
    bool good = true;

    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < 60; i++) {
            uint32_t plain = i & 1 ? 0x05555555 : 0x05555551;

            if (i % 4 == 0)
                tlb_flush();
            good &= write_touch_read(plain, VA(2)) == plain;
        }
        tlb_flush();
        good &=
            write_touch_read(0x0555557d, VA(2)) == 0x0555557d; /* domain 2, and domain 1 as well, Manager */
        good &= probe(ACCESS_STORE, false, VA(2) + 0x10) == 0;
        good &= MRC15(0, 3, 0, 0) == 0x0555557d;
        good &= write_touch_read(0x0555557d, VA(3)) == 0x0555557d;
        set_dacr(0x05555555);
        good &= MRC15(0, 3, 0, 0) == 0x05555555;
        good &= probe(ACCESS_STORE, false, VA(2) + 0x10) ==
                (FAULT(FS_PERMISSION_L1) | FAULT_DOMAIN(2) | FAULT_WRITE);
    }
    set_dacr(0x55555555);
    return good;
}

int main(void)
{
    mmu_reset();
    mmu_on();
    for (unsigned d = 0; d < 16; d++)
        mmu_map_section(VA(d), 0x79000000 + (d << 20), M_AP(5) | M_NORMAL | M_DOMAIN(d)); /* PL1 read-only */
    tlb_flush();

    bool good = true;
    for (unsigned b = 0; b < 32; b++) {
        set_dacr(1u << b | 1); /* domain 0 stays usable: 01 or, for bit 1, 11 */
        good &= MRC15(0, 3, 0, 0) == (1u << b | 1);
    }
    set_dacr(0xffffffff);
    good &= MRC15(0, 3, 0, 0) == 0xffffffff;
    set_dacr(0x55555555);
    check("reads back what was written", good && MRC15(0, 3, 0, 0) == 0x55555555);

    for (unsigned d = 1; d < 16; d++) {
        static const unsigned values[] = {0, 1, 3, 1, 0, 3};
        good = true;
        for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
            set_dacr((0x55555555 & ~(3u << 2 * d)) | values[i] << 2 * d);
            uint32_t load = values[i] ? 0 : FAULT(FS_DOMAIN_L1) | FAULT_DOMAIN(d);
            uint32_t store = values[i] == 3 ? 0
                                            : FAULT(values[i] ? FS_PERMISSION_L1 : FS_DOMAIN_L1) |
                                                  FAULT_DOMAIN(d) | FAULT_WRITE;
            good &= probe(ACCESS_LOAD, false, VA(d) + 0x10) == load;
            good &= probe(ACCESS_STORE, false, VA(d) + 0x10) == store;
            good &=
                probe(ACCESS_LOAD, true, VA(d) + 0x10) ==
                (values[i] == 3 ? 0 : FAULT(values[i] ? FS_PERMISSION_L1 : FS_DOMAIN_L1) | FAULT_DOMAIN(d));
            /* The neighbours are not affected. */
            good &= probe(ACCESS_LOAD, false, VA(d % 15 + 1) + 0x10) == (d % 15 + 1 == d ? load : 0);
        }
        print("domain %u: ", d);
        check("none, client, manager", good);
    }

    check("Manager among many", manager_among_many(6));

    /* Software PAN: user memory in its own domain, closed and opened around each access. */
    for (unsigned i = 0; i < 16; i++)
        mmu_map_section(VA(i), 0x79000000, M_RW | M_DOMAIN(i));
    tlb_flush();
    good = true;
    for (unsigned d = 1; d < 16; d++) {
        uint32_t open = 0x55555555, closed = open & ~(3u << 2 * d);
        set_dacr(closed);
        for (unsigned i = 0; i < 20; i++) {
            good &= probe(ACCESS_LOAD, false, VA(d) + i * 4) == (FAULT(FS_DOMAIN_L1) | FAULT_DOMAIN(d));
            set_dacr(open);
            good &= probe(ACCESS_STORE, false, VA(d) + i * 4) == 0;
            set_dacr(closed);
        }
    }
    check("open and close", good);
    set_dacr(0x55555555);

    /* DACR matters to execution too. */
    WRITE32(0x79000040, 0xe12fff1e);
    code_sync((void *)0x79000040, 4);
    good = true;
    for (unsigned d = 1; d < 16; d++) {
        set_dacr(0x55555555 & ~(3u << 2 * d));
        good &= probe(ACCESS_EXEC, false, VA(d) + 0x40) == FAULT(FS_DOMAIN_L1);
        good &= probe(ACCESS_EXEC, true, VA(d) + 0x40) == FAULT(FS_DOMAIN_L1);
        set_dacr(0x55555555);
        good &= probe(ACCESS_EXEC, false, VA(d) + 0x40) == 0;
        good &= probe(ACCESS_EXEC, true, VA(d) + 0x40) == 0;
    }
    check("execution", good);
    return 0;
}
