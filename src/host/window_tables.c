/*
 * The window's translation tables (host/window_tables.h).
 *
 * The code cache has two sets of second-level tables, alike but for the gate pages: present in one, absent in
 * the other. Closing the gates exchanges the few first-level entries of the current table.
 */
#include "host/window_tables.h"

#include "host/arm.h"
#include "host/armv7.h"
#include "host/maintenance.h"
#include "host/memory.h"
#include "host/stubs.h"

/* B3.5.1: small page, Normal write-back write-allocate (TEX=001 C=1 B=1), XN in bit 0; AP as named. */
#define PAGE_NORMAL        0x04eu
#define PAGE_XN            1u
#define PAGE_RW_PL1        0x010u /* AP=001 */
#define PAGE_RO_PL1        0x210u /* AP=101 */
#define TABLE(domain)      ((uint32_t)(domain) << 5 | 1u)
#define SECTION_NORMAL_VMM (0x1c0eu & ~0x800u) /* AP=001 */
#define SECTION_DEVICE_VMM (0x0406u | 0x10u)   /* Device, AP=001, XN */
#define SECTION_DOMAIN_VMM ((uint32_t)DOMAIN_VMM << 5)
#define CACHE_SLOTS        (WINDOW_CACHE_MAX >> 20)

uint32_t window_table[4096] __attribute__((aligned(16384), section(".tables")));

struct table {
    uint32_t entry[256];
};
/* This guest's window. */
static struct {
    struct table srf __attribute__((aligned(1024))), stubs, cache_open[CACHE_SLOTS + 1],
        cache_closed[CACHE_SLOTS + 1];
    struct table jump[WINDOW_JUMP_REGIONS * 16], psr[WINDOW_PSR_STATES], lent;
    uint8_t psr_page[2][PAGE_SIZE] __attribute__((aligned(4096))); /* by the guest's I */
    uint8_t srf_page[PAGE_SIZE], gate_page[PAGE_SIZE];
    uint32_t psr_used; /* a bit for each state whose pages are there */
    uint32_t *current; /* the first-level table in use */
    bool closed;
    uint32_t away; /* the first-level entry in whose place `lent` is */
    uint32_t *jump_pages;
} window;
extern uint32_t stubs_load[];

static uint32_t pa(const void *p) { return memory_physical(p).a; }

static void set_table(uint32_t va, const struct table *t, unsigned domain)
{
    window_table[va >> 20] = pa(t) | TABLE(domain);
}

static void set_page(struct table *t, uint32_t va, uint32_t physical, uint32_t bits)
{
    t->entry[va >> 12 & 255] = physical | bits;
}

static void map_cache(const struct window_parts *m)
{
    uint32_t size = m->code_size / CACHE_PAIR * CACHE_GATE_SPAN + PAGE_SIZE;

    for (uint32_t off = 0, code = pa(m->code); off < size; off += PAGE_SIZE) {
        uint32_t va = WINDOW_CACHE + off;
        unsigned slot = off >> 20;

        if (off % CACHE_GATE_SPAN == 0) {
            set_page(&window.cache_open[slot], va, pa(window.gate_page), PAGE_NORMAL | PAGE_RW_PL1 | PAGE_XN);
            continue;
        }
        set_page(&window.cache_open[slot], va, code, PAGE_NORMAL | PAGE_RO_PL1);
        set_page(&window.cache_closed[slot], va, code, PAGE_NORMAL | PAGE_RO_PL1);
        code += PAGE_SIZE;
    }
    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        set_table(WINDOW_CACHE + (i << 20), &window.cache_open[i], DOMAIN_SHARED);
    set_page(&window.cache_open[CACHE_SLOTS], WINDOW_TRAP_END - PAGE_SIZE, pa(window.gate_page),
             PAGE_NORMAL | PAGE_RO_PL1 | PAGE_XN);
    set_table(WINDOW_TRAP_END - PAGE_SIZE, &window.cache_open[CACHE_SLOTS], DOMAIN_SHARED);
    set_table(WINDOW_TRAP_END, &window.cache_closed[CACHE_SLOTS],
              DOMAIN_SHARED); /* empty, and never the guest's: loads there trap */
}

void window_map_jump(unsigned place, unsigned page)
{
    struct table *t = &window.jump[place >> 8];
    uint32_t va = WINDOW_JUMP + place * PAGE_SIZE;

    set_page(t, va, pa(window.jump_pages + page * (PAGE_SIZE / 4)), PAGE_NORMAL | PAGE_RO_PL1 | PAGE_XN);
    table_write_sync(&t->entry[place & 255], 4);
    tlb_flush_va(GVA(va));
}

static void map_jump(uint32_t *pages)
{
    window.jump_pages = pages;
    for (unsigned i = 0; i < ARRAY_SIZE(window.jump); i++)
        set_table(WINDOW_JUMP + (i << 20), &window.jump[i], DOMAIN_SHARED);
}

static uint32_t psr_value(unsigned state, bool masked)
{
    static const uint8_t modes[] = WINDOW_PSR_MODES;

    return modes[state / 2] | state % 2 << 6 | (uint32_t)masked << 7;
}

static void psr_map(unsigned state, bool masked, bool there)
{
    uint32_t va = window_psr(state, psr_value(state, masked));
    struct table *t = &window.psr[state];

    t->entry[va >> 12 & 255] = there ? pa(window.psr_page[masked]) | PAGE_NORMAL | PAGE_RO_PL1 | PAGE_XN : 0;
    table_write_sync(&t->entry[va >> 12 & 255], 4);
}

