/*
 * Run one instruction in User mode and come back with what it did.
 */
    .syntax unified
    .arm
    .section .text.start, "ax"
    .globl start
start:
    ldr sp, =stack_top
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0      @ VBAR
    mrc p15, 0, r0, c1, c0, 2
    orr r0, r0, #0xf00000           @ CPACR: VFP and Advanced SIMD for all
    mcr p15, 0, r0, c1, c0, 2
    isb
    mov r0, #0x40000000
    vmsr fpexc, r0
    bl main
    b .

    .balign 32
vectors:
    b .
    b undefined
    b call
    b fetch_abort
    b data_abort
    b .
    b .
    b .

    .macro handler name, outcome
\name:
    ldr sp, =state_registers
    stm sp, {r0-r14}^
    mov r1, #\outcome
    b leave
    .endm

    handler undefined, 1
    handler fetch_abort, 2
    handler data_abort, 3

call:
    ldr sp, =state_registers
    stm sp, {r0-r14}^
    mov r1, #0
leave:
    mrs r0, spsr
    cps #0x13
    ldr r2, =kept_sp
    ldr sp, [r2]
    ldr r2, =state_psr
    str r0, [r2]
    mov r0, r1
    pop {r4-r11, pc}

/* enum outcome run(uint32_t address, uint32_t psr): registers from and to state_registers. */
    .globl run
run:
    push {r4-r11, lr}
    ldr r2, =kept_sp
    str sp, [r2]
    msr spsr_fsxc, r1
    ldr r2, =entry
    str r0, [r2]
    ldr lr, =state_registers
    ldm lr, {r0-r14}^
    nop
    ldr lr, =entry
    ldr lr, [lr]
    movs pc, lr

/* int host(int operation, void *arguments): semihosting. */
    .globl host
host:
    push {lr}
    svc 0x123456
    pop {pc}

    .bss
    .balign 8
    .globl state_registers, state_psr
state_registers:
    .space 60
state_psr:
    .space 4
kept_sp:
    .space 4
entry:
    .space 4
    .space 8192
stack_top:
