/*
 * The decoder's throughput on this machine, in million words a second: decoding alone, and with disassembly.
 *
 *   decoder A32-CODE-FILE        words of that file as A32; samples of the tables' rows as A32, T16 and T32
 */
#include "decoder/decoder.h"
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SECONDS 1.0

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static uint32_t sink; /* the results are used */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void decode(enum decoder_isa isa, uint32_t word, struct insn *out)
{
    if (isa == ISA_A32)
        decode_a32(word, out);
    else
        decode_thumb(word, isa == ISA_T32, out);
}

static double measure(enum decoder_isa isa, const uint32_t *words, size_t count, bool text)
{
    double start = now(), seconds;
    unsigned long done = 0;

    do {
        for (size_t i = 0; i < count; i++) {
            struct insn in;
            char line[128];

            decode(isa, words[i], &in);
            sink += in.op + in.reads + (uint32_t)(text ? disassemble(&in, 0, line, sizeof(line)) : 0);
        }
        done += count;
        seconds = now() - start;
    } while (seconds < SECONDS);
    return (double)done / seconds / 1e6;
}

static void report(const char *what, enum decoder_isa isa, const uint32_t *words, size_t count)
{
    printf("%-28s %8.1f decoded  %6.2f disassembled  (million words a second, %zu words)\n", what,
           measure(isa, words, count, false), measure(isa, words, count, true), count);
}

static void report_samples(const char *what, enum decoder_isa isa)
{
    static uint32_t words[1 << 16];
    size_t count = 0;

    while (count < ARRAY_SIZE(words)) /* every row as often as any other */
        for (unsigned r = 0; r < decoder_row_count && count < ARRAY_SIZE(words); r++)
            if (decoder_rows[r].isa == isa)
                words[count++] = sample_row(&decoder_rows[r]);
    report(what, isa, words, count);
}

int main(int argc, char **argv)
{
    static uint32_t words[1 << 22];
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    size_t count = file ? fread(words, 4, ARRAY_SIZE(words), file) : 0;

    if (!count) {
        fprintf(stderr, "usage: decoder A32-CODE-FILE\n");
        return 2;
    }
    report("A32, a kernel's .text", ISA_A32, words, count);
    report_samples("A32, every row as often", ISA_A32);
    report_samples("T16, every row as often", ISA_T16);
    report_samples("T32, every row as often", ISA_T32);
    return sink == 0x12345678; /* no */
}
