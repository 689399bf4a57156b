/* Proves: a timer may fire within the words of a CBZ, taken or not, in a page's middle and as its last
   instruction, as a block's 47th and last one, and the loop goes on as if nothing had come. */
#include "irq.h"

#define TICKS  400u /* some hit each of the words */
#define ROUNDS 64u

static volatile unsigned ticks;

static void hook(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    WRITE32(TIMER(0) + TIMER_INTCLR, 1);
    gic_eoi(iar);
    ticks++;
    f->pc -= 4;
}

/* Both of CBZ's ways: r1 is 0 in one of 16 rounds. Returns the rounds that took it. */
#define LOOP(name, before, between)                                                                          \
    uint32_t name(uint32_t rounds);                                                                          \
    __asm__(".text\n.balign 4096\n.thumb\n" before ".thumb_func\n.type " #name ",%function\n" #name ":\n\t"  \
            "movs r3, #0\n" #name "_again:\n\tmovs r1, #15\n\tands r1, r0\n\tb.n 2f\n\tnop\n2:\n\t" between  \
            "cbz r1, 3f\n\tnop\n4:\n\tsubs r0, #1\n\tbne.n " #name "_again\n\tmov r0, r3\n\tbx lr\n"         \
            "3:\n\tadds r3, #1\n\tb.n 4b\n")

LOOP(in_the_middle, "", "nop\n\t");
LOOP(last_of_the_page, ".space 4096 - 12\n", ""); /* its last halfword */
LOOP(last_of_the_block, "", ".rept 46\n\tadds r2, #1\n\t.endr\n\t");
LOOP(behind_the_limit, "", ".rept 45\n\tadds r2, #1\n\t.endr\n\t");

static void run(const char *name, uint32_t (*loop)(uint32_t))
{
    bool good = true;

    ticks = 0;
    while (ticks < TICKS)
        good &= loop(ROUNDS) == ROUNDS / 16;
    check(name, good);
}

int main(void)
{
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = hook;
    timer_start(0, 20, true);
    irq_unmask();
    run("in the middle", in_the_middle);
    run("last of the page", last_of_the_page);
    run("last of the block", last_of_the_block);
    run("behind the limit", behind_the_limit);
    irq_mask();
    timer_stop(0);
    return 0;
}
