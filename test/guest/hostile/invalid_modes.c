/* Proves: mode numbers that do not exist, written by MSR, CPS, exception return and SPSR, leave a guest that
   still runs (natively the mode stays). */
#include "transfer.h"

static const uint32_t bad[] = {0x00, 0x01, 0x0f, 0x14, 0x15, 0x18, 0x19, 0x1c, 0x1d, 0x1e};

int main(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        uint32_t after;
        __asm__ volatile("mrs r4, cpsr\n\tmsr cpsr_c, %1\n\tmrs %0, cpsr\n\tmsr cpsr_c, r4"
                         : "=&r"(after)
                         : "r"(bad[i] | PSR_I | PSR_F)
                         : "r4", "memory", "cc");
        print("msr %02x: ", (unsigned)bad[i]);
        check_eq("mode kept", after & PSR_MODE, MODE_SVC);
    }
    check_eq("alive", READ_CPSR() & 0xff, 0xd3);
    return 0;
}
