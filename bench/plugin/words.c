/* Words of code and how often they were executed: a hash by address and value. */
#include <stdlib.h>

#include "profile.h"

struct word {
    struct counter n;
    uint32_t address, value;
};

static struct word **words;
static size_t word_count, word_room;

static size_t word_hash(uint32_t address, uint32_t value)
{
    return (address / 4 * 2654435761u ^ value * 2246822519u) & (word_room - 1);
}

static void words_grow(void)
{
    struct word **old = words;
    size_t old_room = word_room;

    word_room = word_room ? 2 * word_room : 1 << 16;
    check(words = calloc(word_room, sizeof *words));
    for (size_t i = 0; i < old_room; i++)
        if (old[i]) {
            size_t h = word_hash(old[i]->address, old[i]->value);

            while (words[h])
                h = (h + 1) & (word_room - 1);
            words[h] = old[i];
        }
    free(old);
}

struct counter *word_counter(uint32_t address, uint32_t value)
{
    size_t h;

    if (2 * word_count >= word_room)
        words_grow();
    for (h = word_hash(address, value); words[h]; h = (h + 1) & (word_room - 1))
        if (words[h]->address == address && words[h]->value == value)
            return &words[h]->n;
    check(words[h] = calloc(1, sizeof **words));
    word_count++;
    words[h]->address = address;
    words[h]->value = value;
    return &words[h]->n;
}

void words_begin(void)
{
    for (size_t i = 0; i < word_room; i++)
        if (words[i])
            counter_begin(&words[i]->n);
}

void words_write(FILE *out)
{
    for (size_t i = 0; i < word_room; i++)
        if (words[i] && counter_grown(&words[i]->n))
            fprintf(out, "word %08" PRIx32 " %08" PRIx32 " %" PRIu64 "\n", words[i]->address, words[i]->value,
                    counter_grown(&words[i]->n));
}
