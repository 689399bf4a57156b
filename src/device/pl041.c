/*
 * PL041. A file of words that keep what is written to them, status too; some have effects. The FIFO cannot be
 * read, so that it has a level is all there is to it.
 */
#include "device/pl041.h"

#include "device/bus.h"
#include "device/lm4549.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"
#include "device/timer.h"

#define REGISTERS_END 0x110u
#define PERIPHERAL_ID 0x00041041u
#define FIFO_SIZE_ID  0xfecu /* the yardstick has it in this byte of the word only */
#define FIFO_SIZE_512 0x29000000u
#define FIFO_SIZE     512u
#define FIFO          0x90u
#define FIFO_END      0xa0u

enum { /* registers' offsets / 4 */
       TX_CONTROL = 0x04 / 4,
       STATUS = 0x08 / 4,
       INTERRUPTS = 0x0c / 4,
       ENABLE = 0x10 / 4,
       SLOT_1_RX = 0x50 / 4,
       SLOT_1_TX = 0x54 / 4,
       SLOT_2_RX = 0x58 / 4,
       SLOT_2_TX = 0x5c / 4,
       SLOT_FLAGS = 0x68 / 4,
       CLEAR = 0x74 / 4,
       MAIN_CONTROL = 0x78 / 4,
       ALL_INTERRUPTS = 0x84 / 4
};

#define TX_ENABLE            0x1u
#define TX_SLOTS_3_4         0x18u
#define TX_SIZE(control)     ((control) >> 13 & 3) /* 0 and 3: 16 and 12 bits, which can be compact */
#define TX_COMPACT           0x8000u
#define STATUS_RX_EMPTY      0x001u
#define STATUS_TX_EMPTY      0x002u
#define STATUS_TX_HALF_EMPTY 0x008u
#define STATUS_TX_FULL       0x020u
#define STATUS_TX_BUSY       0x080u
#define STATUS_TX_UNDERRUN   0x200u
#define INTERRUPT_COMPLETE   0x01u
#define INTERRUPT_TX         0x04u
#define INTERRUPT_UNDERRUN   0x20u
#define INTERRUPTS_MASK      0x7fu
#define SLOT_1_READ          0x80000u
#define FLAG_1_TX_EMPTY      0x080u
#define FLAG_2_TX_EMPTY      0x200u
#define FLAG_12_TX_EMPTY     0x800u
#define FLAGS_RX_BUSY        0x005u
#define FLAGS_RX_VALID       0x140u
#define CLEAR_UNDERRUN       0x20u
#define MAIN_ENABLE          0x1u

static struct pl041 {
    uint32_t reg[REGISTERS_END / 4];
    unsigned level;         /* samples in the FIFO */
    bool sends, is_compact; /* as the last write of the control register said */
} aaci;

static void clear(void)
{
    aaci = (struct pl041){0};
    aaci.reg[STATUS] = STATUS_RX_EMPTY | STATUS_TX_EMPTY | STATUS_TX_HALF_EMPTY;
    aaci.reg[SLOT_FLAGS] = FLAG_1_TX_EMPTY | FLAG_2_TX_EMPTY | FLAG_12_TX_EMPTY;
}

static void set_bits(unsigned reg, uint32_t bits, bool on)
{
    aaci.reg[reg] = on ? aaci.reg[reg] | bits : aaci.reg[reg] & ~bits;
}

static void write_fifo(void)
{
    uint32_t *status = &aaci.reg[STATUS];

    if (aaci.is_compact ? aaci.level + 2 < FIFO_SIZE : aaci.level < FIFO_SIZE)
        aaci.level += aaci.is_compact ? 2 : 1;
    *status &= ~(STATUS_TX_UNDERRUN | STATUS_TX_EMPTY);
    if (aaci.level >= FIFO_SIZE / 2)
        *status &= ~STATUS_TX_HALF_EMPTY;
    if (aaci.level >= FIFO_SIZE)
        *status |= STATUS_TX_FULL;
}

