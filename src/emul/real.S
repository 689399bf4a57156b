/* The real registers of real.h. Entry points take a number, so each is a table of two-instruction cases. */
    .syntax unified
    .arch armv7-a
    .fpu neon
    .arm
    .text

    .macro function name
    .global \name
    .type \name, %function
\name:
    .endm

    /* Jump to the case: cases are 8 bytes, and the PC reads as two instructions on. */
    .macro dispatch reg
    add pc, pc, \reg, lsl #3
    nop
    .endm

function real_read_sys
    dispatch r0
    mrc p15, 0, r0, c13, c0, 2
    bx lr
    mrc p15, 0, r0, c13, c0, 3
    bx lr
    mrc p15, 0, r0, c13, c0, 4
    bx lr
    mrc p15, 2, r0, c0, c0, 0
    bx lr
    mrc p15, 1, r0, c0, c0, 0
    bx lr
    mrc p14, 6, r0, c0, c0, 0
    bx lr
    mrc p14, 6, r0, c1, c0, 0
    bx lr

function real_write_sys
    dispatch r0
    mcr p15, 0, r1, c13, c0, 2
    bx lr
    mcr p15, 0, r1, c13, c0, 3
    bx lr
    mcr p15, 0, r1, c13, c0, 4
    bx lr
    mcr p15, 2, r1, c0, c0, 0
    bx lr
    nop
    bx lr
    mcr p14, 6, r1, c0, c0, 0
    bx lr
    mcr p14, 6, r1, c1, c0, 0
    bx lr

function real_read_d
    dispatch r0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmov r0, r1, d\n
    bx lr
    .endr

    /* AAPCS: the 64-bit value is in r2, r3 */
function real_write_d
    dispatch r0
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    vmov d\n, r2, r3
    bx lr
    .endr

function real_read_fpexc
    vmrs r0, fpexc
    bx lr

function real_load_exclusive
    dispatch r0
    ldrexb r0, [r1]
    bx lr
    ldrexh r0, [r1]
    bx lr
    ldrex r0, [r1]
    bx lr
    ldrexd r2, r3, [r1]
    bx lr

function real_store_exclusive
    add pc, pc, r0, lsl #4
    nop
    ldrb r2, [r1]
    strexb r0, r2, [r1]
    b 1f
    nop
    ldrh r2, [r1]
    strexh r0, r2, [r1]
    b 1f
    nop
    ldr r2, [r1]
    strex r0, r2, [r1]
    b 1f
    nop
    ldrd r2, r3, [r1]
    strexd r0, r2, r3, [r1]
1:  eor r0, r0, #1
    bx lr

function real_clear_exclusive
    clrex
    bx lr
