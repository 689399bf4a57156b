/* Proves: PL011 interrupt-driven output: FIFO level interrupt, masks, raw and masked status, clear,
   identification, register reads. */
#include "irq.h"

#define UART 0x10009000u
#define DR   (UART + 0x00)
#define FR   (UART + 0x18)
#define IBRD (UART + 0x24)
#define FBRD (UART + 0x28)
#define LCRH (UART + 0x2c)
#define CR   (UART + 0x30)
#define IFLS (UART + 0x34)
#define IMSC (UART + 0x38)
#define RIS  (UART + 0x3c)
#define MIS  (UART + 0x40)
#define ICR  (UART + 0x44)
#define TXIS 0x20u

static const char text[] = "The quick brown fox jumps over the lazy dog, by interrupt.\n";
static volatile unsigned sent, interrupts, others;

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if (iar == IRQ_UART0) {
        interrupts++;
        WRITE32(ICR, TXIS);
        for (unsigned i = 0; i < 4 && sent < sizeof(text) - 1; i++) /* at most half a FIFO at a time */
            WRITE32(DR, (uint32_t)text[sent++]);
        if (sent == sizeof(text) - 1)
            WRITE32(IMSC, 0);
    } else {
        others++;
    }
    gic_eoi(iar);
}

int main(void)
{
    for (uint32_t i = 0; i < 4; i++)
        print("id %02x %02x\n", (unsigned)READ32(UART + 0xfe0 + i * 4),
              (unsigned)READ32(UART + 0xff0 + i * 4));
    while (READ32(FR) & 8)
        ;
    print("FR %02x\n", (unsigned)READ32(FR) & 0xf8);
    WRITE32(IBRD, 0x1a);
    WRITE32(FBRD, 3);
    check_eq("IBRD", READ32(IBRD), 0x1a);
    check_eq("FBRD", READ32(FBRD), 3);
    check_eq("LCRH", READ32(LCRH), 0x70);
    check_eq("CR", READ32(CR), 0x301);
    print("IFLS %02x\n", (unsigned)READ32(IFLS));
    WRITE32(IMSC, 0x7f0);
    check_eq("IMSC", READ32(IMSC), 0x7f0);
    WRITE32(IMSC, 0);

    gic_init();
    gic_enable(IRQ_UART0, 0x80);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    WRITE32(ICR, 0x7ff);
    WRITE32(IMSC, TXIS);
    /* The first byte starts the chain: the line rises as the FIFO drains. */
    WRITE32(DR, (uint32_t)text[sent++]);
    irq_unmask();
    while (sent < sizeof(text) - 1)
        __asm__ volatile("nop");
    irq_mask();
    exc_hook = NULL;
    while (READ32(FR) & 8)
        ;
    check_eq("all sent", sent, sizeof(text) - 1);
    check("in several interrupts", interrupts >= 14 && !others);
    check_eq("raw TX status", READ32(RIS) & TXIS, TXIS);
    check_eq("masked: none", READ32(MIS), 0);
    WRITE32(ICR, TXIS);
    check_eq("cleared", READ32(RIS) & TXIS, 0);
    return 0;
}
