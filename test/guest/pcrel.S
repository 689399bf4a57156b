/* Proves: every A32 instruction form that can read the PC sees its own address + 8,
   as operand, base or data. */
    .syntax unified
    .arm
    .text
    .global main
    /* Expect r0 == offset of the label 5 (the instruction) + imm; the code stays relocatable. */
    .macro expect text
    mov r4, r0
    mov r5, r1
    ldr r0, =88f
    mov r1, r4
    mov r2, r5
    bl check_eq
    b 89f
    .ltorg
89: .pushsection .rodata
88: .asciz "\text"
    .popsection
    .endm
    .macro form text, want, insn
    ldr r1, =5f + \want
    mov r2, #4
    mov r3, #1
    msr cpsr_f, #0
5:  \insn
    expect "\text"
    .endm
    /* pc-reading form whose result is checked as a difference with 5f + 8 */
    .macro shifted text, op, insn
    ldr r1, =5f + 8
    \op
    mov r3, #1
    mov r2, #4
    mvn r6, #0
    msr cpsr_f, #0x20000000
5:  \insn
    expect "\text"
    .endm
main:
    push {r4-r12, lr}
    form "mov rd, pc", 8, "mov r0, pc"
    form "add rd, pc, imm", 8 + 0x104, "add r0, pc, #0x104"
    form "sub rd, pc, imm", 8 - 0x44, "sub r0, pc, #0x44"
    form "adr forward", 8 + 16, "adr r0, 5b + 24"
    form "adr backward", -16, "adr r0, 5b - 16"
    form "add rd, pc, rm", 8 + 4, "add r0, pc, r2"
    form "add rd, rn, pc", 8 + 4, "add r0, r2, pc"
    form "add rd, rn, pc, lsl 0", 8 + 1, "add r0, r3, pc, lsl #0"
    form "sub rd, pc, rm", 8 - 4, "sub r0, pc, r2"
    form "rsb rd, rn, pc", 8 - 4, "rsb r0, r2, pc"
    form "rsb rd, pc, 0 negated", 8, "sub r0, pc, #0"
    form "add rd, pc, rm, lsl", 8 + 16, "add r0, pc, r2, lsl #2"
    form "add rd, pc, rm, ror", 8 + 1, "add r0, pc, r2, ror #2"
    form "orr rd, pc, imm", 8, "orr r0, pc, #0"
    form "eor rd, pc, imm", 8, "eor r0, pc, #0"
    form "bic rd, pc, imm", 8, "bic r0, pc, #0"
    form "and rd, pc, rn", 8, "and r0, pc, pc"
    form "adc rd, pc, imm", 8 + 4, "adc r0, pc, #4"
    form "sbc rd, pc, imm", 8 - 5, "sbc r0, pc, #4"
    form "adds rd, pc, imm", 8 + 4, "adds r0, pc, #4"
    form "mov rd, pc, conditional", 8, "movne r0, pc"
    form "mov rd, pc, lsl 0", 8, "mov r0, pc, lsl #0"
    shifted "mov rd, pc, lsl", "mov r1, r1, lsl #3", "mov r0, pc, lsl #3"
    shifted "mov rd, pc, lsr", "mov r1, r1, lsr #5", "mov r0, pc, lsr #5"
    shifted "mov rd, pc, asr", "mov r1, r1, asr #2", "mov r0, pc, asr #2"
    shifted "mov rd, pc, ror", "mov r1, r1, ror #7", "mov r0, pc, ror #7"
    shifted "mov rd, pc, lsr 32", "mov r1, #0", "mov r0, pc, lsr #32"
    shifted "movs rd, pc, rrx", "mov r1, r1, lsr #1; orr r1, r1, #0x80000000", "movs r0, pc, rrx"
    shifted "mvn rd, pc", "mvn r1, r1", "mvn r0, pc"
    shifted "mvns rd, pc, lsl", "mvn r1, r1, lsl #1", "mvns r0, pc, lsl #1"
    shifted "rsc rd, pc, 0", "rsb r1, r1, #0", "rsc r0, pc, #0"
    shifted "bic rd, rn, pc", "mvn r1, r1", "bic r0, r6, pc"

    /* Tests and compares. */
    .macro flags text, want, insn
    ldr r1, =5f + 8
    mvn r2, r1
    rsb r3, r1, #0
    msr cpsr_f, #0
