/*
 * The device replicas behind the line protocol of QEMU's -qtest, so that one script can drive both and
 * compare. Commands: readb|readw|readl A, writeb|writew|writel A V, line N LEVEL (an SPI), rx BYTE (for UART
 * 0, queued), now NS, map. Each is answered by a line "OK [value]"; a change of the GIC's IRQ output comes
 * before it as "IRQ raise|lower 0".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/board.h"
#include "device/bus.h"
#include "device/pl011.h"
#include "device/realview_pb_a8.h"
#include "emul/vcpu.h"

static uint64_t now;

uint64_t board_now_ns(void) { return now; }
bool board_uart_put(uint8_t byte) { return byte || true; }
void board_uart_want_tx(bool want) { (void)want; }
void board_uart_rx_resume(void) {}
uint32_t board_rtc_seconds(void) { return (uint32_t)(1000000000 + now / 1000000000); }
bool board_spare_level(const struct board_spare *s) { return s; }
static const struct board_uart_client *uart;
void board_uart_open(const struct board_uart_client *client) { uart = client; }

/* As much of RAM as DMA is tried on, without translations; at zero it is seen again. */
#define RAM_BASE 0x70000000u
static uint8_t ram[0x20000];

static uint8_t *ram_at(gpa_t gpa, unsigned size)
{
    uint32_t offset = gpa.a < sizeof ram ? gpa.a : gpa.a - RAM_BASE;

    return offset <= sizeof ram - size ? ram + offset : NULL;
}

uint32_t mem_read_physical(gpa_t gpa, unsigned size)
{
    const uint8_t *at = ram_at(gpa, size);
    uint32_t value = 0;

    if (!at)
        return bus_read(gpa, size);
    memcpy(&value, at, size);
    return value;
}

void mem_write_physical(gpa_t gpa, unsigned size, uint32_t value)
{
    uint8_t *at = ram_at(gpa, size);

    if (at)
        memcpy(at, &value, size);
    else
        bus_write(gpa, value, size);
}

/* The ranges of the map, of REGION_STEP bytes and more. */
#define REGION_STEP 0x100u

static void print_map(void)
{
    const struct device *last = NULL;
    uint32_t first = 0;

    for (uint64_t a = 0; a <= 0x100000000; a += REGION_STEP) {
        const struct device *d = a >> 32 ? NULL : bus_find(GPA((uint32_t)a));

        if (d == last)
            continue;
        if (last)
            printf("%08x-%08x ", first, (uint32_t)(a - 1));
        last = d;
        first = (uint32_t)a;
    }
}

static void direct_changed(void) {}
static void note_unassigned(gpa_t gpa, bool is_write) { (void)gpa, (void)is_write; }
static _Noreturn void reset_machine(void)
{
    puts("RESET");
    exit(0);
}
static const struct bus_upcalls upcalls = {note_unassigned, direct_changed, reset_machine};

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static unsigned size_of(char c) { return c == 'b' ? 1 : c == 'w' ? 2 : 4; }

static void run_until(uint64_t end)
{
    while (timer_next_deadline() <= end) {
        now = timer_next_deadline() > now ? timer_next_deadline() : now;
        timers_run(now);
    }
    now = end;
}

int main(void)
{
    char line[128], word[16];
    uint64_t a, b;
    bool irq = false;
    uint8_t queue[256];
    unsigned queued = 0, taken = 0;

    bus_init(&upcalls, machine_devices, machine_device_count);
    pl011_share_host();
    bus_reset();
    while (fgets(line, sizeof line, stdin)) {
        int n = sscanf(line, "%15s %" SCNi64 " %" SCNi64, word, (int64_t *)&a, (int64_t *)&b);
        char answer[32] = "OK";

        if (n >= 2 && !strncmp(word, "read", 4))
            snprintf(answer, sizeof answer, "OK 0x%016x",
                     mem_read_physical(GPA((uint32_t)a), size_of(word[4])));
        else if (n == 3 && !strncmp(word, "write", 5))
            mem_write_physical(GPA((uint32_t)a), size_of(word[5]), (uint32_t)b);
        else if (n == 3 && !strcmp(word, "line"))
            gic_set_line(32 + (unsigned)a, b);
        else if (n == 2 && !strcmp(word, "rx"))
            queue[queued++ % sizeof queue] = (uint8_t)a;
        else if (n == 2 && !strcmp(word, "now"))
            run_until(a);
        else if (!strcmp(word, "map"))
            print_map();
        else
            strcpy(answer, "FAIL");
        while (taken != queued && uart->rx_room())
            uart->rx(queue[taken++ % sizeof queue]);
        if (gic_irq_pending() != irq)
            printf("IRQ %s 0\n", (irq = !irq) ? "raise" : "lower");
        puts(answer);
        fflush(stdout);
    }
    return 0;
}
