/*
 * What the shadow tables' tests run on: a guest's memory, and the real MMU as a mini-walker with its own
 * reading of the descriptors, that sees only what table_write_sync() made visible, and a model TLB that
 * forgets only what it is told to. Permissions come from tables copied out of the manual (B3.7.1), not from
 * src/mmu.
 */
#ifndef SHADOW_MACHINE_H
#define SHADOW_MACHINE_H

#include "unit.h"

#include "host/maintenance.h"
#include "host/window.h"
#include "mmu/shadow.h"

#define RAM_SIZE  0x800000u
#define RAM_PAGES (RAM_SIZE >> 12)
#define POOL_MAX  0x200000u
#define POOL_HOST 0x50000000u

static uint8_t ram[RAM_SIZE] __attribute__((aligned(4096)));
static uint8_t flags[RAM_PAGES] __attribute__((aligned(4)));
static uint32_t pool[POOL_MAX / 4] __attribute__((aligned(16384)));
static uint32_t seen[POOL_MAX / 4]; /* the pool as the table walker sees it */
static uint32_t window[4096];
struct guest_memory guest_memory = {.linear = ram, .size = RAM_SIZE, .page_flags = flags};

static struct mmu_regs regs;
static struct shadow_regs real;
static unsigned flushes, dirtied;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* ---- The real machine ---- */

struct entry {
    uint32_t va, pa;
    unsigned log2, ap, domain, asid, tex_cb;
    bool xn, ng, s;
};

#define TLB_SIZE 48
static struct entry tlb[TLB_SIZE];
static bool tlb_valid[TLB_SIZE];

void tlb_flush_all(void)
{
    flushes++;
    memset(tlb_valid, 0, sizeof(tlb_valid));
}

void tlb_flush_asid(uint8_t asid)
{
    flushes++;
    for (unsigned i = 0; i < TLB_SIZE; i++)
        if (tlb[i].ng && tlb[i].asid == asid)
            tlb_valid[i] = false;
}

void tlb_flush_pages(gva_t va, unsigned count)
{
    flushes++;
    for (uint32_t page = va.a; count; count--, page += PAGE_SIZE)
        for (unsigned i = 0; i < TLB_SIZE; i++)
            if (tlb[i].va >> tlb[i].log2 == page >> tlb[i].log2 &&
                (!tlb[i].ng || tlb[i].asid == real.contextidr))
                tlb_valid[i] = false;
}

static void set_space(uint32_t ttbr0, uint32_t contextidr)
{
    real.ttbr0 = ttbr0;
    real.contextidr = contextidr;
}

void table_write_sync(const void *start, size_t size)
{
    size_t at = (size_t)((const uint8_t *)start - (const uint8_t *)pool);

    if (at + size > sizeof(pool))
        check_failed(__FILE__, __LINE__, "sync outside the pool");
    memcpy((uint8_t *)seen + at, start, size);
}

void table_write_sync_line(const void *entry)
{
    table_write_sync((const void *)((uintptr_t)entry & ~(uintptr_t)63), 64);
}

static void page_dirty(uint32_t page)
{
    dirtied++;
    EXPECT_EQ(flags[page], PAGE_HAS_CODE | PAGE_DIRTY);
}

static uint32_t direct_gpa = 1; /* a page: none */

static bool direct_page(gpa_t gpa, hpa_t *page)
{
    page->a = 0x10012000;
    return (gpa.a & ~PAGE_MASK) == direct_gpa;
}

static bool is_device(gpa_t gpa) { return gpa.a >> 12 == 0x10009; }

static const struct shadow_upcalls upcalls = {set_space, page_dirty, is_device, direct_page};

static uint32_t peek(uint32_t host)
{
    if (host - POOL_HOST >= POOL_MAX)
        check_failed(__FILE__, __LINE__, "the real MMU walks outside the pool");
    return seen[(host - POOL_HOST) / 4];
}

