/*
 * Exception entry (DDI 0406C B1.8, B1.9), into the guest's own vectors.
 *
 * Callers leave v->r[15] at the instruction the exception belongs to; on return it is the vector's address.
 */
#include "emul/vcpu.h"

uint32_t exc_vector(const struct vcpu *v, enum exception e)
{
    return (v->mmu.sctlr & SCTLR_V ? 0xffff0000 : v->cp15.vbar) + 4 * e;
}

void exc_take(struct vcpu *v, enum exception e, uint32_t lr)
{
    uint32_t saved = v->cpsr;

    CHECK(e <= EXC_FIQ && e != EXC_HYP);
    vcpu_set_mode(v, exc_mode(e));
    v->spsr = saved;
    v->r[14] = lr;
    v->cpsr = exc_entry_cpsr(saved, e, v->mmu.sctlr);
    v->r[15] = exc_vector(v, e);
}

void exc_undefined(struct vcpu *v) { exc_take(v, EXC_UND, v->r[15] + (v->cpsr & PSR_T ? 2 : 4)); }

void exc_svc_sized(struct vcpu *v, unsigned insn_size) { exc_take(v, EXC_SVC, v->r[15] + insn_size); }

void exc_svc(struct vcpu *v) { exc_svc_sized(v, v->cpsr & PSR_T ? 2 : 4); }

/* The domain field stays: IFSR[7:4] is UNK/SBZP, and the processors we are compared with fill it. */
void exc_prefetch_abort(struct vcpu *v, gva_t far, uint32_t fsr)
{
    v->cp15_changed = true;
    v->cp15.ifsr = fsr & ~FSR_WNR;
    v->cp15.ifar = far.a;
    exc_take(v, EXC_PABT, v->r[15] + 4);
}

/* BKPT: a debug event with debug monitors off (C3.1); IFAR is UNKNOWN, shown as zero. */
void exc_breakpoint(struct vcpu *v) { exc_prefetch_abort(v, GVA(0), FS_DEBUG); }

void exc_data_abort(struct vcpu *v, gva_t far, uint32_t fsr)
{
    v->cp15_changed = true;
    v->cp15.dfsr = fsr;
    v->cp15.dfar = far.a;
    exc_take(v, EXC_DABT, v->r[15] + 8);
}

/* Interrupts: v->r[15] is the next instruction to execute, of either instruction set (B1.9.10). */
void exc_irq(struct vcpu *v) { exc_take(v, EXC_IRQ, v->r[15] + 4); }

void exc_fiq(struct vcpu *v) { exc_take(v, EXC_FIQ, v->r[15] + 4); }
