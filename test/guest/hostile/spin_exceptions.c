/* Proves: a guest whose vectors fault for ever (VBAR at nothing) ends by the time limit. */
#include "mmu.h"

int main(void)
{
    mmu_reset();
    mmu_on();
    print("falling\n");
    MCR15(0, 12, 0, 0, 0x40000000);
    ISB();
    __asm__ volatile("udf #0");
    return 0;
}
