/* Proves: load, entry, console, power-off. */
#include "guest.h"

int main(void)
{
    print("hello\n");
    check_eq("mode", READ_CPSR() & 0xdf, MODE_SVC | PSR_I | PSR_F);
    check_eq("mmu off", SCTLR() & 1, 0);
    check_eq("vbar", MRC15(0, 12, 0, 0), (uint32_t)exc_vectors);
    return 0;
}
