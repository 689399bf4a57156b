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
