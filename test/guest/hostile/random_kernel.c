/* Proves: drawn A32 and T32 words run one by one at PL1, in SYS and FIQ mode (where a lost SP does not
   matter), do no harm to the VMM, and leave a guest that goes on when it restores itself. */
#include "irq.h"
#include "mmu.h"
#include "transfer.h"

#define CODE_VA 0x40000000u
#define DATA_VA 0x40010000u /* 8 pages, pointers go to the middle */
#define WORDS   2500
static uint32_t seed = 31415;

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 15;
}

/* Not what stops the clock or takes the guest's own ground away: hints, branches, SRS, writes to CP15. */
static bool wanted(uint32_t w, bool thumb)
{
    if (thumb) {
        uint32_t first = w & 0xffff, second = w >> 16;
        if ((first & 0xff00) == 0xbf00 || (first & 0xf000) == 0xd000 || (first & 0xf800) == 0xe000)
            return false;
        if ((first & 0xf800) == 0xf000 && second & 0x8000)
            return false; /* branches and miscellaneous control */
        if ((first & 0xef00) == 0xee00 && !(first & 0x10) && (second & 0xe00) == 0xe00)
            return false;
        if ((first & 0xffd0) == 0xe800 || (first & 0xffd0) == 0xe980)
            return false; /* SRS */
        return (first & 0xefe0) != 0xec40;
    }
    if ((w & 0x0fffff00) == 0x0320f000 || (w & 0x0e000000) == 0x0a000000)
        return false;
    if ((w & 0x0f100010) == 0x0e000010 && (w & 0xe00) == 0xe00)
        return false;
    if ((w & 0xfe500000) == 0xf8400000)
        return false; /* SRS */
    return (w & 0x0fe00000) != 0x0c400000;
}

static void run_one(uint32_t w, bool thumb)
{
    uint32_t code = test_page(0), mode = draw() & 0x100 ? MODE_SYS : MODE_FIQ;

    for (unsigned i = 0; i < 1024; i++)
        WRITE32(code + i * 4, thumb ? 0xdf01df01 : 0xef000001);
    WRITE32(code + 0x800, w);
    code_sync((void *)code, 4096);
    MCR15(0, 7, 5, 0, 0);
    ISB();
    for (unsigned i = 0; i < 2048; i++)
        WRITE32(test_page(1) + i * 16, 0x50000000 + i * 4);
    for (unsigned i = 0; i < 13; i++)
        transfer_regs[i] = DATA_VA + 0x4000 + (draw() & 0xfc);
    timer_start(0, 3000, false); /* should it loop with interrupts on */
    __asm__ volatile("msr spsr_cxsf, %0" ::"r"(MODE_SYS | PSR_I | PSR_F));
    transfer_run(mode | PSR_F | (draw() & 0xf0000000) | (thumb ? PSR_T : 0), CODE_VA + 0x800);
    timer_stop(0);
    uint32_t iar = gic_ack();
    if (iar != IRQ_SPURIOUS)
        gic_eoi(iar);
}

/* Stacks of the other modes, which a word may have moved. */
static void restore_stacks(void)
{
    extern char __stacks_end[];
    static const uint32_t modes[] = {MODE_FIQ, MODE_IRQ, MODE_ABT, MODE_UND, MODE_SYS};

    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++)
        __asm__ volatile(
            "mrs r4, cpsr\n\tmsr cpsr_c, %0\n\tmov sp, %1\n\tmsr cpsr_c, r4" ::"r"(modes[i] | 0xc0),
            "r"((uint32_t)__stacks_end - 0x8000 - i * 0x4000)
            : "r4", "memory");
}

int main(void)
{
    mmu_reset();
    mmu_map_small(CODE_VA, test_page(0), M_RW);
    for (unsigned i = 0; i < 8; i++)
        mmu_map_small(DATA_VA + i * 0x1000, test_page(1 + i), M_RW);
    mmu_on();
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    unsigned runs = 0;
    for (unsigned n = 0; n < WORDS; n++) {
        uint32_t w = draw();
        bool thumb = n & 1;
        if (!wanted(w, thumb))
            continue;
        run_one(w, thumb);
        restore_stacks();
        runs++;
    }
    print("%u words\n", runs);
    check("survived", runs > WORDS / 2);
    return 0;
}
