/* Proves: kernel-style interrupt handling: own vectors, SRS to the SVC stack, CPS, nested interrupts by
   priority, RFE back, to SVC and to user, in A32 and with Thumb handlers. */
#include "irq.h"
#include "mmu.h"

static volatile unsigned ticks[2], depth, depth_max, wrong;
void nested_serve(void);

/*
 * Entry: LR and SPSR go to the SVC stack at once,
     the rest is saved in SVC mode. The other vectors are the image's.
 * Two tables: one whose handler is A32, one whose handler is T32.
 */
extern char nested_vectors[], nested_vectors_thumb[];
#define TABLE(name, handler)                                                                                 \
    ".balign 32\n" #name ":\n\tb .\n\tldr pc, 1f\n\tldr pc, 2f\n\tldr pc, 3f\n\tldr pc, 4f\n\tb .\n\t"       \
    "ldr pc, 5f\n\tb .\n"                                                                                    \
    "1:\t.word exc_vectors + 4\n2:\t.word exc_vectors + 8\n3:\t.word exc_vectors + 12\n"                     \
    "4:\t.word exc_vectors + 16\n5:\t.word " handler "\n"
__asm__(".text\n.arm\n" TABLE(nested_vectors, "nested_irq")
            TABLE(nested_vectors_thumb,
                  "nested_irq_thumb + 1") "nested_irq:\n\tsub lr, lr, #4\n\tsrsdb sp!, #0x13\n\tcps "
                                          "#0x13\n\tpush {r0-r3, r12, lr}\n\t"
                                          "and r1, sp, #4\n\tsub sp, sp, r1\n\tpush {r1, r2}\n\tbl "
                                          "nested_serve\n\tpop {r1, r2}\n\t"
                                          "add sp, sp, r1\n\t"
                                          "pop {r0-r3, r12, lr}\n\trfeia sp!\n"
                                          ".thumb\n.thumb_func\nnested_irq_thumb:\n\tsubs lr, #4\n\tsrsdb "
                                          "sp!, #0x13\n\tcps #0x13\n\t"
                                          "push.w {r0-r3, r12, lr}\n\t"
                                          "mov r1, sp\n\tands r1, r1, #4\n\tmov r0, sp\n\tsubs r0, r0, "
                                          "r1\n\tmov sp, r0\n\tpush {r1, r2}\n\t"
                                          "blx nested_serve\n\tpop {r1, r2}\n\t"
                                          "mov r0, sp\n\tadds r0, r0, r1\n\tmov sp, r0\n\tpop.w {r0-r3, r12, "
                                          "lr}\n\trfeia sp!\n.arm\n"
                                          ".balign 4\n");

/* In SVC mode, I set. Acknowledge, let higher ones in, finish. */
__attribute__((target("arm"))) void nested_serve(void)
{
    uint32_t iar = gic_ack(), id = iar & 0x3ff;

    if (id == IRQ_SPURIOUS)
        return;
    if (++depth > depth_max)
        depth_max = depth;
    unsigned n = id == IRQ_TIMER01 ? 0 : 1;
    timer_stop(n * 2);
    irq_unmask();
    ticks[n]++;
    unsigned high = ticks[1];
    while (!n && ticks[0] % 4 == 0 && ticks[1] == high) /* the low one waits for the high one now and then */
        ;
    irq_mask();
    timer_start(n * 2, n ? 610 : 970, false); /* only now: a slow host must get on with the rest, too */
    gic_eoi(iar);
    depth--;
}

/* Registers held over a long loop: r4-r11 by the compiler, the rest by hand. */
static uint32_t work(uint32_t rounds)
{
    uint32_t sum = 0;

    while (rounds--)
        __asm__ volatile("mov r0, #1\n\tmov r1, #2\n\tmov r2, #3\n\tmov r3, #4\n\tmov r12, #5\n\t"
                         "msr cpsr_f, #0xa0000000\n\t"
                         "nop\n\tnop\n\tmrs lr, cpsr\n\tand lr, lr, #0xf0000000\n\tcmp lr, #0xa0000000\n\t"
                         "addne %0, %0, #1\n\t"
                         "add r0, r0, r1\n\tadd r0, r0, r2\n\tadd r0, r0, r3\n\tadd r0, r0, r12\n\t"
                         "cmp r0, #15\n\taddne %0, %0, #1"
                         : "+r"(sum)::"r0", "r1", "r2", "r3", "r12", "lr", "cc");
    return sum;
}

static void run(const char *name, const char *vectors)
{
    MCR15(0, 12, 0, 0, (uint32_t)vectors);
    ISB();
    ticks[0] = ticks[1] = depth_max = wrong = 0;
    timer_start(0, 970, false);
    timer_start(2, 610, false);
    irq_unmask();
    for (unsigned i = 0; (ticks[0] < 60 || ticks[1] < 60) && i < 2000000; i++) {
        wrong += work(10);
        wrong += run_user(MODE_USR | PSR_F, work, 10);
    }
    irq_mask();
    timer_stop(0);
    timer_stop(2);
    print("%s: ", name);
    check("both timers served", ticks[0] >= 60 && ticks[1] >= 60);
    print("%s: ", name);
    check("nested", depth_max == 2 && !depth);
    print("%s: ", name);
    check_eq("registers and flags kept", wrong, 0);
}

int main(void)
{
    gic_init();
    gic_enable(IRQ_TIMER01, 0xa0);
    gic_enable(IRQ_TIMER23, 0x50);
    run("arm", nested_vectors);
    run("thumb", nested_vectors_thumb);
    mmu_reset();
    mmu_on();
    run("arm, MMU on", nested_vectors);
    run("thumb, MMU on", nested_vectors_thumb);
    MCR15(0, 12, 0, 0, (uint32_t)exc_vectors);
    ISB();
    return 0;
}
