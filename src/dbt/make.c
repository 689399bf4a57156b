/* Blocks into the code cache. Invariant: the last form is one that the verifier accepts, whatever the guest's
 * code. */
#include "dbt/make.h"

enum attempt { ADDED, STRADDLES, FULL, REFUSED };

/* Gates are relative to the place: once more where the block turns out not to fit the first one. */
static enum attempt translate(const struct dbt_source *s, struct translation_unit *u)
{
    enum dbt_verdict verdict;
    cca_t where, again;

    if (!cache_reserve(1, &where))
        return FULL;
    for (;;) {
        verdict = dbt_translate(s, where, u);
        if (verdict == DBT_STRADDLES)
            return STRADDLES;
        CHECK(verdict == DBT_DONE);
        if (!cache_reserve(u->word_count + u->literal_count, &again))
            return FULL;
        if (again.a == where.a)
            return ADDED;
        where = again;
    }
}

static void note_refusal(struct made *out, unsigned bad)
{
    if (out->refused_count++)
        return;
    out->refused_at = bad;
    out->refused_word = out->unit.words[bad];
}

static enum attempt try(struct code_page *p, const struct dbt_source *s, struct made *out)
{
    enum attempt a = translate(s, &out->unit);
    unsigned bad;

    if (a != ADDED)
        return a;
    switch (cache_add(p, &out->unit, &out->block, &bad)) {
    case CACHE_ADDED: return ADDED;
    case CACHE_FULL: return FULL;
    default: break;
    }
    note_refusal(out, bad);
    return REFUSED;
}

enum make_verdict dbt_make_block(struct code_page *p, const struct dbt_source *s, struct made *out)
{
    struct dbt_source form = *s;

    out->refused_count = 0;
    for (;;) {
        switch (try(p, &form, out)) {
        case ADDED: return MAKE_DONE;
        case STRADDLES: return MAKE_STRADDLES;
        case FULL: return MAKE_FULL;
        case REFUSED: break;
        }
        CHECK(form.form != DBT_CALLOUT);
        form.form++;
    }
}
