/*
 * Capstone (LLVM's tables).
 */
#include "decode/other.h"

#include <capstone/capstone.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static csh open_handle(enum decoder_isa isa)
{
    csh handle;

    if (cs_open(CS_ARCH_ARM, isa == ISA_A32 ? CS_MODE_ARM : CS_MODE_THUMB, &handle) != CS_ERR_OK) {
        fprintf(stderr, "capstone does not start\n");
        exit(2);
    }
    return handle;
}

void other_capstone(const struct word *words, unsigned count, char *texts, size_t size)
{
    static csh handles[3];

    for (unsigned i = 0; i < count; i++) {
        csh *handle = &handles[words[i].isa];
        cs_insn *insn;
        uint8_t bytes[4];
        size_t length = other_bytes(&words[i], bytes);

        if (!*handle)
            *handle = open_handle(words[i].isa);
        texts[i * size] = 0;
        if (cs_disasm(*handle, bytes, length, OTHER_BASE + OTHER_STRIDE * i, 1, &insn)) {
            if (insn->size == length && !other_is_later(insn->mnemonic))
                snprintf(texts + i * size, size, "%s %s", insn->mnemonic, insn->op_str);
            cs_free(insn, 1);
        }
        if (words[i].isa == ISA_T16) /* it would remember an IT block */
            cs_close(handle);
    }
}
