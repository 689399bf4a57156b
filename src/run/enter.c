/*
 * Back to the guest: the block for its PC and state, translated if need be.
 */
#include "run/run.h"

#include "host/stop.h"

#include "cache/jump.h"
#include "dbt/make.h"
#include "device/bus.h"
#include "host/console.h"
#include "host/switches.h"
#include "host/window.h"

struct block_state enter_state(void)
{
    uint32_t cpsr = vcpu.cpsr;
    struct block_state s = {.mode = cpsr & PSR_MODE,
                            .thumb = cpsr & PSR_T,
                            .big_endian = cpsr & PSR_E,
                            .fiq_masked = cpsr & PSR_F,
                            .itstate = psr_itstate(cpsr)};

    s.away = dbt_entry_away(s);
    return s;
}

static bool walk_fetch(uint32_t va, struct translation *out, uint32_t *fsr)
{
    return mmu_walk(&vcpu.mmu, GVA(va), ACCESS_FETCH, true, out, fsr);
}

/* Second half of an instruction that straddles pages. */
static bool read_second(struct dbt_source *s, struct fetch_fault *fault)
{
    struct translation t;
    const uint16_t *p;

    fault->va = GVA((s->pc.a | PAGE_MASK) + 1);
    if (!walk_fetch(fault->va.a, &t, &fault->fsr))
        return false;
    p = guest_memory_at(t.gpa);
    s->second = p ? *p : 0;
    s->second_valid = true;
    return true;
}

/* dbt_source's */
static bool constant(gva_t at, uint32_t *value)
{
    struct code_page *page = cache_active(at);
    struct translation t;
    const uint32_t *word;
    uint32_t fsr;

    if (!page && walk_fetch(at.a, &t, &fsr))
        page = cache_activate(at, t.gpa, t.size_log2, !t.ng);
    if (!page || !cache_page_watched(page))
        return false;
    word = guest_memory_at(GPA(cache_page_gpa(page).a | (at.a & PAGE_MASK)));
    *value = *word;
    return true;
}

/* A bug of the translator's: the guest goes on, more slowly. */
static void note_refused(gva_t pc, const struct made *made)
{
    if (made->refused_count && !run_stats.refused_blocks++)
        console_printf(
            "the verifier refused word %u (%08x) of the block for guest address %08x, which is emulated "
            "instead: a bug of the VMM, please report",
            made->refused_at, (unsigned)made->refused_word, (unsigned)pc.a);
}

static void note_made(const struct dbt_source *s, const struct made *made)
{
    run_stats.translations++;
    run_stats.translated_insns += made->unit.insn_count;
    note_refused(s->pc, made);
    if (made->unit.reads_constant)
        cache_reads(made->block, cache_active(made->unit.constant));
    if (s->second_valid)
        cache_forget(made->block); /* it depends on a second page: good for this time only */
    else if (SWITCH_ON(chaining))
        cache_link_exits(made->block);
}

/* NULL: *fault, or if that is none, a store was full and everything is flushed, try again. */
static struct block *translate(struct code_page *page, gva_t pc, struct block_state state,
                               struct fetch_fault *fault)
{
    gpa_t gpa = cache_page_gpa(page);
    struct dbt_source s = {.pc = pc, .state = state, .page = guest_memory_at(gpa), .constant = constant};
    enum make_verdict verdict;
    struct made made;

    while ((verdict = dbt_make_block(page, &s, &made)) == MAKE_STRADDLES) {
        if (!read_second(&s, fault))
            return NULL;
        fault->fsr = 0;
    }
    if (verdict == MAKE_FULL) {
        cache_flush();
        return NULL;
    }
    note_made(&s, &made);
    return made.block;
}

struct block *enter_find_at(gva_t pc, struct block_state state, struct fetch_fault *fault)
{
    struct code_page *page;
    struct translation t;
    struct block *b;

    *fault = (struct fetch_fault){pc, 0};
    if (!state.thumb && pc.a & 3) { /* as a fetch from there is refused: B1.9.7, alignment */
        fault->fsr = FS_ALIGNMENT;
        return NULL;
    }
    for (;;) {
        page = cache_active(pc);
        if (!page) {
            if (!walk_fetch(pc.a, &t, &fault->fsr))
                return NULL;
            fault->fsr = 0;
            page = cache_activate(pc, t.gpa, t.size_log2, !t.ng);
            if (!page) {
                cache_flush();
                continue;
            }
        }
        b = cache_find(page, pc, state);
        if (b)
            return b;
        b = translate(page, pc, state, fault);
        if (b || fault->fsr)
            return b;
    }
}

struct block *enter_find_block(unsigned away, bool *faulted)
{
    struct block_state state = enter_state();
    struct fetch_fault fault;
    struct block *b;

    state.away = (uint8_t)away;
    b = enter_find_at(GVA(vcpu.r[15]), state, &fault);
    *faulted = !b;
    if (!b) {
        run_stats.fetch_faults++;
        exc_prefetch_abort(&vcpu, fault.va, fault.fsr);
    }
    return b;
}

static void take_interrupts(void)
{
    if (!(vcpu.cpsr & PSR_I) && gic_irq_pending()) {
        run_stats.interrupts++;
        exc_irq(&vcpu);
    }
}

void enter_guest(struct frame *f)
{
    struct block *b = NULL;
    unsigned rounds = 0;
    bool faulted;

    do {
        take_interrupts();
        if ((vcpu.cpsr & PSR_MODE) == MODE_USR) {
            f->pc = vcpu.r[15];
            break;
        }
        b = enter_find_block(enter_state().away, &faulted);
        if (b)
            f->pc = b->host.a;
        else if (++rounds > 2) /* vectors that fault for ever: the host's clock must go on */
            interrupt_host();
    } while (!b);
    sync_out(f);
}
