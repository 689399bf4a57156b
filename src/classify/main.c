/*
 * What instructions are, for ./armature classify (src/command/classify.py), which checks what the user
 * gives and prints what this finds. JSON on stdout.
 *
 *   classify words MODE ADDRESS a32|thumb WORD...    hexadecimal; a Thumb word of more than 16 bits is T32
 *   classify image FILE < job                        FILE: the segments' bytes, one after the other
 *
 * A job's lines; addresses hexadecimal, bit 0 of a root the Thumb state:
 *   segment ADDRESS SIZE OFFSET x|-
 *   root ADDRESS strong|symbol
 *   span ADDRESS END a|t|d             mapping symbols
 *   symbol ADDRESS NAME                ascending
 *   guess                              try what nothing leads to as well
 */
#include "classify/count.h"
#include "classify/emitted.h"
#include "classify/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "classify: %s\n", what);
    exit(1);
}

static void print_word(const struct insn *in, uint32_t address, unsigned mode)
{
    static const char *const traps[] = {"never", "always", "maybe"}, *const isas[] = {"A32", "T16", "T32"};
    const struct decoder_row *row = in->row < decoder_row_count ? &decoder_rows[in->row] : NULL;
    struct emitted emitted;
    struct verdict v;
    char text[128];

    verdict_find(in, &v);
    disassemble(in, address, text, sizeof(text));
    printf("{\"word\": %u, \"size\": %u, \"address\": %u, \"text\": \"%s\", \"isa\": \"%s\", ", in->word,
           in->size, address, text,
           isas[!in->thumb      ? ISA_A32
                : in->size == 2 ? ISA_T16
                                : ISA_T32]);
    if (row)
        printf("\"instruction\": \"%s\", \"encoding\": \"%s\", \"bits\": \"%s\", \"manual\": \"%s\", "
               "\"constraints\": \"%s\", \"row_class\": \"%s\", ",
               row->name, row->encoding, row->bits, row->manual, row->checks,
               verdict_class_names[row->class]);
    printf("\"class\": \"%s\", \"sensitive\": \"%s\", \"traps\": \"%s\", ", verdict_class_names[v.class],
           verdict_sensitivity_text(v.sensitive), traps[v.traps]);
    if (v.sysreg)
        printf("\"register\": \"%s\", ", v.sysreg->name);
    printf("\"no_register\": %s, \"reads\": %u, \"writes\": %u, \"flags_read\": %u, \"flags_written\": %u, ",
           v.no_sysreg ? "true" : "false", in->reads, in->writes, in->flags_read, in->flags_written);
    emitted_find(in, address, mode, &emitted);
    printf("\"how\": \"%s\", \"emitted\": [", emitted_how_names[emitted.how]);
    for (unsigned i = 0; i < emitted.count; i++)
        printf("%s\"%s\"", i ? ", " : "", emitted.lines[i]);
    printf("]}");
}

static int words(int count, char **argv)
{
    unsigned mode = (unsigned)strtoul(argv[0], NULL, 16);
    uint32_t address = (uint32_t)strtoul(argv[1], NULL, 16);
    bool thumb = !strcmp(argv[2], "thumb");

    printf("[");
    for (int i = 3; i < count; i++) {
        uint32_t word = (uint32_t)strtoul(argv[i], NULL, 16);
        struct insn in;

        if (thumb)
            decode_thumb(word, word > 0xffff, &in);
        else
            decode_a32(word, &in);
        printf("%s\n", i > 3 ? "," : "");
        print_word(&in, address, mode);
        address += in.size;
    }
    printf("\n]\n");
    return 0;
}

static uint8_t *file_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;

    if (!file || fseek(file, 0, SEEK_END))
        fail("cannot read the image");
    *size = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*size + 1);
    if (!bytes || fread(bytes, 1, *size, file) != *size)
        fail("cannot read the image");
    fclose(file);
    return bytes;
}

static struct image image;
static struct symbol *symbols;
static unsigned symbol_count;
static bool guess;

static void add_segment(const uint8_t *bytes, size_t file_size, uint32_t address, uint32_t size,
                        size_t offset, bool x)
{
    struct segment *s;

    if (offset > file_size || size > file_size - offset || size % 2 || address % 2)
        fail("a segment is not in the image");
    image.segments = realloc(image.segments, (image.segment_count + 1) * sizeof(*image.segments));
    CHECK(image.segments);
    s = &image.segments[image.segment_count++];
    *s = (struct segment){.address = address, .size = size, .bytes = bytes + offset, .executable = x};
    s->marks = x ? calloc(size / 2 + 2, 1) : NULL;
    CHECK(!x || s->marks);
}

static void add_symbol(uint32_t address, const char *name)
{
    if (symbol_count % 4096 == 0)
        symbols = realloc(symbols, (symbol_count + 4096) * sizeof(*symbols));
    CHECK(symbols);
    symbols[symbol_count++] = (struct symbol){address, strdup(name)};
}

static void job_line(const char *line, const uint8_t *bytes, size_t size)
{
    unsigned long a, b, c;
    char word[16];
    int name = 0;

    if (sscanf(line, "segment %lx %lx %lx %15s", &a, &b, &c, word) == 4)
        add_segment(bytes, size, (uint32_t)a, (uint32_t)b, c, *word == 'x');
    else if (sscanf(line, "root %lx %15s", &a, word) == 2)
        descent_root((uint32_t)a, !strcmp(word, "strong") ? ROOT_STRONG : ROOT_SYMBOL);
    else if (sscanf(line, "span %lx %lx %15s", &a, &b, word) == 3)
        descent_span(&image, (uint32_t)a, (uint32_t)b,
                     *word == 'a'   ? MARK_A32
                     : *word == 't' ? MARK_T16
                                    : MARK_DATA);
    else if (sscanf(line, "symbol %lx %n", &a, &name) == 1 && name)
        add_symbol((uint32_t)a, line + name);
    else if (!strcmp(line, "guess"))
        guess = true;
    else
        fail("a line of the job is not understood");
}

static int count(const char *path)
{
    static char line[4096];
    size_t size;
    uint8_t *bytes = file_bytes(path, &size);

    while (fgets(line, sizeof(line), stdin)) {
        line[strcspn(line, "\n")] = 0;
        job_line(line, bytes, size);
    }
    descent_run(&image, guess);
    count_print(&image, symbols, symbol_count);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 5 && !strcmp(argv[1], "words"))
        return words(argc - 2, argv + 2);
    if (argc == 3 && !strcmp(argv[1], "image"))
        return count(argv[2]);
    fail("see the comment at the top of src/classify/main.c");
}
