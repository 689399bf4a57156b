/*
 * The shadow tables against the guest's, as the real MMU would see them: a mini-walker with its own reading
 * of the descriptors, that sees only what table_write_sync() made visible, and a model TLB that forgets only
 * what it is told to. Permissions come from tables copied out of the manual (B3.7.1), not from src/mmu.
 */
#define UNIT_MAIN
#include "unit.h"

#include "boot/window.h"
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
            if (tlb[i].va >> tlb[i].log2 == page >> tlb[i].log2 && (!tlb[i].ng || tlb[i].asid == real.contextidr))
                tlb_valid[i] = false;
}

void tlb_set_space(uint32_t ttbr0, uint32_t contextidr)
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

void cache_page_dirty(uint32_t page)
{
    dirtied++;
    EXPECT_EQ(flags[page], PAGE_HAS_CODE | PAGE_DIRTY);
}

static uint32_t direct_gpa = 1; /* a page: none */

bool shadow_gpa_direct(gpa_t gpa, hpa_t *page)
{
    page->a = 0x10012000;
    return (gpa.a & ~PAGE_MASK) == direct_gpa;
}

bool shadow_gpa_assigned(gpa_t gpa)
{
    return gpa.a >> 12 == 0x10009;
}

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
    case 0:
        return false;
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
    case 1:
        return ap_rights[ap] | (!xn && ap_rights[ap] & UR ? UX : 0);
    case 3:
        return ALL_RIGHTS;
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

static uint32_t *guest_word(uint32_t gpa)
{
    return (uint32_t *)(ram + (gpa - GUEST_RAM_BASE));
}
static uint32_t to_guest(uint32_t x)
{
    return regs.sctlr & 1u << 25 ? __builtin_bswap32(x) : x;
}
static void poke(uint32_t gpa, uint32_t value)
{
    *guest_word(gpa) = to_guest(value);
}

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
    shadow_init((struct shadow_pool){pool, HPA(POOL_HOST), pool_size}, window);
    guest_switch();
}

static enum shadow_verdict fault(uint32_t va, enum access access, bool priv)
{
    struct translation t;
    uint32_t fsr;

    return shadow_fault(&regs, GVA(va), access, priv, &t, &fsr);
}

static unsigned hw_rights_at(uint32_t va)
{
    struct entry e;

    return hw_walk(va, &e) ? hw_rights(&e) : 0;
}

/* ---- Directed tests ---- */

TEST(rights_are_the_guests)
{
    const uint32_t va = 0x10045000;

    for (unsigned size = 0; size < 4; size++)
        for (unsigned field = 0; field < 4; field++)
            for (unsigned domain = 0; domain < 16; domain++)
                for (unsigned ap = 0; ap < 8; ap++)
                    for (unsigned xn = 0; xn < 2; xn++)
                        for (unsigned afe = 0; afe < 2; afe++)
                            for (unsigned ng = 0; ng < 2; ng++) {
                                unsigned d = size == 3 ? 0 : domain, guest, got, expect;
                                uint32_t bits6 = (ap & 3) << 4 | (ap >> 2) << 9;

                                fresh(POOL_MAX, 0x60000000);
                                regs.dacr = 0x55555555 ^ (1u << 2 * d) ^ field << 2 * d;
                                regs.sctlr |= afe << 29;
                                guest_switch();
                                if (size < 2)
                                    poke(root[0] + (va >> 20) * 4, L2_AT(0) | d << 5 | 1);
                                if (size == 0)
                                    poke(L2_AT(0) + 0x45 * 4, 0x70345000 | bits6 | ng << 11 | xn | 2);
                                else if (size == 1)
                                    poke(L2_AT(0) + 0x45 * 4, 0x70340000 | bits6 | ng << 11 | xn << 15 | 1);
                                else
                                    poke(root[0] + (va >> 20) * 4, (size == 3 ? 0x70000000 : 0x70300000) |
                                                                       bits6 << 6 | ng << 17 | xn << 4 | 2 |
                                                                       (size == 3 ? 1u << 18 : d << 5));
                                guest = rights(regs.dacr, d, ap, xn);
                                if (afe && field == 1 && !(ap & 1))
                                    guest = 0;
                                for (unsigned access = 0; access < 3; access++)
                                    for (unsigned priv = 0; priv < 2; priv++) {
                                        struct entry e;
                                        unsigned need = needed(access, priv);

                                        if (!need)
                                            continue;
                                        EXPECT_EQ(fault(va, access, priv),
                                                  need & guest ? SHADOW_RESUME : SHADOW_TRUE_FAULT);
                                        if (hw_walk(va, &e)) {
                                            EXPECT_EQ(e.pa | (va & ((1u << e.log2) - 1)),
                                                      size == 3 ? 0x60045000 : 0x60345000);
                                            EXPECT_EQ(e.ng, ng);
                                        }
                                    }
                                got = hw_rights_at(va);
                                expect = guest;
                                EXPECT_EQ(got, expect);
                            }
}

TEST(memory_types_go_through)
{
    for (unsigned tre = 0; tre < 2; tre++)
        for (unsigned tex_cb = 0; tex_cb < 32; tex_cb++)
            for (unsigned s = 0; s < 2; s++)
                for (unsigned section = 0; section < 2; section++) {
                    struct translation t;
                    struct entry e;
                    uint32_t fsr;

                    fresh(POOL_MAX, 0x60000000);
                    regs.sctlr |= tre << 28;
                    regs.prrr = 0x000a81a8;
                    regs.nmrr = 0x40e040e0;
                    guest_switch();
                    poke(root[0] + 4, section ? 0x70300000 | (tex_cb >> 2) << 12 | (tex_cb & 3) << 2 |
                                                    s << 16 | 3 << 10 | 2
                                              : L2_AT(0) | 1);
                    poke(L2_AT(0),
                         0x70300000 | (tex_cb >> 2) << 6 | (tex_cb & 3) << 2 | s << 10 | 3 << 4 | 2);
                    EXPECT_EQ(shadow_fault(&regs, GVA(0x100000), ACCESS_READ, true, &t, &fsr), SHADOW_RESUME);
                    EXPECT(hw_walk(0x100000, &e) && mmu_walk(&regs, GVA(0x100000), ACCESS_READ, true, &t, &fsr));
                    mmu_memory_type(&regs, &t);
                    EXPECT_EQ(e.tex_cb, t.tex_cb);
                    EXPECT_EQ(e.s, t.s);
                }
}

