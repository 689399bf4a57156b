/* uint32_t transfer(uint32_t psr, uint32_t pc): see transfer.h. */
    .syntax unified
    .arm
    .text
    .global transfer
    .type transfer, %function
transfer:
    push {r3-r12, lr}
    ldr r2, =transfer_sp
    str sp, [r2]
    and r2, r0, #0x1f
    cmp r2, #0x11
    bne 1f
    ldr r2, =transfer_regs      @ FIQ's own r8-r12
    add r2, r2, #32
    msr cpsr_c, #0xd1
    ldm r2, {r8-r12}
    msr cpsr_c, #0xd3
1:  sub sp, sp, #8
    str r1, [sp]
    str r0, [sp, #4]
    ldr lr, =transfer_regs
    ldm lr, {r0-r12}
    rfeia sp!
    .global transfer_done
transfer_done:
    ldr sp, =transfer_sp
    ldr sp, [sp]
    pop {r3-r12, pc}
    .ltorg
    .bss
transfer_sp: .space 4
