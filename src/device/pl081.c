/*
 * PL081. A transfer is over when the write that starts it is; a chain of so many elements that the VMM may
 * not stay in here so long goes on at the next expiry of timers, and so does one without an end. As in the
 * yardstick: a destination goes forward by the source's width, and the interrupt line is looked at only when
 * another register than a channel's is written.
 */
#include "device/pl081.h"

#include "device/bus.h"
#include "device/primecell.h"
#include "device/realview_pb_a8.h"
#include "device/timer.h"
#include "emul/vcpu.h"

#define CHANNEL_COUNT    2u
#define CHANNELS         0x100u
#define CHANNELS_END     0x140u
#define ELEMENTS_AT_ONCE 0x10000u

#define CONFIG_ENABLE                 0x1u
#define CHANNEL_ENABLE                0x1u
#define CHANNEL_FLOW(config)          ((config) >> 11 & 7)
#define CHANNEL_ERROR_INTERRUPT       0x4000u
#define CHANNEL_END_INTERRUPT         0x8000u
#define CHANNEL_HALT                  0x40000u
#define CONTROL_COUNT                 0xfffu
#define CONTROL_SOURCE_WIDTH(control) (1u << ((control) >> 18 & 7))
#define CONTROL_TARGET_WIDTH(control) (1u << ((control) >> 21 & 7))
#define CONTROL_SOURCE_FORWARD        0x04000000u
#define CONTROL_TARGET_FORWARD        0x08000000u
#define CONTROL_INTERRUPT             0x80000000u

struct channel {
    uint32_t source, target, next, control, config;
};

static struct pl081 {
    struct channel channel[CHANNEL_COUNT];
    uint32_t config, sync;
    uint8_t ended, ended_mask, failed_mask;
    bool running;
} dma;

static bool is_ready(const struct channel *c)
{
    return (c->config & (CHANNEL_HALT | CHANNEL_ENABLE)) == CHANNEL_ENABLE && !CHANNEL_FLOW(c->config) &&
           c->control & CONTROL_COUNT && CONTROL_SOURCE_WIDTH(c->control) <= 4 &&
           CONTROL_TARGET_WIDTH(c->control) <= 4;
}

static void move_element(struct channel *c)
{
    unsigned from = CONTROL_SOURCE_WIDTH(c->control), to = CONTROL_TARGET_WIDTH(c->control);
    uint32_t value = 0;

    for (unsigned n = 0; n < to; n += from) {
        value |= mem_read_physical(GPA(c->source), from) << 8 * n;
        if (c->control & CONTROL_SOURCE_FORWARD)
            c->source += from;
    }
    for (unsigned n = 0; n < (to < from ? from : to); n += to) {
        mem_write_physical(GPA(c->target + n), to, value >> 8 * n & 0xffffffff >> (32 - 8 * to));
        if (c->control & CONTROL_TARGET_FORWARD)
            c->target += from;
    }
    c->control -= 1;
}

static void end_block(struct channel *c)
{
    gpa_t item = GPA(c->next);

    if (item.a) {
        c->source = mem_read_physical(item, 4);
        c->target = mem_read_physical(GPA(item.a + 4), 4);
        c->control = mem_read_physical(GPA(item.a + 12), 4);
        c->next = mem_read_physical(GPA(item.a + 8), 4);
    } else {
        c->config &= ~CHANNEL_ENABLE;
    }
    if (c->control & CONTROL_INTERRUPT)
        dma.ended |= 1u << (c - dma.channel);
}

/* The first that is ready, as they have priority. */
static struct channel *ready_channel(void)
{
    for (unsigned i = 0; i < CHANNEL_COUNT; i++)
        if (is_ready(&dma.channel[i]))
            return &dma.channel[i];
    return NULL;
}

/* A target may be this controller: its registers change, the transfer that is under way takes note. */
static void run(void)
{
    struct channel *c = NULL;

    if (!(dma.config & CONFIG_ENABLE) || dma.running)
        return;
    dma.running = true;
    for (unsigned i = 0; i < ELEMENTS_AT_ONCE && (c = ready_channel()); i++) {
        move_element(c);
        if (!(c->control & CONTROL_COUNT))
            end_block(c);
    }
    dma.running = false;
    timer_set(TIMER_PL081, c ? board_now_ns() : TIMER_NEVER);
}

static void expire(enum timer_slot slot, uint64_t now)
{
    (void)slot, (void)now;
    run();
}

static void note_masks(void)
{
    dma.ended_mask = 0;
    for (unsigned i = 0; i < CHANNEL_COUNT; i++) {
        if (dma.channel[i].config & CHANNEL_END_INTERRUPT)
            dma.ended_mask |= 1u << i;
        if (dma.channel[i].config & CHANNEL_ERROR_INTERRUPT)
            dma.failed_mask |= 1u << i;
    }
}

static uint32_t *channel_register(uint32_t offset)
{
    unsigned i = (offset - CHANNELS) >> 5, n = offset >> 2 & 7;

    return offset >= CHANNELS && i < CHANNEL_COUNT && n < sizeof(struct channel) / 4
               ? (uint32_t *)&dma.channel[i] + n
               : NULL;
}

static uint32_t enabled_channels(void)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < CHANNEL_COUNT; i++)
        mask |= (dma.channel[i].config & CHANNEL_ENABLE) << i;
    return mask;
}

uint32_t pl081_read(void *state, uint32_t offset, unsigned size)
{
    const uint32_t *channel = channel_register(offset);

    (void)state, (void)size;
    if (channel)
        return *channel;
    switch (offset >> 2) {
    case 0x00 >> 2:
    case 0x04 >> 2: return dma.ended & dma.ended_mask;
    case 0x14 >> 2: return dma.ended;
    case 0x1c >> 2: return enabled_channels();
    case 0x30 >> 2: return dma.config;
    case 0x34 >> 2: return dma.sync;
    default: return offset >= PRIMECELL_ID_OFFSET ? primecell_id(0x0a041081, offset) : 0;
    }
}

static void write_channel(uint32_t *channel, uint32_t offset, uint32_t value)
{
    *channel = value;
    if ((offset >> 2 & 7) == offsetof(struct channel, config) / 4) {
        note_masks();
        run();
    }
}

void pl081_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    uint32_t *channel = channel_register(offset);

    (void)state, (void)size;
    if (channel) {
        write_channel(channel, offset, value);
        return;
    }
    switch (offset >> 2) {
    case 0x08 >> 2: dma.ended &= ~value; break;
    case 0x30 >> 2:
        dma.config = value;
        note_masks();
        run();
        break;
    case 0x34 >> 2: dma.sync = value; break;
    default: break;
    }
    if (offset < CHANNELS || offset >= CHANNELS_END)
        gic_set_line(MACHINE_IRQ_DMA, dma.ended & dma.ended_mask);
}

void pl081_reset(void *state)
{
    (void)state;
    dma = (struct pl081){0};
    timer_bind(TIMER_PL081, expire);
    timer_set(TIMER_PL081, TIMER_NEVER);
    gic_set_line(MACHINE_IRQ_DMA, false);
}
