/*
 * Light exceptions: aborts and undefined instructions into the guest's vectors. Of the banks only SVC's real
 * one is touched: it is the current virtual mode's (sync.c).
 */
#include "run/light/light.h"

#include "dbt/dbt.h"
#include "host/window.h"

/*
 * As exc_take() does, from User or SVC mode, to a vector whose block is there. `away`: of the code that is
 * left. A constant exception makes this short.
 */
static inline __attribute__((always_inline)) bool take(struct frame *f, enum exception e, uint32_t cpsr,
                                                       uint32_t lr, unsigned away)
{
    struct vcpu *v = &vcpu;
    uint32_t to, sp, svc_lr = lr, spsr = cpsr;
    enum bank bank = e == EXC_UND ? BANK_UND : BANK_ABT;

    if (v->mmu.sctlr & (SCTLR_TE | SCTLR_EE))
        return false;
    to = light_find_block(GVA(exc_vector(v, e)), light_key(exc_mode(e), cpsr));
    if (!to)
        return false;
    sp = v->bank[bank].sp;
    arm_svc_bank_swap(&sp, &svc_lr, &spsr);
    v->bank[BANK_SVC].sp = sp;
    v->bank[BANK_SVC].lr = away & AWAY_LR ? arm_read_nmrr() : svc_lr;
    v->bank[BANK_SVC].spsr = spsr;
    if (away & AWAY_R12)
        f->r[12] = arm_read_ifar();
    light_spill(f, lr);
    v->cpsr = exc_entry_cpsr(cpsr, e, 0); /* TE and EE are clear */
    f->psr = psr_real(v->cpsr);
    f->pc = to;
    return true;
}

static void set_data_fault(uint32_t va, uint32_t fsr)
{
    run_stats.true_faults++;
    vcpu.cp15.dfsr = fsr;
    vcpu.cp15.dfar = va;
    light_srf_write(SRF_DFSR, fsr);
    light_srf_write(SRF_DFAR, va);
}

static void set_fetch_fault(uint32_t va, uint32_t fsr)
{
    run_stats.true_faults++;
    vcpu.cp15.ifsr = fsr;
    vcpu.cp15.ifar = va;
    light_srf_write(SRF_IFSR, fsr);
    light_srf_write(SRF_IFAR, va);
}

/* From User the real exception's LR is the guest's (B1.8.3). */
bool light_inject_user_abort(struct frame *f, enum exception e, uint32_t va, uint32_t fsr)
{
    if (e == EXC_DABT) {
        if (!take(f, EXC_DABT, psr_virtual_user(f->psr, vcpu.cpsr), f->pc, 0))
            return false;
        set_data_fault(va, fsr);
    } else {
        if (!take(f, EXC_PABT, psr_virtual_user(f->psr, vcpu.cpsr), f->pc, 0))
            return false;
        set_fetch_fault(va, fsr);
    }
    return true;
}

bool light_inject_svc_abort(struct frame *f, uint32_t va, uint32_t fsr)
{
    struct place at = place_of(f->pc - 8);
    uint32_t cpsr;

    /* Not from the middle of words that have a register spilled. */
    if (!at.block || block_key_mode(at.block->key) != MODE_SVC ||
        (at.word > at.insn->word && at.insn->spilled != SPILLED_NONE))
        return false;
    cpsr =
        (f->psr & PSR_SAME) | (f->psr & PSR_F) << 1 | block_key_psr(at.block->key) | psr_it(at.insn->itstate);
    if (!take(f, EXC_DABT, cpsr, at.block->gva.a + at.insn->offset + 8, at.insn->away))
        return false;
    set_data_fault(va, fsr);
    return true;
}

/* p14 and p15 may be the guest's PMU, which is emulated. Such words may be others too: no matter. */
static bool is_system_coprocessor(uint32_t word) { return !(~word & 0x0c000e00); }

bool light_undefined(struct frame *f)
{
    bool thumb = f->psr & PSR_T;
    const uint16_t *half = light_memory(f, f->pc - (thumb ? 2 : 4), 4, true);

    if (!half ||
        is_system_coprocessor(thumb ? (uint32_t)half[0] << 16 | half[1]
                                    : (uint32_t)half[1] << 16 | half[0]) ||
        !take(f, EXC_UND, psr_virtual_user(f->psr, vcpu.cpsr), f->pc, 0))
        return false;
    run_stats.guest_und++;
    return true;
}
