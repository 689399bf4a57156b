/* Proves: a jump to unassigned physical memory with the MMU off ends in a stop or the time limit, not in the
   VMM. */
#include "guest.h"

int main(void)
{
    print("jumping\n");
    ((void (*)(void))0x50000000)();
    return 0;
}