TEST(fill_ahead_neighbourhood)
{
    for (unsigned ahead = 0; ahead < 2; ahead++) {
        fresh(POOL_MAX, 0x60000000);
        shadow_fill_ahead = ahead;
        poke(root[0] + 4, L2_AT(0) | 1);
        for (unsigned i = 0; i < 256; i++)
            poke(L2_AT(0) + 4 * i, i & 1 ? 0 : 0x70300000 | i << 12 | 3 << 4 | 2);
        EXPECT_EQ(fault(0x114000, ACCESS_READ, false), SHADOW_RESUME);
        for (unsigned i = 0; i < 256; i++)
            EXPECT_EQ(hw_rights_at(0x100000 | i << 12),
                      i == 0x14 || (ahead && i >> 4 == 1 && !(i & 1)) ? ALL_RIGHTS : 0);
        /* An invalid entry made valid needs no maintenance. */
        poke(L2_AT(0) + 4 * 0x15, 0x70315000 | 1 << 4 | 2);
        EXPECT_EQ(fault(0x115000, ACCESS_WRITE, true), SHADOW_RESUME);
        EXPECT_EQ(hw_rights_at(0x115000), PR | PW);
    }
}

TEST(devices_and_window)
{
    struct translation t;
    uint32_t fsr;
    gva_t where;

    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, 0x10000000 | 3 << 10 | 2);
    poke(root[0] + 0xf81 * 4, 0x70100000 | 1 << 10 | 2);
    poke(root[0] + 0xf85 * 4, L2_AT(0) | 1);
    poke(L2_AT(0) + 4 * 7, 0x10009000 | 1 << 4 | 2);
    EXPECT_EQ(shadow_fault(&regs, GVA(0x109010), ACCESS_WRITE, false, &t, &fsr), SHADOW_DEVICE);
    EXPECT_EQ(t.gpa.a, 0x10009010);
    EXPECT_EQ(hw_rights_at(0x109000), 0);
    EXPECT_EQ(shadow_fault(&regs, GVA(0xf8112344), ACCESS_READ, true, &t, &fsr), SHADOW_WINDOW);
    EXPECT_EQ(t.gpa.a, 0x70112344);
    EXPECT_EQ(shadow_fault(&regs, GVA(0xf8112344), ACCESS_READ, false, &t, &fsr), SHADOW_TRUE_FAULT);
    EXPECT_EQ(fsr, FS_PERMISSION_SECTION);
    EXPECT_EQ(shadow_fault(&regs, GVA(0xf8212344), ACCESS_READ, true, &t, &fsr), SHADOW_TRUE_FAULT);
    hw_walk(WINDOW_BASE, &(struct entry){0}); /* the window is in this table */
    EXPECT(shadow_window_conflict(&regs, 0xf80, 0xf8f, &where));
    EXPECT_EQ(where.a, 0xf8100000);
    EXPECT(shadow_window_conflict(&regs, 0xf82, 0xf8f, &where));
    EXPECT_EQ(where.a, 0xf8507000);
    EXPECT(!shadow_window_conflict(&regs, 0xf86, 0xfff, &where));
    poke(root[0] + 0xfff * 4, 0x40000000 | 1 << 10 | 2); /* unassigned: no conflict */
    EXPECT(!shadow_window_conflict(&regs, 0xf86, 0xfff, &where));
}

TEST(code_pages)
{
    struct entry e;

    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, 0x70300000 | 3 << 10 | 2);
    EXPECT_EQ(fault(0x105000, ACCESS_WRITE, true), SHADOW_RESUME);
    EXPECT(hw_walk(0x105000, &e) && e.log2 == 20);
    shadow_protect_page(0x305);
    EXPECT_EQ(flags[0x305], PAGE_HAS_CODE);
    EXPECT(!hw_walk(0x105000, &e));
    EXPECT_EQ(fault(0x105000, ACCESS_READ, false), SHADOW_RESUME);
    EXPECT_EQ(hw_rights_at(0x105000), PR | UR | UX);
    EXPECT_EQ(hw_rights_at(0x106000), ALL_RIGHTS);
    shadow_protect_page(0x306);
    EXPECT_EQ(hw_rights_at(0x106000), PR | UR | UX);
    dirtied = 0;
    EXPECT_EQ(fault(0x105008, ACCESS_WRITE, false), SHADOW_RESUME);
    EXPECT_EQ(dirtied, 1);
    EXPECT_EQ(flags[0x305], PAGE_HAS_CODE | PAGE_DIRTY);
    EXPECT_EQ(hw_rights_at(0x105000), ALL_RIGHTS);
    shadow_page_written(0x306);
    shadow_page_written(0x306);
    EXPECT_EQ(dirtied, 2);
    /* Once no page of it is protected, a new section can be one again. */
    shadow_drop_all();
    EXPECT_EQ(fault(0x105000, ACCESS_READ, true), SHADOW_RESUME);
    EXPECT(hw_walk(0x105000, &e) && e.log2 == 20);
    /* Maintenance, and translated again. */
    flags[0x305] = 0;
    shadow_protect_page(0x305);
    EXPECT(!hw_walk(0x105000, &e) || !(hw_rights(&e) & PW));
}

TEST(global_entries_are_everyones)
{
    fresh(POOL_MAX, 0x60000000);
    for (unsigned r = 0; r < 2; r++) {
        poke(root[r] + 4, 0x70300000 | 1 << 10 | 2);
        poke(root[r] + 8, L2_AT(0) | 1);
        poke(root[r] + 12, L2_AT(1) | 1);
    }
    poke(L2_AT(0), 0x70200000 | 1 << 4 | 2);
    poke(L2_AT(1), 0x70201000 | 3 << 4 | 1 << 11 | 2);
    fault(0x100000, ACCESS_READ, true);
    fault(0x200000, ACCESS_READ, true);
    fault(0x300000, ACCESS_READ, false);
    EXPECT_EQ(shadow_stats.spaces_made, 1);
    regs.ttbr0 = root[1];
    regs.contextidr = 7;
    guest_switch();
    EXPECT_EQ(hw_rights_at(0x100000), PR | PW);
    EXPECT_EQ(hw_rights_at(0x200000), PR | PW);
    EXPECT_EQ(hw_rights_at(0x300000), 0);
    EXPECT_EQ(real.contextidr, 0); /* no space of its own yet */
    fault(0x300000, ACCESS_READ, false);
    EXPECT_EQ(shadow_stats.spaces_made, 2);
    EXPECT(real.contextidr != 0);
    EXPECT_EQ(hw_rights_at(0x100000), PR | PW);
    EXPECT_EQ(hw_rights_at(0x300000), ALL_RIGHTS);
    shadow_drop_asid(7);
    EXPECT_EQ(hw_rights_at(0x200000), PR | PW);
    EXPECT_EQ(hw_rights_at(0x300000), 0);
    poke(L2_AT(0), 0);
    shadow_drop_va(GVA(0x200000), 99); /* global: any ASID will do */
    EXPECT_EQ(hw_rights_at(0x200000), 0);
    regs.ttbr0 = root[0];
    regs.contextidr = 0;
    guest_switch();
    EXPECT_EQ(hw_rights_at(0x300000), ALL_RIGHTS);
    EXPECT_EQ(hw_rights_at(0x200000), 0);
}

