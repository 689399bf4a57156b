/*
 * The default vectors: every exception saves an exc_frame on its own mode's stack, has
 * exc_dispatch() look at it and resumes what it then says.
 */
    .syntax unified
    .arm
    .section .vectors, "ax"
    .balign 4096
    .global exc_vectors
exc_vectors:
    ldr pc, reset_at
    ldr pc, und_at
    ldr pc, svc_at
    ldr pc, pabt_at
    ldr pc, dabt_at
    ldr pc, unused_at
    ldr pc, irq_at
    ldr pc, fiq_at
reset_at:  .word vec_reset
und_at:    .word vec_und
svc_at:    .word vec_svc
pabt_at:   .word vec_pabt
dabt_at:   .word vec_dabt
unused_at: .word vec_unused
irq_at:    .word vec_irq
fiq_at:    .word vec_fiq

    .macro vec name, type
    .global vec_\name
vec_\name:
    sub sp, sp, #72
    stm sp, {r0-r12}
    mov r1, #\type
    b vec_common
    .endm

    vec reset, 0
    vec und, 1
    vec svc, 2
    vec pabt, 3
    vec dabt, 4
    vec unused, 5
    vec irq, 6
    vec fiq, 7

vec_common:
    mrs r0, spsr
    str lr, [sp, #60]
    str r0, [sp, #64]
    str r1, [sp, #68]
    mov r4, sp
    mrs r5, cpsr
    and r6, r0, #0x1f
    cmp r6, #0x10
    moveq r6, #0x1f
    orr r6, r6, #0xc0
    and r2, r5, #0x100
    orr r6, r6, r2
    msr cpsr_c, r6              @ to the interrupted mode and back, for its sp and lr
    mov r2, sp
    mov r3, lr
    msr cpsr_c, r5
    str r2, [r4, #52]
    str r3, [r4, #56]
    mov r0, r4
    mov r1, r5
    bic sp, sp, #7
    bl exc_dispatch
    mov sp, r4
    ldr lr, [sp, #60]
    ldr r0, [sp, #64]
    msr spsr_cxsf, r0
    ldm sp, {r0-r12}
    add sp, sp, #72
    movs pc, lr
