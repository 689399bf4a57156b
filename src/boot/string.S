/*
 * memcpy and memset by words: the small C library's go byte by byte. No unaligned access (SCTLR.A is the guest's).
 */
    .syntax unified
    .arm
    .text

    .global memcpy
    .type   memcpy, %function
memcpy:                                 @ r0: to, r1: from, r2: size
    orr     r12, r0, r1
    mov     r3, r0
    tst     r12, #3
    bne     3f
    subs    r2, r2, #32
    blo     2f
    push    {r4-r10}
1:  ldmia   r1!, {r4-r10, r12}
    subs    r2, r2, #32
    stmia   r3!, {r4-r10, r12}
    bhs     1b
    pop     {r4-r10}
2:  adds    r2, r2, #28                 @ bytes left - 4
    bmi     4f
1:  ldr     r12, [r1], #4
    subs    r2, r2, #4
    str     r12, [r3], #4
    bpl     1b
4:  add     r2, r2, #4
3:  subs    r2, r2, #1
    bxmi    lr
1:  ldrb    r12, [r1], #1
    subs    r2, r2, #1
    strb    r12, [r3], #1
    bpl     1b
    bx      lr
    .size   memcpy, . - memcpy

    .global memset
    .type   memset, %function
memset:                                 @ r0: to, r1: value, r2: size
    uxtb    r1, r1
    mov     r3, r0
    orr     r1, r1, r1, lsl #8
    tst     r0, #3
    orr     r1, r1, r1, lsl #16
    bne     3f
    subs    r2, r2, #32
    blo     2f
    push    {r4-r10}
    mov     r4, r1
    mov     r5, r1
    mov     r6, r1
    mov     r7, r1
    mov     r8, r1
    mov     r9, r1
    mov     r10, r1
1:  subs    r2, r2, #32
    stmia   r3!, {r1, r4-r10}
    bhs     1b
    pop     {r4-r10}
2:  adds    r2, r2, #28
    bmi     4f
1:  subs    r2, r2, #4
    str     r1, [r3], #4
    bpl     1b
4:  add     r2, r2, #4
3:  subs    r2, r2, #1
    bxmi    lr
1:  subs    r2, r2, #1
    strb    r1, [r3], #1
    bpl     1b
    bx      lr
    .size   memset, . - memset
