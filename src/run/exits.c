/*
 * Exits: what the processor says happened, and to whom it belongs (the guest, or a table that lacked an
 * entry).
 */
#include "run/guest_mmu.h"
#include "run/run.h"

#include "host/stop.h"

#include <string.h>

#include "cache/jump.h"
#include "dbt/dbt.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/arm.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window_tables.h"
#include "ops.h"
#include "run/light/light.h"

#define WINDOW_CHECK_TICKS 64u /* a check costs thousands of instructions */

static const struct place nowhere;

_Noreturn static void lost(const struct frame *f, const char *what)
{
    guest_stopped(STATUS_VMM,
                  "%s at %08x (psr %08x, exit %u, dfar %08x dfsr %08x): a bug of the VMM, please report",
                  what, (unsigned)f->pc, (unsigned)f->psr, (unsigned)f->kind, (unsigned)arm_read_dfar(),
                  (unsigned)arm_read_dfsr());
}

/* The machine's own: to guess, and go on, would be worse than to stop. */
_Noreturn static void host_failed(const struct frame *f, uint32_t fsr, uint32_t far)
{
    machine_stopped(STATUS_VMM, "the host failed: %s (status %08x, address %08x, pc %08x, psr %08x)",
                    fault_row(fsr)->name, (unsigned)fsr, (unsigned)far, (unsigned)f->pc, (unsigned)f->psr);
}

static bool is_host_fault(enum fault_verdict verdict, uint32_t va)
{
    return verdict == FAULT_HOST || (verdict == FAULT_BUS && window_holds(va));
}

/* Where the VMM acts for a guest, on memory or a device, an answer that it cannot have is the machine's
 * failure too. */
_Noreturn static void vmm_failed(const struct frame *f)
{
    uint32_t kind = f->kind & ~(uint32_t)EXIT_VMM_FAULT, dfsr = arm_read_dfsr(), ifsr = arm_read_ifsr();

    if (kind == EXIT_DABT && fault_row(dfsr)->data >= FAULT_BUS)
        host_failed(f, dfsr, arm_read_dfar());
    if (kind == EXIT_PABT && fault_row(ifsr)->fetch >= FAULT_BUS)
        host_failed(f, ifsr, arm_read_ifar());
    lost(f, "an exception inside the VMM");
}

/* Nothing has to be injected before translated code goes on. */
static bool undisturbed(const struct frame *f) { return !gic_irq_pending() || f->psr & PSR_F; }

/* Registers are where the exit has them, and the target is made for that: no state is looked at. */
static bool link_exit(struct frame *f, struct block *b, struct site *s)
{
    uint32_t generation = cache.generation;
    struct fetch_fault fault;
    struct block *to;

    if (!SWITCH_ON(chaining) || !cache_resumable(b) || !undisturbed(f))
        return false;
    to = enter_find_at(GVA(s->data), block_state_of(b->key, s->size, s->away), &fault);
    if (!to || generation != cache.generation || !cache_resumable(to) || !cache_resumable(b))
        return false;
    run_stats.links++;
    cache_link(s, to);
    f->pc = to->host.a;
    return true;
}

static void follow_exit(struct frame *f, struct place at, struct site *s)
{
    uint32_t target = s->data, it = psr_it(s->size), thumb = at.block->key & 0x20 ? PSR_T : 0;
    unsigned away = s->away;

    if (link_exit(f, at.block, s))
        return;
    sync_in_away(f, away); /* not sync_in_exit(): the block may be gone */
    vcpu.r[15] = target;
    vcpu.cpsr |= thumb | it;
    enter_guest(f);
}

/* The target is in LR, the guest's LR and r12 are away. */
void complete_jump(struct frame *f)
{
    uint32_t target;

    sync_in_away(f, AWAY_R12);
    target = vcpu.r[14];
    vcpu.r[14] = f->nmrr;
    callout_bx(&vcpu, target);
}

/* The core's own LR in translated code, whatever a template has in it. */
static uint32_t real_lr(const struct frame *f)
{
    return (f->psr & PSR_MODE) == MODE_SYS ? f->lr_usr : f->lr_svc;
}

