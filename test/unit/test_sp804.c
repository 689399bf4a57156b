/*
 * The guest's timers. One tick is 1000 ns.
 */
#define UNIT_MAIN
#include "fake_host.h"

#define T0      0x10011000u
#define T1      0x10011020u
#define T2      0x10012000u
#define LOAD    0x00
#define VALUE   0x04
#define CONTROL 0x08
#define INTCLR  0x0c
#define RIS     0x10
#define MIS     0x14
#define BGLOAD  0x18

#define US          1000ull
#define FREE_32     0x82u
#define PERIODIC_32 0xe2u /* with interrupt */
#define ONE_SHOT_32 0xa3u

/* Is SPI `irq` high at the GIC? */
static bool line(unsigned irq) { return rd(0x1e001200 + irq / 32 * 4) >> (irq & 31) & 1; }

TEST(reset_values)
{
    fake_reset();
    EXPECT_EQ(rd(T0 + CONTROL), 0x20);
    EXPECT_EQ(rd(T0 + VALUE), 0);
    EXPECT_EQ(rd(T1 + CONTROL), 0x20);
    EXPECT_EQ(rd(0x10011fe0), 0x04);
    EXPECT_EQ(rd(0x10011fe4), 0x18);
    EXPECT_EQ(rd(0x10011ffc), 0xb1);
    EXPECT_EQ(timer_next_deadline(), UINT64_MAX);
}

TEST(free_running_counts_down_and_wraps)
{
    fake_reset();
    wr(T1 + CONTROL, FREE_32);
    EXPECT_EQ(rd(T1 + VALUE), 0xffffffff);
    fake_run_until(1 * US);
    EXPECT_EQ(rd(T1 + VALUE), 0xfffffffe);
    fake_run_until(1 * US + 1);
    EXPECT_EQ(rd(T1 + VALUE), 0xfffffffd); /* rounds down */
    fake_run_until(1234567 * US);
    EXPECT_EQ(rd(T1 + VALUE), 0xffffffff - 1234567);
    fake_run_until(0xffffffffull * US - 1);
    EXPECT_EQ(rd(T1 + VALUE), 0);
    EXPECT_EQ(rd(T1 + RIS), 0);
    fake_run_until(0xffffffffull * US + 5 * US);
    EXPECT_EQ(rd(T1 + VALUE), 0xffffffff - 5);
    EXPECT_EQ(rd(T1 + RIS), 1);
    EXPECT_EQ(rd(T1 + MIS), 0); /* its interrupt is off */
    EXPECT(!line(36));
}

/* Every value of the division by 1000 around multiples, over the whole range of the counter. */
TEST(values_are_exact)
{
    fake_reset();
    wr(T0 + CONTROL, FREE_32);
    for (uint64_t t = 1; t < 0xffffffffull * US; t += t / 7 + 1) {
        for (int64_t d = -1; d <= 1; d++) {
            fake_now = t + (uint64_t)d;
            EXPECT_EQ(rd(T0 + VALUE), (0xffffffffull * US - fake_now) / 1000);
        }
        fake_now = t / 1000 * 1000;
        EXPECT_EQ(rd(T0 + VALUE), 0xffffffffull - t / 1000);
    }
}

TEST(sixteen_bits)
{
    fake_reset();
    wr(T0 + CONTROL, 0x80);
    EXPECT_EQ(rd(T0 + VALUE), 0xffff);
    fake_run_until(0xffff * US + 3 * US);
    EXPECT_EQ(rd(T0 + VALUE), 0xffff - 3);
}

TEST(periodic_interrupts)
{
    fake_reset();
    wr(T0 + LOAD, 1000);
    wr(T0 + CONTROL, PERIODIC_32);
    EXPECT_EQ(rd(T0 + VALUE), 1000);
    EXPECT_EQ(timer_next_deadline(), 1000 * US);
    fake_run_until(1000 * US - 1);
    EXPECT(!line(36));
    fake_run_until(1000 * US);
    EXPECT(line(36));
    EXPECT_EQ(rd(T0 + RIS), 1);
    EXPECT_EQ(rd(T0 + MIS), 1);
    wr(T0 + INTCLR, 0);
    EXPECT(!line(36));
    EXPECT_EQ(timer_next_deadline(), 2000 * US);
    fake_run_until(2000 * US);
    EXPECT(line(36));
    wr(T0 + CONTROL, PERIODIC_32 & ~0x20u); /* the enable gates the line, not RIS */
    EXPECT(!line(36));
    EXPECT_EQ(rd(T0 + RIS), 1);
}

