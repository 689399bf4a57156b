/*
 * Stratified samples of an encoding's words.
 */
#include "support/sample.h"

#include <string.h>

static uint64_t state = 88172645463325252u;

void sample_seed(uint64_t seed) { state = seed * 2654435761u + 88172645463325252u; }

uint32_t sample_random(void) /* xorshift64 */
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* The value that one field gets. */
static uint32_t sample_field(char letter)
{
    uint32_t random = sample_random();

    if (letter == 'c')
        return random & 0x10 ? COND_AL : random % 15;
    if (letter == 'z' || letter == 'o')
        return random % 64 ? (letter == 'o' ? 0xffffffff : 0) : sample_random();
    switch (sample_random() % 12) {
    case 0: return 0;
    case 1: return 0xffffffff;
    case 2: return strchr("ndmatx", letter) ? REG_SP : 1u << random % 24;
    case 3: return strchr("ndmatx", letter) ? REG_PC : 1u << random % 8;
    case 4: return random % 4;
    default: return random;
    }
}

uint32_t sample_row(const struct decoder_row *row)
{
    unsigned width = (unsigned)strlen(row->bits);
    uint32_t word = 0, fields[128];
    bool known[128] = {false};

    for (unsigned i = 0; i < width; i++) { /* from the lowest bit up */
        char c = row->bits[width - 1 - i];

        if (c == '0' || c == '1') {
            word |= (uint32_t)(c == '1') << i;
            continue;
        }
        if (!known[(unsigned)c]) {
            known[(unsigned)c] = true;
            fields[(unsigned)c] = sample_field(c);
        }
        word |= (fields[(unsigned)c] & 1) << i;
        fields[(unsigned)c] >>= 1;
    }
    return word;
}

#define WIDE    5u /* bits: wider fields have CORNERS values */
#define CORNERS 4u

static unsigned field_width(const struct decoder_row *row, char letter)
{
    unsigned width = 0;

    for (const char *c = row->bits; *c; c++)
        width += *c == letter;
    return width;
}

/* Letters of fields, each at its first place in the diagram. */
static bool begins_field(const struct decoder_row *row, unsigned i)
{
    char c = row->bits[i];

    return c != '0' && c != '1' && strchr(row->bits, c) == row->bits + i;
}

static unsigned value_count(unsigned width) { return width <= WIDE ? 1u << width : CORNERS; }

static uint32_t value_of(unsigned width, unsigned n)
{
    const uint32_t largest = (uint32_t)((1ull << width) - 1), corners[CORNERS] = {0, 1, largest, largest - 1};

    return width <= WIDE ? n : corners[n];
}

unsigned sample_corner_count(const struct decoder_row *row)
{
    unsigned count = 0;

    for (unsigned i = 0; row->bits[i]; i++)
        if (begins_field(row, i))
            count += value_count(field_width(row, row->bits[i]));
    return count;
}

uint32_t sample_corner(const struct decoder_row *row, unsigned n)
{
    uint32_t word = sample_row(row), value;
    unsigned i = 0, width = (unsigned)strlen(row->bits);

    for (;; i++) {
        if (!begins_field(row, i))
            continue;
        if (n < value_count(field_width(row, row->bits[i])))
            break;
        n -= value_count(field_width(row, row->bits[i]));
    }
    value = value_of(field_width(row, row->bits[i]), n);
    for (unsigned at = width; at-- > 0;) { /* the field's bits from the lowest up */
        if (row->bits[at] != row->bits[i])
            continue;
        word = (word & ~(1u << (width - 1 - at))) | (value & 1) << (width - 1 - at);
        value >>= 1;
    }
    return word;
}
