/* Proves: TTBR0 at a device, at unassigned memory, beyond RAM: the guest loses itself, the VMM does not (the
   clock still runs). */
#include "mmu.h"

int main(void)
{
    mmu_reset();
    print("into nowhere\n");
    MCR15(0, 3, 0, 0, 0xffffffff);
    MCR15(0, 2, 0, 0, 0x90000000);
    tlb_flush();
    SET_SCTLR(SCTLR() | 1);
    for (;;)
        ;
}