TEST(mmu_off_space)
{
    struct entry e;

    fresh(POOL_MAX, 0x60000000);
    regs.sctlr = 0;
    regs.dacr = 0;
    guest_switch();
    EXPECT_EQ(fault(0x00345678, ACCESS_WRITE, false), SHADOW_RESUME); /* low alias */
    EXPECT(hw_walk(0x00345678, &e) && e.pa == 0x60300000 && e.log2 == 20);
    EXPECT_EQ(hw_rights_at(0x00345678), ALL_RIGHTS);
    EXPECT_EQ(hw_rights_at(0x00100000), ALL_RIGHTS); /* ahead */
    EXPECT_EQ(fault(0x70745678, ACCESS_FETCH, false), SHADOW_RESUME);
    EXPECT(hw_walk(0x70745678, &e) && e.pa == 0x60700000);
    EXPECT_EQ(fault(0x70800000, ACCESS_READ, true), SHADOW_DEVICE);
    shadow_protect_page(0x345);
    EXPECT_EQ(fault(0x00345678, ACCESS_READ, false), SHADOW_RESUME);
    EXPECT_EQ(hw_rights_at(0x00345678), PR | UR | UX);
    shadow_drop_all(); /* no TLB, nothing to drop */
    EXPECT_EQ(hw_rights_at(0x00100000), ALL_RIGHTS);
}

TEST(needless_flushes)
{
    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, L2_AT(0) | 1);
    poke(L2_AT(0), 0x70300000 | 3 << 4 | 1 << 11 | 2);
    flushes = 0;
    shadow_drop_all();
    shadow_drop_va(GVA(0x100000), 0);
    shadow_drop_asid(0);
    fault(0x100000, ACCESS_READ, true);
    shadow_drop_va(GVA(0x101000), 0);
    shadow_drop_va(GVA(0x100000), 1);
    EXPECT_EQ(flushes, 0);
    shadow_drop_va(GVA(0x100000), 0);
    EXPECT_EQ(flushes, 1);
}

static bool same_entry(const struct entry *a, const struct entry *b)
{
    return a->va == b->va && a->pa == b->pa && a->log2 == b->log2 && a->ap == b->ap && a->domain == b->domain &&
           a->tex_cb == b->tex_cb && a->xn == b->xn && a->ng == b->ng && a->s == b->s;
}

/* Once a MiB has faulted, its next faults are quick: but not when the domain, a table or the space is another. */
TEST(quick_faults_notice_changes)
{
    struct translation t;
    struct entry e;
    uint32_t fsr;

    fresh(POOL_MAX, 0x60000000);
    shadow_fill_ahead = false;
    poke(root[0] + 4, L2_AT(0) | 5 << 5 | 1);
    poke(root[1] + 4, L2_AT(1) | 5 << 5 | 1);
    for (unsigned i = 0; i < 256; i++) {
        poke(L2_AT(0) + 4 * i, 0x70300000 | i << 12 | 1 << 4 | 1 << 11 | 2);
        poke(L2_AT(1) + 4 * i, 0x70400000 | i << 12 | 3 << 4 | 1 << 11 | 2);
    }
    EXPECT_EQ(fault(0x100000, ACCESS_READ, true), SHADOW_RESUME);
    EXPECT_EQ(fault(0x101000, ACCESS_READ, true), SHADOW_RESUME);
    EXPECT_EQ(shadow_fault(&regs, GVA(0x101000), ACCESS_WRITE, false, &t, &fsr), SHADOW_TRUE_FAULT);
    EXPECT_EQ(fsr, FS_PERMISSION_PAGE | 5 << 4 | FSR_WNR);
    for (unsigned field = 0; field < 4; field++) {
        regs.dacr = 0x55555555 ^ (1 ^ field) << 10;
        guest_switch();
        EXPECT_EQ(shadow_fault(&regs, GVA(0x102000), ACCESS_READ, false, &t, &fsr),
                  field == 3 ? SHADOW_RESUME : SHADOW_TRUE_FAULT);
        if (field != 3)
            EXPECT_EQ(fsr, (field == 1 ? FS_PERMISSION_PAGE : FS_DOMAIN_PAGE) | 5 << 4);
    }
    regs.dacr = 0x55555555;
    guest_switch();
    /* Another table in the same place, without maintenance: the new one counts where nothing is entered. */
    EXPECT_EQ(fault(0x103000, ACCESS_READ, true), SHADOW_RESUME);
    poke(root[0] + 4, L2_AT(1) | 5 << 5 | 1);
    EXPECT_EQ(fault(0x104000, ACCESS_WRITE, false), SHADOW_RESUME);
    EXPECT(hw_walk(0x104000, &e) && e.pa == 0x60404000);
    poke(root[0] + 4, L2_AT(1) | 6 << 5 | 1);
    EXPECT_EQ(fault(0x105000, ACCESS_WRITE, false), SHADOW_RESUME);
    EXPECT(hw_walk(0x105000, &e) && e.domain == 6);
    poke(root[0] + 4, L2_AT(0) | 5 << 5 | 1);
    regs.ttbr0 = root[1];
    regs.contextidr = 1;
    guest_switch();
    EXPECT_EQ(fault(0x106000, ACCESS_WRITE, false), SHADOW_RESUME);
    EXPECT(hw_walk(0x106000, &e) && e.pa == 0x60406000 && e.asid == real.contextidr);
    /* What the TLB may have of an entry that is given more rights goes. */
    poke(L2_AT(1) + 4 * 7, 0x70407000 | 2 << 4 | 1 << 11 | 2);
    EXPECT_EQ(fault(0x107000, ACCESS_READ, false), SHADOW_RESUME);
    EXPECT(hw_walk(0x107000, &tlb[0]));
    tlb_valid[0] = true;
    poke(L2_AT(1) + 4 * 7, 0x70407000 | 3 << 4 | 1 << 11 | 2);
    EXPECT_EQ(fault(0x107000, ACCESS_WRITE, false), SHADOW_RESUME);
    EXPECT_EQ(hw_rights_at(0x107000), ALL_RIGHTS);
    EXPECT(!tlb_valid[0]);
}

