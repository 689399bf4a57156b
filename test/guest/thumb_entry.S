/* Proves: r12 and LR survive Thumb templates that take other registers for themselves: CBZ, constants,
   addresses, PSR writes, calls and returns. Entered in Thumb state it is all Thumb code from its reset on. */
    .syntax unified
    .thumb
    .macro same what
    ldr r2, =\what
    bl check_same
    .endm

    .text
    .global main
    .type main, %function
    .thumb_func
main:
    push {r4-r11, lr}
    ldr r10, =data
    movw r11, #0x1122
    ldr r12, =0x12345678
    movs r7, #4
    b.n 1f
1:  mov r9, r12
    mrs r8, cpsr
    b.n 2f
2:  movs r1, #1
    msr cpsr_c, r8
    cbz r1, 3f
    add.w r2, r11, #0x00ff00ff
    strh.w r11, [r10, #0x104]
    strd r9, r2, [r10, #16]
    ldrd r3, r1, [r10, #16]
3:  mov r3, r12
    subs r7, #1
    bne.n 1b
    mov r0, r3
    ldr r1, =0x12345678
    same text_r12

    ldr r12, =0xcafe0001
    bl function
    mov r0, r12
    ldr r1, =0xcafe0001
    same text_call

    ldr lr, =0xcafe0002
    movs r1, #0
    b.n 4f
4:  cbnz r1, 5f
    add.w r2, r11, #0x00ff00ff
    mrc p15, 0, r3, c3, c0, 0
    mcr p15, 0, r3, c3, c0, 0
    b.n 5f
5:  mov r0, lr
    ldr r1, =0xcafe0002
    same text_lr
    movs r0, #0
    pop {r4-r11, pc}

    .thumb_func
function:
    movs r1, #1
    cbz r1, 6f
    add.w r2, r11, #0x00ff00ff
    strh.w r11, [r10, #0x104]
6:  push {lr}
    ldrd r6, r9, [r10, #8]
    pop {pc}

    /* r0 against r1, r2: what */
    .thumb_func
check_same:
    push {lr}
    mov r3, r0
    mov r0, r2
    mov r2, r1
    mov r1, r3
    bl check_eq
    pop {pc}
    .ltorg
text_r12: .asciz "r12 in a loop"
text_call: .asciz "r12 over a call"
text_lr: .asciz "lr"
    .bss
    .balign 8
data: .space 512