/* What the real MMU finds at va: TTBCR.N = 0, no remap, no access flag. */
static bool hw_walk(uint32_t va, struct entry *e)
{
    uint32_t d = peek((real.ttbr0 & 0xffffc000) + (va >> 20) * 4), p;

    if (window[va >> 20]) {
        EXPECT_EQ(d, window[va >> 20]);
        return false;
    }
    e->asid = real.contextidr;
    e->domain = d >> 5 & 15;
    switch (d & 3) {
    case 0: return false;
    case 1:
        p = peek((d & 0xfffffc00) + (va >> 12 & 255) * 4);
        if (!(p & 3))
            return false;
        EXPECT(p & 2); /* no large pages are made */
        e->va = va & ~0xfffu;
        e->pa = p & ~0xfffu;
        e->log2 = 12;
        e->ap = (p >> 4 & 3) | (p >> 7 & 4);
        e->xn = p & 1;
        e->ng = p >> 11 & 1;
        e->s = p >> 10 & 1;
        e->tex_cb = (p >> 6 & 7) << 2 | (p >> 2 & 3);
        return true;
    case 2:
        EXPECT(!(d >> 18 & 3)); /* no supersections, secure */
        e->va = va & 0xfff00000;
        e->pa = d & 0xfff00000;
        e->log2 = 20;
        e->ap = (d >> 10 & 3) | (d >> 13 & 4);
        e->xn = d >> 4 & 1;
        e->ng = d >> 17 & 1;
        e->s = d >> 16 & 1;
        e->tex_cb = (d >> 12 & 7) << 2 | (d >> 2 & 3);
        return true;
    }
    EXPECT(!"reserved descriptor");
    return false;
}

/* Rights as bits: PL1 r, w, then PL0 r, w, x. (PL1 x is nobody's.) */
enum { PR = 1, PW = 2, UR = 4, UW = 8, UX = 16, ALL_RIGHTS = 31 };
static const uint8_t ap_rights[8] = {0, PR | PW, PR | PW | UR, PR | PW | UR | UW, 0, PR, PR | UR, PR | UR};

static unsigned rights(unsigned dacr, unsigned domain, unsigned ap, bool xn)
{
    switch (dacr >> 2 * domain & 3) {
    case 1: return ap_rights[ap] | (!xn && ap_rights[ap] & UR ? UX : 0);
    case 3: return ALL_RIGHTS;
    }
    return 0;
}

static unsigned hw_rights(const struct entry *e)
{
    EXPECT((real.dacr & 0xf0000000) == DACR_GUEST_BITS);
    EXPECT(!(real.dacr & 0xaaaaaaaa));      /* nobody is Manager */
    EXPECT(e->xn || ap_rights[e->ap] & UR); /* PL1-only is XN */
    EXPECT(e->domain <= 14);
    return rights(real.dacr, e->domain, e->ap, e->xn);
}

static unsigned needed(enum access access, bool priv)
{
    return access == ACCESS_FETCH  ? (priv ? 0 : UX)
           : access == ACCESS_READ ? (priv ? PR : UR)
           : priv                  ? PW
                                   : UW;
}

/* ---- The guest ---- */

#define ROOTS 2
#define ASIDS 3
static const uint32_t root[ROOTS] = {0x70004000, 0x70008000};
static const uint32_t high_root = 0x7000c000;
#define L2_TABLES 12
#define L2_AT(i)  (0x70010000u + (i)*0x400)

static uint32_t *guest_word(uint32_t gpa) { return (uint32_t *)(ram + (gpa - GUEST_RAM_BASE)); }
static uint32_t to_guest(uint32_t x) { return regs.sctlr & 1u << 25 ? __builtin_bswap32(x) : x; }
static void poke(uint32_t gpa, uint32_t value) { *guest_word(gpa) = to_guest(value); }

static void guest_switch(void)
{
    struct shadow_regs before = real, out;
    bool changed = shadow_switch(&regs, &out);

    EXPECT(changed ||
           (before.ttbr0 == out.ttbr0 && before.contextidr == out.contextidr && before.dacr == out.dacr));
    real = out;
}

static void fresh(uint32_t pool_size, uint32_t host)
{
    memset(ram, 0, sizeof(ram));
    memset(flags, 0, sizeof(flags));
    memset(pool, 0xff, sizeof(pool));
    memset(seen, 0xff, sizeof(seen));
    memset(window, 0, sizeof(window));
    memset(tlb_valid, 0, sizeof(tlb_valid));
    for (unsigned i = 0xf80; i < 0xf90; i++)
        window[i] = 0x60000000 | i << 20 | 15 << 5 | 2;
    window[0xf80] = 0x4fff0001 | 14 << 5;
    guest_memory.host = HPA(host);
    shadow_fill_ahead = true;
    memset(&real, 0, sizeof(real));
    memset(&regs, 0, sizeof(regs));
    regs.sctlr = 1;
    regs.ttbr0 = root[0];
    regs.ttbr1 = high_root;
    regs.dacr = 0x55555555;
    shadow_init((struct shadow_pool){pool, HPA(POOL_HOST), pool_size}, window, &upcalls);
    guest_switch();
}

#endif
