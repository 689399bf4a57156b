/* Finds the device of an address, and gives it aligned accesses (device/bus.h). */
#include "device/bus.h"

#include "device/gic.h"
#include "device/timer.h"

#define PAGES_BASE 0x10000000u

struct bus bus;

void bus_init(const struct bus_upcalls *up, const struct device *devices, unsigned count)
{
    bus.up = up;
    bus.devices = devices;
    bus.count = count;
}

static void enter(const struct device *d)
{
    uint32_t page = (d->base - PAGES_BASE) / PAGE_SIZE;

    if (page < BUS_PAGES)
        bus.by_page[page] = d;
}

void bus_give(const struct direct_device *d)
{
    CHECK(bus.given_count < BUS_DIRECT);
    bus.given[bus.given_count++] = d;
    gic_direct_line(d->irq, d->spare);
}

const struct direct_device *bus_direct(gpa_t gpa)
{
    for (unsigned i = 0; i < bus.given_count; i++)
        if (gpa.a - bus.given[i]->device.base < PAGE_SIZE)
            return gic_is_edge_triggered(bus.given[i]->irq) ? NULL : bus.given[i];
    return NULL;
}

void bus_reset(void)
{
    timer_reset();
    for (unsigned i = 0; i < bus.count; i++) {
        enter(&bus.devices[i]);
        bus.devices[i].reset(bus.devices[i].state);
    }
    for (unsigned i = 0; i < bus.given_count; i++)
        enter(&bus.given[i]->device);
}

const struct device *bus_find(gpa_t gpa)
{
    uint32_t page = (gpa.a - PAGES_BASE) / PAGE_SIZE;

    if (page < BUS_PAGES)
        return bus.by_page[page];
    for (unsigned i = 0; i < bus.count; i++)
        if (gpa.a - bus.devices[i].base < bus.devices[i].size)
            return &bus.devices[i];
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
    bus.unassigned_count++;
    for (unsigned i = 0; i < bus.noted_count; i++)
        if (bus.noted[i] == gpa.a / PAGE_SIZE)
            return;
    if (bus.noted_count == BUS_NOTED)
        return; /* a guest that scans its address space does not own the console */
    bus.noted[bus.noted_count++] = gpa.a / PAGE_SIZE;
    bus.up->unassigned(gpa, is_write);
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
