/*
 * The guest's MMU and maintenance operations: what its CP15 accesses mean for the shadow tables, the real
 * registers and the code cache.
 */
#include "run/guest_mmu.h"

#include "host/arm.h"
#include "host/memory.h"
#include "host/stop.h"
#include "host/window_tables.h"
#include "run/dacr.h"
#include "run/light/device.h"
#include "run/run.h"

struct guest_mmu guest_mmu;

unsigned guest_mapped(gva_t gva, gpa_t gpa)
{
    struct translation t;
    uint32_t fsr;

    if (!mmu_walk(&vcpu.mmu, gva, ACCESS_FETCH, true, &t, &fsr) || (t.gpa.a ^ gpa.a) & ~PAGE_MASK)
        return 0;
    return t.size_log2;
}

/*
 * B3.10.4: TTBR0 and the ASID change one after the other, while tables without non-global entries are in use.
 * The master's are such, to which ASID 0 belongs; and the window's own.
 */
void guest_mmu_load_tables(uint32_t ttbr0, uint32_t contextidr)
{
    if (!contextidr) {
        arm_write_ttbr0(ttbr0);
        arm_isb();
        arm_write_contextidr(0);
        arm_isb();
    } else {
        if (arm_read_contextidr()) {
            arm_write_ttbr0(memory_physical(window_table).a | (ttbr0 & 0x3fff));
            arm_isb();
        }
        arm_write_contextidr(contextidr);
        arm_isb();
        arm_write_ttbr0(ttbr0);
        arm_isb();
    }
    window_switch_table(ttbr0);
}

static void load_real(bool tables)
{
    if (tables)
        guest_mmu_load_tables(guest_mmu.real.ttbr0, guest_mmu.real.contextidr);
    frame_now->dacr = guest_mmu.real.dacr;
}

void guest_mmu_init(void)
{
    guest_mmu.known.sctlr = vcpu.mmu.sctlr;
    guest_mmu.known.dacr = vcpu.mmu.dacr;
    cache_set_coherent(!(vcpu.mmu.sctlr & SCTLR_I));
    shadow_switch(&vcpu.mmu, &guest_mmu.real);
    load_real(true);
}

/*
 * The guest-reachable part of the window (SRF to jump map) cannot be the guest's too: its loads there would
 * see the VMM's words. Asked when tables are new or maintained there, and now and then by the host's clock.
 */
void guest_mmu_check_window(void)
{
    gva_t where;

    /* Not the MiB of the trapping loads: nothing is there, so accesses to it fault and are emulated. */
    if (shadow_window_conflict(&vcpu.mmu, WINDOW_SRF >> 20, (WINDOW_TRAP_END >> 20) - 1, &where) ||
        shadow_window_conflict(&vcpu.mmu, (WINDOW_TRAP_END >> 20) + 1, (WINDOW_VMM >> 20) - 1, &where))
        guest_stopped(
            STATUS_VMM,
            "the guest maps memory at %08x, where the VMM's window is (%08x to %08x): it cannot run here",
            (unsigned)where.a, (unsigned)WINDOW_SRF, (unsigned)WINDOW_VMM - 1);
}

bool guest_mmu_is_window(gva_t va) { return va.a - WINDOW_SRF < WINDOW_VMM - WINDOW_SRF; }

void guest_mmu_changed(struct vcpu *v)
{
    uint32_t sctlr = guest_mmu.known.sctlr, dacr = guest_mmu.known.dacr, old_ttbr0 = guest_mmu.real.ttbr0,
             old_context = guest_mmu.real.contextidr, spaces = shadow_stats.spaces_made;

    guest_mmu.known.sctlr = v->mmu.sctlr;
    guest_mmu.known.dacr = v->mmu.dacr;
    light_device_forget();
    run_stats.switches++;
    if (dacr != v->mmu.dacr)
        dacr_consider(v->mmu.dacr);
    shadow_switch(&v->mmu, &guest_mmu.real);
    load_real(guest_mmu.real.ttbr0 != old_ttbr0 || guest_mmu.real.contextidr != old_context);
    /* Translations are what an instruction TLB would hold: global ones stay until maintenance or a change of
     * SCTLR. */
    if ((sctlr ^ v->mmu.sctlr) & SCTLR_I)
        cache_set_coherent(!(v->mmu.sctlr & SCTLR_I));
    if (sctlr != v->mmu.sctlr)
        cache_revalidate(guest_mapped, false);
    else if (dacr != v->mmu.dacr)
        dacr_revalidate(dacr, v->mmu.dacr);
    else
        cache_revalidate(guest_mapped, true);
    if ((sctlr ^ v->mmu.sctlr) & SCTLR_A) /* is the guest's */
        arm_write_sctlr((arm_read_sctlr() & ~SCTLR_A) | (v->mmu.sctlr & SCTLR_A));
    if (sctlr != v->mmu.sctlr || shadow_stats.spaces_made != spaces)
        guest_mmu_check_window();
    arm_isb();
}

/* TLB maintenance: the shadow tables, then the translations whose pages may be mapped elsewhere now. */
void guest_mmu_tlb_all(void)
{
    run_stats.tlb_ops++;
    shadow_drop_all();
    light_device_forget();
    cache_revalidate(guest_mapped, false);
    guest_mmu_check_window();
}

void guest_mmu_tlb_asid(uint8_t asid)
{
    run_stats.tlb_ops++;
    shadow_drop_asid(asid);
    cache_revalidate(guest_mapped, true);
}

void guest_mmu_tlb_va(gva_t va, uint8_t asid)
{
    run_stats.tlb_ops++;
    if (guest_mmu_is_window(va))
        guest_mmu_check_window();
    shadow_drop_va(va, asid);
    light_device_forget_va(va);
    cache_revalidate_va(guest_mapped, va);
}

void guest_mmu_tlb_va_all(gva_t va)
{
    run_stats.tlb_ops++;
    if (guest_mmu_is_window(va))
        guest_mmu_check_window();
    shadow_drop_va_all(va);
    light_device_forget_va(va);
    cache_revalidate_va(guest_mapped, va);
}

/* The shadow tables moved to another space by themselves. */
void guest_mmu_set_space(uint32_t ttbr0, uint32_t contextidr)
{
    guest_mmu.real.ttbr0 = ttbr0;
    guest_mmu.real.contextidr = contextidr;
    load_real(true);
}
