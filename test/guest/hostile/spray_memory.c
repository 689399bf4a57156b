/* Proves: writes all over RAM outside the image, its low alias, and every unassigned range leave the guest
   and its exceptions working. */
#include "mmu.h"

static void spray(uint32_t from, uint32_t to, uint32_t step)
{
    for (uint32_t a = from; a < to; a += step) {
        WRITE32(a, a ^ 0x5a5a5a5a);
        (void)READ32(a);
    }
}

int main(void)
{
    uint32_t below = 0x70000000, above = 0x70800000;

    exc_arm(EXC_SYNC);
    spray(below + 0x100, 0x7000f000, 4);
    spray(above, 0x80000000, 0x104c);
    bool good = true;
    for (uint32_t a = above; a < 0x80000000; a += 0x104c)
        good &= READ32(a) == (a ^ 0x5a5a5a5a) && READ32(a - 0x70000000) == (a ^ 0x5a5a5a5a);
    check("RAM and its alias hold it", good);
    spray(0x20000000, 0x60000000, 0x100ffc & ~3u);
    spray(0x80000000, 0xe0000000, 0x1f0ffc);
    check_eq("no aborts with the MMU off", exc_count, 0);
    mmu_reset();
    mmu_on();
    exc_arm(EXC_BIT(EXC_DABT));
    unsigned expected = 0;
    for (uint32_t a = 0x20000000; a < 0x60000000; a += 0x400000) {
        WRITE32(a, a);
        expected++;
    }
    check_eq("aborts with the MMU on", exc_count, expected);
    exc_arm(EXC_SYNC);
    __asm__ volatile("svc #1\n\tudf #1" ::: "lr", "memory");
    check_eq("exceptions work", exc_count, 2);
    return 0;
}
