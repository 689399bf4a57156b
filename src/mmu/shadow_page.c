/*
 * Small pages: what most faults are about. The common one, in a Client domain and walked by TTBR0 alone, has
 * a short way, for this is the hottest code of the VMM under a page-faulting guest.
 */
#include "host/maintenance.h"
#include "mmu/shadow_attrs.h"

#define FILL_PAGES 16u /* fill-ahead: 64 bytes of the guest's table */

void fill_put(uint32_t *entry, uint32_t value, unsigned owner, gva_t va)
{
    if (*entry) {
        shadow_stats.upgrades++;
        flush_entry(owner, va);
    }
    *entry = value;
}

/* One page of a guest's second-level table. */
void fill_page(uint32_t *entry, uint32_t attrs, uint32_t off, unsigned owner, gva_t va, bool hit)
{
    uint32_t value = page_entry(attrs, off);

    if (attrs_writable(value))
        hint_page(off >> 12, attrs, owner, va.a);
    if (hit)
        fill_put(entry, value, owner, va);
    else
        *entry = value;
    shadow_stats.fills++;
}

void fill_small(const struct mmu_regs *m, gva_t va, const struct translation *t, const struct walk_path *path)
{
    unsigned index = va.a >> 12 & (TABLE_ENTRIES - 1), first = index & ~(FILL_PAGES - 1), owner;
    uint32_t *entries = table_entries(fill_table_for(m, va, real_domain(t->domain), t->ng, 0, &owner)), off;
    const uint32_t *guest = path->l2_at - index;

    for (unsigned i = first; i < first + FILL_PAGES; i++) {
        uint32_t g = walk_order(m, guest[i]), attrs = attrs_of(m, g, t->manager);

        if (i != index && (!shadow_fill_ahead || entries[i] || !(g & L2_SMALL) || (g ^ path->l2) & L2_NG))
            continue;
        if (attrs && guest_memory_offset(GPA(g & ~PAGE_MASK), &off))
            fill_page(&entries[i], attrs, off, owner, GVA((va.a & L1_SECTION_MASK) | i << 12), i == index);
    }
    table_write_sync(&entries[first], FILL_PAGES * 4);
}

/* ---- The short way: shadow.guest_l1 is the guest's first-level table ---- */

#define SAME_TABLE (L1_TYPE | 15u << L1_DOMAIN_SHIFT)

/* A neighbour, if it is one to be entered. True: those of the same attributes differ from the guest's by the
 * same number. */
static __attribute__((noinline)) bool fill_neighbour(uint32_t *entry, uint32_t g, uint32_t hit,
                                                     unsigned owner, gva_t va)
{
    uint32_t attrs = client_attrs[bits(g, 11, 2)] & ATTRS_MASK, off;

    if (!attrs || !(g & L2_SMALL) || (g ^ hit) & L2_NG || !guest_memory_offset(GPA(g & ~PAGE_MASK), &off))
        return false;
    fill_page(entry, attrs | (g & L2_XN), off, owner, va, false);
    return !attrs_writable(attrs) && off == g - GUEST_RAM_BASE - (g & PAGE_MASK);
}

static inline bool in_ram(uint32_t descriptor) { return descriptor - GUEST_RAM_BASE < guest_memory.size; }

/* The attributes that read-only neighbours share, as a descriptor (0: none yet), and what theirs differ from
 * the guest's by. */
struct kind {
    uint32_t like, change;
};

static inline bool of_kind(struct kind k, uint32_t g) { return !((g ^ k.like) & PAGE_MASK) && in_ram(g); }

static inline void fill_one(uint32_t *entry, uint32_t g, uint32_t hit, struct kind *k, unsigned owner,
                            uint32_t va)
{
    if (!g || *entry)
        return;
    if (k->like && of_kind(*k, g)) {
        *entry = g + k->change;
        shadow_stats.fills++;
    } else if (fill_neighbour(entry, g, hit, owner, GVA(va))) {
        *k = (struct kind){g, *entry - g};
    }
}

/*
 * A page and its neighbours, from the same guest table; the page's entry is free. Read-only ones of the same
 * attributes, as a forked child and a mapped file have them, go four at a time at 8 instructions each.
 */
