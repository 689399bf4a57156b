/*
 * Between the real registers (frame) and the virtual processor (vcpu).
 *
 * The real mode is User for User, SYS for SYS and SVC for all others, whose SP, LR and SPSR are in the SVC
 * bank. The real F bit is the guest's I bit while translated code runs. The virtual mode is what it was at
 * the last resume, but for two ways that translated code changes it itself: SVC from User, and the inline
 * return from SVC to User.
 */
#include "run/run.h"

#include "dbt/dbt.h"
#include "emul/cp15.h"
#include "host/window.h"

bool sync_is_user(const struct frame *f) { return (f->psr & PSR_MODE) == MODE_USR; }

static void banks_in(const struct frame *f, uint32_t mode)
{
    struct vcpu *v = &vcpu;

    if (vcpu_bank_of(mode) == BANK_USR) {
        v->r[13] = f->sp_usr;
        v->r[14] = f->lr_usr;
        v->bank[BANK_SVC].sp = f->sp_svc;
        v->bank[BANK_SVC].lr = f->lr_svc;
        v->bank[BANK_SVC].spsr = f->spsr_svc;
    } else {
        v->r[13] = f->sp_svc;
        v->r[14] = f->lr_svc;
        v->spsr = f->spsr_svc;
        v->bank[BANK_USR].sp = f->sp_usr;
        v->bank[BANK_USR].lr = f->lr_usr;
    }
}

/* Bits that depend on the mode: the current one by what may have happened since the last resume. */
static uint32_t mode_now(const struct frame *f)
{
    uint32_t real = f->psr & PSR_MODE, last = vcpu.cpsr & PSR_MODE;

    if (real == MODE_USR || real == MODE_SYS)
        return real;
    return last == MODE_USR ? MODE_SVC : last;
}

static void fetch_away(const struct frame *f, unsigned away)
{
    if (away & AWAY_R12)
        vcpu.r[12] = f->spill;
    if (away & AWAY_LR)
        vcpu.r[14] = f->nmrr;
}

/* Guest values that the instruction at hand keeps in the spill registers. */
static void fetch_spilled(const struct frame *f, uint8_t spilled)
{
    if (spilled == SPILLED_NONE)
        return;
    vcpu.r[spilled & 15] = f->spill;
    if (spilled & SPILLED_PAIR)
        vcpu.r[(spilled & 15) + 1] = f->nmrr;
}

void sync_in(struct frame *f, struct place at)
{
    struct vcpu *v = &vcpu;
    uint32_t mode = mode_now(f), last = v->cpsr;

    __builtin_memcpy(v->r, f->r, sizeof f->r);
    banks_in(f, mode);
    if ((last & PSR_MODE) == MODE_USR && mode == MODE_SVC)
        v->spsr |=
            last & PSR_I; /* SVC from a program that runs with interrupts masked: the real I was clear */
    if (mode == MODE_USR) {
        v->cpsr = psr_virtual_user(f->psr, last);
        v->r[15] = f->pc;
    } else {
        v->cpsr = psr_virtual(f->psr, mode | (last & PSR_F));
    }
    if (at.block) {
        const struct insn_map *m = at.insn;

        v->cpsr |= (block_key_is_thumb(at.block->key) ? PSR_T : 0) | psr_it(m->itstate);
        v->r[15] = at.block->gva.a + m->offset;
        fetch_away(f, m->away);
        if (at.word > m->word)
            fetch_spilled(f, m->spilled);
    }
}

void sync_in_away(struct frame *f, unsigned away)
{
    sync_in(f, (struct place){0});
    fetch_away(f, away);
}

/* Where a block is left no register waits for the end of an instruction, whatever the last one's row says. */
void sync_in_exit(struct frame *f, const struct block *b, const struct site *s)
{
    sync_in_away(f, s->away);
    vcpu.r[15] = s->data;
    vcpu.cpsr |= (block_key_is_thumb(b->key) ? PSR_T : 0) | psr_it(s->size);
}

/* The CP15 values that translated code reads from the SRF. */
void sync_slots(void)
{
    if (!vcpu.cp15_changed)
        return;
    vcpu.cp15_changed = false;
    cp15_copy_slots(&vcpu, (uint32_t *)(WINDOW_SRF + SRF_SCTLR));
}

/* The SVC slot serves User programs while the vector, F and I are as its block was made for
 * (branch_svc()). */
static void check_svc_slot(void)
{
    struct block *b = cache_svc_target();
    uint32_t mode = vcpu.cpsr & PSR_MODE;

    if (b && (b->gva.a != exc_vector(&vcpu, EXC_SVC) || block_key_fiq_masked(b->key) != bit(vcpu.cpsr, 6) ||
              vcpu.mmu.sctlr & (SCTLR_TE | SCTLR_EE) || (mode == MODE_USR && vcpu.cpsr & PSR_I)))
        cache_link_svc(NULL);
}

void sync_out(struct frame *f)
{
    struct vcpu *v = &vcpu;

    sync_out_within(f);
    f->spill = v->r[12]; /* and so for any block, whatever it wants away */
    f->nmrr = v->r[14];
}

void sync_out_within(struct frame *f)
{
    struct vcpu *v = &vcpu;
    uint32_t mode = v->cpsr & PSR_MODE;

    __builtin_memcpy(f->r, v->r, sizeof f->r);
    if (vcpu_bank_of(mode) == BANK_USR) {
        f->sp_usr = v->r[13];
        f->lr_usr = v->r[14];
        f->sp_svc = v->bank[BANK_SVC].sp;
        f->lr_svc = v->bank[BANK_SVC].lr;
        f->spsr_svc = v->bank[BANK_SVC].spsr;
    } else {
        f->sp_svc = v->r[13];
        f->lr_svc = v->r[14];
        f->spsr_svc = v->spsr;
        f->sp_usr = v->bank[BANK_USR].sp;
        f->lr_usr = v->bank[BANK_USR].lr;
    }
    f->psr = psr_real(v->cpsr);
    sync_slots();
    check_svc_slot();
}
