/* Proves: the same of one that spins with everything masked. */
#include "guest.h"

int main(void)
{
    print("the last word\n");
    console_put(4);
    __asm__ volatile("cpsid aif");
    for (;;)
        ;
}