/* An entry that is there stays as it is when its neighbours are filled, for the TLB may have it. */
TEST(fill_ahead_leaves_what_is_there)
{
    struct entry e;

    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, L2_AT(0) | 1);
    for (unsigned i = 2; i < 16; i++)
        poke(L2_AT(0) + 4 * i, 0x70300000 | i << 12 | 3 << 4 | 1 << 9 | 2);
    EXPECT_EQ(fault(0x105000, ACCESS_READ, true), SHADOW_RESUME);
    EXPECT(hw_walk(0x109000, &e) && e.pa == 0x60309000);
    poke(L2_AT(0) + 4 * 9, 0x70409000 | 3 << 4 | 1 << 9 | 2); /* without maintenance */
    for (unsigned i = 0; i < 2; i++)
        poke(L2_AT(0) + 4 * i, 0x70300000 | i << 12 | 3 << 4 | 1 << 9 | 2);
    flushes = 0;
    EXPECT_EQ(fault(0x100000, ACCESS_READ, true), SHADOW_RESUME);
    EXPECT_EQ(hw_rights_at(0x101000), PR | UR | UX);
    EXPECT(hw_walk(0x109000, &e) && e.pa == 0x60309000);
    EXPECT_EQ(flushes, 0);
}

/* Sixteen neighbours of every kind: what one fault enters of them is what each one's own fault would enter, and all of its
   kind (nG or not) in RAM is entered. */
TEST(fill_ahead_of_all_kinds)
{
    enum { RO = 3 << 4 | 1 << 9 };
    static const uint32_t kinds[] = {
        0x70300000 | RO | 2,     0x70300000 | RO | 3,           0x70300000 | 3 << 4 | 2, 0x70300000 | 2 << 4 | 2,
        0x70300000 | 1 << 4 | 2, 0x70300000 | RO | 1 << 11 | 2, 0x70300000 | RO | 0xe,   0x00300000 | RO | 2,
        0x10000000 | RO | 2,     0x70800000 | RO | 2,           0x70300000 | 2,          0,
        0x70300000,              0x70300000 | RO,               0x70300000 | RO | 1,
    };
    static struct entry alone[16];
    uint32_t guest[16], state = 1;

    for (unsigned round = 0; round < 1000; round++) {
        bool present[16];
        unsigned hit = state >> 8 & 15, few = round % 3;

        for (unsigned i = 0; i < 16; i++) {
            state = state * 1664525 + 1013904223;
            guest[i] = kinds[few == 0 ? 0 : few == 1 && state >> 28 ? state >> 27 & 1 : (state >> 16) % ARRAY_SIZE(kinds)] + (i << 12);
        }
        for (unsigned ahead = 0; ahead < 2; ahead++) {
            fresh(POOL_MAX, 0x60000000);
            shadow_fill_ahead = ahead;
            poke(root[0] + 4, L2_AT(0) | 1);
            for (unsigned i = 0; i < 16; i++) {
                poke(L2_AT(0) + 4 * (0x20 + i), guest[i]);
                if (!(i & 3))
                    flags[0x300 + i] = PAGE_HAS_CODE;
            }
            for (unsigned i = 0; i < 16 && !ahead; i++) {
                fault(0x120000 + (i << 12), ACCESS_READ, true);
                present[i] = hw_walk(0x120000 + (i << 12), &alone[i]);
            }
        }
        fault(0x120000 + (hit << 12), ACCESS_READ, true);
        for (unsigned i = 0; i < 16; i++) {
            struct entry e;

            if (hw_walk(0x120000 + (i << 12), &e)) {
                EXPECT(present[i]);
                EXPECT(same_entry(&e, &alone[i]));
            } else if (guest[i] & guest[hit] & 2) {
                EXPECT(!present[i] || !present[hit] || alone[i].ng != alone[hit].ng);
            }
        }
    }
}

/* TLBIMVA of a range: those pages and no others, private ones of that ASID and global ones; the TLB is told so, or to
   forget the whole ASID, or everything. */
TEST(pages_in_a_row)
{
    for (unsigned ng = 0; ng < 2; ng++)
        for (unsigned count = 1; count < 160; count += count < 20 ? 1 : 13) {
            struct entry e;

            fresh(POOL_MAX, 0x60000000);
            poke(root[0] + 4, L2_AT(0) | 1);
            for (unsigned i = 0; i < 256; i++)
                poke(L2_AT(0) + 4 * i, 0x70300000 | i << 12 | 3 << 4 | ng << 11 | 2);
            for (unsigned i = 0; i < 256; i += 16)
                fault(0x100000 + i * 0x1000, ACCESS_READ, true);
            for (unsigned i = 0; i < TLB_SIZE; i++) {
                EXPECT(hw_walk(0x100000 + 5 * i * 0x1000, &e));
                tlb[i] = e;
                tlb_valid[i] = true;
            }
            flushes = 0;
            shadow_drop_pages(GVA(0x120000), count, 1);
            EXPECT_EQ(flushes, !ng);
            EXPECT_EQ(hw_rights_at(0x120000), ng || count == 1 ? ALL_RIGHTS : 0); /* alone, it is entered again */
            for (unsigned i = 0; i < 256; i++) {
                poke(L2_AT(0) + 4 * i, 0);
            }
            flushes = 0;
            shadow_drop_pages(GVA(0x120000), count, 0);
            for (unsigned i = 0; i < 256; i++)
                EXPECT_EQ(hw_rights_at(0x100000 + i * 0x1000), i - 0x20 < count ? 0 : ALL_RIGHTS);
            EXPECT_EQ(flushes, ng || count == 1);
            for (unsigned i = 0; i < TLB_SIZE; i++)
                EXPECT(!tlb_valid[i] || 5 * i - 0x20 >= count);
            EXPECT(tlb_valid[0] == (count <= 8)); /* a short range: the others stay */
        }
}

/* A space's own table may have global entries beside its others: they are everyone's to drop. */
TEST(global_entries_in_private_tables)
{
    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, L2_AT(0) | 1);
    poke(L2_AT(0), 0x70200000 | 3 << 4 | 1 << 11 | 2);
    poke(L2_AT(0) + 4, 0x70201000 | 3 << 4 | 2);
    fault(0x100000, ACCESS_READ, true);
    fault(0x101000, ACCESS_READ, true);
    EXPECT_EQ(hw_rights_at(0x101000), ALL_RIGHTS);
    shadow_drop_va(GVA(0x101000), 55);
    EXPECT_EQ(hw_rights_at(0x101000), 0);
    EXPECT_EQ(hw_rights_at(0x100000), ALL_RIGHTS);
    /* The same with a part of a supersection, dropped by an address in another part. */
    poke(L2_AT(0) + 4, 0);
    for (unsigned i = 0; i < 16; i++)
        poke(root[0] + 4 * i, 0x70000000 | 3 << 10 | 1 << 18 | 2);
    shadow_protect_page(0x108);
    fault(0x102000, ACCESS_READ, true);
    EXPECT_EQ(hw_rights_at(0x102000), ALL_RIGHTS);
    EXPECT_EQ(hw_rights_at(0x108000), PR | UR | UX);
    shadow_drop_va(GVA(0x500000), 55);
    EXPECT_EQ(hw_rights_at(0x102000), 0);
}

