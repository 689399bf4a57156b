/*
 * Any four bytes, as A32 and as Thumb: decoding and disassembling are total, and effects in order.
 *
 *   clang -fsanitize=fuzzer,address,undefined ... (README.md)
 */
#include "decoder/decoder.h"
#include "ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static void check(const struct insn *in, uint32_t pc)
{
    char text[64]; /* too small for some: the rest is cut off */
    int length = disassemble(in, pc, text, sizeof(text));

    CHECK(length >= 0 && (size_t)length < sizeof(text) && strlen(text) == (size_t)length);
    CHECK(in->class <= CLASS_UNPREDICTABLE && in->op < OP_COUNT && in->cond <= COND_AL);
    CHECK(!(in->sure & ~in->writes) && !(in->flags_sure & ~in->flags_written));
    CHECK(in->row == 0xffff || in->row < decoder_row_count);
    CHECK(in->class != CLASS_INNOCUOUS || !((in->reads | in->writes) >> REG_PC & 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t words[2];
    struct insn in;

    if (size != sizeof(words))
        return 0;
    memcpy(words, data, sizeof(words));
    decode_a32(words[0], &in);
    check(&in, words[1]);
    decode_thumb(words[0] >> 16 | words[0] << 16, decode_is_wide((uint16_t)words[0]), &in);
    if (!decode_is_wide((uint16_t)words[0]))
        decode_thumb(words[0] & 0xffff, false, &in);
    check(&in, words[1]);
    return 0;
}
