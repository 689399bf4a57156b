/* Proves: the UART sends by interrupt and polled, far more than its FIFOs hold, without loss; the unconnected
 * ones swallow. */
#include "irq.h"

#define UART(n) (0x10009000u + (n)*0x1000)
#define DR      0x00
#define FR      0x18
#define LCR_H   0x2c
#define IMSC    0x38
#define RIS     0x3c
#define MIS     0x40
#define ICR     0x44
#define FR_TXFF 0x20u
#define FR_BUSY 0x08u
#define INT_TX  0x20u

static const char *volatile next;
static volatile unsigned interrupts;

static void fill(void)
{
    while (*next && !(READ32(UART(0) + FR) & FR_TXFF))
        WRITE32(UART(0) + DR, (uint8_t)*next++);
    if (!*next)
        WRITE32(UART(0) + IMSC, 0);
}

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if (iar != IRQ_UART0)
        return;
    interrupts++;
    WRITE32(UART(0) + ICR, INT_TX);
    fill();
    gic_eoi(iar);
}

static char text[20 * 64 + 1];

int main(void)
{
    char *p = text;

    for (unsigned line = 0; line < 20; line++) {
        for (unsigned i = 0; i < 63; i++)
            *p++ = (char)('!' + (line * 7 + i) % 90);
        *p++ = '\n';
    }
    gic_init();
    gic_enable(IRQ_UART0, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    for (unsigned fifos = 0; fifos < 2; fifos++) {
        WRITE32(UART(0) + LCR_H, fifos ? 0x70 : 0x60);
        next = text;
        interrupts = 0;
        WRITE32(UART(0) + ICR, 0x7ff);
        WRITE32(UART(0) + IMSC, INT_TX);
        fill();
        irq_unmask();
        while (*next)
            ;
        irq_mask();
        while (READ32(UART(0) + FR) & FR_BUSY)
            ;
        check("sent by interrupt", *next == 0);
    }
    /* A program that looks at no flag loses nothing. */
    for (p = text; *p; p++)
        WRITE32(UART(0) + DR, (uint8_t)*p);
    while (READ32(UART(0) + FR) & FR_BUSY)
        ;
    for (unsigned n = 1; n < 4; n++) {
        for (unsigned i = 0; i < 100; i++)
            WRITE32(UART(n) + DR, 'x');
        check_eq("unconnected: flags", READ32(UART(n) + FR), 0x90);
        check_eq("unconnected: interrupts", READ32(UART(n) + RIS), INT_TX);
        WRITE32(UART(n) + IMSC, INT_TX);
        check_eq("unconnected: line", gic_ack(), IRQ_SPURIOUS); /* it is not enabled in the GIC */
        check_eq("pending", READ32(GICD_ISPENDR(IRQ_UART0)) >> (IRQ_UART0 + n) % 32 & 1, 1);
        WRITE32(UART(n) + IMSC, 0);
    }
    return 0;
}