TEST(missed_periods_keep_the_phase)
{
    fake_reset();
    wr(T0 + LOAD, 10);
    wr(T0 + CONTROL, PERIODIC_32);
    fake_now = 12345678;
    timers_run(fake_now);
    EXPECT(line(36));
    EXPECT_EQ(timer_next_deadline(), UINT64_MAX); /* more expiries would change nothing */
    EXPECT_EQ(rd(T0 + VALUE), 4);
    wr(T0 + INTCLR, 1);
    EXPECT(!line(36));
    EXPECT_EQ(timer_next_deadline(), 12350000);
}

/* The guest reads before the VMM serves the deadline: the interrupt is not lost. */
TEST(late_deadline)
{
    fake_reset();
    wr(T0 + LOAD, 10);
    wr(T0 + CONTROL, ONE_SHOT_32);
    fake_now = 11 * US;
    EXPECT(!line(36));
    EXPECT_EQ(rd(T0 + VALUE), 0);
    EXPECT(line(36));
    wr(T0 + INTCLR, 1);
    wr(T0 + LOAD, 10);
    wr(T0 + CONTROL, PERIODIC_32);
    fake_now += 12 * US;
    wr(T0 + INTCLR, 1); /* clears the expiry that it has not seen */
    EXPECT(!line(36));
    EXPECT_EQ(timer_next_deadline(), 31 * US);
}

TEST(one_shot_stops)
{
    fake_reset();
    wr(T0 + LOAD, 50);
    wr(T0 + CONTROL, ONE_SHOT_32);
    fake_run_until(20 * US);
    EXPECT_EQ(rd(T0 + VALUE), 30);
    fake_run_until(80 * US);
    EXPECT(line(36));
    EXPECT_EQ(rd(T0 + VALUE), 0);
    EXPECT_EQ(timer_next_deadline(), UINT64_MAX);
    wr(T0 + INTCLR, 1);
    wr(T0 + CONTROL, ONE_SHOT_32);
    EXPECT_EQ(timer_next_deadline(), 130 * US);
}

/* What the kernel's clock event driver does for every tick. */
TEST(one_shot_reprogrammed)
{
    fake_reset();
    wr(T0 + CONTROL, 0x23);
    wr(T0 + LOAD, 4000);
    wr(T0 + CONTROL, ONE_SHOT_32);
    fake_run_until(100 * US);
    wr(T0 + CONTROL, 0);
    EXPECT_EQ(rd(T0 + VALUE), 3900);
    EXPECT_EQ(timer_next_deadline(), UINT64_MAX);
    wr(T0 + LOAD, 70);
    wr(T0 + CONTROL, ONE_SHOT_32);
    fake_run_until(170 * US);
    EXPECT(line(36));
}

TEST(load_of_zero_expires_at_once)
{
    fake_reset();
    wr(T0 + LOAD, 0);
    wr(T0 + CONTROL, ONE_SHOT_32);
    EXPECT(line(36));
    EXPECT_EQ(timer_next_deadline(), UINT64_MAX);
}

TEST(background_load_takes_effect_at_the_end)
{
    fake_reset();
    wr(T0 + LOAD, 100);
    wr(T0 + CONTROL, PERIODIC_32);
    fake_run_until(40 * US);
    EXPECT_EQ(timer_next_deadline(), 100 * US);
    wr(T0 + BGLOAD, 500);
    EXPECT_EQ(rd(T0 + BGLOAD), 500);
    EXPECT_EQ(rd(T0 + LOAD), 500);
    EXPECT_EQ(rd(T0 + VALUE), 60);
    fake_run_until(100 * US);
    wr(T0 + INTCLR, 1);
    EXPECT_EQ(timer_next_deadline(), 600 * US);
}

TEST(prescaler)
{
    fake_reset();
    wr(T0 + LOAD, 100);
    wr(T0 + CONTROL, PERIODIC_32 | 1 << 2); /* by 16 */
    wr(T1 + LOAD, 100);
    wr(T1 + CONTROL, PERIODIC_32 | 2 << 2); /* by 256: 3906 Hz */
    fake_run_until(160 * US);
    EXPECT_EQ(rd(T0 + VALUE), 90);
    EXPECT_EQ(timer_next_deadline(), 1600 * US);
    fake_run_until(2000 * US);
    EXPECT_EQ(rd(T1 + VALUE), 100 - 8);
}

TEST(lines_of_the_two_modules)
{
    fake_reset();
    wr(T2 + LOAD, 5);
    wr(T2 + CONTROL, ONE_SHOT_32);
    fake_run_until(5 * US);
    EXPECT(line(37));
    EXPECT(!line(36));
    wr(T1 + LOAD, 5); /* either counter raises the module's line */
    wr(T1 + CONTROL, ONE_SHOT_32);
    fake_run_until(10 * US);
    EXPECT(line(36));
    wr(T0 + INTCLR, 1);
    EXPECT(line(36));
    wr(T1 + INTCLR, 1);
    EXPECT(!line(36));
}
