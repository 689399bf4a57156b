/*
 * Hot device accesses (design 6): a load or store of translated code that has hit a device is replaced by a UDF, so
 * that the next time costs neither an abort nor a walk of the shadow tables' side. The emulation is the same,
 * whatever the address turns out to be.
 */
#include "boot/run.h"

#include "emul/switches.h"

#define UDF_SITE 0xe7f000f0u
#define SITES 256u

static struct { uint32_t host, word; } sites[SITES];
static uint32_t generation;

static unsigned slot_of(uint32_t host) { return (host >> 2 ^ host >> 10) % SITES; }

static void forget_if_flushed(void)
{
    if (generation == cache_generation)
        return;
    for (unsigned i = 0; i < SITES; i++)
        sites[i].host = 0;
    generation = cache_generation;
}

void device_site_make(uint32_t host, struct place at)
{
    unsigned slot = slot_of(host), cond = cache_peek(at.block, at.word) >> 28;

    forget_if_flushed();
    if (!SWITCH_ON(device_sites) || sites[slot].host || at.site || cond < COND_AL) /* UDF has no condition */
        return;
    sites[slot].host = host;
    sites[slot].word = cache_patch(at.block, at.word, UDF_SITE);
}

bool device_site_word(uint32_t host, uint32_t *word)
{
    unsigned slot = slot_of(host);

    forget_if_flushed();
    *word = sites[slot].word;
    return sites[slot].host == host;
}
