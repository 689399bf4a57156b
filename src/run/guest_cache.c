/* The guest's cache maintenance, and its access to VFP: what they do to the real core and the code cache. */
#include "cache/cache.h"
#include "host/arm.h"
#include "host/window_tables.h"
#include "run/guest_mmu.h"

/* Shut while a page with translations has been written: maintenance has something to do. */
void guest_mmu_open_icache_gate(void)
{
    if (cache_icache_clean() == guest_mmu.icache_gate_open)
        return;
    guest_mmu.icache_gate_open = !guest_mmu.icache_gate_open;
    window_icache_gate(guest_mmu.icache_gate_open);
}

/* The guest's programs run natively: the real I-cache gets every operation too. */
void guest_mmu_icache_all(void)
{
    cache_icache_all();
    arm_write_iciallu(0);
    arm_write_bpiall(0);
    arm_dsb();
    arm_isb();
}

void guest_mmu_icache_va(gva_t va)
{
    struct translation t;
    uint32_t fsr, offset;

    if (mmu_walk(&vcpu.mmu, va, ACCESS_READ, true, &t, &fsr) && guest_memory_offset(t.gpa, &offset))
        cache_icache_page(offset >> 12);
    /* By address needs the guest's mapping, which may be absent from the shadow tables: all of it is always
     * right. */
    arm_write_iciallu(0);
    arm_dsb();
    arm_isb();
}

/* Set/way operations act on the real cache; an invalidate without clean would lose the VMM's data, so it
 * cleans too. */
void guest_mmu_dcache(unsigned crm, unsigned opc2, uint32_t value)
{
    if (opc2 == 2)
        arm_write_dccisw(value);
    (void)crm;
    arm_dsb();
}

void guest_mmu_vfp_access_changed(struct vcpu *v)
{
    arm_write_cpacr(v->cp15.cpacr & 0xc0f00000u); /* cp10, cp11, ASEDIS, D32DIS */
    arm_isb();
}
