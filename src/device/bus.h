/*
 * The guest's device bus: one table of regions, each a PrimeCell replica (design 1, 6).
 *
 * Offsets are relative to the region; sizes are 1, 2, 4 bytes; values are in the low bits. What a
 * region does with widths it does not expect is what QEMU 7.2's model does (it is the yardstick). Unassigned
 * addresses read as zero, ignore writes, are counted and logged once per page.
 */
#ifndef BUS_H
#define BUS_H

#include "types.h"

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
    bool (*level)(void);
};
void bus_give(const struct direct_device *d); /* in place of what is modelled there; before bus_reset() */
const struct direct_device *
bus_direct(gpa_t gpa);          /* in that page, and accesses may lead straight to it; NULL otherwise */
void host_direct_changed(void); /* by src/boot: bus_direct()'s answer is another now */

void bus_reset(void);
const struct device *bus_find(gpa_t gpa); /* NULL: unassigned */
uint32_t bus_read(gpa_t gpa, unsigned size);
void bus_write(gpa_t gpa, uint32_t value, unsigned size);
extern uint32_t bus_unassigned_count;
void host_note_unassigned(gpa_t gpa, bool is_write); /* by src/boot: one line, called once a page */

/* A bus master's accesses, of 1, 2, 4 bytes: to RAM, else to a device. By mem.c. */
uint32_t mem_read_physical(gpa_t gpa, unsigned size);
void mem_write_physical(gpa_t gpa, unsigned size, uint32_t value);

/* Interrupt lines into the guest's GIC: SPI/PPI number as the GIC numbers them (0..95). */
void gic_set_line(unsigned irq, bool level);
bool gic_irq_pending(void); /* the CPU interface asserts IRQ now */
bool gic_fiq_pending(void);

/*
 * Time: nanoseconds of the VMM's clock since boot. Devices keep one deadline each; timer_next_deadline() is
 * the earliest (UINT64_MAX: none), timers_run(now) fires what is due (sets lines).
 */
uint64_t host_now_ns(void);
uint64_t timer_next_deadline(void);
void timers_run(uint64_t now);

/* Host services behind the guest's PL011 0, supplied by src/boot (a fake in tests). */
/* False: the host FIFO is full. A guest that ignores FR.TXFF is held by calling this until it takes the
   byte, so it must look at the hardware itself, not wait for an interrupt. */
bool host_uart_put(uint8_t byte);
void host_uart_want_tx(bool want); /* ask for a call of pl011_host_tx_ready() when there is room */
void pl011_host_tx_ready(void);
/* A byte for guest UART 0; only while pl011_host_rx_room(). Bytes for which there is no room stay with the
   host (its receive interrupt off) until host_uart_rx_resume() says that the guest has made room; that may
   call back. */
void pl011_host_rx(uint8_t byte);
bool pl011_host_rx_room(void);
void host_uart_rx_resume(void);
uint32_t host_rtc_seconds(void); /* host's PL031 data register */
_Noreturn void host_power_off(int status);
_Noreturn void host_reset(void);

#endif
