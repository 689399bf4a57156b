/*
 * Interrupted loops: a body of instructions is run over and over while a timer interrupts it at changing
 * distances; after each run r0-r12, SP and the flags must be what they were.
 *
 * SOAK_BODY(name, isa, text) defines a body; text keeps r0-r12 and SP and may use LR. At its start
 * r10 points to 64 words of scratch memory, r11 to memory that PL0 may access,
     r8 to the UART's flag register;
 * flags are Z and C. I is clear, F set.
 */
#ifndef GUEST_SOAK_H
#define GUEST_SOAK_H

#include "guest.h"

#define SOAK_BODY(name, isa, text)                                                                           \
    uint32_t name(uint32_t regs);                                                                            \
    __asm__(".text\n" SOAK_##isa                                                                             \
            "\n.balign 4\n.type " #name ", %function\n" #name ":\n\t"                                        \
            "push {r4-r12, lr}\n\tldr r1, =soak_sp\n\tmov r2, sp\n\tstr r2, [r1]\n\tmov lr, r0\n\t"          \
            "ldr r0, [lr]\n\tldr r1, [lr, #4]\n\tldr r2, [lr, #8]\n\tldr r3, [lr, #12]\n\t"                  \
            "ldr r4, [lr, #16]\n\t"                                                                          \
            "ldr r5, [lr, #20]\n\tldr r6, [lr, #24]\n\tldr r7, [lr, #28]\n\tldr r8, [lr, #32]\n\t"           \
            "ldr r9, [lr, #36]\n\tldr r10, [lr, #40]\n\tldr r11, [lr, #44]\n\tldr r12, [lr, #48]\n\t"        \
            "mov lr, #0x60000000\n\tmsr cpsr_f, lr\n\t.rept 6\n\t" text "\n\t.endr\n\t"                      \
            "push {r0-r12}\n\tmov r0, sp\n\tmrs r1, cpsr\n\tsub sp, sp, #4\n\tbl soak_note\n\t"              \
            "add sp, sp, #56\n\t"                                                                            \
            "pop {r4-r12, pc}\n\t.ltorg\n\t.arm\n.balign 4\n")
#define SOAK_arm   ".arm"
#define SOAK_thumb ".thumb\n.thumb_func"

struct soak {
    const char *name;
    uint32_t (*fn)(uint32_t);
};
/* Run each body until it has been interrupted enough; prints one line each. MMU on, privilege PL1, SVC mode.
 */
void soak_run(const struct soak *bodies, unsigned count);
extern volatile unsigned soak_ticks;
void soak_start(void); /* timer and hook; interrupts unmasked */
void soak_stop(void);

#endif
