/* Proves: I-cache maintenance in code whose own page was written changes no register, though its translation
 * goes. */
#include "mmu.h"

static bool good;
void icache_self_note(const uint32_t *got);

void icache_self_note(const uint32_t *got)
{
    for (unsigned i = 0; i < 13; i++)
        good &= got[i] == 0x1000u * i + 1;
}

/* r0-r12 are set, a word of this page is written by LR, then the operation; LR may be its operand. */
#define BODY(name, text)                                                                                     \
    void name(void);                                                                                         \
    __asm__(".text\n.arm\n.balign 4096\n.type " #name ", %function\n" #name ":\n\t"                          \
            "push {r4-r12, lr}\n\tadr lr, 1f\n\tldm lr, {r0-r12}\n\tstr r1, [lr, #4]\n\t" text "\n\t"        \
            "push {r0-r12}\n\tmov r0, sp\n\tbl icache_self_note\n\tadd sp, sp, #52\n\tpop {r4-r12, pc}\n"    \
            "1:\t.word 1, 0x1001, 0x2001, 0x3001, 0x4001, 0x5001, 0x6001, 0x7001, 0x8001, 0x9001, 0xa001, "  \
            "0xb001, 0xc001\n")
BODY(all_r0, "mcr p15, 0, r0, c7, c5, 0");
BODY(all_r12, "mcr p15, 0, r12, c7, c5, 0");
BODY(all_lr, "mcr p15, 0, lr, c7, c5, 0");
BODY(all_inner, "mcr p15, 0, r0, c7, c1, 0");
BODY(all_inner_r12, "mcr p15, 0, r12, c7, c1, 0");
BODY(by_address, "mcr p15, 0, lr, c7, c5, 1");
BODY(if_not, "cmp r0, #0\n\tmcreq p15, 0, r12, c7, c5, 0\n\tmcrne p15, 0, r12, c7, c5, 0");
BODY(twice, "mcr p15, 0, r12, c7, c5, 0\n\tstr r1, [lr, #4]\n\tmcr p15, 0, r0, c7, c5, 0\n\tmcr p15, 0, r12, "
            "c7, c5, 0");

int main(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } bodies[] = {
        {"ICIALLU r0", all_r0},           {"ICIALLU r12", all_r12},
        {"ICIALLU lr", all_lr},           {"ICIALLUIS r0", all_inner},
        {"ICIALLUIS r12", all_inner_r12}, {"ICIMVAU lr", by_address},
        {"conditional", if_not},          {"twice", twice},
    };

    mmu_reset();
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(bodies); i++) {
        good = true;
        for (unsigned round = 0; round < 5; round++)
            bodies[i].run();
        check(bodies[i].name, good);
    }
    return 0;
}
