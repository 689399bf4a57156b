/* Light exits (light.h): the three ways in from entry.S. What they do not do is a full exit's (run/exits.c,
 * run/abort.c). */
#include "run/light/light.h"

#include "host/a32.h"
#include "host/arm.h"
#include "host/window.h"
#include "mmu/fault.h"
#include "run/dacr.h"

/* Translated code may have written the DACR since. */
static __attribute__((noinline)) bool begin_dacr(uint32_t dacr)
{
    if (light.dacr == LIGHT_DACR_NONE || dacr & DACR_MANAGERS) /* Manager: the tables must be told */
        return false;
    dacr_set(dacr);
    light.dacr = dacr;
    return true;
}

static inline bool begin(const struct frame *f) { return f->dacr == light.dacr || begin_dacr(f->dacr); }

/* The VMM is in UND mode itself: its own undefined instruction was saved on its stack, which is this
 * function's by now. */
static uint32_t kind_of_und(uint32_t pc, uint32_t psr)
{
    if ((psr & PSR_MODE) != MODE_UND)
        return EXIT_UND;
    frame_now->pc = pc;
    frame_now->psr = psr;
    return EXIT_VMM_FAULT | EXIT_UND;
}

void vmm_und(struct frame *f, uint32_t dacr, uint32_t pc, uint32_t psr)
{
    const struct light_site *s = light_site_at(pc);

    (void)dacr;
    if (s) {
        enum light_outcome outcome = begin(f) ? s->run(f, s) : LIGHT_NO;

        if (outcome == LIGHT_NO)
            exit_full(EXIT_UND);
        ++*s->count;
        if (outcome == LIGHT_INTERRUPTED) {
            run_stats.exit_und++;
            exit_full(EXIT_RESUME);
        }
    } else if ((psr & PSR_MODE) != MODE_USR || !begin(f) || !light_undefined(f)) {
        exit_full(kind_of_und(pc, psr));
    }
    run_stats.exit_und++;
}

/* False: *fsr is the guest's own fault's, or 0 if this is neither. */
static inline bool fill(uint32_t va, enum access access, bool privileged, uint32_t *fsr)
{
    struct translation t;

    *fsr = 0;
    if (shadow_fault(&vcpu.mmu, GVA(va), access, privileged, &t, fsr) != SHADOW_RESUME)
        return false;
    run_stats.hidden_faults++;
    if (access == ACCESS_WRITE && !cache_icache_clean())
        guest_mmu_open_icache_gate(); /* the page may be one with translations */
    return true;
}

static bool program_abort(struct frame *f, uint32_t va, enum access access)
{
    uint32_t fsr;

    if (!fill(va, access, false, &fsr))
        return fsr && light_inject_user_abort(f, EXC_DABT, va, fsr);
    f->pc -= 8;
    return true;
}

static bool kernel_abort(struct frame *f, uint32_t va, enum access access)
{
    uint32_t mode = f->psr & PSR_MODE, at = f->pc - 8, word, fsr;

    if (access == ACCESS_WRITE && cache_coherent())
        return false; /* it may drop the block */
    if ((mode != MODE_SVC && mode != MODE_SYS) || at - WINDOW_CACHE >= WINDOW_CACHE_MAX ||
        va - WINDOW_SRF < WINDOW_VMM - WINDOW_SRF)
        return false;
    word = *(const uint32_t *)(uintptr_t)at;
    if (a32_is_mcr(word))
        return false;
    if (!fill(va, access, !is_unprivileged(word), &fsr))
        return fsr && mode == MODE_SVC && light_inject_svc_abort(f, va, fsr);
    f->pc -= 8;
    return true;
}

static inline bool data_abort(struct frame *f)
{
    uint32_t dfsr = arm_read_dfsr(), va = arm_read_dfar();
    enum access access = dfsr & FSR_WNR ? ACCESS_WRITE : ACCESS_READ;

    if (!begin(f) || !fault_is_common(dfsr))
        return false;
    return sync_is_user(f) ? program_abort(f, va, access) : kernel_abort(f, va, access);
}

void vmm_dabt(struct frame *f)
{
    if (!data_abort(f))
        exit_full(EXIT_DABT);
    run_stats.exit_dabt++;
}

static bool prefetch_abort(struct frame *f)
{
    uint32_t ifsr = arm_read_ifsr(), va = arm_read_ifar(), fsr;

    if (!begin(f) || (f->psr & PSR_MODE) != MODE_USR || !fault_is_common(ifsr))
        return false;
    if (!fill(va, ACCESS_FETCH, false, &fsr))
        return fsr && light_inject_user_abort(f, EXC_PABT, va, fsr);
    f->pc -= 4;
    return true;
}

void vmm_pabt(struct frame *f)
{
    if (!prefetch_abort(f))
        exit_full(EXIT_PABT);
    run_stats.exit_pabt++;
}
