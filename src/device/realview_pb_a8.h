/* The guest machine's map: a RealView PB-A8 (DUI 0417, 4.1 and 4.2). Guest physical addresses, interrupts as
 * its GIC numbers them. */
#ifndef REALVIEW_PB_A8_H
#define REALVIEW_PB_A8_H

#include "device/bus.h"

extern const struct device machine_devices[];
extern const unsigned machine_device_count;

#define MACHINE_SYSREG   0x10000000u
#define MACHINE_I2C      0x10002000u
#define MACHINE_AACI     0x10004000u
#define MACHINE_MMCI     0x10005000u
#define MACHINE_KMI0     0x10006000u
#define MACHINE_KMI1     0x10007000u
#define MACHINE_UART0    0x10009000u
#define MACHINE_UART1    0x1000a000u
#define MACHINE_UART2    0x1000b000u
#define MACHINE_UART3    0x1000c000u
#define MACHINE_TIMER01  0x10011000u
#define MACHINE_TIMER23  0x10012000u
#define MACHINE_GPIO0    0x10013000u
#define MACHINE_GPIO1    0x10014000u
#define MACHINE_GPIO2    0x10015000u
#define MACHINE_RTC      0x10017000u
#define MACHINE_CLCD     0x10020000u
#define MACHINE_DMA      0x10030000u
#define MACHINE_GIC_CPU  0x1e000000u
#define MACHINE_GIC_DIST 0x1e001000u
#define MACHINE_SRAM     0xe0000000u

enum {
    MACHINE_IRQ_TIMER01 = 36,
    MACHINE_IRQ_TIMER23 = 37,
    MACHINE_IRQ_GPIO0 = 38,
    MACHINE_IRQ_GPIO1 = 39,
    MACHINE_IRQ_GPIO2 = 40,
    MACHINE_IRQ_RTC = 42,
    MACHINE_IRQ_UART0 = 44,
    MACHINE_IRQ_UART1 = 45,
    MACHINE_IRQ_UART2 = 46,
    MACHINE_IRQ_UART3 = 47,
    MACHINE_IRQ_MMCI0 = 49,
    MACHINE_IRQ_MMCI1 = 50,
    MACHINE_IRQ_AACI = 51,
    MACHINE_IRQ_KMI0 = 52,
    MACHINE_IRQ_KMI1 = 53,
    MACHINE_IRQ_CLCD = 55,
    MACHINE_IRQ_DMA = 56,
};

#endif
