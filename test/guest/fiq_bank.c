/* Proves: r8-r12 are banked in FIQ mode only, across MSR, CPS, exceptions and LDM^/STM^. */
#include "guest.h"

__asm__(".text\n.arm\n.global fiq_banks\n.type fiq_banks, %function\n"
        /* uint32_t out[20]: r8-r12 seen in svc, fiq, irq, svc again */
        "fiq_banks:\n\tpush {r4-r12, lr}\n\tmov r7, r0\n\tmrs r6, cpsr\n\t"
        "mov r8, #0x80\n\tmov r9, #0x90\n\tmov r10, #0xa0\n\tmov r11, #0xb0\n\tmov r12, #0xc0\n\t"
        "stm r7!, {r8-r12}\n\t"
        "msr cpsr_c, #0xd1\n\tmov r8, #0x81\n\tmov r9, #0x91\n\tmov r10, #0xa1\n\tmov r11, #0xb1\n\t"
        "mov r12, #0xc1\n\t"
        "cps #0x12\n\tstm r7!, {r8-r12}\n\t"
        "cps #0x11\n\tudf #1\n\tstm r7!, {r8-r12}\n\t"
        "stm r7, {r8-r12}^\n\tnop\n\tadd r7, r7, #20\n\t"                  /* user bank, from FIQ */
        "ldr r4, =1f\n\tldm r4, {r8-r12}^\n\tnop\n\tstm r7!, {r8-r12}\n\t" /* load the user bank */
        "msr cpsr_c, r6\n\tstm r7!, {r8-r12}\n\t"
        "msr cpsr_c, #0xd1\n\tldm r4, {r9, r11}\n\tstm r7!, {r8-r12}\n\tmsr cpsr_c, r6\n\t"
        "stm r7!, {r8-r12}\n\t"
        "pop {r4-r12, pc}\n\t.ltorg\n.balign 4\n1: .word 0x82, 0x92, 0xa2, 0xb2, 0xc2\n");
void fiq_banks(uint32_t *out);

static void expect(const char *name, const uint32_t *got, uint32_t a, uint32_t b, uint32_t c, uint32_t d,
                   uint32_t e)
{
    check(name, got[0] == a && got[1] == b && got[2] == c && got[3] == d && got[4] == e);
    if (!(got[0] == a && got[1] == b && got[2] == c && got[3] == d && got[4] == e))
        print("  %x %x %x %x %x\n", (unsigned)got[0], (unsigned)got[1], (unsigned)got[2], (unsigned)got[3],
              (unsigned)got[4]);
}

int main(void)
{
    uint32_t out[40];

    exc_arm(EXC_BIT(EXC_UND));
    fiq_banks(out);
    expect("svc", out, 0x80, 0x90, 0xa0, 0xb0, 0xc0);
    expect("irq sees svc's", out + 5, 0x80, 0x90, 0xa0, 0xb0, 0xc0);
    expect("fiq's survive an exception", out + 10, 0x81, 0x91, 0xa1, 0xb1, 0xc1);
    expect("stm^ in fiq", out + 15, 0x80, 0x90, 0xa0, 0xb0, 0xc0);
    expect("ldm^ leaves fiq's", out + 20, 0x81, 0x91, 0xa1, 0xb1, 0xc1);
    expect("ldm^ loaded svc's", out + 25, 0x82, 0x92, 0xa2, 0xb2, 0xc2);
    expect("ldm in fiq", out + 30, 0x81, 0x82, 0xa1, 0x92, 0xc1);
    expect("svc's untouched", out + 35, 0x82, 0x92, 0xa2, 0xb2, 0xc2);
    check_eq("one exception", exc_count, 1);
    check_eq("from fiq", exc_last.spsr & PSR_MODE, MODE_FIQ);
    return 0;
}