5:  \insn
    mrs r0, cpsr
    and r0, r0, #0xf0000000
    mov r1, #\want
    expect "\text"
    .endm
    flags "cmp pc, rm", 0x60000000, "cmp pc, r1"
    flags "cmp rn, pc", 0x60000000, "cmp r1, pc"
    flags "cmn pc, rm", 0x60000000, "cmn pc, r3"
    flags "tst pc, rm", 0x40000000, "tst pc, r2"
    flags "teq pc, rm", 0x40000000, "teq pc, r1"
    flags "teq rn, pc", 0x40000000, "teq r1, pc"
    flags "cmn rn, pc", 0x80000000, "cmn r2, pc"
    flags "cmp pc, imm", 0x20000000, "cmp pc, #0x1000"

    /* Literals. */
    form "ldr literal", 0, "ldr r0, 6f"
    b 7f
6:  .word 5b
7:  .macro literal text, want, insn
    ldr r1, =\want
    mov r2, #4
    mov r3, #1
    \insn
    b 7f
    .word 0x11111111
6:  .word 0x89abcdef, 0x01234567
7:  expect "\text"
    .endm
    literal "ldr", 0x89abcdef, "ldr r0, 6f"
    literal "ldrh", 0xcdef, "ldrh r0, 6f"
    literal "ldrsh", 0xffffcdef, "ldrsh r0, 6f"
    literal "ldrb", 0xef, "ldrb r0, 6f"
    literal "ldrsb", 0xffffffef, "ldrsb r0, 6f"
    literal "ldrb offset", 0x89, "ldrb r0, 6f + 3"
    literal "ldr [pc, rm]", 0x89abcdef, "ldr r0, [pc, r2]"
    literal "ldr [pc, rm, lsl]", 0x89abcdef, "ldr r0, [pc, r3, lsl #2]"
    literal "ldr [pc, -rm]", 0x11111111, "rsb r2, r2, #4; ldr r0, [pc, -r2]"
    literal "ldr [pc, rm, lsr]", 0x89abcdef, "ldr r0, [pc, r2, lsr #0]"
    literal "ldrb [pc, rm]", 0xef, "ldrb r0, [pc, r2]"
    literal "ldrh [pc, rm]", 0xcdef, "ldrh r0, [pc, r2]"
    literal "ldrsb [pc, rm]", 0xffffffef, "ldrsb r0, [pc, r2]"
    literal "ldrsh [pc, rm]", 0xffffcdef, "ldrsh r0, [pc, r2]"
    literal "ldr conditional", 0x89abcdef, "cmp r2, r2; ldreq r0, 6f"
    literal "ldr conditional, not taken", 4, "mov r0, #4; cmp r2, r2; ldrne r0, 6f"
    literal "ldr into the address register", 0x11111111, "ldr r2, [pc, r2]; mov r0, r2"
    .balign 8
    literal "ldrd low", 0x89abcdef, "ldrd r2, r3, 6f; mov r0, r2"
    .balign 8
    literal "ldrd high", 0x01234567, "ldrd r2, r3, 6f; mov r0, r3"
    .balign 8
    literal "ldrd [pc, rm]", 0x01234567, "mov r6, #12; ldrd r2, r3, [pc, r6]; mov r0, r3; nop"
    literal "ldm pc", 0x89abcdef, "add r6, pc, #8; ldm r6, {r0}"

    /* Backward literal. */
    ldr r1, =0xfeedface
    b 8f
