/* Stop points. Invariant: from any word within a row, control meets a stop or a UDF before another row. */
#include "cache/stop.h"

#include "host/a32.h"
#include "host/stubs.h"

#define A32_MOVS_PC_LR 0xe1b0f00eu

/* The end of `word`'s row: the next one's first word. The last row's is the block's: what follows are UDFs.
 */
static unsigned row_end(const struct block *b, unsigned word)
{
    const struct insn_map *next = cache_insn_at(b, word) + 1;

    return next < b->insns + b->insn_count ? next->word : b->word_count;
}

/*
 * False: control goes on to the next word, or to another of the same instruction. Linked or not, an exit is
 * known by its site.
 */
static bool leaves(struct block *b, unsigned word, enum stop_kind *kind)
{
    uint32_t w = cache_peek(b, word);
    const struct site *s;

    if (w == JUMP_LOAD) {
        *kind = STOP_JUMP;
        return true;
    }
    if (w == A32_MOVS_PC_LR || a32_is_subs_pc_lr(w)) {
        *kind = STOP_RETURN;
        return true;
    }
    if (!a32_is_b(w))
        return false;
    s = cache_site_at(b, word);
    *kind = STOP_EXIT;
    return s && s->kind == SITE_EXIT && s->word == word;
}

unsigned stops_find(struct block *b, unsigned word, struct stop stops[STOPS_MOST])
{
    unsigned end = row_end(b, word), count = 0;
    enum stop_kind kind;

    for (unsigned w = word; w < end; w++)
        if (leaves(b, w, &kind)) {
            CHECK(count < STOPS_MOST); /* test/unit/test_stop.c: all templates */
            stops[count++] = (struct stop){(uint16_t)w, (uint8_t)kind};
        }
    if (end < b->word_count) {
        CHECK(count < STOPS_MOST);
        stops[count++] = (struct stop){(uint16_t)end, STOP_BETWEEN};
    }
    return count;
}