/* ... and the TLB has them under every ASID, so that of the space does not name them. */
TEST(global_entries_leave_the_tlb)
{
    for (unsigned how = 0; how < 4; how++) {
        struct entry e;

        fresh(POOL_MAX, 0x60000000);
        poke(root[0] + 4, L2_AT(0) | 1);
        poke(L2_AT(0), 0x70200000 | 3 << 4 | 1 << 11 | 2);
        poke(L2_AT(0) + 4, 0x70201000 | 3 << 4 | 2);
        fault(0x100000, ACCESS_READ, true);
        fault(0x101000, ACCESS_READ, true);
        EXPECT(hw_walk(0x101000, &e) && !e.ng);
        tlb[0] = e;
        tlb_valid[0] = true;
        regs.ttbr0 = root[1];
        guest_switch();
        switch (how) {
        case 0:
            shadow_drop_va(GVA(0x101000), 77);
            break;
        case 1:
            shadow_drop_asid(0);
            shadow_drop_va(GVA(0x101000), 77);
            break;
        case 2:
            shadow_protect_page(0x201);
            break;
        case 3:
            shadow_drop_va_all(GVA(0x101000));
            break;
        }
        EXPECT(!tlb_valid[0]);
    }
}

TEST(section_in_place_of_private_pages)
{
    struct entry e;

    fresh(POOL_MAX, 0x60000000);
    poke(root[0] + 4, L2_AT(0) | 1);
    poke(L2_AT(0), 0x70200000 | 3 << 4 | 1 << 11 | 2);
    EXPECT_EQ(fault(0x100000, ACCESS_READ, true), SHADOW_RESUME);
    for (unsigned ng = 0; ng < 2; ng++) {
        poke(root[0] + 4,
             0x70300000 | ng << 17 | 3 << 10 | 2); /* no maintenance: entries may stay, not be needed */
        EXPECT_EQ(fault(0x107000, ACCESS_READ, true), SHADOW_RESUME);
        EXPECT(hw_walk(0x107000, &e) && e.pa + (0x107000 - e.va) == 0x60307000);
        poke(root[0] + 4, L2_AT(0) | 1);
        shadow_drop_va(GVA(0x100000), 0);
        EXPECT_EQ(fault(0x100000, ACCESS_READ, true), SHADOW_RESUME);
        EXPECT(hw_walk(0x100000, &e) && e.pa == 0x60200000);
    }
}

/* Guest domains that the VMM needs itself: no real field follows the guest's, so the entries must go. */
TEST(domains_14_and_15)
{
    for (unsigned domain = 14; domain < 16; domain++)
        for (unsigned section = 0; section < 2; section++)
            for (unsigned to = 0; to < 4; to++)
                for (unsigned from = 1; from < 4; from += 2) {
                    unsigned expect = to == 1 ? PR | PW : to == 3 ? ALL_RIGHTS : 0;

                    fresh(POOL_MAX, 0x60000000);
                    regs.dacr = from << 2 * domain;
                    guest_switch();
                    poke(root[0] + 4,
                         section ? 0x70300000 | 1 << 10 | domain << 5 | 2 : L2_AT(0) | domain << 5 | 1);
                    poke(L2_AT(0), 0x70300000 | 1 << 4 | 2);
                    EXPECT_EQ(fault(0x100000, ACCESS_WRITE, true), SHADOW_RESUME);
                    EXPECT_EQ(hw_rights_at(0x100000), from == 3 ? ALL_RIGHTS : PR | PW);
                    regs.dacr = to << 2 * domain;
                    guest_switch();
                    EXPECT(!(hw_rights_at(0x100000) & ~expect));
                    EXPECT_EQ(fault(0x100000, ACCESS_WRITE, true),
                              expect ? SHADOW_RESUME : SHADOW_TRUE_FAULT);
                    EXPECT(!(hw_rights_at(0x100000) & ~expect));
                    if (to == 3)
                        EXPECT_EQ(fault(0x100000, ACCESS_READ, false), SHADOW_RESUME);
                    EXPECT_EQ(hw_rights_at(0x100000), expect);
                }
}

/* More writable mappings of a page than there are hints, in the flat space too. */
TEST(many_mappings_of_a_code_page)
{
    for (unsigned sections = 0; sections < 2; sections++) {
        fresh(POOL_MAX, 0x60000000);
        regs.sctlr = 0;
        guest_switch();
        EXPECT_EQ(fault(0x70300000, ACCESS_WRITE, true), SHADOW_RESUME);
        EXPECT_EQ(fault(0x00300000, ACCESS_WRITE, true), SHADOW_RESUME);
        regs.sctlr = 1;
        guest_switch();
        for (unsigned i = 0; i < 5; i++) {
            poke(root[0] + 4 * (i + 1), sections ? 0x70300000 | 3 << 10 | 2 : L2_AT(i) | 1);
            poke(L2_AT(i), 0x70300000 | 3 << 4 | 2 | (i & 1) << 11);
            EXPECT_EQ(fault((i + 1) << 20, ACCESS_WRITE, true), SHADOW_RESUME);
        }
        shadow_protect_page(0x300);
        for (unsigned i = 0; i < 5; i++)
            EXPECT(!(hw_rights_at((i + 1) << 20) & (PW | UW)));
        regs.sctlr = 0;
        guest_switch();
        EXPECT(!(hw_rights_at(0x70300000) & (PW | UW)));
        EXPECT(!(hw_rights_at(0x00300000) & (PW | UW)));
    }
}

/* Neighbouring sections of the same RAM, filled with one fault. */
TEST(code_page_in_aliased_sections)
{
    for (unsigned ng = 0; ng < 2; ng++)
        for (unsigned count = 2; count < 6; count++) {
            fresh(POOL_MAX, 0x60000000);
            for (unsigned i = 0; i < count; i++)
                poke(root[0] + 4 * (i + 1), 0x70300000 | 3 << 10 | ng << 17 | 2);
            EXPECT_EQ(fault(0x100000, ACCESS_WRITE, true), SHADOW_RESUME);
            EXPECT_EQ(hw_rights_at(count << 20), ALL_RIGHTS);
            shadow_protect_page(0x355);
            for (unsigned i = 0; i < count; i++)
                EXPECT(!(hw_rights_at((i + 1) << 20 | 0x55000) & (PW | UW)));
        }
}

/* ---- Random operations against the law ---- */

