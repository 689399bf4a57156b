/* Proves: drawn A32 words at PL0, with two pages to play in, do what they do on the bare core: same
   exceptions, same registers, same memory. */
#include "irq.h"
#include "mmu.h"
#include "transfer.h"

#define CODE_VA 0x40000000u
#define DATA_VA 0x40001000u
#define WORDS   4000
static uint32_t seed = 8191;

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 15;
}

/* Left out: what depends on time (WFI, WFE), on the exclusive monitor, or is UNPREDICTABLE in QEMU's eyes as
   ours. */
static bool wanted(uint32_t w)
{
    if ((w & 0x0fffff00) == 0x0320f000)
        return false; /* hints */
    if ((w & 0x0f800f90) == 0x01800f90)
        return false; /* LDREX, STREX */
    if ((w & 0x0e000000) == 0x0a000000)
        return false; /* branches: they would loop */
    if ((w & 0x0f000000) == 0x0e000000 || (w & 0x0e000000) == 0x0c000000)
        return (w >> 8 & 0xf) < 10; /* coprocessors that are not VFP, NEON or CP14, CP15 */
    return true;
}

int main(void)
{
    uint32_t h = 0, counts[8] = {0};

    mmu_reset();
    mmu_map_small(CODE_VA, test_page(0), M_RW);
    mmu_map_small(DATA_VA, test_page(1), M_RW);
    /* PL0 gets nothing else. */
    for (uint32_t a = 0; a < 0x10000000; a += 0x100000) {
        mmu_map_section(0x70000000 + a, 0x70000000 + a, M_AP(1) | M_NORMAL);
        mmu_map_section(0x10000000 + a, 0x10000000 + a, M_AP(1) | M_DEVICE | M_XN);
    }
    mmu_on();
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    for (unsigned i = 0; i < 1024; i++)
        WRITE32(test_page(0) + i * 4, 0xef000001);
    for (unsigned n = 0; n < WORDS; n++) {
        uint32_t w = draw();
        if (!wanted(w))
            continue;
        uint32_t at = (n & 255) * 8;
        WRITE32(test_page(0) + at, w);
        code_sync((void *)(test_page(0) + at), 8);
        MCR15(0, 7, 5, 1, CODE_VA + at);
        MCR15(0, 7, 5, 6, 0);
        ISB();
        for (unsigned i = 0; i < 64; i++)
            WRITE32(test_page(1) + 0x800 + i * 4, i * 0x01010101);
        for (unsigned i = 0; i < 13; i++)
            transfer_regs[i] = DATA_VA + 0x800 + (draw() & 0xfc);
        transfer_run(MODE_USR | (draw() & 0xf0000000), CODE_VA + at);
        counts[exc_last.type & 7]++;
        h = (h ^ exc_last.type ^ exc_last.pc ^ (exc_last.spsr & 0xf80f03ff)) * 0x01000193;
        for (unsigned i = 0; i < 13; i++)
            h = (h ^ transfer_frame.r[i]) * 0x01000193;
        for (unsigned i = 0; i < 64; i++)
            h = (h ^ READ32(test_page(1) + 0x800 + i * 4)) * 0x01000193;
        WRITE32(test_page(0) + at, 0xef000001);
        if (n % 500 == 499)
            print("%u: %08x\n", n + 1, (unsigned)h);
    }
    for (unsigned e = 1; e < 5; e++)
        print("%s %u\n", exc_name(e), (unsigned)counts[e]);
    check("all came back", true);
    return 0;
}
