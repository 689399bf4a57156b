/*
 * What the plugin's files share. Everything runs in the emulator's one processor thread.
 *
 * Counters only grow, most of them by code that the emulator generates; a section is the growth since its
 * begin.
 */
#ifndef PROFILE_H
#define PROFILE_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct counter {
    uint64_t count, base;
};

static inline void counter_begin(struct counter *c) { c->base = c->count; }
static inline uint64_t counter_grown(const struct counter *c) { return c->count - c->base; }

void check(const void *p); /* ends the emulator if it is NULL, with errno's text */

/* words.c: executions of a word of code. A code cache's words change: each value at an address has its own.
 */
struct counter *word_counter(uint32_t address, uint32_t value);
void words_begin(void);
void words_write(FILE *out);

/* symbols.c: the VMM's functions and code, lines "ADDRESS NAME", ascending, bit 0 set for Thumb. */
struct symbol {
    uint32_t address;
    char *name;
};
void symbols_read(const char *path);
void text_read(const char *path);
int symbols_known(void);
const struct symbol *symbol_below(uint32_t address); /* the last one at or below; NULL: none */
const struct symbol *symbol_at(uint32_t address);
int is_call(uint32_t address, uint32_t word);
int follows_call(uint32_t address); /* may a call have returned here? */

/*
 * paths.c: the VMM's instructions by call path. A call pushes its return address, whose execution pops it;
 * what begins a function names the frame, or, without a call before, replaces it (a tail call). All but
 * path_attribute() are callbacks of instructions, before their execution; `data` is a name (of a symbol) or
 * an address.
 */
extern uint64_t vmm_count;         /* instructions of the VMM */
void path_entry(const char *name); /* from the guest, by this stub */
void path_call(unsigned int vcpu, void *back);
void path_function(unsigned int vcpu, void *name);
void path_return(unsigned int vcpu, void *back);
void paths_begin(void);
void paths_write(FILE *out);

/* exits.c: exits by what they did, from the VMM's own counters in the board's RAM. Nothing without
 * counters_read(). */
extern uint64_t stub_count; /* instructions of the stubs in and out of the VMM */
void counters_read(const char *path);
void exit_begins(void);
void exit_is_full(void); /* the one that is going on: more than a light one */
void exits_begin(void);
void exits_end(FILE *out);
void memory_write(const char *path); /* the VMM's memory */

#endif
