/* Proves: r12 and LR are right at every exception, whatever was done since an indirect branch: that is where
   the VMM keeps them elsewhere (AWAY_R12, AWAY_LR). */
#include "mmu.h"

#define BAD 0x50000000u /* never mapped */

static struct {
    uint32_t lr, r12;
    unsigned count;
} seen;

static void note(struct exc_frame *f)
{
    seen.lr = f->lr;
    seen.r12 = f->r[12];
    seen.count++;
    exc_skip(f);
}

/* text runs with r12 = 0x5a and LR = 42, r4 bad, r5 good memory, Z clear; the result is r12 + LR behind it.
 */
#define BODY(name, text)                                                                                     \
    uint32_t name(uint32_t bad, const void *good);                                                           \
    __asm__(".text\n.arm\n.balign 4\n.type " #name ", %function\n" #name ":\n\t"                             \
            "push {r4-r7, lr}\n\tmov r4, r0\n\tmov r5, r1\n\tmov r12, #0x5a\n\tcmp r4, #0\n\tbl 2f\n\t" text \
            "\n\t"                                                                                           \
            "add r0, r12, lr\n\tpop {r4-r7, pc}\n2:\tpush {lr}\n\tmov lr, #42\n\tpop {pc}\n\t.ltorg\n")
BODY(load, "ldr r1, [r4]");
BODY(load_r12, "ldr r12, [r4]");
BODY(load_r12_if, "ldrne r12, [r4]");
BODY(load_lr, "ldr lr, [r4]");
BODY(load_many, "ldm r4, {r1, r12, lr}");
BODY(load_good, "ldm r5, {r1, r12, lr}\n\tldr r1, [r4]");
BODY(load_unsure, "ldreq r12, [r5]\n\tldrne lr, [r5]\n\tldr r1, [r4]");
BODY(store_r12, "str r12, [r4]");
BODY(store_lr, "str lr, [r4]");
BODY(store_both, "stm r4, {r1, r12, lr}");
BODY(undefined, "udf #1");
BODY(jump, "ldr pc, [r4]");
BODY(jump_many, "ldm r4, {r1, pc}");
BODY(jump_if, "ldrne pc, [r4]");
BODY(after_dacr, "mrc p15, 0, r1, c3, c0, 0\n\tmcr p15, 0, r1, c3, c0, 0\n\tldr r1, [r4]");
BODY(after_dacr_r12,
     "mrc p15, 0, r12, c3, c0, 0\n\tmcr p15, 0, r12, c3, c0, 0\n\tmov r12, #1\n\tldr r1, [r4]");
BODY(after_psr, "mrs r1, cpsr\n\tmsr cpsr_c, r1\n\tldr r1, [r4]");
BODY(after_psr_if, "mrs r1, cpsr\n\tmsreq cpsr_c, r1\n\tmsrne cpsr_c, r1\n\tldr r1, [r4]");
BODY(after_tlb, "mcr p15, 0, r12, c8, c7, 1\n\tmcr p15, 0, lr, c8, c7, 1\n\tldr r1, [r4]");
BODY(after_call,
     "adr r6, 3f\n\tb 4f\n3:\tmov r12, #7\n\tbx lr\n4:\tblx r6\n\tsub lr, lr, lr\n\tldr r1, [r4]");
BODY(after_call_lr, "adr lr, 3f\n\tb 4f\n3:\tbx lr\n4:\tblx lr\n\tsub lr, lr, lr\n\tldr r1, [r4]");
BODY(after_branches, "teq r4, #1\n\tbeq 3f\n\tbne 4f\n3:\tmov r12, #7\n4:\tmoveq lr, #9\n\tldr r1, [r4]");
BODY(after_tables, "mov r6, #0\n\tldr pc, [pc, r6]\n\tnop\n\t.word 5f\n5:\tmov lr, #0\n\tldr pc, [pc, "
                   "lr]\n\tnop\n\t.word 6f\n"
                   "6:\tldr r1, [r4]");
BODY(twice,
     "push {r6}\n\tldr r6, =3f\n\tbx r6\n3:\tpop {r6}\n\tldr r1, [r4]\n\tldr r12, [r5]\n\tldr r1, [r4]");

int main(void)
{
    static const uint32_t good[4] = {0x11, 0x22, 0x33, 0x44};
    static const struct {
        const char *name;
        uint32_t (*fn)(uint32_t, const void *);
    } bodies[] = {
        {"load", load},
        {"load r12", load_r12},
        {"load r12 if", load_r12_if},
        {"load lr", load_lr},
        {"load many", load_many},
        {"load good", load_good},
        {"load unsure", load_unsure},
        {"store r12", store_r12},
        {"store lr", store_lr},
        {"store both", store_both},
        {"undefined", undefined},
        {"jump", jump},
        {"jump many", jump_many},
        {"jump if", jump_if},
        {"after dacr", after_dacr},
        {"after dacr from r12", after_dacr_r12},
        {"after psr", after_psr},
        {"after psr if", after_psr_if},
        {"after tlb", after_tlb},
        {"after call", after_call},
        {"after call by lr", after_call_lr},
        {"after branches", after_branches},
        {"after tables", after_tables},
        {"twice", twice},
    };

    mmu_reset();
    mmu_on();
    exc_arm(EXC_SYNC);
    exc_hook = note;
    for (unsigned round = 0; round < 3; round++) /* links and jump map are made in the first */
        for (unsigned i = 0; i < ARRAY_SIZE(bodies); i++) {
            seen.count = 0;
            uint32_t result = bodies[i].fn(BAD, good);
            print("%s: lr %x r12 %x, %u exceptions, result %x\n", bodies[i].name, (unsigned)seen.lr,
                  (unsigned)seen.r12, seen.count, (unsigned)result);
        }
    return 0;
}
