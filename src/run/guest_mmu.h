/* The guest's MMU and maintenance operations: what they mean for shadow tables, code cache and real
 * registers. */
#ifndef GUEST_MMU_H
#define GUEST_MMU_H

#include "emul/vcpu.h"
#include "run/frame.h"

struct guest_mmu {
    struct shadow_regs real; /* in the real registers */
    struct {
        uint32_t sctlr, dacr;
    } known; /* what the shadow tables were told last */
    bool icache_gate_open;
};
extern struct guest_mmu guest_mmu;

void guest_mmu_init(void);
void guest_mmu_load_tables(uint32_t ttbr0, uint32_t contextidr);
bool guest_mmu_is_window(gva_t va);          /* the guest-reachable part of it */
void guest_mmu_open_icache_gate(void);       /* or close it, as the code cache is now */
void guest_mmu_check_window(void);           /* stops the guest if it maps memory where the window is */
unsigned guest_mapped(gva_t gva, gpa_t gpa); /* for cache_revalidate */

/* vcpu_upcalls and shadow_upcalls of these names. */
void guest_mmu_changed(struct vcpu *v);
void guest_mmu_tlb_all(void);
void guest_mmu_tlb_asid(uint8_t asid);
void guest_mmu_tlb_va(gva_t va, uint8_t asid);
void guest_mmu_tlb_va_all(gva_t va);
void guest_mmu_icache_all(void);
void guest_mmu_icache_va(gva_t va);
void guest_mmu_dcache(unsigned crm, unsigned opc2, uint32_t value);
void guest_mmu_vfp_access_changed(struct vcpu *v);
void guest_mmu_set_space(uint32_t ttbr0, uint32_t contextidr);

#endif
