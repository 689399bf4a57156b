/* Proves: every A32 branch form in SVC mode: B, BL, BX, BLX, MOV, ADD, LDR, LDM to PC, tables, conditions. */
    .syntax unified
    .arm
    .macro ok text
    push {r0-r3, ip}
    ldr r0, =\@f
    mov r1, #1
    bl check
    pop {r0-r3, ip}
    .pushsection .rodata
\@: .asciz "\text"
    .popsection
    .endm
    /* r0 against r1 */
    .macro same text
    mov r2, r1
    mov r1, r0
    ldr r0, =77f
    bl check_eq
    .pushsection .rodata
77: .asciz "\text"
    .popsection
    .endm
    .macro bad n
    mov r0, #\n
    b fail
    .endm

    .text
    .global main
    .type main, %function
main:
    push {r4-r12, lr}

    mov r0, #0
    b 1f
    add r0, r0, #1
1:  add r0, r0, #2
    mov r1, #2
    same "b"

    ldr r4, =1f
    bl 2f
1:  bad 1
2:  mov r0, lr
    mov r1, r4
    same "bl sets lr"

    mov r0, #0
    cmp r0, #1
    bleq fail
    bne 1f
    bad 2
1:  mov r1, #0
    same "bleq not taken, bne taken"

    /* All fourteen conditions over all flag values: a bit string each, against arithmetic on the flags. */
    mov r4, #0          @ flags
    mov r5, #0          @ checksum
    .macro cond cc
    msr cpsr_f, r6
    mov r5, r5, ror #31
    b\cc 1f
    eor r5, r5, #0x80
    b 2f
1:  eor r5, r5, #1
2:
    .endm
3:  mov r6, r4, lsl #28
    cond eq
    cond ne
    cond cs
    cond cc
    cond mi
    cond pl
    cond vs
    cond vc
    cond hi
    cond ls
    cond ge
    cond lt
    cond gt
    cond le
    add r4, r4, #1
    cmp r4, #16
    blo 3b
    mov r0, r5
    ldr r1, =COND_SUM
    same "conditions"

    ldr r4, =1f
    mov r0, #0
    bx r4
    add r0, r0, #1
1:  mov r1, #0
    same "bx"

    ldr r4, =1f
    ldr r5, =2f
    blx r4
2:  bad 3
1:  mov r0, lr
    mov r1, r5
    same "blx reg"

    ldr lr, =1f
    ldr r5, =2f
    blx lr
2:  bad 3
1:  mov r0, lr
    mov r1, r5
    same "blx lr"

    ldr r4, =1f
    mov pc, r4
    bad 4
1:  ok "mov pc"

    ldr r4, =1f
    mov lr, pc
    mov pc, r4
2:  bad 5
1:  ldr r1, =2b
    mov r0, lr
    same "mov lr, pc; mov pc"

    ldr pc, =1f
    bad 6
1:  ok "ldr pc, literal"

    adr r4, 3f
    ldr pc, [r4, #4]!
    bad 7
3:  .word 0, 1f
1:  adr r1, 3b + 4
    mov r0, r4
    same "ldr pc, writeback"

    adr r4, 3f
    mov r5, #2
    ldr pc, [r4, r5, lsl #2]
    bad 8
3:  .word 0, 0, 1f
1:  ok "ldr pc, table"

    mov r5, #1
    ldrls pc, [pc, r5, lsl #2]
    b 4f
3:  .word 5f, 1f
4:  bad 9
5:  bad 10
1:  ok "ldrls pc, [pc, r5, lsl 2] in table"

    mov r5, #9
    cmp r5, #2
    ldrls pc, [pc, r5, lsl #2]
    b 1f
    .word 5b, 5b
1:  ok "ldrls pc not taken"

    mov r5, #2
    add pc, pc, r5, lsl #2
    bad 11
    b fail
    b 1f
    b fail
1:  ok "add pc jump table"

    mov r5, #8
    add pc, pc, r5
    bad 12
    b fail
    ok "add pc, pc, reg"

    mov r5, #4
    rsb r5, r5, #8
    add pc, r5, pc
    bad 13
1:  ok "add pc, reg, pc"

    sub pc, pc, #-4
    b fail
    b fail
    ok "sub pc, imm"

    ldr r4, =1f
    orr pc, r4, #0
    bad 14
1:  ldr r4, =1f
    mvn r4, r4
    mvn pc, r4
    bad 15
1:  ldr r4, =1f
    eor pc, r4, #0
    bad 16
1:  ldr r4, =1f
    mov r5, #0
    cmn r5, #1              @ C clear
    adc pc, r4, r5
    bad 17
1:  ldr r4, =1f + 8
    bic pc, r4, #8
    bad 18
    .balign 16
1:  ldr r4, =1f + 12
    mov r5, #12
    rsb pc, r5, r4
    bad 18
1:  ok "orr, mvn, eor, adc, bic, rsb to pc"

    ldr r4, =1f
    mov r4, r4, lsr #2
    mov pc, r4, lsl #2
    bad 18
1:  ok "mov pc, shifted"

    adr r4, 3f
    ldm r4, {r5, r6, pc}
    bad 19
3:  .word 0x11, 0x22, 1f
1:  add r0, r5, r6
    mov r1, #0x33
    same "ldm {.., pc}"

    adr r4, 4f
    ldmdb r4!, {r5, pc}
    bad 20
3:  .word 0x44, 1f
4:
1:  adr r1, 3b
    mov r0, r4
    same "ldmdb! {.., pc}"

    ldr r4, =1f
    mov r5, #5
    push {r4, r5}
    pop {r6}
    push {r6}
    pop {pc}
    bad 21
1:  pop {r0}
    mov r1, #5
    same "pop {pc}"

    ldr r5, =1f
    mov r4, #0x77
    push {r4, r5}
    pop {r0, pc}
    bad 22
1:  mov r1, #0x77
    same "pop {r0, pc}"

    bl nest
    mov r1, #120
    same "recursion"

    /* A long chain of indirect calls through one site with many targets. */
    mov r4, #0
    mov r5, #0
1:  ldr r6, =targets
    and r7, r4, #7
    ldr r6, [r6, r7, lsl #2]
    blx r6
    add r4, r4, #1
    cmp r4, #1000
    blo 1b
    mov r0, r5
    ldr r1, =4500
    same "1000 indirect calls, 8 targets"

    pop {r4-r12, pc}

nest:
    mov r0, #5
factorial:
    cmp r0, #1
    bxls lr
    push {r0, lr}
    sub r0, r0, #1
    bl factorial
    pop {r1, lr}
    mul r0, r1, r0
    bx lr

    .macro target n
target\n:
    add r5, r5, #(\n + 1)
    .if \n & 1
    bx lr
    .else
    mov pc, lr
    .endif
    .endm
    target 0
    target 1
    target 2
    target 3
    target 4
    target 5
    target 6
    target 7
    .section .rodata
    .balign 4
targets: .word target0, target1, target2, target3, target4, target5, target6, target7
    .text

fail:
    mov r1, #0
    ldr r0, =99f
    bl check
    bl guest_exit
    .ltorg
    .section .rodata
99: .asciz "a branch fell through or went wrong"
    .set COND_SUM, 0x6d4490b9