static __attribute__((noinline)) void fill_ahead(uint32_t *hit_entry, const uint32_t *hit_guest,
                                                 unsigned owner, gva_t va)
{
    unsigned back = va.a >> 12 & (FILL_PAGES - 1);
    const uint32_t *g = hit_guest - back;
    uint32_t *e = hit_entry - back, hit = *hit_guest, page = va.a - back * PAGE_SIZE;
    struct kind k = {0, 0};

    for (unsigned n = 0; n < FILL_PAGES; n += 4, g += 4, e += 4, page += 4 * PAGE_SIZE) {
        uint32_t g0 = g[0], g1 = g[1], g2 = g[2], g3 = g[3];

        if (!k.like || !of_kind(k, g0) || !of_kind(k, g1) || !of_kind(k, g2) || !of_kind(k, g3) ||
            e[0] | e[1] | e[2] | e[3]) {
            fill_one(&e[0], g0, hit, &k, owner, page);
            fill_one(&e[1], g1, hit, &k, owner, page + PAGE_SIZE);
            fill_one(&e[2], g2, hit, &k, owner, page + 2 * PAGE_SIZE);
            fill_one(&e[3], g3, hit, &k, owner, page + 3 * PAGE_SIZE);
            continue;
        }
        e[0] = g0 + k.change;
        e[1] = g1 + k.change;
        e[2] = g2 + k.change;
        e[3] = g3 + k.change;
        shadow_stats.fills += 4;
    }
}

/* Has the guest's table, beside this page, a valid one that the shadow lacks? Else it has just made this one.
 */
static bool neighbour_missing(const uint32_t *guest, const uint32_t *entry, unsigned index)
{
    return (index & (FILL_PAGES - 1) && guest[-1] & L2_SMALL && !entry[-1]) ||
           (~index & (FILL_PAGES - 1) && guest[1] & L2_SMALL && !entry[1]);
}

static inline bool permits(uint32_t l2, enum access access, bool privileged)
{
    return l2 & L2_SMALL && attrs_permit(client_attrs[bits(l2, 11, 2)], access & ACCESS_WRITE, privileged) &&
           !(access == ACCESS_FETCH && l2 & L2_XN);
}

/* A descriptor that does not permit the access. *fsr as mmu_walk() gives it. */
static enum quick quick_fault(uint32_t l1, uint32_t l2, enum access access, uint32_t *fsr)
{
    if ((l2 & L2_TYPE) == L2_LARGE)
        return QUICK_UNDECIDED;
    *fsr = (l2 & L2_TYPE ? FS_PERMISSION_PAGE : FS_TRANSLATION_PAGE) | (l1 >> (L1_DOMAIN_SHIFT - 4) & 0xf0) |
           (access == ACCESS_WRITE ? FSR_WNR : 0);
    return QUICK_TRUE_FAULT;
}

/* A first page in its MiB, of that kind. */
static uint32_t table_made(const struct mmu_regs *m, gva_t va, uint32_t l1, uint32_t l2)
{
    unsigned owner, table = fill_table_for(m, va, bits(l1, 8, 5), l2 & L2_NG, 0, &owner);

    shadow.anything = true;
    shadow.tables[table].marks &= ~TABLE_USED; /* until it has this page and its neighbours */
    flush_commit();                            /* another table was taken for it, perhaps */
    return shadow.current_l1[va.a >> 20];
}

static struct mib *mib_of(gva_t va) { return &shadow.mibs[va.a >> 20 & (MIBS - 1)]; }

/* Makes *mib_of(va) fit, where there is a table in a Client domain, or the access makes one. QUICK_FILLED: so
 * it is. */
