/* Proves: a guest that spins with all interrupts masked does not keep the VMM from its timer: it ends by the
   time limit. */
#include "guest.h"

int main(void)
{
    print("spinning\n");
    __asm__ volatile("cpsid aif\n1:\tb 1b");
    return 0;
}
