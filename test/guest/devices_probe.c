/* Proves: what drivers probe answers as on the bare board: codec, clock on the two-wire bus, the display's
   frame interrupt, copies by the DMA controller (into code as well), the card interface's FIFO, RAM beside
   the devices; all of the address space is assigned where the board's is. */
#include "irq.h"

#define AACI     0x10004000u
#define CLCD     0x10020000u
#define DMA      0x10030000u
#define I2C      0x10002000u
#define MMCI     0x10005000u
#define SRAM     0xe0000000u
#define IRQ_CLCD 55u

/* --- Codec --- */

static uint32_t codec(uint32_t index)
{
    WRITE32(AACI + 0x54, 1 << 19 | index << 12);
    return READ32(AACI + 0x58) >> 4;
}

static void probe_codec(void)
{
    WRITE32(AACI + 0x78, 0x1f9);
    for (uint32_t index = 0; index < 128; index++)
        if (codec(index))
            print("codec %x: %x\n", (unsigned)index, (unsigned)codec(index));
    WRITE32(AACI + 0x5c, 0x1234 << 4);
    WRITE32(AACI + 0x54, 2 << 12);
    check_eq("codec's volume", codec(2), 0x1234);
    unsigned depth = 0;
    while (!(READ32(AACI + 8) & 0x20) && depth < 10000) { /* until the FIFO is full, as a driver does */
        WRITE32(AACI + 0x90, 0);
        depth++;
    }
    check_eq("depth of the FIFO", depth, 512);
    WRITE32(AACI + 0x78, 0);
    print("audio status %x\n", (unsigned)READ32(AACI + 8));
}

/* --- Two-wire bus --- */

static void lines(bool clock, bool data)
{
    WRITE32(I2C + (data ? 0 : 4), 2);
    WRITE32(I2C + (clock ? 0 : 4), 1);
}

static bool acknowledges(unsigned address)
{
    bool low;

    WRITE32(I2C, 3);
    WRITE32(I2C + 4, 2);
    WRITE32(I2C + 4, 1);
    for (unsigned bit = 8; bit--;) {
        lines(false, address << 1 >> bit & 1);
        WRITE32(I2C, 1);
        WRITE32(I2C + 4, 1);
    }
    lines(true, true);
    low = !(READ32(I2C) & 2);
    WRITE32(I2C + 4, 1);
    lines(true, false);
    WRITE32(I2C, 2);
    return low;
}

/* --- Display --- */

static volatile unsigned frames;

static void on_irq(struct exc_frame *f)
{
    uint32_t iar = gic_ack();

    f->pc -= 4;
    if (iar != IRQ_CLCD)
        return;
    frames++;
    WRITE32(CLCD + 0x28, 0xc);
    gic_eoi(iar);
}

static void probe_display(void)
{
    gic_init();
    gic_enable(IRQ_CLCD, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = on_irq;
    WRITE32(CLCD + 0x1c, 0xc);
    WRITE32(CLCD + 0x18, 0x82b);
    irq_unmask();
    while (frames < 3)
        ;
    WRITE32(CLCD + 0x18, 0);
    irq_mask();
    WRITE32(CLCD + 0x200, 0x12345678);
    check_eq("palette", READ32(CLCD + 0x200), 0x12345678);
    print("display %x %x\n", (unsigned)READ32(CLCD + 0x18), (unsigned)READ32(CLCD + 0x1c));
}

/* --- DMA --- */

#define WORDS_FORWARD 0x8c489000u

static void copy(const void *source, volatile void *target, unsigned words)
{
    WRITE32(DMA + 0x30, 1);
    WRITE32(DMA + 0x08, 0xff);
    WRITE32(DMA + 0x100, (uint32_t)source);
    WRITE32(DMA + 0x104, (uint32_t)target);
    WRITE32(DMA + 0x108, 0);
    WRITE32(DMA + 0x10c, WORDS_FORWARD | words);
    WRITE32(DMA + 0x110, 0xc001);
}

static uint32_t code[2] __attribute__((aligned(8)));
static const uint32_t returns_1[] = {0xe3a00001, 0xe12fff1e}, returns_2[] = {0xe3a00002, 0xe12fff1e};

static void probe_dma(void)
{
    static uint32_t list[4], from[64], to[64];
    uint32_t sum = 0;

    for (unsigned i = 0; i < 64; i++)
        from[i] = i * 0x01010101;
    copy(from, to, 64);
    for (unsigned i = 0; i < 64; i++)
        sum += to[i] == from[i];
    check_eq("words copied", sum, 64);
    print("dma %x %x %x\n", (unsigned)READ32(DMA + 4), (unsigned)READ32(DMA + 0x1c),
          (unsigned)READ32(DMA + 0x10c));
    list[0] = (uint32_t)from;
    list[1] = (uint32_t)&to[32];
    list[3] = WORDS_FORWARD | 8;
    WRITE32(DMA + 0x108, list);
    WRITE32(DMA + 0x100, &from[8]);
    WRITE32(DMA + 0x104, to);
    WRITE32(DMA + 0x10c, WORDS_FORWARD | 8);
    WRITE32(DMA + 0x110, 0xc001);
    print("chain %08x %08x\n", (unsigned)to[0], (unsigned)to[33]);

    copy(returns_1, code, 2);
    code_sync(code, sizeof code);
    check_eq("code by dma", ((uint32_t(*)(void))code)(), 1);
    copy(returns_2, code, 2);
    code_sync(code, sizeof code);
    check_eq("other code by dma", ((uint32_t(*)(void))code)(), 2);
}

/* --- Others --- */

static void probe_card(void)
{
    WRITE32(MMCI + 0x28, 64);
    WRITE32(MMCI + 0x2c, 3);
    for (unsigned i = 0; i < 16; i++)
        WRITE32(MMCI + 0x80, i);
    print("card %x %x", (unsigned)READ32(MMCI + 0x34), (unsigned)READ32(MMCI + 0x30));
    for (unsigned i = 0; i < 16; i++)
        print(" %x", (unsigned)READ32(MMCI + 0x80));
    print("\n");
}

static void probe_sram(void)
{
    WRITE32(SRAM + 0xffc, 0x12345678);
    *(volatile uint8_t *)(SRAM + 0xffd) = 0xff;
    check_eq("RAM beside devices", READ32(SRAM + 0xffc), 0x1234ff78);
    check_eq("and no further", READ32(SRAM + 0x1000), 0);
}

/* One word of each 64 KiB: of all that is not RAM, nor a device whose registers move. */
static void probe_space(void)
{
    uint32_t found = 0;

    for (uint32_t a = 0x10040000; a >= 0x10040000; a += 0x10000)
        if ((a < 0x70000000 || a >= 0x90000000) && READ32(a + 0x8)) {
            print("assigned: %08x\n", (unsigned)a);
            found++;
        }
    print("%u more devices\n", (unsigned)found);
}

int main(void)
{
    probe_codec();
    for (unsigned address = 1; address < 128; address++)
        if (acknowledges(address))
            print("two-wire bus: %x\n", address);
    probe_display();
    probe_dma();
    probe_card();
    probe_sram();
    probe_space();
    return 0;
}
