/* The window's translation tables: what every first-level table, shadow or not, holds there (host/window.h).
 */
#ifndef WINDOW_TABLES_H
#define WINDOW_TABLES_H

#include "host/window.h"
#include "types.h"

/* What is mapped there, and where it is (the VMM's pointers). */
struct window_parts {
    hpa_t ram; /* the guest's */
    uint32_t ram_size;
    const uint32_t *code;
    uint32_t code_size;
    uint32_t *jump_pages;
};
extern uint32_t window_table[4096];             /* what every first-level table has in the window's slots */
void window_map_early(const hpa_t devices[2]);  /* the host devices */
void window_init(const struct window_parts *p); /* everything else */
void window_map_jump(unsigned place, unsigned page); /* jump_map_page (cache/jump.h) */
void window_icache_gate(bool open);
void window_psr_use(
    uint32_t va); /* an MSR CPSR_c trapped there: the pages of its state are wanted from now on */
void window_lend(uint32_t va, bool lend); /* not an address in the VMM's own part */
bool window_close_gates(bool closed);     /* true: it closed them now */
void window_switch_table(uint32_t ttbr0); /* the gates follow */
uint8_t *window_jump_bytes(void);         /* the 256 before WINDOW_JUMP, for the VMM to write */
void stub_set_svc(uint32_t word);         /* the SVC slot, in the stubs page */

#endif