/* Unmasking by MSR is a gate too. */
static void psr_gates(bool open)
{
    for (uint32_t left = window.psr_used; left; left &= left - 1)
        psr_map((unsigned)__builtin_ctz(left), false, open);
}

void window_psr_use(uint32_t va)
{
    uint32_t state = (va - WINDOW_PSR) >> 20;

    if (state >= WINDOW_PSR_STATES || window.psr_used >> state & 1)
        return;
    window.psr_used |= 1u << state;
    psr_map(state, true, true);
    psr_map(state, false, !window.closed);
}

static void map_psr(void)
{
    for (unsigned masked = 0; masked < 2; masked++) {
        window.psr_page[masked][WINDOW_PSR_LAST_SVC] = (uint8_t)(masked << 6 | MODE_SVC);
        window.psr_page[masked][WINDOW_PSR_LAST_SYS] = (uint8_t)(masked << 6 | MODE_SYS);
    }
    for (unsigned state = 0; state < WINDOW_PSR_STATES; state++)
        set_table(window_psr(state, 0), &window.psr[state], DOMAIN_SHARED);
}

void window_map_early(const hpa_t devices[2])
{
    for (unsigned i = 0; i < 2; i++)
        window_table[(WINDOW_DEVICES >> 20) + i] = devices[i].a | SECTION_DEVICE_VMM | SECTION_DOMAIN_VMM;
    table_write_sync(window_table, sizeof window_table);
    tlb_flush_all();
}

void window_init(const struct window_parts *p)
{
    for (uint32_t off = 0; off < p->ram_size; off += SECTION_SIZE)
        window_table[(WINDOW_LINEAR + off) >> 20] =
            (p->ram.a + off) | SECTION_NORMAL_VMM | PAGE_XN << 4 | SECTION_DOMAIN_VMM;
    set_page(&window.srf, WINDOW_SRF, pa(window.srf_page), PAGE_NORMAL | PAGE_RW_PL1 | PAGE_XN);
    set_table(WINDOW_SRF, &window.srf, DOMAIN_SHARED);
    set_page(&window.stubs, WINDOW_VECTORS, pa(stubs_load), PAGE_NORMAL | PAGE_RO_PL1);
    set_table(WINDOW_VECTORS, &window.stubs, DOMAIN_SHARED);
    map_cache(p);
    map_jump(p->jump_pages);
    map_psr();
    for (unsigned i = 0; i < WINDOW_LINEAR >> 20; i++)
        window_table[i] = 0; /* the flat entry of start.S */
    table_write_sync(window_table, sizeof window_table);
    table_write_sync(&window.srf, sizeof window.srf);
    table_write_sync(&window.stubs, sizeof window.stubs);
    table_write_sync(window.cache_open, sizeof window.cache_open);
    table_write_sync(window.cache_closed, sizeof window.cache_closed);
    tlb_flush_all();
}

void window_icache_gate(bool open)
{
    uint32_t *entry = &window.srf.entry[WINDOW_ICACHE_GATE >> 12 & 255];

    *entry = open ? pa(window.gate_page) | PAGE_NORMAL | PAGE_RW_PL1 | PAGE_XN : 0;
    table_write_sync(entry, 4);
    tlb_flush_va(GVA(WINDOW_ICACHE_GATE));
}

static void apply(uint32_t *table, const struct table *set)
{
    uint32_t *slot = table + (WINDOW_CACHE >> 20);

    for (unsigned i = 0; i < CACHE_SLOTS; i++)
        slot[i] = pa(&set[i]) | TABLE(DOMAIN_SHARED);
    table_write_sync(slot, CACHE_SLOTS * 4);
}

bool window_close_gates(bool close)
{
    if (close == window.closed)
        return false;
    window.closed = close;
    apply(window.current, window.closed ? window.cache_closed : window.cache_open);
    psr_gates(!window.closed);
    tlb_flush_all();
    return window.closed;
}

void window_switch_table(uint32_t ttbr0)
{
    if (window.closed)
        apply(window.current, window.cache_open);
    window.current = memory_virtual(HPA(ttbr0 & ~0x3fffu));
    if (window.closed) {
        apply(window.current, window.cache_closed);
        tlb_flush_all();
    }
}

/* A page of no consequence at an address that is not the VMM's; what is there is away meanwhile. */
void window_lend(uint32_t va, bool lend)
{
    uint32_t *slot = &window.current[va >> 20], *entry = &window.lent.entry[va >> 12 & 255];

    *entry = lend ? pa(window.gate_page) | PAGE_NORMAL | PAGE_RW_PL1 | PAGE_XN : 0;
    table_write_sync(entry, 4);
    if (lend)
        window.away = *slot;
    *slot = lend ? pa(&window.lent) | TABLE(DOMAIN_VMM) : window.away;
    table_write_sync(slot, 4);
    tlb_flush_va(GVA(va));
}

uint8_t *window_jump_bytes(void) { return (uint8_t *)stubs_load + (WINDOW_JUMP - 256 - WINDOW_VECTORS); }

/* Through the VMM's own mapping. */
void stub_set_svc(uint32_t word)
{
    uint32_t *at = stubs_load + (STUB_SVC_SLOT - WINDOW_VECTORS) / 4;

    *at = word;
    sync_code(at, CCA(STUB_SVC_SLOT), 4);
}
