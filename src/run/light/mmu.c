/* Light forms of what the guest does to its MMU and instruction cache (run/guest_mmu.h). */
#include "dbt/dbt.h"
#include "host/switches.h"
#include "host/window.h"
#include "run/light/device.h"
#include "run/light/light.h"

#define LOOP_MIBS   2u /* in one exit: interrupts wait */
#define NO_REGISTER 16u

/*
 * Another TTBR0 or ASID, and nothing else: no translation of code depends on it but non-global ones. Where
 * both are written, with ISB in between, they change at once; nothing could tell.
 */
enum light_outcome light_space(struct frame *f, const struct light_site *s)
{
    uint32_t now[2] = {vcpu.mmu.ttbr0, vcpu.mmu.contextidr};
    const struct light_site *next;

    if (!(vcpu.mmu.sctlr & 1) || vcpu.mmu.ttbcr & 7 || cache_has_non_global())
        return LIGHT_NO;
    now[s->write] = f->r[s->rt];
    if (s->pair && (next = light_site_at(f->pc + 8)) && next->run == light_space) {
        now[next->write] = f->r[next->rt];
        f->pc += 8;
        ++*next->count;
    }
    run_stats.switches++;
    vcpu.mmu.ttbr0 = now[0];
    vcpu.mmu.contextidr = now[1];
    light_srf_write(SRF_TTBR0, now[0]);
    light_srf_write(SRF_CONTEXTIDR, now[1]);
    if (shadow_switch_space(now[0], now[1], &guest_mmu.real))
        guest_mmu_load_tables(guest_mmu.real.ttbr0, guest_mmu.real.contextidr);
    return LIGHT_DONE;
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

    if (guest_mmu_is_window(va))
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
static enum light_outcome drop_loop(struct frame *f, const struct light_site *s, unsigned rm)
{
    uint32_t va = f->r[s->rt], end = f->r[rm], count;

    for (unsigned n = 0; n < LOOP_MIBS; n++) {
        count = drop_pages(va, loop_pages(va, end));
        if (!count && !n)
            return LIGHT_NO;
        if (!count)
            break;
        va += count * PAGE_SIZE;
        f->r[s->rt] = va;
        f->psr = (f->psr & 0x0fffffff) | compare_flags(va, end);
        if (va >= end) {
            f->pc += 12;
            return LIGHT_DONE;
        }
    }
    f->pc = s->host - 4; /* the operation again: an exit of its own */
    return LIGHT_DONE;
}

enum light_outcome light_tlb_va(struct frame *f, const struct light_site *s)
{
    unsigned rm = loop_end(f, s);

    if (rm != NO_REGISTER)
        return drop_loop(f, s, rm);
    return drop_pages(f->r[s->rt], 1) ? LIGHT_DONE : LIGHT_NO;
}

enum light_outcome light_tlb_asid(struct frame *f, const struct light_site *s)
{
    if (cache_has_non_global())
        return LIGHT_NO;
    run_stats.tlb_ops++;
    shadow_drop_asid((uint8_t)f->r[s->rt]);
    return LIGHT_DONE;
}

enum light_outcome light_icache_all(struct frame *f, const struct light_site *s)
{
    (void)f, (void)s;
    if (!cache_icache_clean())
        return LIGHT_NO;
    guest_mmu_icache_all();
    return LIGHT_DONE;
}
