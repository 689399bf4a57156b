/* Proves: every A32 <-> T32 change of state lands in the right state with the right LR, at PL1 and PL0. */
#include "transfer.h"

/*
 * The walk writes one word a station to r7 (post-increment): 0xaN in A32, 0x7N in T32, and LRs less the base.
 * r7 = log, r6 = base address. Registers r4, r5 are free.
 */
extern char walk_base[];
uint32_t walk(uint32_t log);
__asm__(
    ".text\n.arm\n.balign 8\n.type walk, %function\nwalk:\n walk_base:\n\t"
    "push {r4-r8, lr}\n\tmov r7, r0\n\tldr r6, =walk_base\n\t"
    /* A32 -> T32: BLX imm, at both halfword offsets */
    "blx 10f\n\tmov r4, #0xa0\n\tstr r4, [r7], #4\n\t"
    "blx 11f\n\tmov r4, #0xa1\n\tstr r4, [r7], #4\n\t"
    /* BLX reg, BX */
    "ldr r4, =10f + 1\n\tblx r4\n\tmov r4, #0xa2\n\tstr r4, [r7], #4\n\t"
    "ldr lr, =10f + 1\n\tblx lr\n\tmov r4, #0xa3\n\tstr r4, [r7], #4\n\t"
    "ldr lr, =1f\n\tldr r4, =10f + 1\n\tbx r4\n1:\tmov r4, #0xa4\n\tstr r4, [r7], #4\n\t"
    /* MOV PC and ADD PC interwork in A32 (ARMv7) */
    "ldr lr, =1f\n\tldr r4, =10f + 1\n\tmov pc, r4\n1:\tmov r4, #0xa5\n\tstr r4, [r7], #4\n\t"
    "ldr lr, =1f\n\tldr r4, =10f - 3\n\tadd pc, r4, #4\n1:\tmov r4, #0xa6\n\tstr r4, [r7], #4\n\t"
    /* loads */
    "ldr lr, =1f\n\tldr pc, =10f + 1\n1:\tmov r4, #0xa7\n\tstr r4, [r7], #4\n\t"
    "ldr lr, =1f\n\tldr r4, =10f + 1\n\tpush {r4}\n\tpop {pc}\n1:\tmov r4, #0xa8\n\tstr r4, [r7], #4\n\t"
    "ldr r5, =1f\n\tldr r8, =10f + 1\n\tpush {r5, r8}\n\tldm sp!, {lr, pc}\n1:\tmov r4, #0xa9\n\t"
    "str r4, [r7], #4\n\t"
    "ldr lr, =1f\n\tldr r4, =10f + 1\n\tstr r4, [sp, #-4]\n\tmov r5, #4\n\tldr pc, [sp, -r5]\n"
    "1:\tmov r4, #0xaa\n\tstr r4, [r7], #4\n\t"
    /* conditional */
    "cmp r7, r7\n\tldr lr, =1f\n\tldr r4, =10f + 1\n\tbxne r4\n\tbxeq r4\n1:\tmov r4, #0xab\n\t"
    "str r4, [r7], #4\n\t"
    "cmp r7, r7\n\tldr r4, =10f + 1\n\tblxne r4\n\tblxeq r4\n1:\tmov r4, #0xac\n\tstr r4, [r7], #4\n\t"
    /* and now the same from T32 */
    "ldr r4, =20f + 1\n\tbx r4\n"
    ".ltorg\n.thumb\n.balign 4\n\tnop\n"
    "11:\tb 10f\n\t.balign 4\n"
    "10:\tmovs r4, #0x70\n\tstr r4, [r7]\n\tsub r4, lr, r6\n\tstr r4, [r7, #4]\n\tadds r7, #8\n\tbx lr\n"
    ".balign 4\n20:\tmovs r4, #0x71\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "blx 30f\n\tmovs r4, #0x72\n\tstr r4, [r7]\n\tadds r7, #4\n\tnop\n\t"
    "blx 30f\n\tmovs r4, #0x73\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =30f\n\tblx r4\n\tmovs r4, #0x74\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =1f + 1\n\tmov lr, r4\n\tldr r4, =30f\n\tbx r4\n1:\tmovs r4, #0x75\n\tstr r4, [r7]\n\t"
    "adds r7, #4\n\t"
    "ldr r4, =1f + 1\n\tmov lr, r4\n\tldr r4, =30f\n\tpush {r4}\n\tpop {pc}\n1:\tmovs r4, #0x76\n\t"
    "str r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =1f + 1\n\tmov lr, r4\n\tldr.w pc, =30f\n1:\tmovs r4, #0x77\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =1f + 1\n\tmov lr, r4\n\tldr r5, =30f\n\tpush {r5}\n\tldr.w pc, [sp], #4\n1:\tmovs r4, #0x78\n\t"
    "str r4, [r7]\n\tadds r7, #4\n\t"
    "bl 40f\n\tmovs r4, #0x79\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =40f + 1\n\tblx r4\n\tmovs r4, #0x7a\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    /* MOV PC does not interwork in T32: bit 0 is dropped, state kept */
    "ldr r4, =1f\n\tmov pc, r4\n\tudf #0\n.balign 4\n1:\tmovs r4, #0x7b\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "ldr r4, =1f + 1\n\tmov pc, r4\n\tudf #0\n1:\tmovs r4, #0x7c\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "movs r4, #2\n\tadd pc, r4\n\tudf #0\n\tnop\n\tmovs r4, #0x7d\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    /* BX PC: to A32 at the aligned next word but one */
    ".balign 4\n\tbx pc\n\tnop\n\t.arm\n\tmov r4, #0xad\n\tstr r4, [r7], #4\n\tadd r4, pc, #1\n\tbx r4\n\t"
    ".thumb\n\t"
    "cmp r7, r7\n\tldr r4, =30f\n\tit eq\n\tblxeq r4\n\tmovs r4, #0x7e\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "cmp r7, r7\n\tldr r4, =30f\n\tit ne\n\tblxne r4\n\tmovs r4, #0x7f\n\tstr r4, [r7]\n\tadds r7, #4\n\t"
    "mov r0, r7\n\tpop {r4-r8, pc}\n\t.ltorg\n"
    ".balign 4\n40:\tmovs r4, #0x6f\n\tstr r4, [r7]\n\tmov r4, lr\n\tsubs r4, r4, r6\n\tstr r4, [r7, #4]\n\t"
    "adds r7, #8\n\t"
    "push {lr}\n\tpop {pc}\n"
    ".arm\n.balign 4\n30:\tmov r4, #0xaf\n\tstr r4, [r7], #4\n\tsub r4, lr, r6\n\tstr r4, [r7], #4\n\tbx lr\n"
    ".balign 4\n");

