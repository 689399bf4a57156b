/* Proves: SVC from User mode follows VBAR and SCTLR.V at once, however often the old vector has been used. */
#include "guest.h"

uint32_t run_svcs(uint32_t *counts, uint32_t flip);

/* Two vector tables; each SVC handler counts and makes the other one's table current (flip is the EOR of
 * their addresses). */
__asm__(".text\n.arm\n.balign 64\n"
        "vectors_a: .rept 8\n b handler_a\n .endr\n"
        "vectors_b: .rept 8\n b handler_b\n .endr\n"
        "handler_a: cmp r7, #1\n beq done\n ldr r0, [r5]\n add r0, r0, #1\n str r0, [r5]\n b switch_tables\n"
        "handler_b: cmp r7, #1\n beq done\n ldr r0, [r5, #4]\n add r0, r0, #1\n str r0, [r5, #4]\n"
        "switch_tables: mrc p15, 0, r0, c12, c0, 0\n eor r0, r0, r4\n mcr p15, 0, r0, c12, c0, 0\n isb\n "
        "movs pc, lr\n"
        ".type run_svcs, %function\nrun_svcs: push {r4-r11, lr}\n mov r5, r0\n mov r4, r1\n"
        "mrc p15, 0, r8, c12, c0, 0\n ldr r0, =vectors_a\n mcr p15, 0, r0, c12, c0, 0\n isb\n"
        "mrs r0, cpsr\n bic r0, r0, #0x9f\n orr r0, r0, #0x10\n msr spsr_cxsf, r0\n adr lr, in_user\n movs "
        "pc, lr\n"
        "in_user: mov r7, #0\n mov r6, #200\n1: svc #0\n subs r6, r6, #1\n bne 1b\n mov r7, #1\n svc #0\n"
        "done: mcr p15, 0, r8, c12, c0, 0\n isb\n cpsid i\n pop {r4-r11, pc}\n .ltorg\n");

int main(void)
{
    uint32_t counts[2] = {0, 0};

    run_svcs(counts, 0);
    check_eq("one table, first handler", counts[0], 200);
    check_eq("  second", counts[1], 0);
    counts[0] = 0;
    run_svcs(counts, 32);
    /* a, then b is 32 bytes on, then a again ... */
    check_eq("tables in turn, first handler", counts[0], 100);
    check_eq("  second", counts[1], 100);
    return 0;
}
