/*
 * Aborts: each has one of the causes below, the first that applies (causes[]). What is left is for the shadow
 * tables to say. The light forms (light/entries.c) go before all of this, for the two most frequent of them:
 * a fault that the shadow tables fill, and a plain true fault.
 */
#include "run/abort.h"

#include "device/bus.h"
#include "emul/callout.h"
#include "host/arm.h"
#include "host/stop.h"
#include "host/stubs.h"
#include "host/window_tables.h"
#include "mmu/fault.h"
#include "ops.h"
#include "run/run.h"

struct abort {
    struct frame *f;
    uint32_t fsr, va;
    enum access access;
    bool privileged;
    struct place at;     /* in translated code; place_nowhere: a program's */
    uint32_t word;       /* there: the host instruction */
    bool is_maintenance; /* it is an MCR: by address, of caches */
};

_Noreturn void abort_host_failed(const struct frame *f, uint32_t fsr, uint32_t far)
{
    const struct fault_row *row = fault_row(fsr);

    if (row->asynchronous)
        machine_stopped(STATUS_VMM, "the host failed: %s (status %08x) before pc %08x, psr %08x", row->name,
                        (unsigned)fsr, (unsigned)f->pc, (unsigned)f->psr);
    machine_stopped(STATUS_VMM, "the host failed: %s (status %08x) at address %08x, pc %08x, psr %08x",
                    row->name, (unsigned)fsr, (unsigned)far, (unsigned)f->pc, (unsigned)f->psr);
}

static bool is_host_fault(enum fault_verdict verdict, uint32_t va)
{
    return verdict == FAULT_HOST || (verdict == FAULT_BUS && window_holds(va));
}

static void inject_data_abort(const struct abort *a, uint32_t fsr)
{
    run_stats.true_faults++;
    sync_in(a->f, a->at);
    exc_data_abort(&vcpu, GVA(a->va), fsr);
    enter_guest(a->f);
}

/* ---- The causes of a data abort ---- */

/* The machine's own: to guess, and go on, would be worse than to stop. */
static bool is_the_hosts(struct abort *a)
{
    if (is_host_fault(fault_row(a->fsr)->data, a->va))
        abort_host_failed(a->f, a->fsr, a->va);
    return false;
}

/* An indirect branch by the jump map to a target that is not word-aligned: Thumb, or a fault to come. */
static bool is_a_jump(struct abort *a)
{
    if (!a->at.block || a->word != JUMP_LOAD)
        return false;
    run_stats.thumb_jumps++;
    branch_complete(a->f);
    enter_guest(a->f);
    return true;
}

/* A load or store that traps on purpose: a closed gate, or a value that a template has no room for
 * (design 2.3, 3.9). */
static bool is_a_trap(struct abort *a)
{
    const struct site *s = a->at.site;

    if (!s || s->kind != SITE_CALLOUT || a->va - WINDOW_ICACHE_GATE >= WINDOW_VECTORS - WINDOW_ICACHE_GATE)
        return false;
    run_stats.gate_traps++;
    window_psr_use(a->va);
    run_callout(a->f, a->at, s->data, s->size);
    return true;
}

/* The guest's, whatever its tables say: alignment, what the bus answers. */
static bool is_told_by_status(struct abort *a)
{
    if (fault_row(a->fsr)->data == FAULT_TABLES)
        return false;
    inject_data_abort(a, a->fsr & (FSR_EXT | FSR_WNR | FSR_STATUS));
    return true;
}

static bool is_told_by_tables(struct abort *a)
{
    struct translation t;
    uint32_t fsr = 0;

    switch (shadow_fault(&vcpu.mmu, GVA(a->va), a->access, a->privileged, &t, &fsr)) {
    case SHADOW_RESUME:
        run_stats.hidden_faults++;
        interrupt_resume(a->f, a->at);
        break;
    case SHADOW_DEVICE:
        run_stats.device_accesses++;
        if (a->at.block && !a->is_maintenance)
            device_site_make(a->f->pc, a->at);
        access_emulate(a->f, a->at, a->word);
        break;
    case SHADOW_WINDOW:
        run_stats.window_accesses++;
        access_emulate(a->f, a->at, a->word);
        break;
    case SHADOW_TRUE_FAULT: inject_data_abort(a, fsr | (a->access == ACCESS_WRITE ? FSR_WNR : 0)); break;
    }
    return true;
}

static bool (*const causes[])(struct abort *) = {is_the_hosts, is_a_jump, is_a_trap, is_told_by_status,
                                                 is_told_by_tables};

/* What the aborted host instruction was about to do. */
static void look_at_code(struct abort *a)
{
    a->at = place_of(a->f->pc);
    if (!a->at.block)
        run_lost(a->f, "a data abort outside the code cache");
    a->word = cache_peek(a->at.block, a->at.word);
    a->privileged = !is_unprivileged(a->word);
    a->is_maintenance = decode_a32_again(a->word)->op == OP_MCR;
    if (a->is_maintenance)
        a->access = ACCESS_READ; /* cache maintenance by address checks like a read (B2.2.6) */
}

void abort_data(struct frame *f)
{
    struct abort a = {.f = f, .fsr = arm_read_dfsr(), .va = arm_read_dfar(), .at = place_nowhere};

    run_stats.exit_dabt++;
    f->pc -= 8;
    a.access = a.fsr & FSR_WNR ? ACCESS_WRITE : ACCESS_READ;
    if (!sync_is_user(f))
        look_at_code(&a);
    for (unsigned i = 0; !causes[i](&a); i++)
        ;
}

/* ---- Prefetch aborts: of programs only ---- */

static void inject_prefetch_abort(struct frame *f, uint32_t va, uint32_t fsr)
{
    sync_in(f, place_nowhere);
    exc_prefetch_abort(&vcpu, GVA(va), fsr);
    enter_guest(f);
}

static void fetch_told_by_tables(struct frame *f, uint32_t va)
{
    struct translation t;
    uint32_t fsr = 0;

    switch (shadow_fault(&vcpu.mmu, GVA(va), ACCESS_FETCH, false, &t, &fsr)) {
    case SHADOW_RESUME:
        run_stats.hidden_faults++;
        interrupt_resume(f, place_nowhere);
        break;
    case SHADOW_TRUE_FAULT:
        run_stats.true_faults++;
        inject_prefetch_abort(f, va, fsr);
        break;
    default: access_from_nowhere(f); break;
    }
}

void abort_prefetch(struct frame *f)
{
    uint32_t ifsr = arm_read_ifsr(), va = arm_read_ifar();
    enum fault_verdict verdict = fault_row(ifsr)->fetch;

    run_stats.exit_pabt++;
    f->pc -= 4;
    if (is_host_fault(verdict, va))
        abort_host_failed(f, ifsr, va);
    if (!sync_is_user(f))
        run_lost(f, "a prefetch abort in translated code");
    if ((ifsr & FSR_STATUS) == FS_DEBUG) {
        sync_in(f, place_nowhere);
        exc_breakpoint(&vcpu);
        enter_guest(f);
    } else if (verdict != FAULT_TABLES) {
        inject_prefetch_abort(f, va, ifsr & (FSR_EXT | FSR_STATUS));
    } else {
        fetch_told_by_tables(f, va);
    }
}