static uint32_t logs[2][128];

static uint32_t count_stations(const uint32_t *log, uint32_t end)
{
    uint32_t n = 0, a = 0, t = 0x71;

    for (uint32_t i = 0; (uint32_t)(log + i) < end; i++) {
        if (log[i] == 0xa0 + a && a <= 0xd)
            a++, n++;
        else if (log[i] == t)
            t++, n++;
    }
    return n;
}

int main(void)
{
    uint32_t end = walk((uint32_t)logs[0]), first = (uint32_t)logs[0];
    print("pl1:");
    for (uint32_t i = 0; i < (end - first) / 4; i++)
        print(" %x", (unsigned)logs[0][i]);
    print("\n");
    check_eq("stations at pl1", count_stations(logs[0], end), 14 + 15);
    uint32_t user_end = run_user(MODE_USR | PSR_I | PSR_F, walk, (uint32_t)logs[1]);
    check_eq("same length at pl0", user_end - (uint32_t)logs[1], end - first);
    bool same = true;
    for (unsigned i = 0; i < ARRAY_SIZE(logs[0]); i++)
        same &= logs[0][i] == logs[1][i];
    check("same stations and LRs at pl0", same);
    for (unsigned m = 0; m < 3; m++) {
        static const uint32_t modes[] = {MODE_SYS, MODE_IRQ, MODE_UND};
        for (unsigned i = 0; i < ARRAY_SIZE(logs[1]); i++)
            logs[1][i] = 0;
        run_in_mode(modes[m], walk, (uint32_t)logs[1]);
        same = true;
        for (unsigned i = 0; i < ARRAY_SIZE(logs[0]); i++)
            same &= logs[0][i] == logs[1][i];
        print("%s: ", mode_name(modes[m]));
        check("same walk", same);
    }
    return 0;
}