7:  .word 0xfeedface
8:  ldr r0, 7b
    expect "ldr literal, backward"

    /* Stores of the PC: +8 on this core. */
    .macro store text, insn
    sub sp, sp, #16
    mov r2, #0
    str r2, [sp]
    str r2, [sp, #4]
    str r2, [sp, #8]
    mov r2, #4
    msr cpsr_f, #0
    ldr r1, =5f + 8
5:  \insn
    ldr r0, [sp, #4]
    add sp, sp, #16
    expect "\text"
    .endm
    store "str pc, [rn, imm]", "str pc, [sp, #4]"
    store "str pc, [rn, rm]", "str pc, [sp, r2]"
    store "stm {pc}", "stmib sp, {pc}"
    store "stm {rx, pc}", "stm sp, {r2, pc}"
    store "stm {.., pc} conditional", "stmiane sp, {r2, pc}"
    store "str pc, pre", "str pc, [sp, #4]!; sub sp, sp, #4"
    store "str pc, post", "str pc, [sp, #4]"

    ldr r1, =5f + 8
5:  push {r1, pc}
    pop {r0, r2}
    sub r2, r2, r0
    mov r0, r2
    mov r1, #0
    expect "push {.., pc}"

    /* Each addressing mode: the registers, the PC above them, and where the base (r10) goes. */
    .macro block text, insn, lowest, moved
    sub sp, sp, #64
    add r10, sp, #32
    mov r2, #0x22
    mov r3, #0x33
    msr cpsr_f, #0
5:  \insn
    add r6, sp, #32 + (\lowest)
    ldm r6, {r0, r7, r8}
    sub r10, r10, sp
    sub r10, r10, #32 + (\moved)
    add sp, sp, #64
    ldr r6, =5b + 8
    sub r8, r8, r6
    eor r0, r0, #0x22
    eor r7, r7, #0x33
    orr r0, r0, r7
    orr r0, r0, r8
    orr r0, r0, r10
    mov r1, #0
    expect "\text"
    .endm
    block "stmia {.., pc}", "stmia r10, {r2, r3, pc}", 0, 0
    block "stmib {.., pc}", "stmib r10, {r2, r3, pc}", 4, 0
    block "stmda {.., pc}", "stmda r10, {r2, r3, pc}", -8, 0
    block "stmdb {.., pc}", "stmdb r10, {r2, r3, pc}", -12, 0
    block "stmia! {.., pc}", "stmia r10!, {r2, r3, pc}", 0, 12
    block "stmib! {.., pc}", "stmib r10!, {r2, r3, pc}", 4, 12
    block "stmda! {.., pc}", "stmda r10!, {r2, r3, pc}", -8, -12
    block "stmdb! {.., pc}", "stmdb r10!, {r2, r3, pc}", -12, -12
    block "stmdbne! {.., pc}", "stmdbne r10!, {r2, r3, pc}", -12, -12

    /* Stores relative to the PC. */
    .macro stpc text, insn
    ldr r1, =0x5a
    mov r2, #4
    adr r3, 6f
    mov r6, #0
    str r6, [r3]
    mov r6, #0x5a
    \insn
    b 7f
    .word 0
6:  .word 0
7:  ldr r0, 6b
    expect "\text"
    .endm
    stpc "str [pc, imm]", "str r6, 6f"
    stpc "strb [pc, imm]", "strb r6, 6f"
    stpc "strh [pc, imm]", "strh r6, 6f"
    stpc "str [pc, rm]", "str r6, [pc, r2]"
    stpc "strb [pc, rm]", "strb r6, [pc, r2]"

    /* ADD rd, pc, rn where rd is the address of data in the same page, used at once. */
    mov r2, #0
    add r3, pc, #4
    ldr r0, [r3]
    b 7f
    .word 0x600df00d
7:  ldr r1, =0x600df00d
    expect "add rd, pc; ldr"

    /* Position independent call table. */
    ldr r2, 6f
7:  add r2, pc, r2
    blx r2
    mov r1, #42
    expect "pic call"
    b 8f
6:  .word pic - (7b + 8)
pic:
    mov r0, #42
    bx lr
8:
    pop {r4-r12, pc}
    .ltorg
