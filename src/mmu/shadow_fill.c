/*
 * What a fault enters that is no small page: large pages, sections and parts of them, the flat space, a
 * device's page. And which table takes an entry.
 */
#include "host/maintenance.h"
#include "mmu/shadow_attrs.h"

#define FILL_SECTIONS 16u /* a supersection's worth */
bool shadow_fill_ahead = true;

/* The current space, made a real one if so far it has done with global entries. */
static unsigned private_space(const struct mmu_regs *m)
{
    if (shadow.current == MASTER)
        space_load(space_make(m->ttbr0, m->contextidr));
    return shadow.current;
}

/* Which space's table takes an entry for this slot. */
static unsigned table_owner(const struct mmu_regs *m, unsigned slot, bool ng)
{
    uint32_t l1;

    if (shadow.current == FLAT)
        return FLAT;
    if (ng)
        return private_space(m);
    l1 = shadow.spaces[shadow.current].l1[slot];
    if (owns_table(shadow.current, l1))
        return shadow.current;
    if (owns_section(shadow.current, l1))
        slot_drop(shadow.current, slot);
    return MASTER;
}

/* The table for an entry at va, marked with what is going to be in it. */
unsigned fill_table_for(const struct mmu_regs *m, gva_t va, unsigned domain, bool ng, uint32_t marks,
                        unsigned *owner)
{
    unsigned slot = va.a >> 20, table;

    *owner = table_owner(m, slot, ng);
    table = table_get(*owner, slot, domain);
    if (!ng && *owner != MASTER) {
        marks |= TABLE_GLOBAL;
        note_extraordinary(shadow.mixed, slot);
    }
    shadow.tables[table].marks |= marks | (marks & TABLE_SPLIT ? TABLE_LINES : TABLE_LINE(va));
    return table;
}

/*
 * A large page is sixteen entries of which any TLB maintenance drops all. The guest's sixteen descriptors
 * should be the same (B3.5.1); those that are not wait for faults of their own.
 */
static void fill_large(const struct mmu_regs *m, gva_t va, const struct translation *t,
                       const struct walk_path *path)
{
    unsigned index = va.a >> 12 & (TABLE_ENTRIES - 1), first = index & ~15u, owner;
    uint32_t *entries =
        table_entries(fill_table_for(m, va, real_domain(t->domain), t->ng, TABLE_LARGE, &owner));
    uint32_t attrs = attrs_of(m, attrs_from_large(path->l2), t->manager), off;
    const uint32_t *guest = path->l2_at - index;

    for (unsigned i = first; i < first + 16; i++) {
        if (i != index && (entries[i] || !shadow_fill_ahead || walk_order(m, guest[i]) != path->l2))
            continue;
        if (guest_memory_offset(GPA((t->gpa.a & ~0xffffu) | (i - first) << 12), &off))
            fill_page(&entries[i], attrs, off, owner, GVA((va.a & L1_SECTION_MASK) | i << 12), i == index);
    }
    table_write_sync(&entries[first], 16 * 4);
}

/* A section that must not be one here: all its pages at once, for the guest is about to run through them. */
static void fill_split(const struct mmu_regs *m, gva_t va, unsigned domain, uint32_t attrs,
                       uint32_t section_off)
{
    unsigned index = va.a >> 12 & (TABLE_ENTRIES - 1), owner;
    uint32_t *entries = table_entries(fill_table_for(m, va, domain, attrs & L2_NG, TABLE_SPLIT, &owner));
    uint32_t plain = attrs | (guest_memory.host.a + section_off), watched;
    const uint8_t *flags = guest_memory.page_flags + (section_off >> 12);
    bool ahead = shadow_fill_ahead && !entries[index]; /* an upgrade is for one page */

    watched = attrs_writable(attrs) ? attrs_read_only(plain) : plain;
    if (attrs_writable(attrs))
        hint_section(section_off >> 20, owner, va.a >> 20);
    fill_put(&entries[index], page_entry(attrs, section_off + (index << 12)), owner, va);
    shadow_stats.fills++;
    if (!ahead) {
        table_write_sync(&entries[index], 4);
        return;
    }
    for (unsigned i = 0; i < TABLE_ENTRIES; i++)
        if (!entries[i])
            entries[i] =
                ((flags[i] & (PAGE_HAS_CODE | PAGE_DIRTY)) == PAGE_HAS_CODE ? watched : plain) + (i << 12);
    table_write_sync(entries, TABLE_ENTRIES * 4);
}

static bool must_split(uint32_t attrs, uint32_t section_off)
{
    return (guest_memory.host.a & (SECTION_SIZE - 1)) ||
           (attrs_writable(attrs) && section_has_protected(section_off >> 20));
}

static uint32_t section_entry(unsigned domain, uint32_t attrs, uint32_t section_off)
{
    shadow_stats.fills++;
    return section_from_attrs(attrs) | domain << L1_DOMAIN_SHIFT | (guest_memory.host.a + section_off);
}

/* After it was written, or a second section of the same RAM would take the hint for out of date. */
static void note_section(unsigned owner, unsigned slot, uint32_t l1)
{
    if (!(l1 & L1_APX))
        hint_section(((l1 & L1_SECTION_MASK) - guest_memory.host.a) >> 20, owner, slot);
    if (owner != MASTER)
        shadow.spaces[owner].has_sections = true;
}

static void put_section(unsigned owner, unsigned slot, uint32_t l1)
{
    slot_drop(owner, slot);
    space_write_slot(owner, slot, l1);
    note_section(owner, slot, l1);
}

