/*
 * binutils as the second opinion: one raw file a batch, its listing read back.
 */
#define _GNU_SOURCE
#include "decode/other.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OBJDUMP "arm-none-eabi-objdump"

static void fail(const char *what)
{
    perror(what);
    exit(2);
}

/* Each word at OTHER_STRIDE bytes from the last, no-operations between: an IT must not reach the next word.
 */
static void write_words(FILE *file, const struct word *words, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t slot[OTHER_STRIDE];
        bool thumb = words[i].isa != ISA_A32;
        size_t length = other_bytes(&words[i], slot);

        for (size_t at = length; at < sizeof(slot); at += thumb ? 2 : 4) {
            uint32_t nop = thumb ? 0xbf00 : 0xe1a00000;

            memcpy(slot + at, &nop, thumb ? 2 : 4);
        }
        if (fwrite(slot, sizeof(slot), 1, file) != 1)
            fail("write");
    }
}

static void read_line(char *line, const struct word *words, unsigned count, char *texts, size_t size)
{
    unsigned long address;
    char *tab = strchr(line, '\t'), *end;
    unsigned i;
    bool unpredictable;

    address = strtoul(line, &end, 16);
    if (!tab || *end != ':' || address < OTHER_BASE || (address - OTHER_BASE) % OTHER_STRIDE)
        return;
    i = (unsigned)(address - OTHER_BASE) / OTHER_STRIDE;
    if (i >= count || other_is_later(tab + 1) || strcasestr(tab, "undefined") || strstr(tab, "llegal") ||
        strstr(tab, "<bad") || strstr(tab, "<invalid") || strstr(tab, ".inst") || strstr(tab, ".word") ||
        strstr(tab, ".short"))
        return;
    (void)words;
    unpredictable = strstr(tab, "UNPREDICTABLE");
    tab[strcspn(tab, "@;\n")] = 0;
    snprintf(texts + i * size, size, "%s%s", tab + 1, unpredictable ? OTHER_UNPREDICTABLE : "");
}

void other_objdump(const struct word *words, unsigned count, char *texts, size_t size)
{
    char path[] = "/tmp/words-XXXXXX", command[256], line[512];
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

    if (!file)
        fail(path);
    write_words(file, words, count);
    if (fclose(file))
        fail(path);
    for (unsigned i = 0; i < count; i++)
        texts[i * size] = 0;
    snprintf(command, sizeof(command),
             OBJDUMP " -D -z -w --no-show-raw-insn -b binary -m armv7 -M reg-names-std%s "
                     "--adjust-vma=%u %s",
             words[0].isa == ISA_A32 ? "" : " -M force-thumb", OTHER_BASE, path);
    file = popen(command, "r");
    if (!file)
        fail(OBJDUMP);
    while (fgets(line, sizeof(line), file))
        read_line(line, words, count, texts, size);
    if (pclose(file))
        fail(OBJDUMP);
    unlink(path);
}