/* What a TLB may hold for a VA: a mapping that some walk since the last maintenance could have found. */
struct item {
    uint32_t pa, base;
    unsigned log2, domain, ap, tex_cb;
    bool xn, s;
};
struct items {
    unsigned count, room;
    struct item *v;
};

static const uint16_t slots[] = {0x100, 0x101, 0x102, 0x103, 0x104, 0x105, 0x106, 0x107, 0x108, 0x109,
                                 0x10a, 0x10b, 0x10c, 0x10d, 0x10e, 0x10f, 0x200, 0x201, 0x880};
#define SLOT_COUNT ARRAY_SIZE(slots)
#define TRACKED    20
static unsigned tracked_page(unsigned i)
{
    return i < 18 ? i : 236 + i;
} /* 0-17, 254, 255 */
static uint32_t tracked_va(unsigned s, unsigned i)
{
    return (uint32_t)slots[s] << 20 | tracked_page(i) << 12;
}

static struct items private_items[ROOTS][ASIDS][SLOT_COUNT][TRACKED], global_items[SLOT_COUNT][TRACKED];

static uint64_t random_state;
static uint32_t rnd(uint32_t n)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(random_state >> 33) % n;
}

static bool same(const struct item *a, const struct item *b)
{
    return a->pa == b->pa && a->base == b->base && a->log2 == b->log2 && a->domain == b->domain &&
           a->ap == b->ap && a->tex_cb == b->tex_cb && a->xn == b->xn && a->s == b->s;
}

static void add(struct items *list, const struct item *it)
{
    for (unsigned i = 0; i < list->count; i++)
        if (same(&list->v[i], it))
            return;
    if (list->count == list->room) {
        list->room = list->room ? 2 * list->room : 4;
        list->v = realloc(list->v, list->room * sizeof(*it));
    }
    list->v[list->count++] = *it;
}

/* Domains do not matter to what is cached: walk with all of them Manager, which asks no further questions. */
static void learn(unsigned r, unsigned s, unsigned i)
{
    struct mmu_regs m = regs;
    struct translation t;
    uint32_t fsr, va = tracked_va(s, i);
    struct item it;

    m.sctlr |= 1;
    m.ttbr0 = root[r];
    m.dacr = 0xffffffff;
    if (!mmu_walk(&m, GVA(va), ACCESS_READ, true, &t, &fsr))
        return;
    mmu_memory_type(&m, &t);
    it = (struct item){.pa = t.gpa.a & ~0xfffu,
                       .base = va & (~0u << t.size_log2),
                       .log2 = t.size_log2,
                       .domain = t.domain,
                       .ap = t.ap,
                       .tex_cb = t.tex_cb,
                       .xn = t.xn,
                       .s = t.s};
    if (t.ng)
        for (unsigned a = 0; a < ASIDS; a++)
            add(&private_items[r][a][s][i], &it);
    else
        add(&global_items[s][i], &it);
}

static void learn_all(void)
{
    for (unsigned r = 0; r < ROOTS; r++)
        for (unsigned s = 0; s < SLOT_COUNT; s++)
            for (unsigned i = 0; i < TRACKED; i++)
                learn(r, s, i);
}

static void forget(struct items *list, const uint32_t *va)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < list->count; i++)
        if (va && list->v[i].base != (*va & (~0u << list->v[i].log2)))
            list->v[kept++] = list->v[i];
    list->count = kept;
}

/* va: NULL for all; asid: -1 for all; with_global as the operation says. */
static void forget_only(const uint32_t *va, int asid, bool with_global)
{
    for (unsigned s = 0; s < SLOT_COUNT; s++)
        for (unsigned i = 0; i < TRACKED; i++) {
            for (unsigned r = 0; r < ROOTS; r++)
                for (unsigned a = 0; a < ASIDS; a++)
                    if (asid < 0 || (unsigned)asid == a)
                        forget(&private_items[r][a][s][i], va);
            if (with_global)
                forget(&global_items[s][i], va);
        }
}

static void forget_range(const uint32_t *va, int asid, bool with_global)
{
    forget_only(va, asid, with_global);
    learn_all();
}

/* Whose entries the real ASIDs tag. */
static struct {
    bool known, flat;
    unsigned root, asid;
} owners[256];

static void note_owner(void)
{
    unsigned a = real.contextidr, r = regs.ttbr0 == root[1], flat = !(regs.sctlr & 1);

    EXPECT(a < 256);
    if (a == 0)
        return; /* global entries only */
    if (owners[a].known &&
        (owners[a].flat != flat || (!flat && (owners[a].root != r || owners[a].asid != regs.contextidr))))
        for (unsigned i = 0; i < TLB_SIZE; i++)
            EXPECT(!(tlb_valid[i] && tlb[i].ng && tlb[i].asid == a));
    owners[a].known = true;
    owners[a].flat = flat;
    owners[a].root = r;
    owners[a].asid = regs.contextidr;
}

static uint32_t host_of(uint32_t gpa)
{
    uint32_t off;

    return guest_memory_offset(GPA(gpa), &off) ? guest_memory.host.a + off : 1;
}

static bool allowed_by(const struct items *list, const struct entry *e, uint32_t va, unsigned got)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct item *it = &list->v[i];
        unsigned guest = rights(regs.dacr, it->domain, it->ap, it->xn);

        if (regs.sctlr & 1u << 29 && (regs.dacr >> 2 * it->domain & 3) == 1 && !(it->ap & 1))
            guest = 0;
        if (host_of(it->pa) == e->pa + (va - e->va) && !(got & ~guest) && it->tex_cb == e->tex_cb &&
            it->s == e->s)
            return true;
    }
    return false;
}

static bool writable_is_fine(const struct entry *e)
{
    for (uint32_t pa = e->pa; pa < e->pa + (1u << e->log2); pa += PAGE_SIZE) {
        uint32_t page = (pa - guest_memory.host.a) >> 12;

        if (page >= RAM_PAGES)
            return false;
        if ((flags[page] & 3) == PAGE_HAS_CODE && ap_rights[e->ap] & (PW | UW))
            return false;
    }
    return true;
}

/* One entry, of a table or of the TLB. */
static bool lawful(const struct entry *e, unsigned s, unsigned i)
{
    uint32_t va = tracked_va(s, i);
    unsigned got = hw_rights(e);

    if (!writable_is_fine(e))
        return false;
    if (!e->ng)
        return allowed_by(&global_items[s][i], e, va, got);
    if (!owners[e->asid].known)
        return false;
    if (owners[e->asid].flat)
        return host_of(va) == e->pa + (va - e->va);
    return allowed_by(&private_items[owners[e->asid].root][owners[e->asid].asid][s][i], e, va, got);
}

