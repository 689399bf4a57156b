/* Proves: a guest that maps memory where the VMM's trapping loads end cannot get at the VMM's domain by
 * inline DACR writes. */
#include "host/window.h"
#include "mmu.h"

int main(void)
{
    mmu_reset();
    mmu_on();
    for (unsigned i = 0; i < 200; i++) { /* plain writes, until they go inline */
        MCR15(0, 3, 0, 0, i & 1 ? 0x55555 : 0x55551);
        ISB();
    }
    mmu_map_section(WINDOW_TRAP_END, 0x79000000, M_RW);
    (void)READ32(WINDOW_TRAP_END);
    MCR15(0, 3, 0, 0, 0xf0055555);
    ISB();
    print("dacr %08x\n", (unsigned)MRC15(0, 3, 0, 0));
    exc_arm(EXC_SYNC);
    (void)READ32(WINDOW_VMM + 0x1000);
    check_eq("the VMM's memory aborts", exc_count, 1);
    return 0;
}
