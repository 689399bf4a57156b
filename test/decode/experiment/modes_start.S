/*
 * Run one instruction in any mode, from a given state of all modes' registers, and come back with that state
 * after it.
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
    b interrupt
    b .

    /* No register is free: SP goes to memory by an address relative to the PC. */
    .macro handler name, end
\name:
    str sp, sp_\name
    ldr sp, =modes_state
    stm sp, {r0-r7}
    str r8, [sp, #32]
    add sp, sp, #36
    stm sp, {r9-r12}
    sub r1, sp, #36
    ldr sp, sp_\name
    mov r0, #\end
    b collect
sp_\name: .word 0
    .endm

    handler undefined, 1
    handler call, 2
    handler fetch_abort, 3
    handler data_abort, 4
    handler interrupt, 5
    .ltorg

    /* r1: the state. sp at 72, lr at 96, spsr at 120, by bank. */
    .macro bank mode, index
    cps #\mode
    str sp, [r1, #72 + 4 * \index]
    str lr, [r1, #96 + 4 * \index]
    mrs r2, spsr
    str r2, [r1, #120 + 4 * \index]
    .endm

collect:
    str r0, [r1, #144]
    str lr, [r1, #148]
    mrs r2, spsr
    str r2, [r1, #152]
    cps #0x1f
    str sp, [r1, #72]
    str lr, [r1, #96]
    bank 0x11, 1
    add r2, r1, #52
    stm r2, {r8-r12}
    bank 0x12, 2
    bank 0x17, 4
    bank 0x1b, 5
    bank 0x13, 3
    ldr sp, kept_sp
    pop {r4-r11, pc}

    .macro set_bank mode, index
    cps #\mode
    ldr sp, [r1, #72 + 4 * \index]
    ldr lr, [r1, #96 + 4 * \index]
    ldr r2, [r1, #120 + 4 * \index]
    msr spsr_fsxc, r2
    .endm

/* void run(uint32_t address, unsigned fiq): state from and to modes_state; `fiq`: r8-r12 are FIQ mode's. */
    .globl run
run:
    push {r4-r11, lr}
    str sp, kept_sp
    str r0, entry
    ldr r1, =modes_state
    set_bank 0x11, 1
    add r2, r1, #52
    ldm r2, {r8-r12}
    set_bank 0x12, 2
    set_bank 0x13, 3
    set_bank 0x17, 4
    set_bank 0x1b, 5
    cps #0x1f
    ldr sp, [r1, #72]
    ldr lr, [r1, #96]
    ldr r8, [r1, #32]
    add r2, r1, #36
    ldm r2, {r9-r12}
    ldr r0, [r1, #120]              @ the CPSR to begin with: not User, that is for the trampoline
    ldr r2, =modes_state
    msr cpsr_fsxc, r0
    ldm r2, {r0-r7}
    ldr pc, entry
entry: .word 0
kept_sp: .word 0
    .ltorg

/* int host(int operation, void *arguments): semihosting. */
    .globl host
host:
    push {lr}
    svc 0x123456
    pop {pc}

/* uint32_t vector_sum(void), void vector_fill(uint32_t): D0-D31 and FPSCR. */
    .fpu neon
    .globl vector_sum
vector_sum:
    vmrs r0, fpscr
    ldr r1, =vector_words
    mov r2, r1
    vstm r1!, {d0-d15}
    vstm r1, {d16-d31}
    mov r1, #64
1:  ldr r3, [r2], #4
    eor r0, r3, r0, ror #27
    subs r1, r1, #1
    bne 1b
    bx lr

    .globl vector_fill
vector_fill:
    mov r1, #0
    vmsr fpscr, r1
    ldr r2, =vector_words
    mov r1, #64
1:  str r0, [r2], #4
    add r0, r0, r0, lsl #3
    add r0, r0, #0x51
    subs r1, r1, #1
    bne 1b
    sub r2, r2, #256
    vldm r2!, {d0-d15}
    vldm r2, {d16-d31}
    bx lr

    .bss
    .balign 8
    .globl modes_state
modes_state:
    .space 256
vector_words:
    .space 256
    .space 8192
stack_top:
