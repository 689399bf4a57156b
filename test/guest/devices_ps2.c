/* Proves: keyboard and mouse answer their drivers' first commands, polled and by interrupt, though nobody
 * touches them. */
#include "irq.h"

#define KMI(n)          (0x10006000u + (n)*0x1000)
#define CR              0x00
#define STAT            0x04
#define DATA            0x08
#define IIR             0x10
#define CR_ENABLED      0x04u
#define CR_RX_INTERRUPT 0x10u
#define STAT_RX_FULL    0x10u
#define IRQ_KMI(n)      (52u + (n))

static void print_answer(unsigned n)
{
    while (READ32(KMI(n) + STAT) & STAT_RX_FULL)
        print(" %x/%x", (unsigned)READ32(KMI(n) + IIR), (unsigned)READ32(KMI(n) + DATA));
    print(" then %x, status %x\n", (unsigned)READ32(KMI(n) + DATA), (unsigned)READ32(KMI(n) + STAT));
}

static void send(unsigned n, uint8_t byte)
{
    print("%u: %x ->", n, byte);
    WRITE32(KMI(n) + DATA, byte);
    print_answer(n);
}

static volatile unsigned received, interrupts;
static volatile uint8_t byte[32];

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();
    unsigned n = iar - IRQ_KMI(0);

    f->pc -= 4;
    if (n > 1)
        return;
    interrupts++;
    byte[received++ % ARRAY_SIZE(byte)] = (uint8_t)READ32(KMI(n) + DATA);
    gic_eoi(iar);
}

/* A driver that waits for its device: it never starts if that does not answer. */
static void reset_by_interrupt(unsigned n, unsigned answers)
{
    received = interrupts = 0;
    WRITE32(KMI(n) + CR, CR_ENABLED | CR_RX_INTERRUPT);
    WRITE32(KMI(n) + DATA, 0xff);
    while (received < answers)
        ;
    WRITE32(KMI(n) + CR, CR_ENABLED);
    for (unsigned i = 0; i < received; i++)
        print(" %x", byte[i]);
    print(": %u interrupts\n", interrupts);
    check("self-test passed", byte[1] == 0xaa);
}

int main(void)
{
    static const uint8_t keyboard[] = {0xff, 0xf2, 0xee, 0xed, 0x07, 0xf0, 0x00, 0xf0, 0x01,
                                       0xf0, 0x00, 0xf0, 0x09, 0xf3, 0x20, 0xf4, 0xf5, 0xf6,
                                       0xfa, 0xfc, 0x1c, 0x00, 0x05, 0x99, 0xff};
    static const uint8_t mouse[] = {0xe9, 0xff, 0xf2, 0xe9, 0xf3, 200,  0xf3, 100,  0xf3, 80,   0xf2, 0xf3,
                                    200,  0xf3, 200,  0xf3, 80,   0xf2, 0xe8, 3,    0xe7, 0xf4, 0xe9, 0xeb,
                                    0xee, 0x55, 0xec, 0xf0, 0xea, 0xf5, 0xf6, 0xe6, 0x11, 0xe9};

    for (unsigned i = 0; i < ARRAY_SIZE(keyboard); i++)
        send(0, keyboard[i]);
    for (unsigned i = 0; i < ARRAY_SIZE(mouse); i++)
        send(1, mouse[i]);
    gic_init();
    gic_enable(IRQ_KMI(0), 0);
    gic_enable(IRQ_KMI(1), 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    irq_unmask();
    reset_by_interrupt(0, 2);
    reset_by_interrupt(1, 3);
    return 0;
}
