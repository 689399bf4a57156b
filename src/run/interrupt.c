/*
 * Interrupts: the host's are served at once, the guest's are injected at an instruction boundary
 * (design 3.7).
 *
 * In the middle of an instruction's host code the VMM plants stop points (cache/stop.h): UDFs at every way
 * out of it. They live until the next exit, whatever it is.
 */
#include "run/run.h"

#include "board/board.h"
#include "cache/stop.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/stop.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window_tables.h"

#define UDF_STOP 0xe7f000f0u

static struct {
    struct block *block;
    uint32_t generation; /* of the code cache, that `block` is of */
    unsigned count;
    struct stop at[STOPS_MOST];
    uint32_t old[STOPS_MOST];
} stops;
static uint64_t timeout = UINT64_MAX;

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
        stops.old[i] = cache_patch(at.block, stops.at[i].word, UDF_STOP);
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
    if (at.site && cache_peek(at.block, at.word) == UDF_STOP)
        return; /* it exits by itself at once */
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
        complete_jump(f);
        enter_guest(f);
        break;
    case STOP_RETURN: run_callout(f, at, cache_peek(at.block, at.word), 4); break;
    }
    return true;
}

void interrupt_gates(struct frame *f)
{
    (void)f;
    if (window_close_gates(gic_irq_pending()))
        run_stats.gates_closed++;
}

void interrupt_set_timeout(uint64_t ns)
{
    timeout = ns ? board_now_ns() + ns : UINT64_MAX;
    interrupt_program_timer();
}

void interrupt_program_timer(void)
{
    uint64_t next = timer_next_deadline();

    board_timer_program(next < timeout ? next : timeout);
}

void interrupt_host(void)
{
    uint64_t now;

    board_irq_serve();
    timers_run(now = board_now_ns());
    if (now >= timeout)
        guest_stopped(STATUS_TIMEOUT, "timeout: the guest was stopped at pc %08x, cpsr %08x",
                      (unsigned)vcpu.r[15], (unsigned)vcpu.cpsr);
    interrupt_program_timer();
}

void interrupt_idle(void)
{
    if (!SWITCH_ON(wfi_idle))
        return;
    run_stats.idles++;
    interrupt_program_timer();
    while (!gic_irq_pending()) {
        board_wait();
        interrupt_host();
    }
}
