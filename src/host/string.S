/*
 * memcpy and memset by words: the small C library's go byte by byte. No unaligned access (SCTLR.A is the
 * guest's).
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
    bne     4f
    push    {r4-r10}
    subs    r2, r2, #32
    blo     2f
1:  ldmia   r1!, {r4-r10, r12}
    subs    r2, r2, #32
    stmia   r3!, {r4-r10, r12}
    bhs     1b
2:  add     r2, r2, #32                 @ less than 32 left: by the bits of it
    lsls    r12, r2, #28                @ C: 16, N: 8
    ldmiacs r1!, {r4-r7}
    stmiacs r3!, {r4-r7}
    ldmiami r1!, {r4, r5}
    stmiami r3!, {r4, r5}
    lsls    r2, r2, #30                 @ C: 4; the rest by bytes
    ldrcs   r4, [r1], #4
    strcs   r4, [r3], #4
    pop     {r4-r10}
    lsr     r2, r2, #30
4:  subs    r2, r2, #1
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
    bne     4f
    push    {r4-r6}
    mov     r4, r1
    mov     r5, r1
    mov     r6, r1
    subs    r2, r2, #32
    blo     2f
1:  stmia   r3!, {r1, r4-r6}
    subs    r2, r2, #32
    stmia   r3!, {r1, r4-r6}
    bhs     1b
2:  add     r2, r2, #32
    lsls    r12, r2, #28                @ as above
    stmiacs r3!, {r1, r4-r6}
    stmiami r3!, {r1, r4}
    lsls    r2, r2, #30
    strcs   r1, [r3], #4
    pop     {r4-r6}
    lsr     r2, r2, #30
4:  subs    r2, r2, #1
    bxmi    lr
1:  subs    r2, r2, #1
    strb    r1, [r3], #1
    bpl     1b
    bx      lr
    .size   memset, . - memset
