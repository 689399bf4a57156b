/* Proves: a page table in device registers is walked or refused without harm to the VMM. */
#include "mmu.h"

int main(void)
{
    mmu_reset();
    print("into a device\n");
    MCR15(0, 3, 0, 0, 0xffffffff);
    MCR15(0, 2, 0, 0, 0x10010000);
    tlb_flush();
    SET_SCTLR(SCTLR() | 1);
    for (;;)
        ;
}
