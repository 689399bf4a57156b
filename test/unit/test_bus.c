/*
 * The device map, what is outside it, and the system registers.
 */
#define UNIT_MAIN
#define FAKE_HOST_RESET
#include <setjmp.h>

static jmp_buf on_reset;
static _Noreturn void reset_machine(void) { longjmp(on_reset, 1); }

#include "fake_host.h"

#define SYS 0x10000000u

TEST(find)
{
    fake_reset();
    EXPECT(!strcmp(bus_find(GPA(0x10009018))->name, "uart0"));
    EXPECT(!strcmp(bus_find(GPA(0x1e0000ff))->name, "gic-cpu"));
    EXPECT(!strcmp(bus_find(GPA(0x1e001000))->name, "gic-dist"));
    EXPECT(!strcmp(bus_find(GPA(0x10030fff))->name, "dma"));
    EXPECT(bus_find(GPA(0x1e000100)) == NULL);
    EXPECT(bus_find(GPA(0x1e002000)) == NULL);
    EXPECT(bus_find(GPA(0x10001000)) == NULL);
    EXPECT(bus_find(GPA(0x10031000)) == NULL);
    EXPECT(bus_find(GPA(0)) == NULL);
    EXPECT(bus_find(GPA(0xffffffff)) == NULL);
}

TEST(unassigned_is_raz_wi_and_noted_once_a_page)
{
    fake_reset();
    uint32_t before = bus.unassigned_count;

    EXPECT_EQ(rd(0x18000004), 0);
    wr(0x18000008, 5);
    EXPECT_EQ(rd(0x18000008), 0);
    EXPECT_EQ(bus.unassigned_count - before, 3);
    EXPECT_EQ(fake_note_count, 1);
    EXPECT_EQ(fake_noted.a, 0x18000004);
    for (uint32_t page = 0; page < 1000; page++)
        rd(0x20000000 + page * 4096);
    EXPECT_EQ(bus.unassigned_count - before, 1003);
    EXPECT(fake_note_count <= 100); /* the console is not the guest's */
}

TEST(narrow_accesses)
{
    fake_reset();
    EXPECT_EQ(bus_read(GPA(SYS), 1), 0x00);
    EXPECT_EQ(bus_read(GPA(SYS), 2), 0x0500);
    bus_write(GPA(SYS + 8), 0x1ff, 1);
    EXPECT_EQ(rd(SYS + 8), 0xff);
}

/* Values read off the emulator's own board. */
TEST(unaligned_accesses)
{
    fake_reset();
    EXPECT_EQ(bus_read(GPA(SYS + 2), 4), 0x178);
    EXPECT_EQ(bus_read(GPA(SYS + 1), 4), 0x17805);
    EXPECT_EQ(bus_read(GPA(SYS + 1), 2), 0x05);
    bus_write(GPA(SYS + 0x2e), 0xaabbccdd, 4);
    EXPECT_EQ(rd(SYS + 0x30), 0xbb);
    EXPECT_EQ(rd(SYS + 0x2c), 0);
    bus_write(GPA(0x1e001422), 0x01020304, 4);
    EXPECT_EQ(rd(0x1e001420), 0x03040000);
    EXPECT_EQ(rd(0x1e001424), 0x102);
    EXPECT_EQ(rd(0x1e001422), 0x01020304);
}

TEST(identification)
{
    fake_reset();
    EXPECT_EQ(rd(SYS), 0x01780500);
    EXPECT_EQ(rd(SYS + 0x84), 0x0e000000);
}

TEST(flags)
{
    fake_reset();
    wr(SYS + 0x30, 0x70008000);
    wr(SYS + 0x30, 1);
    EXPECT_EQ(rd(SYS + 0x30), 0x70008001);
    wr(SYS + 0x34, 0x8000);
    EXPECT_EQ(rd(SYS + 0x30), 0x70000001);
}

TEST(counter_24mhz)
{
    fake_reset();
    fake_now = 12345678901;
    EXPECT_EQ(rd(SYS + 0x24), 0); /* stands still there */
    EXPECT_EQ(rd(SYS + 0x5c), 296296293);
    fake_now = 1000000000ull * 86400 * 365;
    EXPECT_EQ(rd(SYS + 0x5c), (uint32_t)(24000000ull * 86400 * 365));
}

TEST(reset_needs_the_lock_and_the_bit)
{
    volatile unsigned resets = 0;

    fake_reset();
    if (setjmp(on_reset) == 0)
        wr(SYS + 0x40, 0x4);
    else
        resets++;
    EXPECT_EQ(resets, 0);
    wr(SYS + 0x20, 0xa05f);
    EXPECT_EQ(rd(SYS + 0x20), 0xa05f);
    wr(SYS + 0x40, 0x3);
    EXPECT_EQ(rd(SYS + 0x40), 0x3);
    if (setjmp(on_reset) == 0)
        wr(SYS + 0x40, 0x4);
    else
        resets++;
    EXPECT_EQ(resets, 1);
}

/* Every register of every device survives any access of any width. */
TEST(hostile_sweep)
{
    static const uint32_t values[] = {0, 0xffffffff, 0x80000001, 0x7f};

    fake_reset();
    for (uint32_t base = 0x10000000; base <= 0x10030000; base += 0x1000)
        for (uint32_t offset = 0; offset < 0x1000; offset++)
            for (unsigned i = 0; i < 4; i++) {
                unsigned size = offset & 1 ? 1 : offset & 2 ? 2 : 4;

                bus_read(GPA(base + offset), size);
                if (base + (offset & ~3u) != SYS + 0x40)
                    bus_write(GPA(base + offset), values[i], size);
                fake_run_until(fake_now + 100000);
            }
}

static uint32_t given_read(void *state, uint32_t offset, unsigned size)
{
    return *(uint32_t *)state + offset + size;
}
static void given_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    *(uint32_t *)state = value + offset + size;
}

/* Last: it is given for good. */
TEST(a_device_of_the_host)
{
    static uint32_t state = 0x1000;
    static const struct direct_device d = {
        {"given", 0x10012000, PAGE_SIZE, &state, given_read, given_write, NULL}, {0x5000}, 37, NULL};

    fake_reset();
    EXPECT(!bus_direct(GPA(0x10012004)));
    bus_give(&d);
    bus_reset();
    EXPECT_EQ(rd(0x10012004), 0x1008);
    EXPECT_EQ(bus_read(GPA(0x10012ffe), 2), (0x1000 + 0xffe + 2) & 0xffff);
    wr(0x10012008, 0x70);
    EXPECT_EQ(state, 0x7c);
    EXPECT(bus_direct(GPA(0x10012004)) == &d && bus_direct(GPA(0x10012fff)) == &d);
    EXPECT(!bus_direct(GPA(0x10011fff)) && !bus_direct(GPA(0x10013000)));
    wr(0x1e001c08, 0x800); /* interrupt 37 edge-triggered: every change must be seen */
    EXPECT(!bus_direct(GPA(0x10012004)));
    EXPECT_EQ(rd(0x10012004), 0x7c + 8);
    wr(0x1e001c08, 0);
    EXPECT(bus_direct(GPA(0x10012004)) == &d);
}
