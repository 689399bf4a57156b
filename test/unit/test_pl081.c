/* PL081: what the comparison with the emulator's board cannot show, because that would not end there. */
#define UNIT_MAIN
#include "fake_host.h"

#define DMA            0x10030000u
#define CHANNEL(n)     (DMA + 0x100 + 0x20 * (n))
#define IRQ_PENDING(n) (rd(0x1e001200 + (n) / 32 * 4) >> (n) % 32 & 1)
#define WORDS_FORWARD  0x0c480000u /* both addresses forward, words */

static void start(uint32_t source, uint32_t target, uint32_t next, uint32_t control, uint32_t config)
{
    wr(CHANNEL(0), source);
    wr(CHANNEL(0) + 4, target);
    wr(CHANNEL(0) + 8, next);
    wr(CHANNEL(0) + 12, control);
    wr(CHANNEL(0) + 16, config);
    wr(DMA + 0x30, 1);
}

static void item(uint32_t at, uint32_t source, uint32_t target, uint32_t next, uint32_t control)
{
    const uint32_t word[] = {source, target, next, control};

    memcpy(fake_ram + at, word, sizeof word);
}

/* A chain that leads back to itself goes on for ever; the VMM does not stay in it, and a halt ends it. */
TEST(endless_chain)
{
    fake_reset();
    item(0x100, 0x1000, 0x2000, 0x100, WORDS_FORWARD | 4);
    start(0x1000, 0x2000, 0x100, WORDS_FORWARD | 4, 0x8001);
    for (unsigned i = 0; i < 3; i++) {
        EXPECT(timer_next_deadline() <= fake_now);
        timers_run(fake_now);
        EXPECT_EQ(rd(DMA + 0x1c), 1);
    }
    wr(CHANNEL(0) + 16, 0x48001);
    timers_run(fake_now);
    EXPECT(timer_next_deadline() > fake_now);
}

/* A transfer into the controller's own registers does not start it within itself. */
TEST(into_its_own_registers)
{
    fake_reset();
    item(0x1000, 0x8001, 0x8001, 0x8001, 0x8001);
    start(0x1000, CHANNEL(0) + 16, 0, 0x00480004, 0x8001);
    EXPECT_EQ(rd(DMA + 0x1c), 0);
}

/* The yardstick overruns a buffer, or gives up; here nothing moves. */
TEST(reserved_settings_move_nothing)
{
    for (uint32_t width = 3; width < 8; width++) {
        fake_reset();
        start(0x1000, 0x2000, 0, width << 18 | width << 21 | 4, 0x8001);
        EXPECT_EQ(rd(DMA + 0x1c), 1);
        EXPECT_EQ(rd(CHANNEL(0) + 12) & 0xfff, 4);
    }
    fake_reset();
    start(0x1000, 0x2000, 0, WORDS_FORWARD | 4, 0x8001 | 4 << 11);
    EXPECT_EQ(rd(CHANNEL(0) + 12) & 0xfff, 4);
}
