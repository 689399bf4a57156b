/* Proves: a guest that idles for ever once it has ended, as nothing on the bare board powers off, ends the
 * same. */
#include "guest.h"

int main(void)
{
    print("the last word\n");
    console_put(4);
    for (;;)
        __asm__ volatile("wfi");
}
