/* The processor's instructions that C lacks: the one place with inline assembly. DDI 0406C B4 (registers),
 * B8. */
#ifndef ARM_H
#define ARM_H

#include "types.h"

#define ARM_CP15(name, opc1, crn, crm, opc2)                                                                 \
    static inline uint32_t arm_read_##name(void)                                                             \
    {                                                                                                        \
        uint32_t v;                                                                                          \
        __asm__ volatile("mrc p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 : "=r"(v)::"memory");          \
        return v;                                                                                            \
    }                                                                                                        \
    static inline void arm_write_##name(uint32_t v)                                                          \
    {                                                                                                        \
        __asm__ volatile("mcr p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 ::"r"(v) : "memory");          \
    }

ARM_CP15(sctlr, 0, c1, c0, 0)
ARM_CP15(cpacr, 0, c1, c0, 2)
ARM_CP15(ttbr0, 0, c2, c0, 0)
ARM_CP15(dacr, 0, c3, c0, 0)
ARM_CP15(dfsr, 0, c5, c0, 0)
ARM_CP15(ifsr, 0, c5, c0, 1)
ARM_CP15(dfar, 0, c6, c0, 0)
ARM_CP15(ifar, 0, c6, c0, 2)
ARM_CP15(tlbiall, 0, c8, c7, 0)
ARM_CP15(tlbimva, 0, c8, c7, 1)
ARM_CP15(tlbiasid, 0, c8, c7, 2)
ARM_CP15(par, 0, c7, c4, 0)
ARM_CP15(ats1cpr, 0, c7, c8, 0)
ARM_CP15(ats1cur, 0, c7, c8, 2)
ARM_CP15(iciallu, 0, c7, c5, 0)
ARM_CP15(icimvau, 0, c7, c5, 1)
ARM_CP15(bpiall, 0, c7, c5, 6)
ARM_CP15(dcimvac, 0, c7, c6, 1)
ARM_CP15(dcisw, 0, c7, c6, 2)
ARM_CP15(dccmvac, 0, c7, c10, 1)
ARM_CP15(dccsw, 0, c7, c10, 2)
ARM_CP15(dccmvau, 0, c7, c11, 1)
ARM_CP15(dccimvac, 0, c7, c14, 1)
ARM_CP15(dccisw, 0, c7, c14, 2)
ARM_CP15(vbar, 0, c12, c0, 0)
ARM_CP15(nmrr, 0, c10, c2, 1)
ARM_CP15(contextidr, 0, c13, c0, 1)

/* SP, LR and SPSR of SVC mode, from the VMM's own (UND); operands not in LR, which is banked. */
static inline void arm_svc_bank_read(uint32_t *sp, uint32_t *lr, uint32_t *spsr)
{
    register uint32_t r1 __asm__("r1"), r2 __asm__("r2"), r3 __asm__("r3");

    __asm__ volatile("cps #0x13\n\tmov r1, sp\n\tmov r2, lr\n\tmrs r3, spsr\n\tcps #0x1b"
                     : "=r"(r1), "=r"(r2), "=r"(r3)::"memory");
    *sp = r1;
    *lr = r2;
    *spsr = r3;
}

static inline void arm_svc_bank_write(uint32_t sp, uint32_t lr)
{
    register uint32_t r1 __asm__("r1") = sp, r2 __asm__("r2") = lr;

    __asm__ volatile("cps #0x13\n\tmov sp, r1\n\tmov lr, r2\n\tcps #0x1b" ::"r"(r1), "r"(r2) : "memory");
}

/* Both: the new values in, the old ones out. */
static inline void arm_svc_bank_swap(uint32_t *sp, uint32_t *lr, uint32_t *spsr)
{
    register uint32_t r1 __asm__("r1") = *sp, r2 __asm__("r2") = *lr, r3 __asm__("r3") = *spsr;
    register uint32_t r0 __asm__("r0"), r4 __asm__("r4"), r5 __asm__("r5");

    __asm__ volatile("cps #0x13\n\tmov r0, sp\n\tmov r4, lr\n\tmrs r5, spsr\n\tmov sp, r1\n\tmov lr, "
                     "r2\n\tmsr spsr_cxsf, r3\n\tcps #0x1b"
                     : "=&r"(r0), "=&r"(r4), "=&r"(r5)
                     : "r"(r1), "r"(r2), "r"(r3)
                     : "memory");
    *sp = r0;
    *lr = r4;
    *spsr = r5;
}

static inline void arm_dsb(void) { __asm__ volatile("dsb" ::: "memory"); }
static inline void arm_isb(void) { __asm__ volatile("isb" ::: "memory"); }
static inline void arm_wfi(void) { __asm__ volatile("dsb\n\twfi" ::: "memory"); }

/* Semihosting (QEMU's way out of a board): reason in r0, block in r1. */
static inline uint32_t arm_semihost(uint32_t reason, const void *block)
{
    register uint32_t r0 __asm__("r0") = reason;
    register const void *r1 __asm__("r1") = block;

    __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
    return r0;
}

/* The end of the emulation with that status; a board without semihosting hangs here, which is as good as off.
 */
static inline _Noreturn void arm_semihost_exit(int status)
{
    const uint32_t block[2] = {0x20026 /* ADP_Stopped_ApplicationExit */, (uint32_t)status};

    arm_semihost(0x20 /* SYS_EXIT_EXTENDED */, block);
    for (;;)
        arm_wfi();
}

#endif
