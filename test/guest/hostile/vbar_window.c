/* Proves: vectors placed in the VMM's window give the guest endless aborts of its own, never the VMM's code.
 */
#include "host/window.h"
#include "mmu.h"

int main(void)
{
    mmu_reset();
    mmu_on();
    print("vectors in the window\n");
    MCR15(0, 12, 0, 0, WINDOW_VECTORS);
    ISB();
    __asm__ volatile("svc #0" ::: "lr", "memory");
    return 0;
}
