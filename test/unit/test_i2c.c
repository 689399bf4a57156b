/* The clock on the two-wire bus, set and read: what the comparison with the emulator's board leaves out,
   since that reckons a time that is set by the clock of its own host. */
#define UNIT_MAIN
#include "fake_host.h"

#include "device/ds1338.h"

#define TIME 1000000000u /* 9 September 2001, 1:46:40, a Sunday */

static void write_at(uint8_t pointer, uint8_t value)
{
    ds1338_start(false);
    ds1338_send(pointer);
    ds1338_send(value);
}

static void expect_time(uint32_t hours_to_seconds, uint32_t year_to_weekday)
{
    uint8_t t[7];

    ds1338_start(false);
    ds1338_send(0);
    ds1338_start(true);
    for (unsigned i = 0; i < 7; i++)
        t[i] = ds1338_recv();
    EXPECT_EQ((uint32_t)(t[2] << 16 | t[1] << 8 | t[0]), hours_to_seconds);
    EXPECT_EQ((uint32_t)t[6] << 24 | (uint32_t)(t[5] << 16 | t[4] << 8 | t[3]), year_to_weekday);
}

static void reset(void)
{
    fake_reset();
    fake_rtc_seconds = TIME;
}

TEST(shows_the_boards_time)
{
    reset();
    expect_time(0x014640, 0x01090901);
    fake_rtc_seconds += 86400 * 31;
    expect_time(0x014640, 0x01101004);
    fake_rtc_seconds = 1709164799; /* before a leap day */
    expect_time(0x235959, 0x24022804);
    fake_rtc_seconds++;
    expect_time(0x000000, 0x24022905);
    fake_rtc_seconds = 0xffffffff;
    expect_time(0x062815, 0xa6020701); /* the year 2106 */
}

TEST(set)
{
    static const struct {
        uint8_t reg, value;
        uint32_t time, date;
    } rows[] = {
        {0, 0x59, 0x014659, 0x01090901}, {1, 0x00, 0x010040, 0x01090901}, {2, 0x23, 0x234640, 0x01090901},
        {2, 0x52, 0x004640, 0x01090901}, /* 12 in the morning */
        {2, 0x72, 0x124640, 0x01090901}, {2, 0x61, 0x134640, 0x01090901}, {3, 0x05, 0x014640, 0x01090905},
        {4, 0x31, 0x014640, 0x01100102}, {5, 0x12, 0x014640, 0x01120901}, {6, 0x24, 0x014640, 0x24090902},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        reset();
        write_at(rows[i].reg, rows[i].value);
        expect_time(rows[i].time, rows[i].date);
    }
}

/* 94 years are more seconds than the offset holds: it wraps, and the year shown is before 2000. */
TEST(far_years_wrap)
{
    reset();
    write_at(6, 0x95);
    fake_rtc_seconds = 0;
    for (unsigned year = 0; year < 256; year++)
        for (unsigned month = 0; month < 32; month++) {
            write_at(6, (uint8_t)year);
            write_at(5, (uint8_t)month);
            write_at(0, 0x59);
            ds1338_start(false);
            ds1338_send(0);
            ds1338_start(true);
            EXPECT(ds1338_recv() < 0x60); /* and no sanitizer speaks up */
        }
}
