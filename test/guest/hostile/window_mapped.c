/* Proves: a guest that maps something of its own where the VMM lives is stopped with a message (until the
   window can move), and is not served wrongly. */
#include "host/window.h"
#include "mmu.h"

int main(void)
{
    mmu_reset();
    mmu_on();
    WRITE32(0x79000000, 0x12345678);
    mmu_map_section(WINDOW_BASE, 0x79000000, M_RW);
    tlb_flush();
    check_eq("own mapping", READ32(WINDOW_BASE), 0x12345678);
    return 0;
}
