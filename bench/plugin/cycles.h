/* Estimated cycles of what is executed, from the first interval on (cycles.c). */
#ifndef CYCLES_H
#define CYCLES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "qemu_plugin.h"

/* Whose an instruction is. kernel: natively. cache: translated code, without jumps: words of an indirect
 * branch. */
#define CYCLES_OWNERS(X) X(user) X(kernel) X(cache) X(jumps) X(svc) X(stubs) X(vmm) X(start)
enum cycles_owner {
#define X(name) OWNER_##name,
    CYCLES_OWNERS(X)
#undef X
};

/* What data is at. guest: all that is not the VMM's. code: literals. */
#define CYCLES_PLACES(X) X(guest) X(code) X(gate) X(jump_map) X(window) X(vmm)

void cycles_read(const char *path); /* the models' parameters; ends the emulator if they are wrong */
bool cycles_wanted(void);           /* there are models, and nothing has been estimated yet */
void cycles_start(void);
bool cycles_run(void);
bool cycles_is_thumb(const struct qemu_plugin_tb *tb);
void cycles_insn(struct qemu_plugin_insn *insn, uint32_t pc, uint32_t word, bool thumb,
                 enum cycles_owner owner);
void cycles_begin(void);
void cycles_write(FILE *out);

#endif
