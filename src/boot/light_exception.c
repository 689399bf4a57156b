/*
 * Light exceptions: an abort of a guest program into the guest's vectors, and the return from the mode that it entered.
 * Of the banks only SVC's real one is touched: it is the current virtual mode's (sync.c).
 */
#include "boot/light.h"

#include "boot/arm.h"
#include "boot/window.h"
#include "dbt/dbt.h"
#include "emul/bus.h"

static uint32_t key_of(uint32_t mode, uint32_t cpsr) { return mode | (cpsr & PSR_F); }

static void srf_write(unsigned slot, uint32_t value) { *(volatile uint32_t *)(uintptr_t)(WINDOW_SRF + slot) = value; }

/* r12 and LR, wherever the block to be entered wants them. */
static void spill(const struct frame *f, uint32_t lr)
{
    arm_write_ifar(f->r[12]);
    arm_write_nmrr(lr);
}

bool light_inject_abort(struct frame *f, enum exception e, uint32_t va, uint32_t fsr)
{
    struct vcpu *v = &vcpu;
    uint32_t last = v->cpsr, cpsr = (f->psr & (PSR_SAME | PSR_T | PSR_IT | PSR_J | PSR_F)) | MODE_USR;
    struct block *to;

    if (v->mmu.sctlr & (SCTLR_TE | SCTLR_EE))
        return false;
    to = light_find_block(GVA(exc_vector(v, e)), key_of(MODE_ABT, cpsr));
    if (!to)
        return false;
    if ((last & PSR_MODE) == MODE_USR)
        cpsr |= last & PSR_I;
    if (e == EXC_DABT) {
        v->cp15.dfsr = fsr;
        v->cp15.dfar = va;
        srf_write(SRF_DFSR, fsr);
        srf_write(SRF_DFAR, va);
    } else {
        v->cp15.ifsr = fsr;
        v->cp15.ifar = va;
        srf_write(SRF_IFSR, fsr);
        srf_write(SRF_IFAR, va);
    }
    run_stats.true_faults++;
    arm_svc_bank_read(&v->bank[BANK_SVC].sp, &v->bank[BANK_SVC].lr, &v->bank[BANK_SVC].spsr);
    arm_svc_bank_write(v->bank[BANK_ABT].sp, f->pc, cpsr); /* the real exception's LR is the guest's (B1.8.3) */
    spill(f, f->pc);
    v->cpsr = (cpsr & ~(PSR_IT | PSR_J | PSR_T | PSR_E | PSR_MODE)) | MODE_ABT | PSR_A | PSR_I;
    f->psr = (v->cpsr & PSR_SAME) | PSR_F | MODE_SVC;
    f->pc = to->host.a;
    return true;
}

/* MOVS PC, LR in ABT, UND or IRQ mode, back to SVC in ARM state. */
bool light_movs_pc_lr(struct frame *f, const struct light_site *s)
{
    uint32_t sp, lr, spsr;
    enum bank from = vcpu_bank_of(s->mode);
    struct block *to;

    arm_svc_bank_read(&sp, &lr, &spsr);
    if ((spsr & (PSR_MODE | PSR_T | PSR_IT | PSR_J | PSR_E)) != MODE_SVC || lr & 3 || (!(spsr & PSR_I) && gic_irq_pending()))
        return false;
    to = light_find_block(GVA(lr), key_of(MODE_SVC, spsr));
    if (!to)
        return false;
    vcpu.bank[from].sp = sp;
    vcpu.bank[from].lr = lr;
    vcpu.bank[from].spsr = spsr;
    arm_svc_bank_write(vcpu.bank[BANK_SVC].sp, vcpu.bank[BANK_SVC].lr, vcpu.bank[BANK_SVC].spsr);
    spill(f, vcpu.bank[BANK_SVC].lr);
    vcpu.cpsr = spsr;
    f->psr = (spsr & PSR_SAME) | (spsr & PSR_I ? PSR_F : 0) | MODE_SVC;
    f->pc = to->host.a;
    return true;
}
