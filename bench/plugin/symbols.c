/* The VMM's symbols, and which of its words are calls. */
#include <stdlib.h>
#include <string.h>

#include "host/window.h"
#include "profile.h"

static struct symbol *symbols;
static size_t symbol_count;
static uint32_t text[(WINDOW_DEVICES - WINDOW_VMM) / 4];

int symbols_known(void) { return symbols != NULL; }

const struct symbol *symbol_below(uint32_t address)
{
    size_t low = 0, high = symbol_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if ((symbols[middle].address & ~1u) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &symbols[low - 1] : NULL;
}

const struct symbol *symbol_at(uint32_t address)
{
    const struct symbol *s = symbol_below(address);

    return s && (s->address & ~1u) == address ? s : NULL;
}

void text_read(const char *path)
{
    FILE *file = fopen(path, "rb");

    check(file);
    check(fread(text, 4, sizeof text / 4, file) ? file : NULL);
    fclose(file);
}

/* BL, BLX; of Thumb (libgcc's functions) the first halfword is the lower one. */
static int is_call_arm(uint32_t w)
{
    return (w & 0x0f000000) == 0x0b000000 || (w & 0x0ffffff0) == 0x012fff30 || (w & 0xfe000000) == 0xfa000000;
}

static int is_call_thumb(uint32_t w)
{
    return (w & 0xd000f800) == 0xd000f000 || (w & 0xd001f800) == 0xc000f000 || (w & 0xffffff87) == 0x4780;
}

int is_call(uint32_t a, uint32_t w)
{
    const struct symbol *s = symbol_below(a);

    return s && s->address & 1 ? is_call_thumb(w) : is_call_arm(w);
}

/* It need not be certain: path_return() looks for the address on the stack. */
int follows_call(uint32_t a)
{
    uint16_t before[2];

    if (a < WINDOW_VMM + 4)
        return 0;
    memcpy(before, (const char *)text + (a - WINDOW_VMM) - 4, 4);
    return is_call_arm(before[0] | (uint32_t)before[1] << 16) ||
           is_call_thumb(before[0] | (uint32_t)before[1] << 16) || is_call_thumb(before[1]);
}

void symbols_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char name[200];
    uint32_t address;

    check(file);
    while (fscanf(file, "%" SCNx32 " %199s", &address, name) == 2) {
        check(symbols = realloc(symbols, (symbol_count + 1) * sizeof *symbols));
        symbols[symbol_count].address = address;
        check(symbols[symbol_count++].name = strdup(name));
    }
    fclose(file);
}
