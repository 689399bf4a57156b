/* Entry of a test guest, in ARM or Thumb state: stacks for every mode, VBAR, bss, main(). And the calls into
   other modes. */
    .syntax unified
    .macro enter_mode psr
    mov r1, #\psr
    msr cpsr_c, r1
    .endm
    .macro start
    enter_mode 0xd3
    ldr r0, =exc_vectors
    mcr p15, 0, r0, c12, c0, 0
    ldr r0, =__stacks_end
    mov sp, r0
    sub r0, r0, #0x8000
    enter_mode 0xd1
    mov sp, r0
    sub r0, r0, #0x4000
    enter_mode 0xd2
    mov sp, r0
    sub r0, r0, #0x4000
    enter_mode 0xd7
    mov sp, r0
    sub r0, r0, #0x4000
    enter_mode 0xdb
    mov sp, r0
    sub r0, r0, #0x4000
    enter_mode 0xdf
    mov sp, r0
    enter_mode 0xd3
    ldr r0, =__bss_start
    ldr r1, =__bss_end
    mov r2, #0
1:  cmp r0, r1
    it lo
    strlo r2, [r0], #4
    blo 1b
    bl console_init
    ldr r0, =main
    blx r0
    bl guest_exit
    .ltorg
    .endm

    .section .start, "ax"
    .arm
    .global _start
_start:
    start
    .thumb
    .thumb_func
    .global _start_thumb
_start_thumb:
    start

    .arm
/* uint32_t run_in_mode(uint32_t mode, uint32_t (*fn)(uint32_t), uint32_t arg) */
    .text
    .global run_in_mode
    .type run_in_mode, %function
run_in_mode:
    push {r4-r12, lr}
    mrs r4, cpsr
    bic r5, r4, #0x1f
    orr r5, r5, r0
    mov r6, r1
    mov r0, r2
    msr cpsr_c, r5
    blx r6
    msr cpsr_c, r4
    pop {r4-r12, pc}

/* uint32_t run_user(uint32_t psr, uint32_t (*fn)(uint32_t), uint32_t arg) */
    .global run_user
    .type run_user, %function
run_user:
    mrs r3, cpsr
    push {r3-r12, lr}
    bic r3, r0, #0x3f
    orr r3, r3, #0x10
    tst r1, #1
    orrne r3, r3, #0x20
    msr spsr_cxsf, r3
    msr cpsr_c, #0xdf
    ldr lr, =user_return_arm
    msr cpsr_c, #0xd3
    bic lr, r1, #1
    mov r0, r2
    movs pc, lr
    .global user_return_arm
user_return_arm:
    svc #0xff
    b .
    .global run_user_done
run_user_done:
    ldr r3, [sp], #4
    msr cpsr_cxsf, r3
    pop {r4-r12, pc}
    .ltorg
