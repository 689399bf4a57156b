/*
 * The guest's device map (DUI 0417, 4.1, as far as the board's emulator has it).
 */
#include "device/bus.h"

#include "device/gic.h"
#include "device/i2c.h"
#include "device/pl011.h"
#include "device/pl031.h"
#include "device/pl041.h"
#include "device/pl050.h"
#include "device/pl061.h"
#include "device/pl081.h"
#include "device/pl111.h"
#include "device/pl181.h"
#include "device/sp804.h"
#include "device/sram.h"
#include "device/sysreg.h"
#include "device/timer.h"

#define NOTED_PAGES 64u
#define DIRECT_MAX  2u

uint32_t bus_unassigned_count;
const struct bus_upcalls *bus_up;

#define ROW(name, base, size, state, module)                                                                 \
    {                                                                                                        \
        name, base, size, (void *)(state), module##_read, module##_write, module##_reset                     \
    }

static void gic_cpu_reset(void *state) { (void)state; } /* the distributor's row resets both halves */
#define gic_dist_reset gic_reset

/* In order of reset (the GIC, then what drives its lines), and of the search, too. */
static const struct device devices[] = {
    ROW("gic-cpu", 0x1e000000, 0x100, NULL, gic_cpu),
    ROW("gic-dist", 0x1e001000, 0x1000, NULL, gic_dist),
    ROW("sysreg", 0x10000000, 0x1000, NULL, sysreg),
    ROW("uart0", 0x10009000, 0x1000, &pl011[0], pl011),
    ROW("uart1", 0x1000a000, 0x1000, &pl011[1], pl011),
    ROW("uart2", 0x1000b000, 0x1000, &pl011[2], pl011),
    ROW("uart3", 0x1000c000, 0x1000, &pl011[3], pl011),
    ROW("timer01", 0x10011000, 0x1000, &sp804[0], sp804),
    ROW("timer23", 0x10012000, 0x1000, &sp804[1], sp804),
    ROW("rtc", 0x10017000, 0x1000, NULL, pl031),
    ROW("i2c", 0x10002000, 0x1000, NULL, i2c),
    ROW("kmi0", 0x10006000, 0x1000, &pl050[0], pl050),
    ROW("kmi1", 0x10007000, 0x1000, &pl050[1], pl050),
    ROW("gpio0", 0x10013000, 0x1000, &pl061[0], pl061),
    ROW("gpio1", 0x10014000, 0x1000, &pl061[1], pl061),
    ROW("gpio2", 0x10015000, 0x1000, &pl061[2], pl061),
    ROW("aaci", 0x10004000, 0x1000, NULL, pl041),
    ROW("mmci", 0x10005000, 0x1000, NULL, pl181),
    ROW("clcd", 0x10020000, 0x1000, NULL, pl111),
    ROW("dma", 0x10030000, 0x1000, NULL, pl081),
    ROW("sram", 0xe0000000, 0x1000, NULL, sram),
};

/* Most devices are pages of one megabyte: by page, so that finding one is a load. */
#define PAGES_BASE  0x10000000u
#define PAGES_COUNT 0x31u
static const struct device *by_page[PAGES_COUNT];
static const struct direct_device *given[DIRECT_MAX];
static unsigned given_count;

static uint32_t noted[NOTED_PAGES];
static unsigned noted_count;

static void enter(const struct device *d)
{
    uint32_t page = (d->base - PAGES_BASE) / PAGE_SIZE;

    if (page < PAGES_COUNT)
        by_page[page] = d;
}

void bus_give(const struct direct_device *d)
{
    CHECK(given_count < DIRECT_MAX);
    given[given_count++] = d;
    gic_direct_line(d->irq, d->spare);
}

const struct direct_device *bus_direct(gpa_t gpa)
{
    for (unsigned i = 0; i < given_count; i++)
        if (gpa.a - given[i]->device.base < PAGE_SIZE)
            return gic_is_edge_triggered(given[i]->irq) ? NULL : given[i];
    return NULL;
}

void bus_reset(void)
{
    timer_reset();
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++) {
        enter(&devices[i]);
        devices[i].reset(devices[i].state);
    }
    for (unsigned i = 0; i < given_count; i++)
        enter(&given[i]->device);
}

const struct device *bus_find(gpa_t gpa)
{
    uint32_t page = (gpa.a - PAGES_BASE) / PAGE_SIZE;

    if (page < PAGES_COUNT)
        return by_page[page];
    for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
        if (gpa.a - devices[i].base < devices[i].size)
            return &devices[i];
    return NULL;
}

bool bus_is_device(gpa_t gpa) { return bus_find(gpa) != NULL; }

bool bus_direct_page(gpa_t gpa, hpa_t *page)
{
    const struct direct_device *d = bus_direct(gpa);

    if (d)
        *page = d->page;
    return d;
}

static void note_unassigned(gpa_t gpa, bool is_write)
{
    bus_unassigned_count++;
    for (unsigned i = 0; i < noted_count; i++)
        if (noted[i] == gpa.a / PAGE_SIZE)
            return;
    if (noted_count == NOTED_PAGES)
        return; /* a guest that scans its address space does not own the console */
    noted[noted_count++] = gpa.a / PAGE_SIZE;
    bus_up->unassigned(gpa, is_write);
}

static uint32_t value_mask(unsigned size) { return size == 4 ? 0xffffffff : (1u << size * 8) - 1; }

static uint32_t read_aligned(gpa_t gpa, unsigned size)
{
    const struct device *d = bus_find(gpa);

    if (d)
        return d->read(d->state, gpa.a - d->base, size) & value_mask(size);
    note_unassigned(gpa, false);
    return 0;
}

static void write_aligned(gpa_t gpa, uint32_t value, unsigned size)
{
    const struct device *d = bus_find(gpa);

    if (d)
        d->write(d->state, gpa.a - d->base, value & value_mask(size), size);
    else
        note_unassigned(gpa, true);
}

/* The emulator lets unaligned accesses to devices pass: a load becomes two, of which it takes the parts, */
uint32_t bus_read(gpa_t gpa, unsigned size)
{
    unsigned off = gpa.a & (size - 1);
    uint32_t low, high;

    if (!off)
        return read_aligned(gpa, size);
    low = read_aligned(GPA(gpa.a - off), size);
    high = read_aligned(GPA(gpa.a - off + size), size);
    return (low >> off * 8 | high << (size - off) * 8) & value_mask(size);
}

/* and a store becomes bytes. */
void bus_write(gpa_t gpa, uint32_t value, unsigned size)
{
    if (!(gpa.a & (size - 1))) {
        write_aligned(gpa, value, size);
        return;
    }
    for (unsigned i = 0; i < size; i++)
        write_aligned(GPA(gpa.a + i), value >> i * 8 & 0xff, 1);
}
