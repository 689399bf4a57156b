/*
 * The guest's device bus: one table of regions, each a PrimeCell replica (design 1, 6).
 *
 * Offsets are relative to the region; sizes are 1, 2, 4 bytes; values are in the low bits. What a
 * region does with widths it does not expect is what QEMU 7.2's model does (it is the yardstick). Unassigned
 * addresses read as zero, ignore writes, are counted and logged once per page.
 */
#ifndef BUS_H
#define BUS_H

#include "board/board.h"

struct device {
    const char *name;
    uint32_t base, size; /* GPA */
    void *state;
    uint32_t (*read)(void *state, uint32_t offset, unsigned size);
    void (*write)(void *state, uint32_t offset, uint32_t value, unsigned size);
    void (*reset)(void *state);
};

/*
 * A device of the host's own that is the guest's: the guest's mappings by small pages lead straight to it,
 * all other accesses come through `device`. Its interrupt line moves at any time; `level` is asked for it
 * (gic.h). While the guest has made its interrupt edge-triggered, every change must be seen, so nothing leads
 * straight to it then.
 */
struct direct_device {
    struct device device; /* one page; reset is not called */
    hpa_t page;
    unsigned irq; /* the guest's */
    const struct board_spare *spare;
};
void bus_give(const struct direct_device *d); /* in place of what is modelled there; before bus_reset() */
const struct direct_device *
bus_direct(gpa_t gpa); /* in that page, and accesses may lead straight to it; NULL otherwise */

/* What the guest machine asks of what runs it. */
struct bus_upcalls {
    void (*unassigned)(gpa_t gpa, bool is_write);  /* the first access to such a page */
    void (*direct_changed)(void);                  /* bus_direct()'s answer is another now */
    void (*reset)(void) __attribute__((noreturn)); /* the guest has reset its machine */
};

#define BUS_PAGES  0x31u /* most devices are pages of one megabyte: by page, so that finding one is a load */
#define BUS_NOTED  64u
#define BUS_DIRECT 2u
struct bus {
    const struct bus_upcalls *up;
    uint32_t unassigned_count;    /* accesses */
    const struct device *devices; /* the machine's */
    unsigned count;
    const struct device *by_page[BUS_PAGES];
    const struct direct_device *given[BUS_DIRECT];
    unsigned given_count;
    uint32_t noted[BUS_NOTED]; /* unassigned pages that were told */
    unsigned noted_count;
};
extern struct bus bus;

/* The machine's devices, in order of reset and of search; the interrupt controller first. */
void bus_init(const struct bus_upcalls *up, const struct device *devices, unsigned count);

void bus_reset(void);
const struct device *bus_find(gpa_t gpa); /* NULL: unassigned */
/* For the shadow tables (shadow_upcalls). */
bool bus_is_device(gpa_t gpa);
bool bus_direct_page(gpa_t gpa, hpa_t *page);
uint32_t bus_read(gpa_t gpa, unsigned size);
void bus_write(gpa_t gpa, uint32_t value, unsigned size);

/* Interrupt lines into the guest's GIC: SPI/PPI number as the GIC numbers them (0..95). */
void gic_set_line(unsigned irq, bool level);
bool gic_irq_pending(void); /* the CPU interface asserts IRQ now */
bool gic_fiq_pending(void);

/*
 * Time is board_now_ns(). Devices keep one deadline each; timer_next_deadline() is the earliest (UINT64_MAX:
 * none), timers_run(now) fires what is due (sets lines).
 */
uint64_t timer_next_deadline(void);
void timers_run(uint64_t now);

#endif
