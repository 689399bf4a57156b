/*
 * The guest's real-time clock.
 */
#define UNIT_MAIN
#include "fake_host.h"

#define RTC  0x10017000u
#define DR   (RTC + 0x00)
#define MR   (RTC + 0x04)
#define LR   (RTC + 0x08)
#define IMSC (RTC + 0x10)
#define RIS  (RTC + 0x14)
#define MIS  (RTC + 0x18)
#define ICR  (RTC + 0x1c)
#define S    1000000000ull

static bool line(unsigned irq) { return rd(0x1e001200 + irq / 32 * 4) >> (irq & 31) & 1; }

TEST(follows_the_host)
{
    fake_reset();
    EXPECT_EQ(rd(DR), 1000);
    fake_rtc_seconds = 1234;
    EXPECT_EQ(rd(DR), 1234);
    EXPECT_EQ(rd(RTC + 0x0c), 1);
    EXPECT_EQ(rd(RTC + 0xfe0), 0x31);
    EXPECT_EQ(rd(RTC + 0xff0), 0x0d);
}

TEST(setting_the_time)
{
    fake_reset();
    wr(LR, 5000);
    EXPECT_EQ(rd(LR), 5000);
    EXPECT_EQ(rd(DR), 5000);
    fake_rtc_seconds += 10;
    EXPECT_EQ(rd(DR), 5010);
}

TEST(alarm)
{
    fake_reset();
    wr(IMSC, 0xff);
    EXPECT_EQ(rd(IMSC), 1);
    wr(MR, 1003);
    EXPECT_EQ(timer_next_deadline(), 3 * S);
    fake_run_until(3 * S - 1);
    EXPECT(!line(42));
    fake_run_until(3 * S);
    EXPECT(line(42));
    EXPECT_EQ(rd(MIS), 1);
    wr(ICR, 2);
    EXPECT(line(42)); /* bit 0 clears */
    wr(ICR, 1);
    EXPECT(!line(42));
}

TEST(alarm_now_and_masked)
{
    fake_reset();
    wr(MR, 1000);
    EXPECT_EQ(rd(RIS), 1);
    EXPECT_EQ(rd(MIS), 0);
    EXPECT(!line(42));
    wr(IMSC, 1);
    EXPECT(line(42));
}

TEST(setting_the_time_moves_the_alarm)
{
    fake_reset();
    wr(MR, 2000);
    wr(LR, 1990);
    EXPECT_EQ(timer_next_deadline(), 10 * S);
}
