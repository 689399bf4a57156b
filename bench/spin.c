/* User-mode computation, without a system call while the clock runs: what a VMM should not cost anything. For
   more than a second before, so that what the kernel does on its ticks, and once a second, has been
   translated. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

static uint32_t compute(uint32_t rounds)
{
    uint32_t x = 1, sum = 0;

    for (uint32_t i = 0; i < rounds; i++) {
        x = x * 1664525 + 1013904223;
        sum += x >> 7 ^ i;
    }
    return sum;
}

int main(void)
{
    struct timespec a, b;
    uint32_t sum = compute(200000000);

    clock_gettime(CLOCK_MONOTONIC, &a);
    sum += compute(50000000);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("spin %.0f ns (%08x)\n", (b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec), sum);
    return 0;
}