/* As an indirect branch leaves the registers, so a block of the jump map wants them. */
static bool enter_jump(struct frame *f)
{
    uint32_t target = real_lr(f);
    struct fetch_fault fault;
    struct block *to;

    if (target & 3 || !undisturbed(f))
        return false;
    to = enter_find_at(GVA(target), dbt_served(), &fault);
    if (!to || !cache_resumable(to))
        return false;
    cache_enter_jump_map(to);
    f->pc = to->host.a;
    return true;
}

static void jump_miss(struct frame *f)
{
    run_stats.jump_misses++;
    if (enter_jump(f))
        return;
    complete_jump(f);
    enter_guest(f);
}

/* SVC from User mode: LR, SPSR and the mode are done by the processor. */
static void svc_exit(struct frame *f)
{
    struct vcpu *v = &vcpu;
    struct block *to;
    bool faulted;

    run_stats.svc_exits++;
    sync_in(f, nowhere);
    v->cpsr &= ~(PSR_T | PSR_E | PSR_IT);
    if (v->mmu.sctlr & SCTLR_TE)
        v->cpsr |= PSR_T;
    if (v->mmu.sctlr & SCTLR_EE)
        v->cpsr |= PSR_E;
    v->r[15] = exc_vector(v, EXC_SVC);
    to = enter_find_block(0, &faulted);
    if (to && cache_resumable(to) && SWITCH_ON(direct_svc) && !(v->mmu.sctlr & (SCTLR_TE | SCTLR_EE)))
        cache_link_svc(to);
    enter_guest(f);
}

/* The guest program's instruction, for emulation. False: it is not in RAM or not mapped any more. */
static bool fetch_user(struct insn *in)
{
    struct translation t;
    uint32_t fsr, pc = vcpu.r[15], words[2];
    bool thumb = vcpu.cpsr & PSR_T;

    for (unsigned i = 0; i < 2; i++) {
        const uint16_t *p;

        if (i == 1 && thumb && !decode_is_wide((uint16_t)words[0]))
            break;
        if (!mmu_walk(&vcpu.mmu, GVA(pc + 2 * i), ACCESS_FETCH, false, &t, &fsr))
            return false;
        p = guest_memory_at(t.gpa);
        words[i] = p ? *p : 0;
    }
    if (!thumb)
        decode_a32(words[0] | words[1] << 16, in);
    else if (decode_is_wide((uint16_t)words[0]))
        decode_thumb(words[0] << 16 | words[1], true, in);
    else
        decode_thumb(words[0], false, in);
    return true;
}

/* CP15 accesses that PL0 may be granted (the PMU) trap for real; all else that is undefined there is the
 * guest's. */
static void user_undefined(struct frame *f)
{
    struct insn in;

    sync_in(f, nowhere);
    if (fetch_user(&in) && (in.op == OP_MCR || in.op == OP_MRC) && in.coproc >= 14) {
        callout_execute(&vcpu, &in);
    } else {
        run_stats.guest_und++;
        exc_undefined(&vcpu);
    }
    enter_guest(f);
}

/* The exception that emulation has taken, for the guest's state as it was before. */
static void take_again(const struct vcpu *before)
{
    bool undefined = (vcpu.cpsr & PSR_MODE) == MODE_UND;
    uint32_t far = vcpu.cp15.dfar, fsr = vcpu.cp15.dfsr;

    vcpu = *before;
    if (undefined)
        exc_undefined(&vcpu);
    else
        exc_data_abort(&vcpu, GVA(far), fsr);
}

/* The host instruction `word`, with the core's registers, whatever a template has in them. False: an
 * exception was taken. */
static bool emulate_host_access(struct frame *f, struct place at, uint32_t word)
{
    struct insn in = *decode_a32_again(word);
    bool branched = false;
    struct vcpu before;

    if (in.op == OP_MCR)
        return true; /* cache maintenance by address of a device: nothing to do */
    sync_in(f, at);
    before = vcpu;
    memcpy(vcpu.r, f->r, sizeof f->r);
    vcpu.r[14] = real_lr(f);
    if (ldst_emulate(&vcpu, &in, &branched)) {
        sync_out_within(f);
        return true;
    }
    take_again(&before);
    return false;
}

/* A device, or memory behind the window: do the access in C, then on with the program's or the block's next
 * word. */
