/*
 * The guest's MMU and maintenance operations: what its CP15 accesses mean for the shadow tables, the real
 * registers and the code cache.
 */
#include "run/guest_mmu.h"

#include "dbt/dbt.h"
#include "device/bus.h"
#include "host/arm.h"
#include "host/maintenance.h"
#include "host/memory.h"
#include "host/stop.h"
#include "host/switches.h"
#include "host/window.h"
#include "host/window_tables.h"
#include "run/light/light.h"
#include "run/run.h"

#define DACR_PLAIN_WRITES                                                                                    \
    16u /* so many without domains 14, 15 or Manager before the DACR goes inline again */

static struct shadow_regs real;
static struct {
    uint32_t sctlr, dacr;
} known; /* what the shadow tables were told last */

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
static inline __attribute__((always_inline)) void load_tables(uint32_t ttbr0, uint32_t contextidr)
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
        load_tables(real.ttbr0, real.contextidr);
    frame.dacr = real.dacr;
}

void guest_mmu_init(void)
{
    known.sctlr = vcpu.mmu.sctlr;
    known.dacr = vcpu.mmu.dacr;
    shadow_switch(&vcpu.mmu, &real);
    load_real(true);
}

/* A domain that became No access may hold code; one that was may have had faults, which are never kept. */
static void revalidate_domains(uint32_t before, uint32_t now)
{
    for (unsigned d = 0; d < 32; d += 2)
        if ((before >> d & 1) && !(now >> d & 1)) {
            cache_revalidate(guest_mapped, false);
            return;
        }
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

static bool in_shared_window(uint32_t va) { return va - WINDOW_SRF < WINDOW_VMM - WINDOW_SRF; }

/*
 * Inline DACR accesses are back after many plain writes, or gone after one that is not: the templates change.
 * A guest that goes back and forth is left with callouts for longer each time.
 */
static void consider_dacr(uint32_t dacr)
{
    static unsigned plain_writes, patience = DACR_PLAIN_WRITES;
    bool plain = !(dacr & (DACR_WINDOW_MASK | 0xaaaaaaaau));

    plain_writes = plain ? plain_writes + 1 : 0;
    if (dbt_dacr_inline ? plain : plain_writes < patience)
        return;
    dbt_dacr_inline = plain;
    if (!plain && patience < DACR_PLAIN_WRITES << 8)
        patience *= 2;
    cache_forget_dacr();
}

void guest_mmu_set_dacr(uint32_t dacr)
{
    real.dacr = dacr;
    vcpu.mmu.dacr = known.dacr = dacr & ~DACR_WINDOW_MASK;
}

bool guest_mmu_note_dacr(struct frame *f)
{
    if (f->dacr == real.dacr)
        return false;
    guest_mmu_set_dacr(f->dacr);
    if (vcpu.mmu.dacr & 0xaaaaaaaau) { /* Manager, written inline: the tables must be told, and real reads are
                                          not the guest's */
        consider_dacr(vcpu.mmu.dacr);
        guest_mmu_changed(&vcpu);
        return true;
    }
    return false;
}

void guest_mmu_changed(struct vcpu *v)
{
    uint32_t sctlr = known.sctlr, dacr = known.dacr, old_ttbr0 = real.ttbr0, old_context = real.contextidr,
             spaces = shadow_stats.spaces_made;

    known.sctlr = v->mmu.sctlr;
    known.dacr = v->mmu.dacr;
    light_device_forget();
    run_stats.switches++;
    if (dacr != v->mmu.dacr)
        consider_dacr(v->mmu.dacr);
    shadow_switch(&v->mmu, &real);
    load_real(real.ttbr0 != old_ttbr0 || real.contextidr != old_context);
    /* Translations are what an instruction TLB would hold: global ones stay until maintenance or a change of
     * SCTLR. */
    if (sctlr != v->mmu.sctlr)
        cache_revalidate(guest_mapped, false);
    else if (dacr != v->mmu.dacr)
        revalidate_domains(dacr, v->mmu.dacr);
    else
        cache_revalidate(guest_mapped, true);
    if (((sctlr ^ v->mmu.sctlr) & 2) != 0) /* SCTLR.A is the guest's */
        arm_write_sctlr((arm_read_sctlr() & ~2u) | (v->mmu.sctlr & 2));
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
    if (in_shared_window(va.a))
        guest_mmu_check_window();
    shadow_drop_va(va, asid);
    light_device_forget_va(va);
    cache_revalidate_va(guest_mapped, va);
}

void guest_mmu_tlb_va_all(gva_t va)
{
    run_stats.tlb_ops++;
    if (in_shared_window(va.a))
        guest_mmu_check_window();
    shadow_drop_va_all(va);
    light_device_forget_va(va);
    cache_revalidate_va(guest_mapped, va);
}

static void srf_write(unsigned slot, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(WINDOW_SRF + slot) = value;
}

/*
 * Another TTBR0 or ASID, and nothing else: no translation of code depends on it but non-global ones. Where
 * both are written, with ISB in between, they change at once; nothing could tell.
 */
bool light_space(struct frame *f, const struct light_site *s)
{
    uint32_t now[2] = {vcpu.mmu.ttbr0, vcpu.mmu.contextidr};
    const struct light_site *next;

    if (!(vcpu.mmu.sctlr & 1) || vcpu.mmu.ttbcr & 7 || cache_has_non_global())
        return false;
    now[s->write] = f->r[s->rt];
    if (s->pair && (next = light_site_at(f->pc + 8)) && next->run == light_space) {
        now[next->write] = f->r[next->rt];
        f->pc += 8;
        ++*next->count;
    }
    run_stats.switches++;
    vcpu.mmu.ttbr0 = now[0];
    vcpu.mmu.contextidr = now[1];
    srf_write(SRF_TTBR0, now[0]);
    srf_write(SRF_CONTEXTIDR, now[1]);
    if (shadow_switch_space(now[0], now[1], &real))
        load_tables(real.ttbr0, real.contextidr);
    return true;
}

static unsigned pages_without_code(gva_t va, unsigned count)
{
    unsigned n = 0;

    while (n < count && !cache_active(GVA(va.a + n * PAGE_SIZE)))
        n++;
    return n;
}

/* TLBIMVA of those pages, within one MiB, up to the first that concerns the window or translations. How many
 * it were. */
static unsigned drop_pages(uint32_t value, unsigned count)
{
    gva_t va = GVA(value & ~PAGE_MASK);

    if (in_shared_window(va.a))
        return 0;
    if (cache_active_near(va)) {
        count = pages_without_code(va, count);
        if (!count || cache_any_remapped(guest_mapped, va, count))
            return 0;
    }
    run_stats.tlb_ops += count;
    light_device_forget_pages(va, count);
    shadow_drop_pages(va, count, (uint8_t)value);
    return count;
}

/* NZCV of a - b (A8.8.38). */
static uint32_t compare_flags(uint32_t a, uint32_t b)
{
    uint32_t d = a - b;

    return (d & PSR_N) | (d ? 0 : PSR_Z) | (a >= b ? PSR_C : 0) | (((a ^ b) & (a ^ d)) >> 31 << 28);
}

#define LOOP_MIBS   2u /* in one exit: interrupts wait */
#define NO_REGISTER 16u

/*
 * Is the operation that of a loop over a range: followed by ADD rt, rt, #4096; CMP rt, rm; BLO to the
 * operation? Then rm. The block's words are read where they run; a page has no gate in it.
 */
static unsigned loop_end(const struct frame *f, const struct light_site *s)
{
    const uint32_t *w = (const uint32_t *)(uintptr_t)f->pc;
    uint32_t rt = s->rt, rm;

    if (!SWITCH_ON(tlb_loops) || (f->pc & PAGE_MASK) > PAGE_SIZE - 12 ||
        w[0] != (0xe2800a01u | rt << 16 | rt << 12) || (w[1] & ~15u) != (0xe1500000u | rt << 16) ||
        w[2] != (0x3a000000u | ((s->host - 4 - f->pc - 16) >> 2 & 0xffffff)))
        return NO_REGISTER;
    rm = w[1] & 15;
    return rm > 11 || rm == rt ? NO_REGISTER : rm;
}

/* How many pages the loop takes from `va` on, but no further than the MiB. */
static unsigned loop_pages(uint32_t va, uint32_t end)
{
    uint32_t to_go = end > va ? (end - va + PAGE_MASK) >> 12 : 1, in_mib = 256 - (va >> 12 & 255);

    return to_go < in_mib ? to_go : in_mib;
}

/* The loop's effects, for all pages in a MiB at once: an exit a page would cost fifty times as much. */
static bool drop_loop(struct frame *f, const struct light_site *s, unsigned rm)
{
    uint32_t va = f->r[s->rt], end = f->r[rm], count;

    for (unsigned n = 0; n < LOOP_MIBS; n++) {
        count = drop_pages(va, loop_pages(va, end));
        if (!count && !n)
            return false;
        if (!count)
            break;
        va += count * PAGE_SIZE;
        f->r[s->rt] = va;
        f->psr = (f->psr & 0x0fffffff) | compare_flags(va, end);
        if (va >= end) {
            f->pc += 12;
            return true;
        }
    }
    f->pc = s->host - 4; /* the operation again: an exit of its own */
    return true;
}

bool light_tlb_va(struct frame *f, const struct light_site *s)
{
    unsigned rm = loop_end(f, s);

    return rm == NO_REGISTER ? drop_pages(f->r[s->rt], 1) != 0 : drop_loop(f, s, rm);
}

bool light_tlb_asid(struct frame *f, const struct light_site *s)
{
    if (cache_has_non_global())
        return false;
    run_stats.tlb_ops++;
    shadow_drop_asid((uint8_t)f->r[s->rt]);
    return true;
}

bool light_icache_all(struct frame *f, const struct light_site *s)
{
    (void)f, (void)s;
    if (!cache_icache_clean())
        return false;
    guest_mmu_icache_all();
    return true;
}

/* Shut while a page with translations has been written: maintenance has something to do. */
void guest_mmu_open_icache_gate(void)
{
    static bool open;

    if (cache_icache_clean() == open)
        return;
    open = !open;
    window_icache_gate(open);
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

/* The shadow tables moved to another space by themselves. */
void guest_mmu_set_space(uint32_t ttbr0, uint32_t contextidr)
{
    real.ttbr0 = ttbr0;
    real.contextidr = contextidr;
    load_real(true);
}