/* From half a FIFO on, to the codec, as far as it has room. */
static void transmit(void)
{
    uint32_t *status = &aaci.reg[STATUS];
    unsigned sent;

    if (!aaci.sends || !(aaci.reg[TX_CONTROL] & TX_SLOTS_3_4) || aaci.level < FIFO_SIZE / 2)
        return;
    sent = lm4549_take_samples(aaci.level);
    if (!sent)
        return;
    aaci.level -= sent;
    *status &= ~STATUS_TX_FULL;
    if (aaci.level <= FIFO_SIZE / 2)
        *status |= STATUS_TX_HALF_EMPTY;
    if (!aaci.level)
        *status |= STATUS_TX_EMPTY | STATUS_TX_UNDERRUN;
}

static void update(void)
{
    uint32_t status = aaci.reg[STATUS];

    set_bits(INTERRUPTS, INTERRUPT_UNDERRUN, status & STATUS_TX_UNDERRUN);
    set_bits(INTERRUPTS, INTERRUPT_TX, status & STATUS_TX_HALF_EMPTY);
    set_bits(INTERRUPTS, INTERRUPT_COMPLETE, !(status & STATUS_TX_BUSY) && status & STATUS_TX_EMPTY);
    gic_set_line(MACHINE_IRQ_AACI, aaci.reg[INTERRUPTS] & aaci.reg[ENABLE]);
}

static void expire(enum timer_slot slot, uint64_t now)
{
    (void)slot, (void)now;
    lm4549_expire();
    transmit();
    update();
}

static void write_slot_1(uint32_t value)
{
    unsigned index = value >> 12 & 0x7f;

    set_bits(SLOT_FLAGS, FLAG_1_TX_EMPTY, false);
    if (!(value & SLOT_1_READ)) {
        lm4549_write(index, (uint16_t)(aaci.reg[SLOT_2_TX] >> 4));
        return;
    }
    aaci.reg[SLOT_1_RX] = value & ~SLOT_1_READ;
    aaci.reg[SLOT_2_RX] = (uint32_t)lm4549_read(index) << 4;
    set_bits(SLOT_FLAGS, FLAGS_RX_BUSY, false);
    set_bits(SLOT_FLAGS, FLAGS_RX_VALID, true);
}

static void write_tx_control(uint32_t value)
{
    aaci.sends = value & TX_ENABLE;
    aaci.is_compact = value & TX_COMPACT && (TX_SIZE(value) == 0 || TX_SIZE(value) == 3);
}

uint32_t pl041_read(void *state, uint32_t offset, unsigned size)
{
    (void)state, (void)size;
    if (offset >= PRIMECELL_ID_OFFSET && offset <= PRIMECELL_LAST_ID)
        return primecell_id(offset == FIFO_SIZE_ID ? PERIPHERAL_ID | FIFO_SIZE_512 : PERIPHERAL_ID, offset);
    if (offset == ALL_INTERRUPTS * 4)
        return aaci.reg[INTERRUPTS] & INTERRUPTS_MASK;
    return offset <= REGISTERS_END - 4 ? aaci.reg[offset / 4] : 0;
}

void pl041_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state, (void)size;
    if (offset > REGISTERS_END - 4)
        return;
    aaci.reg[offset / 4] = value;
    switch (offset) {
    case TX_CONTROL * 4: write_tx_control(value); break;
    case SLOT_1_TX * 4: write_slot_1(value); break;
    case SLOT_2_TX * 4: set_bits(SLOT_FLAGS, FLAG_2_TX_EMPTY, false); break;
    case CLEAR * 4:
        if (value & CLEAR_UNDERRUN)
            set_bits(STATUS, STATUS_TX_UNDERRUN, false);
        break;
    case MAIN_CONTROL * 4:
        if (!(value & MAIN_ENABLE))
            clear();
        break;
    default:
        if (offset >= FIFO && offset < FIFO_END && !(offset & 3))
            write_fifo();
    }
    transmit();
    update();
}

void pl041_reset(void *state)
{
    (void)state;
    clear();
    lm4549_reset();
    timer_bind(TIMER_LM4549, expire);
    gic_set_line(MACHINE_IRQ_AACI, false);
}
