/*
 * The shadow tables against the guest's, as the real MMU would see them (shadow_machine.h): random
 * operations, and after each every entry must be one that a walk could have found since the last maintenance
 * that named it.
 */
#define UNIT_MAIN
#include "shadow_machine.h"

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
static unsigned tracked_page(unsigned i) { return i < 18 ? i : 236 + i; } /* 0-17, 254, 255 */
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
    case 0: d = 0; break;
    case 1:
        d = random_gpa(16) | random_page_bits() | rnd(2) << 15 | 1;
        d = (d & ~(7u << 6)) | rnd(2) << 12;
        index &= ~15u;
        for (n = 0; n < 16; n++)
            poke(L2_AT(table) + 4 * (index + n), d);
        goto learn;
    default: d = random_gpa(12) | random_page_bits() | (rnd(4) ? 0 : 1) | 2;
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
    case 0: d = rnd(2) ? 0 : 3; break;
    case 1: d |= random_gpa(20) | domain << 5; break;
    case 2:
        if (rnd(4) == 0) {
            d |= (rnd(2) ? 0x70000000 : 0) | 1 << 18;
            for (unsigned i = 0; i < 16; i++)
                poke(root[r] + (0x100 + i) * 4, d);
            learn_all();
            return;
        }
        /* fall through */
    default: d = L2_AT(rnd(L2_TABLES)) | domain << 5 | 1;
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
    case 0: regs.ttbcr = rnd(3) ? 0 : 1 + rnd(2); break;
    case 1: regs.sctlr ^= 1u << 28; break;
    case 2: regs.sctlr ^= 1u << 29; break;
    case 3: regs.prrr = 0x000a81a8 ^ rnd(2) << 2; break;
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
    case 9: drop_pages(va & ~PAGE_MASK, 1 + rnd(rnd(3) ? 20 : 256), asid); break;
    default: shadow_drop_va(GVA(va), asid); forget_range(&va, (int)asid, true);
    }
    note_owner();
}

static void random_code(void)
{
    uint32_t page = (random_gpa(12) & 0x0fffffff) >> 12;

    if (page >= RAM_PAGES)
        return;
    switch (rnd(4)) {
    case 0: shadow_page_written(page); break;
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

TEST(random_roomy) { random_run(POOL_MAX, 0x60000000, true, 6000, 1); }
TEST(random_one_by_one) { random_run(POOL_MAX, 0x60000000, false, 6000, 3); }
TEST(random_unaligned_host) { random_run(0x30000, 0x60080000, true, 4000, 4); }
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
