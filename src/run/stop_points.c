/*
 * The guest's interrupts are injected at an instruction boundary (design 3.7).
 *
 * In the middle of an instruction's host code the VMM plants stop points (cache/stop.h): UDFs at every way
 * out of it. They live until the next exit, whatever it is.
 */
#include "run/run.h"

#include "cache/stop.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/a32.h"

static struct {
    struct block *block;
    uint32_t generation; /* of the code cache, that `block` is of */
    unsigned count;
    struct stop at[STOPS_MOST];
    uint32_t old[STOPS_MOST];
} stops;

void interrupt_clear_stops(void)
{
    if (interrupt_has_stops())
        for (unsigned i = 0; i < stops.count; i++)
            cache_patch(stops.block, stops.at[i].word, stops.old[i]);
    stops.count = 0;
}

bool interrupt_has_stops(void) { return stops.count && stops.generation == cache.generation; }

/* `at` is in the middle of an instruction. */
static void plant_stops(struct place at)
{
    run_stats.stop_points++;
    stops.block = at.block;
    stops.generation = cache.generation;
    stops.count = stops_find(at.block, at.word, stops.at);
    for (unsigned i = 0; i < stops.count; i++)
        stops.old[i] = cache_patch(at.block, stops.at[i].word, A32_UDF);
}

static void inject(struct frame *f, struct place at)
{
    sync_in(f, at);
    enter_guest(f);
}

void interrupt_resume(struct frame *f, struct place at)
{
    if (!gic_irq_pending())
        return;
    if (sync_is_user(f)) {
        if (!((vcpu.cpsr & PSR_MODE) == MODE_USR && vcpu.cpsr & PSR_I))
            inject(f, at);
        return;
    }
    if (f->psr & PSR_F || !at.block)
        return;
    if (at.insn->word == at.word) {
        inject(f, at);
        return;
    }
    if (at.site && cache_peek(at.block, at.word) == A32_UDF)
        return; /* it exits by itself at once */
    plant_stops(at);
}

void interrupt_leave(struct frame *f, struct place at, bool begun)
{
    if (!at.block || at.block->valid || interrupt_has_stops() || f->pc != at.block->host.a + at.word * 4)
        return;
    if (begun && at.insn->word == at.word)
        inject(f, at);
    else
        plant_stops(at);
}

/* The stop at this place; NULL: none, the UDF is the block's own. */
static const struct stop *stop_at(struct place at)
{
    if (interrupt_has_stops() && stops.block == at.block)
        for (unsigned i = 0; i < stops.count; i++)
            if (stops.at[i].word == at.word)
                return &stops.at[i];
    return NULL;
}

static void stopped_at_exit(struct frame *f, struct place at)
{
    if (condition_holds(f->psr, cache_peek(at.block, at.word) >> 28)) {
        sync_in_exit(f, at.block, at.site);
        enter_guest(f);
    } else {
        f->pc += 4;
        interrupt_resume(f, place_at(at.block, at.word + 1));
    }
}

bool interrupt_stopped(struct frame *f, struct place at)
{
    const struct stop *stop = stop_at(at);

    interrupt_clear_stops(); /* their records stay */
    if (!stop)
        return false;
    switch ((enum stop_kind)stop->kind) {
    case STOP_BETWEEN: inject(f, at); break;
    case STOP_EXIT: stopped_at_exit(f, at); break;
    case STOP_JUMP:
        branch_complete(f);
        enter_guest(f);
        break;
    case STOP_RETURN: run_callout(f, at, cache_peek(at.block, at.word), 4); break;
    }
    return true;
}
