/*
 * A PS/2 keyboard or mouse that nobody touches: it answers the commands it is sent, and sends nothing else.
 *
 * Contract with pl050.c, the port: a byte waits for the host while ps2_has_byte(); what a command answers is
 * in the queue when ps2_write() returns.
 */
#ifndef PS2_H
#define PS2_H

#include "types.h"

#define PS2_QUEUE_SIZE 16

struct ps2 {
    bool is_mouse;
    uint32_t awaits; /* the command whose argument comes next; 0: none */
    uint8_t queue[PS2_QUEUE_SIZE];
    uint8_t first, count;
    uint8_t scancode_set;                   /* keyboard */
    uint8_t status, resolution, rate, type; /* mouse */
    uint8_t knock;                          /* mouse: how many of the rates that wake its wheel have come */
    bool wraps;                             /* mouse: echoes everything but two commands */
};

void ps2_reset(struct ps2 *p); /* power on; is_mouse stays */
void ps2_write(struct ps2 *p, uint32_t value);
static inline bool ps2_has_byte(const struct ps2 *p) { return p->count; }
uint8_t ps2_read(struct ps2 *p); /* only while ps2_has_byte() */

#endif
