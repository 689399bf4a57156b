/* Proves: conditional loads and stores of device registers run only when their condition holds, however often
 * they have. */
#include "guest.h"

#define SYS_ID  0x10000000u
#define SYS_LED 0x10000008u

static uint32_t load_if(uint32_t yes, uint32_t other)
{
    uint32_t r = other;

    __asm__ volatile("cmp %1, #0\n\tldrne %0, [%2]" : "+r"(r) : "r"(yes), "r"(SYS_ID) : "cc", "memory");
    return r;
}

static void store_if(uint32_t yes, uint32_t value)
{
    __asm__ volatile("cmp %0, #0\n\tstrne %1, [%2]" ::"r"(yes), "r"(value), "r"(SYS_LED) : "cc", "memory");
}

int main(void)
{
    uint32_t id = *(volatile uint32_t *)SYS_ID;
    unsigned wrong = 0;

    for (unsigned i = 0; i < 40; i++)
        wrong += load_if(i & 1, 0x1111) != (i & 1 ? id : 0x1111);
    check_eq("loads", wrong, 0);
    for (unsigned i = 0; i < 40; i++) {
        store_if(1, 0x55);
        store_if(0, 0xaa);
        wrong += *(volatile uint32_t *)SYS_LED != 0x55;
    }
    check_eq("stores", wrong, 0);
    return 0;
}
