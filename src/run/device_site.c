/*
 * Hot device accesses (design 6): a load or store of translated code that has hit a device is replaced by a
 * UDF, so that the next time costs neither an abort nor a walk of the shadow tables' side. The emulation is
 * the same, whatever the address turns out to be.
 */
#include "run/run.h"

#include "host/a32.h"
#include "host/switches.h"

#define SITE_SETS 128u /* of two */

static struct device_site {
    uint32_t host, word;
} sites[SITE_SETS][2];
static uint32_t generation;

/* That of this address, or one that is free; NULL: both are others'. */
static struct device_site *slot_of(uint32_t host)
{
    struct device_site *s = sites[(host >> 2 ^ host >> 10) % SITE_SETS];

    if (s[0].host == host || !s[0].host)
        return &s[0];
    return s[1].host == host || !s[1].host ? &s[1] : NULL;
}

static void forget_if_flushed(void)
{
    if (generation == cache.generation)
        return;
    for (unsigned i = 0; i < SITE_SETS; i++)
        sites[i][0].host = sites[i][1].host = 0;
    generation = cache.generation;
}

void device_site_make(uint32_t host, struct place at)
{
    unsigned cond = cache_peek(at.block, at.word) >> 28;
    struct device_site *s;

    forget_if_flushed();
    s = slot_of(host);
    /* UDF has no condition. Exclusives: one of a pair alone would be emulated where both are the guest's own
     * memory's. */
    if (!SWITCH_ON(device_sites) || !s || s->host || at.site || cond < COND_AL ||
        is_exclusive(cache_peek(at.block, at.word)))
        return;
    s->host = host;
    s->word = cache_patch(at.block, at.word, A32_UDF);
}

bool device_site_word(uint32_t host, uint32_t *word)
{
    const struct device_site *s;

    forget_if_flushed();
    s = slot_of(host);
    *word = s ? s->word : 0;
    return s && s->host == host;
}
