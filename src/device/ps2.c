/*
 * PS/2 keyboard and mouse, as QEMU 7.2 has them. A command is compared as the whole word that was written to
 * the port, its argument is kept as a byte.
 */
#include "device/ps2.h"

enum { ACK = 0xfa, RESEND = 0xfe, SELF_TEST_PASSED = 0xaa };

/* Commands of both, then of the keyboard, then of the mouse. */
enum { GET_ID = 0xf2, SET_RATE = 0xf3, ENABLE = 0xf4, DISABLE = 0xf5, SET_DEFAULTS = 0xf6, RESET = 0xff };
enum { SET_LEDS = 0xed, ECHO = 0xee, SCANCODE_SET = 0xf0, SET_TYPEMATIC = 0xfa, SET_MAKE_BREAK = 0xfc };
enum {
    SCALE_11 = 0xe6,
    SCALE_21 = 0xe7,
    SET_RESOLUTION = 0xe8,
    GET_STATUS = 0xe9,
    SET_STREAM = 0xea,
    POLL = 0xeb,
    END_WRAP = 0xec,
    WRAP = 0xee,
    SET_REMOTE = 0xf0
};

#define STATUS_SCALE_21 0x10u
#define STATUS_ENABLED  0x20u
#define STATUS_REMOTE   0x40u
#define MOVEMENT_STILL  0x08 /* the first byte of a movement of nothing */

static void clear(struct ps2 *p) { p->first = p->count = 0; }

/* All of an answer or nothing of it. */
static void put(struct ps2 *p, const uint8_t *bytes, unsigned count)
{
    if (p->count + count > PS2_QUEUE_SIZE)
        return;
    for (unsigned i = 0; i < count; i++)
        p->queue[(p->first + p->count++) % PS2_QUEUE_SIZE] = bytes[i];
}

#define PUT(p, ...) put(p, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

uint8_t ps2_read(struct ps2 *p)
{
    uint8_t byte = p->queue[p->first];

    p->first = (p->first + 1) % PS2_QUEUE_SIZE;
    p->count--;
    return byte;
}

static void keyboard_command(struct ps2 *p, uint32_t command)
{
    switch (command) {
    case 0x00:
    case SET_TYPEMATIC:
    case ENABLE: PUT(p, ACK); break;
    case GET_ID: PUT(p, ACK, 0xab, 0x83); break;
    case ECHO: PUT(p, ECHO); break;
    case SCANCODE_SET:
    case SET_LEDS:
    case SET_RATE:
    case SET_MAKE_BREAK:
        p->awaits = command;
        PUT(p, ACK);
        break;
    case DISABLE:
    case SET_DEFAULTS:
        p->scancode_set = 2;
        PUT(p, ACK);
        break;
    case RESET:
        p->scancode_set = 2;
        PUT(p, ACK, SELF_TEST_PASSED);
        break;
    default: PUT(p, RESEND); break;
    }
}

static void keyboard_argument(struct ps2 *p, uint32_t value)
{
    bool is_set = p->awaits == SCANCODE_SET;

    p->awaits = 0;
    if (is_set && !value) {
        PUT(p, ACK, p->scancode_set);
    } else if (is_set && value > 3) {
        PUT(p, RESEND);
    } else {
        if (is_set)
            p->scancode_set = (uint8_t)value;
        PUT(p, ACK);
    }
}

static void mouse_defaults(struct ps2 *p)
{
    p->rate = 100;
    p->resolution = 2;
    p->status = 0;
}

static void mouse_movement(struct ps2 *p)
{
    PUT(p, ACK);
    if (p->type)
        PUT(p, MOVEMENT_STILL, 0, 0, 0);
    else
        PUT(p, MOVEMENT_STILL, 0, 0);
}

static void mouse_reset(struct ps2 *p)
{
    mouse_defaults(p);
    p->type = 0;
    clear(p);
    PUT(p, ACK, SELF_TEST_PASSED, p->type);
}

static void mouse_set(struct ps2 *p, uint8_t clear_bits, uint8_t set_bits)
{
    p->status = (p->status & ~clear_bits) | set_bits;
    PUT(p, ACK);
}

static void mouse_command(struct ps2 *p, uint32_t command)
{
    switch (command) {
    case SCALE_11: mouse_set(p, STATUS_SCALE_21, 0); break;
    case SCALE_21: mouse_set(p, 0, STATUS_SCALE_21); break;
    case SET_STREAM: mouse_set(p, STATUS_REMOTE, 0); break;
    case SET_REMOTE: mouse_set(p, 0, STATUS_REMOTE); break;
    case ENABLE: mouse_set(p, 0, STATUS_ENABLED); break;
    case DISABLE: mouse_set(p, STATUS_ENABLED, 0); break;
    case WRAP:
        p->wraps = true;
        PUT(p, ACK);
        break;
    case GET_ID: PUT(p, ACK, p->type); break;
    case SET_RESOLUTION:
    case SET_RATE:
        p->awaits = command;
        PUT(p, ACK);
        break;
    case GET_STATUS: PUT(p, ACK, p->status, p->resolution, p->rate); break;
    case POLL: mouse_movement(p); break;
    case SET_DEFAULTS:
        mouse_defaults(p);
        PUT(p, ACK);
        break;
    case RESET: mouse_reset(p); break;
    default: break; /* not even refused */
    }
}

/* The rates 200, 100, 80 in a row make it a mouse with a wheel (3), 200, 200, 80 one with five buttons (4).
 */
static void mouse_knock(struct ps2 *p, uint32_t rate)
{
    enum { NONE, ONE_200, WHEEL, BUTTONS };

    if (p->knock == WHEEL || p->knock == BUTTONS) {
        if (rate == 80)
            p->type = p->knock == WHEEL ? 3 : 4;
        p->knock = NONE;
    } else if (p->knock == ONE_200) {
        p->knock = rate == 100 ? WHEEL : rate == 200 ? BUTTONS : NONE;
    } else if (rate == 200) {
        p->knock = ONE_200;
    }
}

static void mouse_argument(struct ps2 *p, uint32_t value)
{
    if (p->awaits == SET_RATE) {
        p->rate = (uint8_t)value;
        mouse_knock(p, value);
    } else {
        p->resolution = (uint8_t)value;
    }
    p->awaits = 0;
    PUT(p, ACK);
}

static void mouse_write(struct ps2 *p, uint32_t value)
{
    if (p->awaits) {
        mouse_argument(p, value);
    } else if (p->wraps && value == END_WRAP) {
        p->wraps = false;
        PUT(p, ACK);
    } else if (p->wraps && value != RESET) {
        PUT(p, (uint8_t)value);
    } else {
        mouse_command(p, value);
    }
}

void ps2_write(struct ps2 *p, uint32_t value)
{
    if (p->is_mouse) {
        mouse_write(p, value);
        return;
    }
    clear(p); /* a keyboard's new answer takes the place of the old one */
    if (p->awaits)
        keyboard_argument(p, value);
    else
        keyboard_command(p, value);
}

void ps2_reset(struct ps2 *p) { *p = (struct ps2){.is_mouse = p->is_mouse, .scancode_set = 2}; }