static __attribute__((noinline)) enum quick mib_find(const struct mmu_regs *m, gva_t va, enum access access,
                                                     bool privileged, uint32_t *fsr)
{
    uint32_t l1 = shadow.guest_l1[va.a >> 20], real = shadow.current_l1[va.a >> 20], domain = bits(l1, 8, 5),
             l2;
    struct mib *mib = mib_of(va);
    const uint32_t *guest;

    if (!is_table(l1) || domain >= REAL_DOMAIN_ALWAYS || (m->dacr >> 2 * domain & 3) != DOMAIN_CLIENT ||
        !(guest = guest_memory_at(GPA(l1 & L1_TABLE_MASK))))
        return QUICK_UNDECIDED;
    if (!real) {
        l2 = guest[va.a >> 12 & (TABLE_ENTRIES - 1)];
        if (!permits(l2, access, privileged))
            return quick_fault(l1, l2, access, fsr);
        if (!in_ram(l2))
            return QUICK_UNDECIDED;
        real = table_made(m, va, l1, l2);
        mib = mib_of(va); /* the space may be a new one */
    }
    if ((real ^ l1) & SAME_TABLE)
        return QUICK_UNDECIDED;
    mib->l1 = l1;
    mib->real = real;
    mib->dacr = m->dacr;
    mib->guest = guest;
    mib->entries = table_entries(table_index(real));
    mib->table = &shadow.tables[table_index(real)];
    return QUICK_FILLED;
}

enum quick fill_quick(const struct mmu_regs *m, gva_t va, enum access access, bool privileged, uint32_t *fsr)
{
    const struct mib *mib = mib_of(va);
    uint32_t index = va.a >> 12 & (TABLE_ENTRIES - 1), l2, attrs, off, *entry;
    struct table *table;

    if (!shadow.guest_l1)
        return QUICK_UNDECIDED;
    if (mib->l1 != shadow.guest_l1[va.a >> 20] || mib->real != shadow.current_l1[va.a >> 20] ||
        mib->dacr != m->dacr) {
        enum quick q = mib_find(m, va, access, privileged, fsr);

        if (q != QUICK_FILLED)
            return q;
        mib = mib_of(va);
    }
    l2 = mib->guest[index];
    if (!permits(l2, access, privileged))
        return quick_fault(mib->l1, l2, access, fsr);

    attrs = (client_attrs[bits(l2, 11, 2)] & ATTRS_MASK) | (l2 & L2_XN);
    off = (l2 & ~PAGE_MASK) - GUEST_RAM_BASE;
    entry = mib->entries + index;
    table = mib->table;
    if (off >= guest_memory.size || *entry || (table->marks ^ l2) & L2_NG ||
        (attrs_writable(attrs) && guest_memory.page_flags[off >> 12]))
        return QUICK_UNDECIDED;
    if ((!(table->marks & TABLE_USED) || neighbour_missing(mib->guest + index, entry, index)) &&
        shadow_fill_ahead) {
        fill_ahead(entry, mib->guest + index, table->owner, va);
    } else {
        if (attrs_writable(attrs))
            hint_page(off >> 12, attrs, table->owner, va.a);
        *entry = attrs | (guest_memory.host.a + off);
        shadow_stats.fills++;
    }
    table->marks |= TABLE_USED | TABLE_LINE(va);
    table_write_sync_line(entry);
    return QUICK_FILLED;
}

/*
 * A guest that invalidates a page which its tables have is about to use it (Linux: the fixmap, changed
 * permissions). Entering it at once, if there is a table for it, saves the fault. Where the domain is Manager
 * by now, it is entered with less than that.
 */
void fill_after_drop(gva_t va)
{
    struct mib *mib = mib_of(va);
    uint32_t index = va.a >> 12 & (TABLE_ENTRIES - 1), l1, real = shadow.current_l1[va.a >> 20], l2, attrs,
             off;

    if (!shadow.guest_l1 || !shadow_fill_ahead || !real)
        return;
    l1 = shadow.guest_l1[va.a >> 20];
    if ((mib->l1 != l1 || mib->real != real) &&
        mib_find(&shadow.seen, va, ACCESS_READ, true, &l2) != QUICK_FILLED)
        return;
    l2 = mib->guest[index];
    attrs = client_attrs[bits(l2, 11, 2)] & ATTRS_MASK;
    off = (l2 & ~PAGE_MASK) - GUEST_RAM_BASE;
    if (!(l2 & L2_SMALL) || !attrs || off >= guest_memory.size || mib->entries[index] ||
        (mib->table->marks ^ l2) & L2_NG)
        return;
    fill_page(&mib->entries[index], attrs | (l2 & L2_XN), off, mib->table->owner, va, true);
    mib->table->marks |= TABLE_LINE(va);
    table_write_sync_line(&mib->entries[index]);
}