static void emulate_access(struct frame *f, struct place at, uint32_t word)
{
    uint32_t host = f->pc, generation = cache.generation;
    struct insn in;

    if (!at.block) {
        sync_in(f, at);
        if (fetch_user(&in))
            callout_execute(&vcpu, &in);
        enter_guest(f);
        return;
    }
    if (!emulate_host_access(f, at, word)) {
        enter_guest(f);
        return;
    }
    CHECK(generation == cache.generation); /* emulation flushes nothing */
    f->pc = host + 4;
    if (gic_irq_pending())
        interrupt_resume(f, place_at(at.block, at.word + 1));
}

static void exit_und(struct frame *f)
{
    uint32_t word;
    struct place at;
    struct site *s;

    run_stats.exit_und++;
    if (sync_is_user(f)) {
        f->pc -= f->psr & PSR_T ? 2 : 4;
        user_undefined(f);
        return;
    }
    f->pc -= 4;
    if (f->pc == STUB_MISS) {
        jump_miss(f);
        return;
    }
    if (f->pc == STUB_SVC_SLOT) {
        svc_exit(f);
        return;
    }
    at = place_of(f->pc);
    if (!at.block)
        lost(f, "an undefined instruction outside the code cache");
    if (interrupt_stopped(f, at))
        return;
    s = at.site;
    if (s && s->kind == SITE_EXIT && s->stub == at.word) {
        follow_exit(f, at, s);
    } else if (s && s->kind == SITE_CONTINUE) {
        sync_in_exit(f, at.block, s);
        enter_guest(f);
    } else if (s && s->kind == SITE_CALLOUT) {
        run_callout(f, s->stub == at.word ? at : place_at(at.block, s->stub), s->data, s->size);
    } else if (device_site_word(f->pc, &word)) {
        run_stats.device_accesses++;
        run_stats.device_sites++;
        light_consider_device(f->pc, word);
        emulate_access(f, at, word);
    } else { /* a copied instruction: VFP that the guest has disabled, a CP15 register that the core lacks */
        run_stats.guest_und++;
        sync_in(f, at);
        exc_undefined(&vcpu);
        enter_guest(f);
    }
}

static void inject_data_abort(struct frame *f, struct place at, uint32_t va, uint32_t fsr)
{
    run_stats.true_faults++;
    sync_in(f, at);
    exc_data_abort(&vcpu, GVA(va), fsr);
    enter_guest(f);
}

static bool in_window_traps(uint32_t va)
{
    return va - WINDOW_ICACHE_GATE < WINDOW_VECTORS - WINDOW_ICACHE_GATE;
}

static void exit_dabt(struct frame *f)
{
    uint32_t dfsr = arm_read_dfsr(), va = arm_read_dfar(), fsr = 0, word;
    enum access access = dfsr & FSR_WNR ? ACCESS_WRITE : ACCESS_READ;
    enum fault_verdict verdict = fault_row(dfsr)->data;
    bool user = sync_is_user(f), privileged = !user;
    struct place at = nowhere;
    struct translation t;
    struct insn in;
    struct site *s;

    run_stats.exit_dabt++;
    f->pc -= 8;
    if (is_host_fault(verdict, va))
        host_failed(f, dfsr, va);
    if (!user) {
        at = place_of(f->pc);
        if (!at.block)
            lost(f, "a data abort outside the code cache");
        if (cache_peek(at.block, at.word) == JUMP_LOAD) { /* the target is not word-aligned */
            run_stats.thumb_jumps++;
            complete_jump(f);
            enter_guest(f);
            return;
        }
        s = at.site;
        if (s && s->kind == SITE_CALLOUT && in_window_traps(va)) {
            run_stats.gate_traps++;
            window_psr_use(va);
            run_callout(f, at, s->data, s->size);
            return;
        }
        in = *decode_a32_again(cache_peek(at.block, at.word));
        privileged = !is_unprivileged(in.word);
        if (in.op == OP_MCR)
            access = ACCESS_READ; /* cache maintenance by address checks like a read (B2.2.6) */
    }
    if (verdict != FAULT_TABLES) {
        inject_data_abort(f, at, va, dfsr & (FSR_EXT | FSR_WNR | FSR_STATUS));
        return;
    }
    switch (shadow_fault(&vcpu.mmu, GVA(va), access, privileged, &t, &fsr)) {
    case SHADOW_RESUME:
        run_stats.hidden_faults++;
        interrupt_resume(f, at);
        break;
    case SHADOW_DEVICE:
        run_stats.device_accesses++;
        word = at.block ? cache_peek(at.block, at.word) : 0;
        if (at.block && in.op != OP_MCR)
            device_site_make(f->pc, at);
        emulate_access(f, at, word);
        break;
    case SHADOW_WINDOW:
        run_stats.window_accesses++;
        emulate_access(f, at, at.block ? cache_peek(at.block, at.word) : 0);
        break;
    case SHADOW_TRUE_FAULT: inject_data_abort(f, at, va, fsr | (access == ACCESS_WRITE ? FSR_WNR : 0)); break;
    }
}

