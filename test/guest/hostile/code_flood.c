/* Proves: more code than any code cache holds, run twice over, and rewritten in between, runs right: 40,000
   functions. */
#include "mmu.h"

#define FUNCTIONS 40000u
#define CODE      0x74000000u

static void generate(uint32_t salt)
{
    for (uint32_t i = 0; i < FUNCTIONS; i++) {
        uint32_t at = CODE + i * 16;
        WRITE32(at, 0xe2800000 | ((i + salt) & 0xff));   /* add r0, r0, #i */
        WRITE32(at + 4, 0xe3500000);                     /* cmp r0, #0 */
        WRITE32(at + 8, 0x12211000 | ((i >> 8) & 0xff)); /* eorne r1, r1, #i >> 8 */
        WRITE32(at + 12, i % 64 == 63 || i == FUNCTIONS - 1 ? 0xe12fff1e : 0xeaffffff);
        /* bx lr, or b to the next */
    }
    code_sync((void *)CODE, FUNCTIONS * 16);
}

static uint32_t run_all(uint32_t salt, uint32_t *want)
{
    uint32_t sum = 0;

    *want = 0;
    for (uint32_t i = 0; i < FUNCTIONS; i += 64) {
        sum += ((uint32_t(*)(uint32_t))(CODE + i * 16))(i);
        *want += i;
        for (uint32_t j = i; j < i + 64 && j < FUNCTIONS; j++)
            *want += (j + salt) & 0xff;
    }
    return sum;
}

int main(void)
{
    uint32_t want;

    mmu_reset();
    mmu_on();
    for (uint32_t salt = 0; salt < 2; salt++) {
        generate(salt * 7);
        for (unsigned again = 0; again < 2; again++) {
            uint32_t got = run_all(salt * 7, &want);
            check_eq("all functions", got, want);
        }
    }
    return 0;
}
