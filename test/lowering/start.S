/*
 * Entry, and run(): from a given state into code at SYS until it takes an exception.
 */
        .syntax unified
        .arm
        .cpu    cortex-a8
        .fpu    neon

        .section .vectors, "ax"
        .global _start
_start:
        b       reset
        b       undefined
        b       supervisor
        b       prefetch_abort
        b       data_abort
        b       .
        b       .
        b       .

reset:
        cpsid   aif, #0x17
        ldr     sp, =stack_abt
        cps     #0x1b
        ldr     sp, =stack_und
        cps     #0x13
        ldr     sp, =stack_svc
        ldr     r0, =_start
        mcr     p15, 0, r0, c12, c0, 0          @ VBAR
        mov     r0, #0x00f00000
        mcr     p15, 0, r0, c1, c0, 2           @ CPACR: CP10 and CP11
        isb
        mov     r0, #0x40000000
        vmsr    fpexc, r0
        bl      runner_main
        b       .

        /* The registers of the mode that was left, on this mode's stack; kind of exception in r2. */
        .macro  save kind
        sub     sp, sp, #64
        stmia   sp, {r0-r14}^
        nop
        mov     r3, sp
        add     sp, sp, #64
        mrs     r0, spsr
        mov     r1, lr
        mov     r2, #\kind
        b       taken
        .endm

supervisor:
        save    0
undefined:
        save    1
data_abort:
        save    2
prefetch_abort:
        save    3

taken:
        cps     #0x13
        ldr     r4, =saved
        ldr     sp, [r4]
        ldr     r5, [r4, #4]
        str     r0, [r5, #60]
        vmrs    r0, fpscr
        str     r0, [r5, #64]
        add     r4, r5, #72
        vstm    r4!, {d0-d15}
        vstm    r4, {d16-d31}
        str     r2, [r5, #328]
        str     r1, [r5, #332]
        mrc     p15, 0, r0, c6, c0, 2
        str     r0, [r5, #336]
        mrc     p15, 0, r0, c10, c2, 1
        str     r0, [r5, #340]
        mrc     p15, 0, r0, c5, c0, 0
        str     r0, [r5, #344]
        mrc     p15, 0, r0, c6, c0, 0
        str     r0, [r5, #348]
        mov     r4, #15
1:      ldr     r0, [r3], #4
        str     r0, [r5], #4
        subs    r4, r4, #1
        bne     1b
        pop     {r4-r11, pc}

/* void run(const struct machine *from, uint32_t entry, struct machine *to) */
        .global run
run:
        push    {r4-r11, lr}
        ldr     r3, =saved
        stm     r3, {sp}
        str     r2, [r3, #4]
        clrex
        ldr     r4, [r0, #64]
        vmsr    fpscr, r4
        add     r4, r0, #72
        vldm    r4!, {d0-d15}
        vldm    r4, {d16-d31}
        ldr     r4, [r0, #60]
        msr     spsr_cxsf, r4
        mov     lr, r1
        ldmia   r0, {r0-r14}^
        nop
        movs    pc, lr

/* void semihost(uint32_t operation, const void *argument) */
        .global semihost
semihost:
        svc     0x123456
        bx      lr

/* void mmu_on(const uint32_t *table) */
        .global mmu_on
mmu_on:
        mcr     p15, 0, r0, c2, c0, 0
        mov     r0, #0
        mcr     p15, 0, r0, c2, c0, 2
        mov     r0, #1
        mcr     p15, 0, r0, c3, c0, 0           @ DACR: domain 0 Client
        mov     r0, #0
        mcr     p15, 0, r0, c8, c7, 0
        mcr     p15, 0, r0, c7, c5, 0
        dsb
        isb
        mrc     p15, 0, r0, c1, c0, 0
        bic     r0, r0, #2                      @ A
        ldr     r1, =0x00c01805                 @ U, (1), I, Z, C, M
        orr     r0, r0, r1
        mcr     p15, 0, r0, c1, c0, 0
        isb
        bx      lr

        .bss
        .balign 8
saved:  .space  8
        .space  8192
stack_svc:
        .space  1024
stack_und:
        .space  1024
stack_abt:
