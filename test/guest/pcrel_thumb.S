/* Proves: every T32 instruction form that reads the PC, at both halfword alignments. */
    .syntax unified
    .thumb
    .text
    .global main
    .thumb_func
main:
    push {r4-r12, lr}
    b go
    /* r0 == r1 */
    .macro expect text
    mov r2, r1
    mov r1, r0
    ldr r0, =88f
    bl check_eq
    b 89f
    .balign 4
    .ltorg
89:
    .pushsection .rodata
88: .asciz "\text"
    .popsection
    .endm
    .macro align_to odd
    .balign 4
    .if \odd
    nop
    .endif
    .endm
    /* The PC reads as the instruction + 4; 5 is the instruction. */
    .macro form odd, text, want, insn
    ldr r1, =5f + \want
    movs r2, #8
    movs r3, #1
    align_to \odd
5:  \insn
    expect "\text"
    .endm
    .macro both text, want0, want1, insn
    form 0, "\text", \want0, "\insn"
    form 1, "\text, odd", \want1, "\insn"
    .endm
go:
    both "mov rd, pc", 4, 4, "mov r0, pc"
    both "mov high, pc", 4, 4, "mov r8, pc; mov r0, r8"
    both "add rd, pc", 4 + 8, 4 + 8, "add r2, pc; mov r0, r2"
    both "adr", 4 + 16, 2 + 16, "add r0, pc, #16"
    both "adr.w forward", 4 + 16, 2 + 16, "addw r0, pc, #16"
    both "adr.w backward", 4 - 20, 2 - 20, "subw r0, pc, #20"
    both "adr.w high register", 4 + 4, 2 + 4, "addw r9, pc, #4; mov r0, r9"
    both "it: mov rd, pc", 8, 8, "cmp r2, r2; it eq; moveq r0, pc"
    .macro literal odd, text, want, insn
    ldr r1, =\want
    movs r2, #8
    cmp r2, r2
    align_to \odd
    \insn
    b 7f
    .balign 4
    .word 0x11111111
6:  .word 0x89abcdef, 0x01234567
7:  expect "\text"
    .endm
    .macro literals text, want, insn
    literal 0, "\text", \want, "\insn"
    literal 1, "\text, odd", \want, "\insn"
    .endm
    literals "ldr", 0x89abcdef, "ldr r0, 6f"
    literals "ldr.w", 0x89abcdef, "ldr.w r0, 6f"
    literals "ldr.w high", 0x89abcdef, "ldr.w r10, 6f; mov r0, r10"
    literals "ldrb", 0xef, "ldrb.w r0, 6f"
    literals "ldrb, offset", 0x89, "ldrb.w r0, 6f + 3"
    literals "ldrh", 0xcdef, "ldrh.w r0, 6f"
    literals "ldrsb", 0xffffffef, "ldrsb.w r0, 6f"
    literals "ldrsh", 0xffffcdef, "ldrsh.w r0, 6f"
    literals "ldrd low", 0x89abcdef, "ldrd r0, r2, 6f"
    literals "ldrd high", 0x01234567, "ldrd r2, r0, 6f"
    literals "ldrd apart", 0x01234567, "ldrd r8, r0, 6f"
    literals "it ldr", 0x89abcdef, "itt eq; ldreq r0, 6f; nopeq"
    literals "it ldr, not taken", 0x77, "movs r0, #0x77; cmp r2, r2; itt ne; ldrne r0, 6f; ldrne.w r0, 6f"
    literals "pld", 8, "pld [pc, #8]; mov r0, r2"

    /* Backward literals. */
    ldr r1, =0xfeedface
    b 8f
    .balign 4
7:  .word 0xfeedface, 0x0badcafe
8:  ldr.w r0, 7b
    expect "ldr.w backward"
    ldr r1, =0x0badcafe
    ldrd r2, r0, 7b
    mov r0, r0
    b 8f
    .balign 4
7:  .word 0xfeedface, 0x0badcafe
8:  ldrd r2, r0, 7b
    ldr r1, =0x0badcafe
    expect "ldrd backward"

    /* BL sets bit 0 of LR; LDR PC, BX and POP go on in Thumb. */
    .macro linked odd, text, insn
    ldr r1, =5f + 1
    ldr r4, =6f + 1
    align_to \odd
    \insn
5:  b 7f
    .thumb_func
6:  mov r0, lr
    bx lr
7:  expect "\text"
    .endm
    linked 0, "bl", "bl 6f"
    linked 1, "bl, odd", "bl 6f"
    linked 0, "blx reg", "blx r4"
    linked 1, "blx reg, odd", "blx r4"
    linked 0, "it blx reg", "cmp r0, r0; it eq; blxeq r4"
    linked 1, "it bl, odd", "cmp r0, r0; it eq; bleq 6f"

    /* Table branches, with tables after the instruction and elsewhere. */
    .macro table odd, text, index, want
    movs r0, #\index
    align_to \odd
    tbb [pc, r0]
5:  .byte (1f - 5b) / 2, (2f - 5b) / 2, (3f - 5b) / 2, (4f - 5b) / 2
1:  movs r0, #11
    b 6f
2:  movs r0, #12
    b 6f
3:  movs r0, #13
    b 6f
4:  movs r0, #14
6:  movs r1, #\want
    expect "\text"
    movs r0, #\index
    align_to \odd
    tbh [pc, r0, lsl #1]
5:  .hword (1f - 5b) / 2, (2f - 5b) / 2, (3f - 5b) / 2, (4f - 5b) / 2
1:  movs r0, #11
    b 6f
2:  movs r0, #12
    b 6f
3:  movs r0, #13
    b 6f
    .space 600
4:  movs r0, #14
6:  movs r1, #\want
    expect "tbh: \text"
    .endm
    table 0, "tbb 0", 0, 11
    table 1, "tbb 1, odd", 1, 12
    table 0, "tbb 2", 2, 13
    table 1, "tbb 3, odd", 3, 14
    ldr r2, =8f
    movs r0, #1
    tbb [r2, r0]
5:  movs r0, #1
    b 6f
1:  movs r0, #2
6:  movs r1, #2
    expect "tbb [rn, rm]"
    b 7f
8:  .byte 0, (1b - 5b) / 2
7:
    /* CBZ, CBNZ, B conditions, near and far. */
    movs r0, #0
    cbz r0, 1f
    udf #1
1:  cbnz r0, 2f
    movs r0, #3
    cbnz r0, 3f
2:  udf #2
3:  cbz r0, 2f
    b 4f
2:  udf #3
4:
    movs r1, #3
    expect "cbz, cbnz"
    movs r0, #5
    cmp r0, #5
    beq.w 1f
    udf #3
    .space 3000
1:  bne.w 2b
    b.w 2f
    .space 5000
2:  movs r1, #5
    expect "b.w, beq.w"
    pop {r4-r12, pc}
    .ltorg
