/*
 * CP15 operations: what a write does beyond being stored. Shadow tables and code cache are behind
 * vcpu_up.
 */
#include "emul/cp15.h"

#define OSLAR_KEY        0xc5acce55
#define OSLSR_LOCKED     2u
#define PAR_FAULT        1u
#define PAR_SUPERSECTION 2u
#define PAR_NS           0x200u /* no Security Extensions on the yardstick: all memory is Non-secure */

/* A TLB sees no difference if the same value is written again. */
void cp15_mmu_wrote(struct vcpu *v, uint32_t offset, bool write, uint32_t *old)
{
    (void)write;
    if (*(uint32_t *)((char *)v + offset) != *old)
        vcpu_up->mmu_changed(v);
}

void cp15_cpacr_wrote(struct vcpu *v, uint32_t offset, bool write, uint32_t *old)
{
    (void)offset, (void)write, (void)old;
    vcpu_up->vfp_access_changed(v);
}

/* Lines, not what is masked (B4.1.82). */
void cp15_isr(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    (void)v, (void)arg, (void)write;
    *value = (vcpu_up->irq_pending() ? PSR_I : 0) | (vcpu_up->fiq_pending() ? PSR_F : 0);
}

void cp15_tlb(struct vcpu *v, uint32_t what, bool write, uint32_t *value)
{
    gva_t va = GVA(*value & ~PAGE_MASK);
    uint8_t asid = *value;

    (void)v, (void)write;
    switch (what) {
    case TLB_ALL: vcpu_up->tlb_all(); break;
    case TLB_VA: vcpu_up->tlb_va(va, asid); break;
    case TLB_ASID: vcpu_up->tlb_asid(asid); break;
    default: vcpu_up->tlb_va_all(va);
    }
}

void cp15_icache(struct vcpu *v, uint32_t by_va, bool write, uint32_t *value)
{
    (void)v, (void)write;
    if (by_va)
        vcpu_up->icache_va(GVA(*value));
    else
        vcpu_up->icache_all();
}

void cp15_dcache(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    (void)v, (void)write;
    vcpu_up->dcache(arg >> 4, arg & 15, *value);
}

/* ATS1Cxx: bit 0 of arg asks for a write, bit 1 for PL0. The PAR as the yardstick's: no memory attributes. */
void cp15_translate(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    struct translation t;
    uint32_t fsr;

    (void)write;
    if (!mmu_walk(&v->mmu, GVA(*value), arg & 1 ? ACCESS_WRITE : ACCESS_READ, !(arg & 2), &t, &fsr))
        v->cp15.par = bit(fsr, 10) << 5 | bit(fsr, 12) << 6 | bits(fsr, 3, 0) << 1 | PAR_FAULT;
    else if (t.size_log2 == 24)
        v->cp15.par = (t.gpa.a & 0xff000000) | PAR_SUPERSECTION | PAR_NS;
    else
        v->cp15.par = (t.gpa.a & ~PAGE_MASK) | PAR_NS;
}

void cp15_oslar(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    (void)arg, (void)write;
    v->cp15.other[OTHER_OSLSR] &= ~OSLSR_LOCKED;
    if (*value == OSLAR_KEY)
        v->cp15.other[OTHER_OSLSR] |= OSLSR_LOCKED;
}
