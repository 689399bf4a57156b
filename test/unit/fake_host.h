/*
 * The host behind the guest's devices, faked: a clock that tests set, a UART that takes as many bytes as they
 * allow. Defines the services of board/board.h and bus_up; include it in one file of a test program.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

#include "board/board.h"
#include "device/bus.h"
#include "device/pl011.h"
#include "device/realview_pb_a8.h"
#include "emul/vcpu.h"
#include "unit.h"

static uint64_t fake_now;
static unsigned fake_uart_room = 1000000;
static char fake_uart_sent[4096];
static unsigned fake_uart_sent_count;
static unsigned fake_uart_refused_count; /* after this many refusals the host takes 4 more bytes; 0: never */
static bool fake_uart_wanted;
static unsigned fake_uart_resume_count;
static uint32_t fake_rtc_seconds;
static unsigned fake_note_count;
static gpa_t fake_noted;

uint64_t board_now_ns(void) { return fake_now; }

bool board_uart_put(uint8_t byte)
{
    if (fake_uart_room == 0) {
        if (fake_uart_refused_count && --fake_uart_refused_count == 0)
            fake_uart_room = 4;
        return false;
    }
    fake_uart_room--;
    fake_uart_sent[fake_uart_sent_count++ % sizeof fake_uart_sent] = (char)byte;
    return true;
}

void board_uart_want_tx(bool want) { fake_uart_wanted = want; }
void board_uart_rx_resume(void) { fake_uart_resume_count++; }
uint32_t board_rtc_seconds(void) { return fake_rtc_seconds; }

static void note_unassigned(gpa_t gpa, bool is_write)
{
    (void)is_write;
    fake_note_count++;
    fake_noted = gpa;
}

static unsigned fake_direct_changes;
static void direct_changed(void) { fake_direct_changes++; }

/* Guest RAM for bus masters: so much from zero. */
static uint8_t fake_ram[0x20000];

uint32_t mem_read_physical(gpa_t gpa, unsigned size)
{
    uint32_t value = 0;

    if (gpa.a > sizeof fake_ram - size)
        return bus_read(gpa, size);
    memcpy(&value, fake_ram + gpa.a, size);
    return value;
}

void mem_write_physical(gpa_t gpa, unsigned size, uint32_t value)
{
    if (gpa.a > sizeof fake_ram - size)
        bus_write(gpa, value, size);
    else
        memcpy(fake_ram + gpa.a, &value, size);
}

#ifndef FAKE_HOST_RESET /* a test of reset brings its own, which leaves by longjmp */
static _Noreturn void reset_machine(void)
{
    printf("unexpected reset of the machine\n");
    exit(1);
}
#endif
static const struct bus_upcalls upcalls = {note_unassigned, direct_changed, reset_machine};

/* No spare devices but those that a test says; they interrupt as it says. */
static bool fake_spare_level;
bool board_spare_level(const struct board_spare *s)
{
    (void)s;
    return fake_spare_level;
}
static const struct board_uart_client *fake_uart;
void board_uart_open(const struct board_uart_client *client) { fake_uart = client; }

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    exit(1);
}

static inline uint32_t rd(uint32_t address) { return bus_read(GPA(address), 4); }
static inline void wr(uint32_t address, uint32_t value) { bus_write(GPA(address), value, 4); }

/* Let time pass as the VMM does: from deadline to deadline. */
static inline void fake_run_until(uint64_t end)
{
    while (timer_next_deadline() <= end) {
        if (timer_next_deadline() > fake_now)
            fake_now = timer_next_deadline();
        timers_run(fake_now);
    }
    fake_now = end;
}

static inline void fake_reset(void)
{
    fake_now = 0;
    fake_uart_room = 1000000;
    fake_uart_sent_count = fake_uart_refused_count = fake_uart_resume_count = 0;
    fake_uart_wanted = false;
    fake_rtc_seconds = 1000;
    fake_note_count = 0;
    bus_init(&upcalls, machine_devices, machine_device_count);
    pl011_share_host();
    bus_reset();
}

#endif
