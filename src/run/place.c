/*
 * From an address in the code cache to what is there. Exits come from few places, again and again: the
 * answers are kept by address.
 */
#include "run/run.h"

#define PLACES 512u

static struct {
    struct place place[PLACES];
    uint32_t host[PLACES]; /* 0: none */
    uint32_t generation;   /* of the code cache */
} places;

struct place place_at(struct block *b, unsigned word)
{
    return (struct place){b, word, cache_insn_at(b, word), cache_site_at(b, word)};
}

struct place place_of(uint32_t host)
{
    unsigned slot = (host >> 2 ^ host >> 11) & (PLACES - 1), word;
    struct block *b;

    if (places.generation != cache.generation) {
        for (unsigned i = 0; i < PLACES; i++)
            places.host[i] = 0;
        places.generation = cache.generation;
    }
    if (places.host[slot] == host)
        return places.place[slot];
    b = cache_owner(CCA(host), &word);
    if (!b)
        return (struct place){0};
    places.host[slot] = host;
    places.place[slot] = place_at(b, word);
    return places.place[slot];
}
