/*
 * Interrupts: the host's are served at once, the guest's are injected at an instruction boundary (design 3.7).
 *
 * In the middle of an instruction's host code the VMM plants stop points: UDFs at every way out of it. They live
 * until the next exit, whatever it is.
 */
#include "boot/run.h"

#include "boot/host.h"
#include "boot/window.h"
#include "cache/stubs.h"
#include "emul/bus.h"
#include "emul/callout.h"

#define UDF_STOP 0xe7f000f0u
#define IS_BRANCH(w) (((w) & 0x0f000000u) == 0x0a000000u && (w) >> 28 != 15)
#define IS_RETURN(w) (((w) & 0x0c10f000u) == 0x0010f000u && ((w) & 0x0d900000u) != 0x01100000u) /* S, Rd = PC */

static struct { struct block *block; unsigned word; uint32_t old; } stops[24];
static unsigned stop_count;
static uint32_t stop_generation;

void interrupt_clear_stops(void)
{
    if (stop_generation == cache_generation)
        while (stop_count--)
            cache_patch(stops[stop_count].block, stops[stop_count].word, stops[stop_count].old);
    stop_count = 0;
}

bool interrupt_has_stops(void) { return stop_count && stop_generation == cache_generation; }

static void stop_at(struct block *b, unsigned word)
{
    CHECK(stop_count < ARRAY_SIZE(stops));
    stops[stop_count].block = b;
    stops[stop_count].word = word;
    stops[stop_count++].old = cache_patch(b, word, UDF_STOP);
}

static uint32_t branch_target(const struct block *b, unsigned word, uint32_t w)
{
    return b->host.a + word * 4 + 8 + (uint32_t)sign_extend(w & 0xffffff, 24) * 4;
}

static unsigned insn_end(const struct block *b, const struct insn_map *m)
{
    return m + 1 < b->insns + b->insn_count ? m[1].word : b->word_count;
}

/* From `at`, in the middle of instruction m: stop wherever control leaves it. */
static void plant_stops(struct place at, const struct insn_map *m)
{
    unsigned end = insn_end(at.block, m);

    run_stats.stop_points++;
    stop_generation = cache_generation;
    for (unsigned w = at.word; w < end; w++) {
        uint32_t word = cache_peek(at.block, w);
        uint32_t inside = branch_target(at.block, w, word) - at.block->host.a;

        if (word == JUMP_LOAD || IS_RETURN(word) || (IS_BRANCH(word) && !(inside / 4 > w && inside / 4 <= end && end < at.block->word_count)))
            if (stop_count + 1 < ARRAY_SIZE(stops))
                stop_at(at.block, w);
    }
    if (end < at.block->word_count)
        stop_at(at.block, end);
}

static void inject(struct frame *f, struct place at)
{
    sync_in(f, at);
    enter_guest(f);
}

void interrupt_resume(struct frame *f, struct place at)
{
    const struct insn_map *m;
    struct site *s;

    if (!gic_irq_pending())
        return;
    if (sync_is_user(f)) {
        if (!((vcpu.cpsr & PSR_MODE) == MODE_USR && vcpu.cpsr & PSR_I))
            inject(f, at);
        return;
    }
    if (f->psr & PSR_F || !at.block)
        return;
    m = at.insn;
    if (m->word == at.word) {
        inject(f, at);
        return;
    }
    s = at.site;
    if (s && cache_peek(at.block, at.word) == UDF_STOP)
        return; /* it exits by itself at once */
    plant_stops(at, m);
}

bool interrupt_stopped(struct frame *f, struct place at)
{
    uint32_t word, target;
    const struct insn_map *m;
    struct site *s;
    bool mine = false;

    for (unsigned i = 0; i < stop_count; i++)
        mine |= stops[i].block == at.block && stops[i].word == at.word && stop_generation == cache_generation;
    interrupt_clear_stops();
    if (!mine)
        return false;
    word = cache_peek(at.block, at.word);
    m = at.insn;
    if (m->word == at.word) {
        inject(f, at);
        return true;
    }
    if (IS_RETURN(word)) {
        run_callout(f, at, word, 4);
        return true;
    }
    if (word == JUMP_LOAD) {
        complete_jump(f);
        enter_guest(f);
        return true;
    }
    if (!IS_BRANCH(word))
        return false; /* a UDF of its own */
    if (!condition_holds(f->psr, word >> 28)) {
        f->pc += 4;
        interrupt_resume(f, place_at(at.block, at.word + 1));
        return true;
    }
    target = branch_target(at.block, at.word, word);
    s = at.site;
    if (s && s->kind == SITE_EXIT) {
        sync_in_exit(f, at.block, s);
        enter_guest(f);
        return true;
    }
    s = cache_site_at(at.block, (target - at.block->host.a) / 4);
    CHECK(s && s->kind == SITE_CALLOUT); /* the only other way out: a late callout */
    run_callout(f, at, s->data, s->size);
    return true;
}

void interrupt_gates(struct frame *f)
{
    (void)f;
    if (window_close_gates(gic_irq_pending()))
        run_stats.gates_closed++;
}

void interrupt_host(void)
{
    host_irq_serve();
    timers_run(host_now_ns());
    host_timer_program(timer_next_deadline());
}

void interrupt_idle(void)
{
    run_stats.idles++;
    host_timer_program(timer_next_deadline());
    while (!gic_irq_pending()) {
        host_wait();
        interrupt_host();
    }
}
