/*
 * The guest machine: a RealView PB-A8's devices (DUI 0417, 4.1), as far as the board's emulator has them.
 */
#include "device/realview_pb_a8.h"

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

#define ROW(name, base, size, state, module)                                                                 \
    {                                                                                                        \
        name, base, size, (void *)(state), module##_read, module##_write, module##_reset                     \
    }

static void gic_cpu_reset(void *state) { (void)state; } /* the distributor's row resets both halves */
#define gic_dist_reset gic_reset

/* In order of reset (the GIC, then what drives its lines), and of the search, too. */
const struct device machine_devices[] = {
    ROW("gic-cpu", MACHINE_GIC_CPU, 0x100, NULL, gic_cpu),
    ROW("gic-dist", MACHINE_GIC_DIST, 0x1000, NULL, gic_dist),
    ROW("sysreg", MACHINE_SYSREG, 0x1000, NULL, sysreg),
    ROW("uart0", MACHINE_UART0, 0x1000, &pl011[0], pl011),
    ROW("uart1", MACHINE_UART1, 0x1000, &pl011[1], pl011),
    ROW("uart2", MACHINE_UART2, 0x1000, &pl011[2], pl011),
    ROW("uart3", MACHINE_UART3, 0x1000, &pl011[3], pl011),
    ROW("timer01", MACHINE_TIMER01, 0x1000, &sp804[0], sp804),
    ROW("timer23", MACHINE_TIMER23, 0x1000, &sp804[1], sp804),
    ROW("rtc", MACHINE_RTC, 0x1000, NULL, pl031),
    ROW("i2c", MACHINE_I2C, 0x1000, NULL, i2c),
    ROW("kmi0", MACHINE_KMI0, 0x1000, &pl050[0], pl050),
    ROW("kmi1", MACHINE_KMI1, 0x1000, &pl050[1], pl050),
    ROW("gpio0", MACHINE_GPIO0, 0x1000, &pl061[0], pl061),
    ROW("gpio1", MACHINE_GPIO1, 0x1000, &pl061[1], pl061),
    ROW("gpio2", MACHINE_GPIO2, 0x1000, &pl061[2], pl061),
    ROW("aaci", MACHINE_AACI, 0x1000, NULL, pl041),
    ROW("mmci", MACHINE_MMCI, 0x1000, NULL, pl181),
    ROW("clcd", MACHINE_CLCD, 0x1000, NULL, pl111),
    ROW("dma", MACHINE_DMA, 0x1000, NULL, pl081),
    ROW("sram", MACHINE_SRAM, 0x1000, NULL, sram),
};
const unsigned machine_device_count = ARRAY_SIZE(machine_devices);
