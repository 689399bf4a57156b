/*
 * Exits: what the processor says happened, and to whom it belongs (the guest, or a table that lacked an
 * entry).
 */
#include "run/run.h"

#include "device/bus.h"
#include "host/arm.h"
#include "host/stop.h"
#include "host/stubs.h"
#include "host/window_tables.h"
#include "mmu/fault.h"
#include "run/abort.h"
#include "run/dacr.h"
#include "run/guest_mmu.h"
#include "run/light/light.h"

#define WINDOW_CHECK_TICKS 64u /* a check costs thousands of instructions */

void run_lost(const struct frame *f, const char *what)
{
    guest_stopped(STATUS_VMM,
                  "%s at %08x (psr %08x, exit %u, dfar %08x dfsr %08x, ifar %08x ifsr %08x): a bug of the "
                  "VMM, please report",
                  what, (unsigned)f->pc, (unsigned)f->psr, (unsigned)f->kind, (unsigned)arm_read_dfar(),
                  (unsigned)arm_read_dfsr(), (unsigned)arm_read_ifar(), (unsigned)arm_read_ifsr());
}

/* Where the VMM acts for a guest, on memory or a device, an answer that it cannot have is the machine's
 * failure too. */
_Noreturn static void vmm_failed(const struct frame *f)
{
    uint32_t kind = f->kind & ~(uint32_t)EXIT_VMM_FAULT, dfsr = arm_read_dfsr(), ifsr = arm_read_ifsr();

    if (kind == EXIT_DABT && fault_row(dfsr)->data >= FAULT_BUS)
        abort_host_failed(f, dfsr, arm_read_dfar());
    if (kind == EXIT_PABT && fault_row(ifsr)->fetch >= FAULT_BUS)
        abort_host_failed(f, ifsr, arm_read_ifar());
    run_lost(f, "an exception inside the VMM");
}

static void exit_und(struct frame *f)
{
    uint32_t word;
    struct place at;
    struct site *s;

    run_stats.exit_und++;
    if (sync_is_user(f)) {
        f->pc -= f->psr & PSR_T ? 2 : 4;
        access_undefined(f);
        return;
    }
    f->pc -= 4;
    if (f->pc == STUB_MISS) {
        branch_miss(f);
        return;
    }
    if (f->pc == STUB_SVC_SLOT) {
        branch_svc(f);
        return;
    }
    at = place_of(f->pc);
    if (!at.block)
        run_lost(f, "an undefined instruction outside the code cache");
    if (interrupt_stopped(f, at))
        return;
    s = at.site;
    if (s && s->kind == SITE_EXIT && s->stub == at.word) {
        branch_exit(f, at, s);
    } else if (s && s->kind == SITE_CONTINUE) {
        sync_in_exit(f, at.block, s);
        enter_guest(f);
    } else if (s && s->kind == SITE_CALLOUT) {
        run_callout(f, s->stub == at.word ? at : place_at(at.block, s->stub), s->data, s->size);
    } else if (device_site_word(f->pc, &word)) {
        run_stats.device_accesses++;
        run_stats.device_sites++;
        light_consider_device(f->pc, word);
        access_emulate(f, at, word);
    } else { /* a copied instruction: VFP that the guest has disabled, a CP15 register that the core lacks */
        run_stats.guest_und++;
        sync_in(f, at);
        exc_undefined(&vcpu);
        enter_guest(f);
    }
}

static void exit_irq(struct frame *f)
{
    struct place at = place_nowhere;

    run_stats.exit_irq++;
    f->pc -= 4;
    interrupt_host();
    if (run_stats.exit_irq % WINDOW_CHECK_TICKS == 0)
        guest_mmu_check_window();
    if (!sync_is_user(f))
        at = place_of(f->pc);
    interrupt_resume(f, at);
}

/* The block that the guest was to go on in may be out of date: on in another, if it is between two
 * instructions. */
static void leave_forgotten(struct frame *f)
{
    struct place at = sync_is_user(f) ? place_nowhere : place_of(f->pc);

    if (at.block && !cache_resumable(at.block) && at.insn->word == at.word) {
        sync_in(f, at);
        enter_guest(f);
    }
}

void vmm_exit(struct frame *f)
{
    bool dacr_told;
    uint32_t again = f->pc - 8; /* where a data abort's access is */

    if (f->kind & EXIT_VMM_FAULT)
        vmm_failed(f);
    dacr_told = dacr_note(f);
    if (f->kind != EXIT_UND)
        interrupt_clear_stops(); /* before anything patches the same words */
    switch (f->kind) {
    case EXIT_UND: exit_und(f); break;
    case EXIT_PABT: abort_prefetch(f); break;
    case EXIT_DABT: abort_data(f); break;
    case EXIT_IRQ: exit_irq(f); break;
    default: interrupt_resume(f, place_of(f->pc)); break; /* EXIT_RESUME */
    }
    if (dacr_told)
        leave_forgotten(f);
    if (cache_coherent() && !sync_is_user(f))
        interrupt_leave(f, place_of(f->pc), f->kind != EXIT_DABT || f->pc != again);
    interrupt_gates(f);
    guest_mmu_open_icache_gate();
    interrupt_program_timer();
    light_update(f, !interrupt_has_stops()); /* stop points forbid them */
}
