/*
 * PL181. A driver waits for the end of every command, without a limit of its own: the command path is
 * complete. The FIFO is the model's: words written in a transfer to the card leave at once, for the card that
 * is not there takes them; none ever comes from it, but words written in a transfer from it stay and can be
 * read back.
 */
#include "device/pl181.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"

#define COMMAND_RESPONSE     0x040u
#define COMMAND_PENDING      0x200u
#define COMMAND_ENABLE       0x400u
#define CONTROL_ENABLE       0x01u
#define CONTROL_FROM_CARD    0x02u
#define STATUS_TIMEOUT       0x04u
#define STATUS_SENT          0x80u
#define STATUS_DATA_END      0x500u
#define STATUS_TX            0x155000u /* active, half empty, full, empty, data available */
#define STATUS_RX            0x2aa000u
#define STATUS_ACTIVE        0x3000u
#define STATUS_TX_HALF_EMPTY 0x4000u
#define STATUS_RX_HALF_FULL  0x8000u
#define STATUS_FULL          0x30000u
#define STATUS_EMPTY         0xc0000u
#define STATUS_AVAILABLE     0x300000u
#define CLEAR_MASK           0x7ffu
#define FIFO_SIZE            16u
#define FIFO                 0x80u
#define FIFO_END             0xc0u

static struct pl181 {
    uint32_t power, clock, argument, command, timer, length, control, left, status, mask[2];
    uint32_t fifo[FIFO_SIZE];
    uint8_t first, count;
    bool was_read; /* the FIFO; the transfer goes on when the status has been looked at */
} mmci;

static uint32_t fifo_bits(void)
{
    uint32_t bits = STATUS_ACTIVE | (mmci.count ? STATUS_AVAILABLE : STATUS_EMPTY);

    if (mmci.count == FIFO_SIZE)
        bits |= STATUS_FULL;
    if (mmci.count <= FIFO_SIZE / 2)
        bits |= STATUS_TX_HALF_EMPTY;
    if (mmci.count >= FIFO_SIZE / 2)
        bits |= STATUS_RX_HALF_FULL;
    return bits & (mmci.control & CONTROL_FROM_CARD ? STATUS_RX : STATUS_TX);
}

static uint32_t pop(void)
{
    uint32_t word = mmci.fifo[mmci.first];

    mmci.first = (mmci.first + 1) % FIFO_SIZE;
    mmci.count--;
    return word;
}

static void push(uint32_t word)
{
    if (mmci.count < FIFO_SIZE)
        mmci.fifo[(mmci.first + mmci.count++) % FIFO_SIZE] = word;
}

static void send_words(void)
{
    for (; mmci.left && mmci.count; mmci.left -= mmci.left < 4 ? mmci.left : 4)
        (void)pop();
}

static void run_data(void)
{
    if (!(mmci.control & CONTROL_FROM_CARD) && !mmci.was_read)
        send_words();
    mmci.status &= ~(STATUS_RX | STATUS_TX);
    if (!mmci.left)
        mmci.status |= STATUS_DATA_END;
    if (!mmci.left && !mmci.count)
        mmci.control &= ~CONTROL_ENABLE;
    else
        mmci.status |= fifo_bits();
}

static void write_command(uint32_t value)
{
    mmci.command = value & ~COMMAND_ENABLE;
    if (!(value & COMMAND_ENABLE) || value & COMMAND_PENDING)
        return;
    mmci.status |= value & COMMAND_RESPONSE ? STATUS_TIMEOUT : STATUS_SENT;
    run_data();
}

static void write_control(uint32_t value)
{
    mmci.control = value & 0xff;
    if (value & CONTROL_ENABLE) {
        mmci.left = mmci.length;
        run_data();
    }
}

static void write_fifo(uint32_t word)
{
    if (mmci.left) {
        push(word);
        run_data();
    }
}

static void update_lines(void)
{
    gic_set_line(MACHINE_IRQ_MMCI0, mmci.status & mmci.mask[0]);
    gic_set_line(MACHINE_IRQ_MMCI1, mmci.status & mmci.mask[1]);
}

static void go_on(void)
{
    if (!mmci.was_read)
        return;
    mmci.was_read = false;
    run_data();
    update_lines();
}

static uint32_t read_status(void)
{
    uint32_t value = mmci.status;

    go_on();
    return value;
}

static uint32_t read_count(void)
{
    uint32_t value = (mmci.left + 3) / 4;

    go_on();
    return value;
}

static uint32_t read_fifo(void)
{
    uint32_t word;

    if (!mmci.count)
        return 0;
    word = pop();
    mmci.was_read = true;
    run_data();
    update_lines();
    return word;
}

static bool is_fifo(uint32_t offset) { return offset >= FIFO && offset < FIFO_END && !(offset & 3); }

uint32_t pl181_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    if (is_fifo(offset))
        return read_fifo();
    switch (offset) {
    case 0x00: return mmci.power;
    case 0x04: return mmci.clock;
    case 0x08: return mmci.argument;
    case 0x0c: return mmci.command;
    case 0x24: return mmci.timer;
    case 0x28: return mmci.length;
    case 0x2c: return mmci.control;
    case 0x30: return mmci.left;
    case 0x34: return read_status();
    case 0x3c: return mmci.mask[0];
    case 0x40: return mmci.mask[1];
    case 0x48: return read_count();
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x00041181, offset) : 0;
    }
}

void pl181_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    switch (offset) {
    case 0x00: mmci.power = value & 0xff; break;
    case 0x04: mmci.clock = value & 0xff; break;
    case 0x08: mmci.argument = value; break;
    case 0x0c: write_command(value); break;
    case 0x24: mmci.timer = value; break;
    case 0x28: mmci.length = value & 0xffff; break;
    case 0x2c: write_control(value); break;
    case 0x38: mmci.status &= ~(value & CLEAR_MASK); break;
    case 0x3c: mmci.mask[0] = value; break;
    case 0x40: mmci.mask[1] = value; break;
    default:
        if (!is_fifo(offset))
            return;
        write_fifo(value);
    }
    update_lines();
}

void pl181_reset(void *state)
{
    (void)state;
    mmci = (struct pl181){0};
    update_lines();
}
