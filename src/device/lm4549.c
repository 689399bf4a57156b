/*
 * LM4549. Samples fill a buffer of the model's; a full one is empty again when it has sounded.
 */
#include "device/lm4549.h"

#include "device/bus.h"
#include "device/timer.h"

#define REGISTER_COUNT 128u
#define POWER          0x26u
#define POWER_READY    0x0fu /* read-only */
#define EXTENDED_ID    0x28u
#define RATE           0x2cu
#define VENDOR_1       0x7cu
#define VENDOR_2       0x7eu
#define BUFFER_SIZE    1024u /* samples of one channel */
#define NS_PER_S       1000000000u

static struct lm4549 {
    uint16_t reg[REGISTER_COUNT];
    unsigned level;
} codec;

static const struct {
    uint8_t index;
    uint16_t value;
} at_reset[] = {
    {0x00, 0x0d50}, {0x02, 0x8008},     {0x04, 0x8000},        {0x06, 0x8000}, {0x0a, 0x0000},
    {0x0c, 0x8008}, {0x0e, 0x8008},     {0x10, 0x8808},        {0x12, 0x8808}, {0x14, 0x8808},
    {0x16, 0x8808}, {0x18, 0x8808},     {0x1a, 0x0000},        {0x1c, 0x8000}, {0x20, 0x0000},
    {0x22, 0x0101}, {POWER, 0x000f},    {EXTENDED_ID, 0x0001}, {0x2a, 0x0000}, {RATE, 48000},
    {0x32, 48000},  {VENDOR_1, 0x4e53}, {VENDOR_2, 0x4331},
};

static void reset_registers(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(at_reset); i++)
        codec.reg[at_reset[i].index] = at_reset[i].value;
}

uint16_t lm4549_read(unsigned index) { return codec.reg[index % REGISTER_COUNT]; }

void lm4549_write(unsigned index, uint16_t value)
{
    switch (index) {
    case 0: reset_registers(); break;
    case POWER: codec.reg[POWER] = (value & ~POWER_READY) | (codec.reg[POWER] & POWER_READY); break;
    case EXTENDED_ID:
    case VENDOR_1:
    case VENDOR_2: break;
    default: codec.reg[index % REGISTER_COUNT] = value;
    }
}

void lm4549_expire(void) { codec.level = 0; }

static void play(void)
{
    uint64_t time = codec.reg[RATE] ? (uint64_t)BUFFER_SIZE / 2 * NS_PER_S / codec.reg[RATE] : 0;

    if (time)
        timer_set(TIMER_LM4549, board_now_ns() + time);
    else
        lm4549_expire(); /* without a rate nothing sounds */
}

unsigned lm4549_take_samples(unsigned count)
{
    unsigned taken = 0;

    for (; count - taken >= 2 && codec.level < BUFFER_SIZE; taken += 2) {
        codec.level += 2;
        if (codec.level == BUFFER_SIZE)
            play();
    }
    return taken;
}

void lm4549_reset(void)
{
    codec = (struct lm4549){0};
    reset_registers();
    timer_set(TIMER_LM4549, TIMER_NEVER);
}
