/*
 * DS1338. It goes with the board's other clock (board_rtc_seconds()), by an offset that writes of the time
 * change. The hours are shown by 24, and the stop bit does nothing, as in the yardstick.
 */
#include "device/ds1338.h"

#include "device/bus.h"

#define SIZE            64u
#define CONTROL         7u
#define CONTROL_MASK    0xb3u
#define CONTROL_STOPPED 0x20u /* may only be cleared */
#define HOURS_12        0x40u
#define HOURS_PM        0x20u
#define SECONDS_PER_DAY 86400
#define START           (-25567LL * SECONDS_PER_DAY) /* of 1900, a Monday; it cannot be set before */
#define START_WEEKDAY   1

static struct ds1338 {
    int32_t offset; /* seconds; a year too far away wraps */
    uint8_t memory[SIZE], pointer;
    int weekday_offset;
    bool takes_pointer;
} clock;

struct date {
    int year, month, day, weekday, hour, minute, second; /* month 1..12, weekday 0..6 (Sunday is 0) */
};

/* Days since 1970 of a date in the proleptic Gregorian calendar; a month beyond 12 goes on as the formula
   does. */
static int64_t days_of(int year, int month, int day)
{
    if (month < 3) {
        month += 12;
        year--;
    }
    return day + (153 * month - 457) / 5 + 365LL * year + year / 4 - year / 100 + year / 400 - 719469;
}

static int64_t seconds_of(const struct date *d)
{
    return days_of(d->year, d->month, d->day) * SECONDS_PER_DAY + 3600 * d->hour + 60 * d->minute + d->second;
}

static struct date date_of(int64_t seconds)
{
    int64_t days_since_1900 = (seconds - START) / SECONDS_PER_DAY;
    int64_t days = days_since_1900 + START / SECONDS_PER_DAY;
    int rest = (int)((seconds - START) % SECONDS_PER_DAY);
    struct date d = {.year = 1900,
                     .month = 12,
                     .weekday = (int)(days_since_1900 + START_WEEKDAY) % 7,
                     .hour = rest / 3600,
                     .minute = rest / 60 % 60,
                     .second = rest % 60};

    while (days_of(d.year + 1, 1, 1) <= days)
        d.year++;
    while (days_of(d.year, d.month, 1) > days)
        d.month--;
    d.day = (int)(days - days_of(d.year, d.month, 1)) + 1;
    return d;
}

static struct date now(void) { return date_of((int64_t)board_rtc_seconds() + clock.offset); }

static uint8_t to_bcd(uint8_t n) { return (uint8_t)(n / 10 << 4 | n % 10); }
static int from_bcd(uint8_t n) { return (n >> 4) * 10 + (n & 15); }

static void capture(void)
{
    struct date d = now();
    const uint8_t shown[] = {
        to_bcd((uint8_t)d.second),       to_bcd((uint8_t)d.minute),
        to_bcd((uint8_t)d.hour),         (uint8_t)((d.weekday + clock.weekday_offset) % 7 + 1),
        to_bcd((uint8_t)d.day),          to_bcd((uint8_t)d.month),
        to_bcd((uint8_t)(d.year - 2000))};

    for (unsigned i = 0; i < sizeof shown; i++)
        clock.memory[i] = shown[i];
}

static void advance(void)
{
    clock.pointer = (clock.pointer + 1) % SIZE;
    if (!clock.pointer)
        capture();
}

static int hours_of(uint8_t byte)
{
    int hour = from_bcd(byte & (HOURS_12 - 1));

    if (!(byte & HOURS_12))
        return hour;
    hour = from_bcd(byte & (HOURS_PM - 1)) + (byte & HOURS_PM ? 12 : 0);
    return hour % 12 ? hour : hour - 12;
}

static void set_time(unsigned field, uint8_t byte)
{
    struct date d = now();

    switch (field) {
    case 0: d.second = from_bcd(byte & 0x7f); break;
    case 1: d.minute = from_bcd(byte & 0x7f); break;
    case 2: d.hour = hours_of(byte); break;
    case 3: clock.weekday_offset = ((byte & 7) - 1 - d.weekday + 7) % 7; break;
    case 4: d.day = from_bcd(byte & 0x3f); break;
    case 5: d.month = from_bcd(byte & 0x1f); break;
    default: d.year = from_bcd(byte) + 2000;
    }
    clock.offset = (int32_t)(seconds_of(&d) - board_rtc_seconds());
}

void ds1338_start(bool reads)
{
    if (reads)
        capture();
    else
        clock.takes_pointer = true;
}

uint8_t ds1338_recv(void)
{
    uint8_t byte = clock.memory[clock.pointer];

    advance();
    return byte;
}

void ds1338_send(uint8_t byte)
{
    if (clock.takes_pointer) {
        clock.pointer = byte % SIZE;
        clock.takes_pointer = false;
        return;
    }
    if (clock.pointer < CONTROL)
        set_time(clock.pointer, byte);
    else if (clock.pointer == CONTROL)
        clock.memory[CONTROL] = byte & CONTROL_MASK & (clock.memory[CONTROL] | ~CONTROL_STOPPED);
    else
        clock.memory[clock.pointer] = byte;
    advance();
}

void ds1338_reset(void) { clock = (struct ds1338){0}; }
