/* What is known of sites and blocks (light.h). */
#include "dbt/dbt.h"
#include "host/switches.h"
#include "run/light/light.h"

struct light light;

static void forget_blocks(void)
{
    for (unsigned i = 0; i < LIGHT_BLOCKS; i++)
        light.blocks[i].host = light.blocks[i].key = 0;
    light.blocks_at = cache.unreached;
}

void light_update(const struct frame *f, bool allowed)
{
    light.dacr = allowed && SWITCH_ON(light_exits) ? f->dacr : LIGHT_DACR_NONE;
    if (light.generation == cache.generation)
        return;
    light.generation = cache.generation;
    for (unsigned i = 0; i < LIGHT_SITE_SETS; i++)
        light.sites[i][0].host = light.sites[i][1].host = 0;
    forget_blocks();
}

uint32_t light_look_up(gva_t gva, uint32_t key)
{
    struct block *b =
        cache_find_active(gva, key, dbt_entry_away(block_state_of(key, 0, 0))); /* as enter_state() */

    if (light.blocks_at != cache.unreached)
        forget_blocks();
    if (!b)
        return 0;
    light.blocks[gva.a >> 2 & (LIGHT_BLOCKS - 1)] = (struct light_block){gva.a, key, b->host.a};
    return b->host.a;
}

static inline struct light_site *set_of(uint32_t host)
{
    return light.sites[host >> 2 & (LIGHT_SITE_SETS - 1)];
}

const struct light_site *light_site_at(uint32_t host)
{
    const struct light_site *s = set_of(host);

    if (s->host != host)
        s++;
    return s->host == host ? s : NULL;
}

/* Where a new site goes: of two others, in place of the one that came last. */
struct light_site *light_new_site(uint32_t host)
{
    struct light_site *s = set_of(host);

    return s[0].host && s[0].host != host ? &s[1] : &s[0];
}
