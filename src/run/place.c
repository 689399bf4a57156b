/*
 * From an address in the code cache to what is there. Exits come from few places, again and again: the
 * answers are kept by address.
 */
#include "run/run.h"

#define PLACES 512u

static struct place known[PLACES];
static uint32_t known_host[PLACES], known_generation;

struct place place_at(struct block *b, unsigned word)
{
    return (struct place){b, word, cache_insn_at(b, word), cache_site_at(b, word)};
}

struct place place_of(uint32_t host)
{
    unsigned slot = (host >> 2 ^ host >> 11) & (PLACES - 1), word;
    struct block *b;

    if (known_generation != cache.generation) {
        for (unsigned i = 0; i < PLACES; i++)
            known_host[i] = 0;
        known_generation = cache.generation;
    }
    if (known_host[slot] == host)
        return known[slot];
    b = cache_owner(CCA(host), &word);
    if (!b)
        return (struct place){0};
    known_host[slot] = host;
    known[slot] = place_at(b, word);
    return known[slot];
}
