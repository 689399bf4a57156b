/* Proves: loads and stores of all widths at PL1, MMU off and on, all over the VMM's window harm nobody but
   the guest. */
#include "host/window.h"
#include "mmu.h"

static void spray(uint32_t step)
{
    for (uint32_t va = WINDOW_LINEAR; va < WINDOW_END + 0x200000; va += step) {
        (void)*(volatile uint8_t *)(va + 1);
        *(volatile uint8_t *)(va + 1) = 0x5a;
        *(volatile uint16_t *)(va + 2) = 0xa5a5;
        WRITE32(va, 0xe7f000f0);
        __asm__ volatile("ldm %0, {r2-r5}\n\tstm %0, {r2-r5}" ::"r"(va) : "r2", "r3", "r4", "r5", "memory");
    }
}

int main(void)
{
    exc_arm(EXC_SYNC);
    spray(0x333000);
    print("survived with the MMU off\n");
    mmu_reset();
    mmu_on();
    exc_arm(EXC_SYNC);
    spray(0x211000);
    print("survived with the MMU on\n");
    exc_arm(EXC_SYNC);
    __asm__ volatile("svc #1" ::: "lr", "memory");
    print("exceptions work\n");
    return 0;
}
