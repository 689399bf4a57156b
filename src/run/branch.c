/*
 * Control leaves a block, and where it goes is for the VMM to find: exits that are not linked, targets that
 * the jump map lacks, the guest's first SVC.
 */
#include "run/run.h"

#include "cache/jump.h"
#include "dbt/dbt.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/switches.h"

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

void branch_exit(struct frame *f, struct place at, struct site *s)
{
    uint32_t target = s->data, it = psr_it(s->size), thumb = block_key_is_thumb(at.block->key) ? PSR_T : 0;
    unsigned away = s->away;

    if (link_exit(f, at.block, s))
        return;
    sync_in_away(f, away); /* not sync_in_exit(): the block may be gone */
    vcpu.r[15] = target;
    vcpu.cpsr |= thumb | it;
    enter_guest(f);
}

/* The target is in LR, the guest's LR and r12 are away. */
void branch_complete(struct frame *f)
{
    uint32_t target;

    sync_in_away(f, AWAY_R12);
    target = vcpu.r[14];
    vcpu.r[14] = f->nmrr;
    callout_bx(&vcpu, target);
}

/* The core's own LR in translated code, whatever a template has in it. */
uint32_t branch_real_lr(const struct frame *f)
{
    return (f->psr & PSR_MODE) == MODE_SYS ? f->lr_usr : f->lr_svc;
}

/* As an indirect branch leaves the registers, so a block of the jump map wants them. */
static bool enter_jump(struct frame *f)
{
    uint32_t target = branch_real_lr(f);
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

void branch_miss(struct frame *f)
{
    run_stats.jump_misses++;
    if (enter_jump(f))
        return;
    branch_complete(f);
    enter_guest(f);
}

/* SVC from User mode: LR, SPSR and the mode are done by the processor. */
void branch_svc(struct frame *f)
{
    struct vcpu *v = &vcpu;
    struct block *to;
    bool faulted;

    run_stats.svc_exits++;
    sync_in(f, place_nowhere);
    v->cpsr = exc_entry_cpsr(v->cpsr, EXC_SVC, v->mmu.sctlr);
    v->r[15] = exc_vector(v, EXC_SVC);
    to = enter_find_block(0, &faulted);
    if (to && cache_resumable(to) && SWITCH_ON(direct_svc) && !(v->mmu.sctlr & (SCTLR_TE | SCTLR_EE)))
        cache_link_svc(to);
    enter_guest(f);
}