/* The faulting section itself: whatever was in the slot goes. */
static void fill_section(const struct mmu_regs *m, gva_t va, uint32_t guest_attrs,
                         const struct translation *t)
{
    unsigned slot = va.a >> 20, domain = real_domain(t->domain), owner;
    uint32_t attrs = attrs_of(m, guest_attrs, t->manager), off;

    if (!guest_memory_offset(GPA(t->gpa.a & L1_SECTION_MASK), &off))
        return;
    if (must_split(attrs, off)) {
        fill_split(m, va, domain, attrs, off);
        return;
    }
    owner = t->ng ? private_space(m) : MASTER;
    if (shadow.spaces[owner].l1[slot]) {
        shadow_stats.upgrades++;
        flush_entry(owner, va); /* also a page's entry, of a guest that remapped without maintenance */
    }
    if (owner != shadow.current)
        slot_drop(shadow.current, slot);
    put_section(owner, slot, section_entry(domain, attrs, off));
}

/* What the neighbour's section is in the shadow; 0 if there is none, or it has to wait for a fault of its
 * own. */
static uint32_t section_ahead(const struct mmu_regs *m, unsigned slot, uint32_t g)
{
    uint32_t attrs, off, base = g & L1_SECTION_MASK;
    unsigned domain = bits(g, 8, 5);

    if (g & L1_SUPER) {
        if (g & L1_SUPER_EXTENDED)
            return 0;
        base = (g & L1_SUPER_MASK) | (slot & 15) << 20;
        domain = 0;
    }
    attrs = attrs_of(m, attrs_from_section(g), is_manager(m, domain));
    if (!attrs || !guest_memory_offset(GPA(base), &off) || must_split(attrs, off) ||
        !attrs_note_domain(m, domain))
        return 0;
    if (g & L1_SUPER)
        note_extraordinary(shadow.super, slot / 16);
    return section_entry(real_domain(domain), attrs, off);
}

static void fill_sections_ahead(const struct mmu_regs *m, unsigned hit, const struct translation *t,
                                const struct walk_path *path)
{
    unsigned first = hit & ~(FILL_SECTIONS - 1), owner = t->ng ? shadow.current : MASTER;
    const uint32_t *guest = path->l1_at - (hit & (FILL_SECTIONS - 1));
    uint32_t group[FILL_SECTIONS];

    for (unsigned i = 0; i < FILL_SECTIONS; i++) {
        uint32_t g = walk_order(m, guest[i]);

        group[i] = 0;
        if (is_section(g) && !((g ^ path->l1) & L1_NG) && !shadow.spaces[owner].l1[first + i])
            group[i] = section_ahead(m, first + i, g);
    }
    space_write_group(owner, first, group);
    for (unsigned i = 0; i < FILL_SECTIONS; i++)
        if (group[i])
            note_section(owner, first + i, group[i]);
}

/* MMU off: the flat space, permitting everything. It is no TLB: nothing in it depends on the guest's tables.
 */
static void fill_flat(const struct mmu_regs *m, gva_t va)
{
    uint32_t attrs = ATTRS_FULL | ATTRS_NORMAL | L2_NG, off;
    unsigned slot = va.a >> 20, first = slot, last = slot;

    if (shadow_fill_ahead) {
        first &= ~(FILL_SECTIONS - 1);
        last = first + FILL_SECTIONS - 1;
    }
    for (unsigned i = first; i <= last; i++) {
        if (slot_is_window(i) || !guest_memory_offset(GPA(i << 20), &off))
            continue;
        if (must_split(attrs, off)) {
            if (i == slot)
                fill_split(m, va, REAL_DOMAIN_ALWAYS, attrs, off);
        } else if (!shadow.spaces[FLAT].l1[i] || i == slot) {
            put_section(FLAT, i, section_entry(REAL_DOMAIN_ALWAYS, attrs, off));
        }
    }
}

bool fill_direct(const struct mmu_regs *m, gva_t va, const struct translation *t,
                 const struct walk_path *path)
{
    uint32_t attrs, *entry;
    unsigned owner;
    hpa_t page;

    if (shadow.current == FLAT || !path->l2_at || t->size_log2 != 12 || t->manager ||
        t->domain >= REAL_DOMAIN_ALWAYS || !shadow.up->direct_page(t->gpa, &page))
        return false;
    attrs = attrs_of_device(attrs_of(m, path->l2, false)) | L2_XN;
    shadow.anything = true;
    entry = table_entries(fill_table_for(m, va, t->domain, t->ng, 0, &owner)) +
            (va.a >> 12 & (TABLE_ENTRIES - 1));
    fill_put(entry, attrs | page.a, owner, va);
    table_write_sync(entry, 4);
    shadow_stats.fills++;
    return true;
}

void fill_fault(const struct mmu_regs *m, gva_t va, const struct translation *t, const struct walk_path *path)
{
    if (shadow.current == FLAT) {
        fill_flat(m, va);
        return;
    }
    shadow.anything = true;
    attrs_note_domain(m, t->domain);
    if (path->l2_at) {
        if (t->size_log2 == 16)
            fill_large(m, va, t, path);
        else
            fill_small(m, va, t, path);
        return;
    }
    if (t->size_log2 == 24)
        note_extraordinary(shadow.super, va.a >> 24);
    fill_section(m, va, attrs_from_section(path->l1), t);
    if (shadow_fill_ahead)
        fill_sections_ahead(m, va.a >> 20, t, path);
}