static void why(const struct entry *e, unsigned s, unsigned i)
{
    const struct items *l =
        e->ng ? &private_items[owners[e->asid].root][owners[e->asid].asid][s][i] : &global_items[s][i];

    printf("  writable fine %d, rights %x tex %x s %d xn %d, dacr %x sctlr %x flat %d\n", writable_is_fine(e),
           hw_rights(e), e->tex_cb, e->s, e->xn, regs.dacr, regs.sctlr, owners[e->asid].flat);
    for (unsigned n = 0; n < l->count; n++)
        printf("  item pa %x base %x log2 %u domain %u ap %u tex %x xn %d s %d\n", l->v[n].pa, l->v[n].base,
               l->v[n].log2, l->v[n].domain, l->v[n].ap, l->v[n].tex_cb, l->v[n].xn, l->v[n].s);
}

static bool all_lawful(void)
{
    for (unsigned s = 0; s < SLOT_COUNT; s++)
        for (unsigned i = 0; i < TRACKED; i++) {
            uint32_t va = tracked_va(s, i);
            struct entry e;

            if (hw_walk(va, &e) && !lawful(&e, s, i)) {
                printf("table: va %#x pa %#x ap %u domain %u ng %u asid %u\n", va, e.pa, e.ap, e.domain, e.ng,
                       e.asid);
                why(&e, s, i);
                return false;
            }
            for (unsigned n = 0; n < TLB_SIZE; n++)
                if (tlb_valid[n] && tlb[n].va >> tlb[n].log2 == va >> tlb[n].log2 && !lawful(&tlb[n], s, i)) {
                    printf("TLB: va %#x pa %#x ap %u domain %u ng %u asid %u\n", va, tlb[n].pa, tlb[n].ap,
                           tlb[n].domain, tlb[n].ng, tlb[n].asid);
                    why(&tlb[n], s, i);
                    return false;
                }
        }
    return true;
}

static uint32_t random_gpa(unsigned log2)
{
    static const uint32_t bases[] = {0x70100000, 0x70200000, 0x70300000, 0x70700000,
                                     0x00200000, 0x10000000, 0x70000000};

    return (bases[rnd(7)] | rnd(24) << 12) & (~0u << log2);
}

static uint32_t random_page_bits(void) /* small page [11:2] */
{
    unsigned ap = rnd(4) ? 3 : rnd(8);

    return (ap & 3) << 4 | (ap >> 2) << 9 | (rnd(3) ? 0 : rnd(32) << 2 & 0xc) | (rnd(4) ? 0 : 1 << 6) |
           (rnd(8) ? 0 : 1 << 10) | (rnd(3) ? 1 << 11 : 0);
}

static void mutate_l2(void)
{
    unsigned table = rnd(L2_TABLES), index = tracked_page(rnd(TRACKED)), n;
    uint32_t d;

    switch (rnd(8)) {
    case 0:
        d = 0;
        break;
    case 1:
        d = random_gpa(16) | random_page_bits() | rnd(2) << 15 | 1;
        d = (d & ~(7u << 6)) | rnd(2) << 12;
        index &= ~15u;
        for (n = 0; n < 16; n++)
            poke(L2_AT(table) + 4 * (index + n), d);
        goto learn;
    default:
        d = random_gpa(12) | random_page_bits() | (rnd(4) ? 0 : 1) | 2;
    }
    poke(L2_AT(table) + 4 * index, d);
learn:
    learn_all();
}

static void mutate_l1(void)
{
    unsigned s = rnd(SLOT_COUNT), r = rnd(ROOTS), domain = rnd(3) ? rnd(3) : rnd(16);
    uint32_t d = random_page_bits() << 6, at = slots[s] >= 0x800 && regs.ttbcr & 7 ? high_root : root[r];

    d = (d & 0x3fc00) | (d >> 6 & 0xc) | (rnd(4) ? 0 : 1 << 4) | 2; /* TEX 14:12, S 16, nG 17; C and B */
    switch (rnd(6)) {
    case 0:
        d = rnd(2) ? 0 : 3;
        break;
    case 1:
        d |= random_gpa(20) | domain << 5;
        break;
    case 2:
        if (rnd(4) == 0) {
            d |= (rnd(2) ? 0x70000000 : 0) | 1 << 18;
            for (unsigned i = 0; i < 16; i++)
                poke(root[r] + (0x100 + i) * 4, d);
            learn_all();
            return;
        }
        /* fall through */
    default:
        d = L2_AT(rnd(L2_TABLES)) | domain << 5 | 1;
    }
    poke(at + slots[s] * 4, d);
    learn_all();
}

static void random_dacr(void)
{
    unsigned domain = rnd(2) ? rnd(3) : rnd(16);

    regs.dacr =
        rnd(8) == 0 ? 0x55555555 : (regs.dacr & ~(3u << 2 * domain)) | (rnd(3) ? 1 : rnd(4)) << 2 * domain;
}

static void random_format(void)
{
    struct mmu_regs before = regs;

    switch (rnd(5)) {
    case 0:
        regs.ttbcr = rnd(3) ? 0 : 1 + rnd(2);
        break;
    case 1:
        regs.sctlr ^= 1u << 28;
        break;
    case 2:
        regs.sctlr ^= 1u << 29;
        break;
    case 3:
        regs.prrr = 0x000a81a8 ^ rnd(2) << 2;
        break;
    case 4:
        regs.sctlr ^= 1u << 25;
        for (uint32_t gpa = root[0]; gpa < L2_AT(L2_TABLES); gpa += 4)
            *guest_word(gpa) = __builtin_bswap32(*guest_word(gpa));
        break;
    }
    guest_switch();
    note_owner();
    if (regs.ttbcr != before.ttbcr || regs.sctlr != before.sctlr ||
        (regs.sctlr & 1u << 28 && regs.prrr != before.prrr))
        forget_range(NULL, -1, true);
}

#ifdef TRACE
#define SAY(...) printf(__VA_ARGS__)
#else
#define SAY(...) (void)0
#endif
static bool tlb_denies(uint32_t va, unsigned need)
{
    for (unsigned n = 0; n < TLB_SIZE; n++)
        if (tlb_valid[n] && tlb[n].va >> tlb[n].log2 == va >> tlb[n].log2 &&
            (!tlb[n].ng || tlb[n].asid == real.contextidr) && (hw_rights(&tlb[n]) & need) != need)
            return true;
    return false;
}