/* User code that is not in RAM: what is there reads as zeros, which is ANDEQ r0, r0, r0 (or, in Thumb, a
 * shift by 0). */
static void execute_from_nowhere(struct frame *f)
{
    struct insn in;

    sync_in(f, nowhere);
    if (fetch_user(&in) && in.word == 0) {
        if (in.thumb) /* MOVS r0, r0 */
            vcpu.cpsr = (vcpu.cpsr & ~(PSR_N | PSR_Z)) | (vcpu.r[0] & PSR_N) | (vcpu.r[0] ? 0 : PSR_Z);
        vcpu.r[15] += in.size;
    } else {
        exc_prefetch_abort(&vcpu, GVA(vcpu.r[15]), FS_EXTERNAL);
    }
    enter_guest(f);
}

static void exit_pabt(struct frame *f)
{
    uint32_t ifsr = arm_read_ifsr(), va = arm_read_ifar(), fsr = 0;
    enum fault_verdict verdict = fault_row(ifsr)->fetch;
    struct translation t;

    run_stats.exit_pabt++;
    f->pc -= 4;
    if (is_host_fault(verdict, va))
        host_failed(f, ifsr, va);
    if (!sync_is_user(f))
        lost(f, "a prefetch abort in translated code");
    if ((ifsr & FSR_STATUS) == FS_DEBUG) {
        sync_in(f, nowhere);
        exc_breakpoint(&vcpu);
        enter_guest(f);
        return;
    }
    if (verdict != FAULT_TABLES) {
        sync_in(f, nowhere);
        exc_prefetch_abort(&vcpu, GVA(va), ifsr & (FSR_EXT | FSR_STATUS));
        enter_guest(f);
        return;
    }
    switch (shadow_fault(&vcpu.mmu, GVA(va), ACCESS_FETCH, false, &t, &fsr)) {
    case SHADOW_RESUME:
        run_stats.hidden_faults++;
        interrupt_resume(f, nowhere);
        break;
    case SHADOW_TRUE_FAULT:
        run_stats.true_faults++;
        sync_in(f, nowhere);
        exc_prefetch_abort(&vcpu, GVA(va), fsr);
        enter_guest(f);
        break;
    default: execute_from_nowhere(f); break;
    }
}

static void exit_irq(struct frame *f)
{
    struct place at = nowhere;

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
    struct place at = sync_is_user(f) ? nowhere : place_of(f->pc);

    if (at.block && !cache_resumable(at.block) && at.insn->word == at.word) {
        sync_in(f, at);
        enter_guest(f);
    }
}

void vmm_exit(struct frame *f)
{
    bool dacr_told;

    if (f->kind & EXIT_VMM_FAULT)
        vmm_failed(f);
    dacr_told = guest_mmu_note_dacr(f);
    if (f->kind != EXIT_UND)
        interrupt_clear_stops(); /* before anything patches the same words */
    switch (f->kind) {
    case EXIT_UND: exit_und(f); break;
    case EXIT_PABT: exit_pabt(f); break;
    case EXIT_DABT: exit_dabt(f); break;
    case EXIT_IRQ: exit_irq(f); break;
    default: interrupt_resume(f, place_of(f->pc)); break; /* EXIT_RESUME */
    }
    if (dacr_told)
        leave_forgotten(f);
    interrupt_gates(f);
    guest_mmu_open_icache_gate();
    interrupt_program_timer();
    light_update(f);
}
