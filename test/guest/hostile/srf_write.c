/* Proves: a guest that overwrites its shadow register file and all that is writable near it, over and over,
   harms only itself. */
#include "host/window.h"
#include "mmu.h"

static uint32_t seed = 99;

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 13;
}

int main(void)
{
    static const uint32_t patterns[] = {0, 0xffffffff, WINDOW_CACHE, 0x70010000, WINDOW_VMM, 0xdeadbeef};

    mmu_reset();
    mmu_on();
    exc_arm(EXC_SYNC);
    for (unsigned i = 0; i < 200; i++) {
        uint32_t va = WINDOW_SRF + (draw() & 0x3ffc);
        WRITE32(va, draw()); /* may abort: stepped over */
        (void)READ_CPSR();
        __asm__ volatile("cpsid i");
    }
    for (unsigned p = 0; p < ARRAY_SIZE(patterns); p++) {
        for (uint32_t va = WINDOW_SRF; va < WINDOW_SRF + 0x1000; va += 4)
            WRITE32(va, patterns[p]);
        __asm__ volatile("mrs r4, cpsr\n\tcpsid if\n\tmsr cpsr_c, r4\n\tudf #0" ::: "r4", "memory");
        MCR15(0, 8, 7, 0, 0);
    }
    print("survived\n");
    return 0;
}