static void random_access(void)
{
    unsigned s = rnd(SLOT_COUNT), i = rnd(TRACKED);
    uint32_t va = tracked_va(s, i) | rnd(0x1000), fsr = 0, walk_fsr = 0, off;
    enum access access = rnd(3);
    bool priv = rnd(2), permitted;
    struct translation t, w;
    struct entry e;
    enum shadow_verdict verdict;

    permitted = mmu_walk(&regs, GVA(va), access, priv, &w, &walk_fsr);
    verdict = shadow_fault(&regs, GVA(va), access, priv, &t, &fsr);
    SAY("access %x %u %u -> %u, gpa %x log %u real asid %u\n", va, access, priv, verdict, t.gpa.a,
        t.size_log2, real.contextidr);
    note_owner();
    if (!permitted) {
        EXPECT_EQ(verdict, SHADOW_TRUE_FAULT);
        EXPECT_EQ(fsr, walk_fsr);
        return;
    }
    if (!guest_memory_offset(w.gpa, &off)) {
        EXPECT_EQ(verdict, SHADOW_DEVICE);
        EXPECT_EQ(t.gpa.a, w.gpa.a);
        return;
    }
    EXPECT_EQ(verdict, SHADOW_RESUME);
    /* The instruction gets through now: at once, or if this guest remapped without maintenance, at its next
     * try. */
    if (tlb_denies(va, needed(access, priv)))
        EXPECT_EQ(shadow_fault(&regs, GVA(va), access, priv, &t, &fsr), SHADOW_RESUME);
    EXPECT(!tlb_denies(va, needed(access, priv)));
    EXPECT(hw_walk(va, &e));
    EXPECT_EQ(hw_rights(&e) & needed(access, priv), needed(access, priv));
    EXPECT_EQ(e.pa + (va - e.va), guest_memory.host.a + off);
    if (access == ACCESS_WRITE)
        EXPECT((flags[off >> 12] & 3) != PAGE_HAS_CODE);
}

static void hardware_speculates(void)
{
    unsigned n = rnd(TLB_SIZE);
    struct entry e;

    if (!hw_walk(tracked_va(rnd(SLOT_COUNT), rnd(TRACKED)), &e))
        return;
    tlb[n] = e;
    tlb_valid[n] = true;
}

static void drop_pages(uint32_t va, unsigned count, unsigned asid)
{
    if (count > 256 - (va >> 12 & 255))
        count = 256 - (va >> 12 & 255);
    SAY("pages %x + %u\n", va, count);
    shadow_drop_pages(GVA(va), count, asid);
    for (unsigned i = 0; i < count; i++, va += PAGE_SIZE)
        forget_only(&va, (int)asid, true);
    learn_all();
}

static void random_maintenance(void)
{
    uint32_t va = tracked_va(rnd(SLOT_COUNT), rnd(TRACKED)) | rnd(0x1000);
    unsigned asid = rnd(ASIDS);

    SAY("maintenance %x asid %u\n", va, asid);
    switch (rnd(16)) {
    case 0:
        shadow_drop_all();
        forget_range(NULL, -1, true);
        break;
    case 1:
    case 2:
        shadow_drop_asid(asid);
        forget_range(NULL, (int)asid, false);
        break;
    case 3:
    case 4:
    case 5:
        shadow_drop_va_all(GVA(va));
        forget_range(&va, -1, true);
        break;
    case 6:
    case 7:
    case 8:
    case 9:
        drop_pages(va & ~PAGE_MASK, 1 + rnd(rnd(3) ? 20 : 256), asid);
        break;
    default:
        shadow_drop_va(GVA(va), asid);
        forget_range(&va, (int)asid, true);
    }
    note_owner();
}

static void random_code(void)
{
    uint32_t page = (random_gpa(12) & 0x0fffffff) >> 12;

    if (page >= RAM_PAGES)
        return;
    switch (rnd(4)) {
    case 0:
        shadow_page_written(page);
        break;
    case 1:
        for (unsigned i = 0; i < RAM_PAGES; i++)
            if (flags[i] & PAGE_DIRTY)
                flags[i] = 0;
        break;
    default:
        if (rnd(2) && !flags[page])
            flags[page] = PAGE_HAS_CODE; /* the caller may have marked it */
        shadow_protect_page(page);
        note_owner();
    }
}

/* Only one in so many switches and maintenance operations is done: tables live longer. */
static unsigned calm = 1;

static void random_run(uint32_t pool_size, uint32_t host, bool ahead, unsigned operations, uint64_t seed)
{
    fresh(pool_size, host);
    shadow_fill_ahead = ahead;
    random_state = seed;
    memset(owners, 0, sizeof(owners));
    forget_range(NULL, -1, true);
    note_owner();
    for (unsigned n = 0; n < operations && !unit_test_failed; n++) {
        unsigned op = rnd(100);

        if (op < 5)
            mutate_l1();
        else if (op < 20)
            mutate_l2();
        else if (op < 60)
            random_access();
        else if (op < 75)
            hardware_speculates();
        else if (op < 83) {
            if (rnd(calm) == 0)
                random_maintenance();
        } else if (op < 90)
            random_code();
        else if (op < 91 && rnd(4 * calm) == 0)
            random_format();
        else if (rnd(calm) == 0) {
            if (rnd(4) == 0)
                random_dacr();
            if (rnd(8) == 0)
                regs.sctlr ^= 1;
            else if (rnd(2))
                regs.sctlr |= 1;
            regs.ttbr0 = root[rnd(ROOTS)];
            regs.contextidr = rnd(ASIDS);
            guest_switch();
            note_owner();
        }
        if (!all_lawful()) {
            printf("after operation %u (kind %u) of seed %llu\n", n, op, (unsigned long long)seed);
            unit_test_failed = true;
        }
    }
    forget_range(NULL, -1, true);
}

#define POOL_LEAST 0x14980u /* 16 tables, one space besides the master and the flat one */

TEST(random_roomy)
{
    random_run(POOL_MAX, 0x60000000, true, 6000, 1);
}
TEST(random_one_by_one)
{
    random_run(POOL_MAX, 0x60000000, false, 6000, 3);
}
TEST(random_unaligned_host)
{
    random_run(0x30000, 0x60080000, true, 4000, 4);
}
TEST(random_tiny_pool)
{
    calm = 10;
    random_run(POOL_LEAST, 0x60000000, true, 10000, 2);
    calm = 1;
    EXPECT(shadow_stats.tables_evicted > 0);
    EXPECT(shadow_stats.spaces_evicted > 0);
}

/* SHADOW_SEEDS=n in the environment: more of the same. */
TEST(random_more)
{
    const char *seeds = getenv("SHADOW_SEEDS");

    for (uint64_t seed = 100; seeds && seed < 100 + strtoull(seeds, NULL, 10) && !unit_test_failed; seed++)
        random_run(seed % 3 == 0   ? POOL_LEAST
                   : seed % 3 == 1 ? 0x40000
                                   : POOL_MAX,
                   seed % 7 ? 0x60000000 : 0x60080000, seed % 5, 5000, seed);
}
