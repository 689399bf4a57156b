/*
 * Spaces and second-level tables: where they come from, how they are evicted, and when the real TLB hears of
 * it. Invariant: nothing here fails; a table or space is always to be had, if need be from another space.
 */
#include <string.h>

#include "host/maintenance.h"
#include "host/window.h"
#include "mmu/shadow_attrs.h"

#define TTBR_WALK_ATTRIBUTES 0x08u /* RGN: outer write-back, write-allocate; inner (L1) non-cacheable */

struct shadow shadow;
struct shadow_stats shadow_stats;

/* More pages than that, and the real TLB rather forgets everything of the space: it has 32 entries, twice. */
#define FLUSH_PAGES_MAX 8u

static void owe(unsigned kind, uint32_t what)
{
    if (shadow.owed.kind == FLUSH_NONE) {
        shadow.owed.kind = kind;
        shadow.owed.what = what;
    } else if (shadow.owed.kind != kind || shadow.owed.what != what) {
        shadow.owed.kind = FLUSH_ALL;
    }
}

void flush_all(void) { shadow.owed.kind = FLUSH_ALL; }

void flush_space(unsigned space)
{
    if (space == MASTER)
        flush_all();
    else
        owe(FLUSH_SPACE, space);
}

void flush_pages(unsigned space, gva_t va, unsigned count)
{
    if (count <= FLUSH_PAGES_MAX && (space == MASTER || space == shadow.current))
        owe(FLUSH_PAGES, (va.a & ~PAGE_MASK) | (count - 1));
    else
        flush_space(space);
}

void flush_entry(unsigned space, gva_t va) { flush_pages(space, va, 1); }

void flush_table(unsigned table)
{
    if (shadow.tables[table].marks & TABLE_GLOBAL)
        flush_all(); /* its owner's ASID does not name them */
    else
        flush_space(shadow.tables[table].owner);
}

void flush_commit(void)
{
    switch (shadow.owed.kind) {
    case FLUSH_NONE: return;
    case FLUSH_PAGES:
        tlb_flush_pages(GVA(shadow.owed.what & ~PAGE_MASK), (shadow.owed.what & PAGE_MASK) + 1);
        break;
    case FLUSH_SPACE: tlb_flush_asid(shadow.owed.what); break;
    case FLUSH_ALL: tlb_flush_all(); break;
    }
    shadow.owed.kind = FLUSH_NONE;
}

/* Whole tables are copied and cleared by lines, which become LDM and STM: three times as fast as newlib's. */
struct line {
    uint32_t word[16];
};

static void copy_l1(uint32_t *to, const uint32_t *from)
{
    for (unsigned i = 0; i < SLOTS / 16; i++)
        ((struct line *)to)[i] = ((const struct line *)from)[i];
    table_write_sync(to, SLOTS * 4);
}

/* What its last owner left in it: of a program's tables two or three lines of sixteen, as a rule. */
static void clear_table(unsigned table)
{
    struct line *lines = (struct line *)table_entries(table);
    unsigned dirty = shadow.tables[table].marks >> 16;

    if (dirty == TABLE_LINES >> 16) {
        memset(lines, 0, TABLE_ENTRIES * 4);
        table_write_sync(lines, TABLE_ENTRIES * 4);
        return;
    }
    for (; dirty; dirty &= dirty - 1) {
        struct line *l = &lines[__builtin_ctz(dirty)];

#pragma GCC unroll 16
        for (unsigned i = 0; i < 16; i++)
            l->word[i] = 0;
        table_write_sync_line(l);
    }
}

static void write_slot(struct space *s, unsigned slot, uint32_t l1)
{
    s->l1[slot] = l1;
    table_write_sync(&s->l1[slot], 4);
}

void space_write_slot(unsigned space, unsigned slot, uint32_t l1)
{
    uint32_t old = shadow.spaces[space].l1[slot];

    write_slot(&shadow.spaces[space], slot, l1);
    if (space != MASTER)
        return;
    for (unsigned i = 0; i < shadow.live_count; i++) {
        struct space *s = &shadow.spaces[shadow.live_spaces[i]];

        if (s->l1[slot] == old)
            write_slot(s, slot, l1);
    }
}

static void write_group(uint32_t *to, const uint32_t *l1)
{
    for (unsigned i = 0; i < 16; i++)
        if (l1[i] && !to[i])
            to[i] = l1[i];
    table_write_sync(to, 64);
}

void space_write_group(unsigned space, unsigned first_slot, const uint32_t *l1)
{
    if (space == MASTER)
        for (unsigned i = 0; i < shadow.live_count; i++)
            write_group(shadow.spaces[shadow.live_spaces[i]].l1 + first_slot, l1);
    write_group(shadow.spaces[space].l1 + first_slot, l1);
}

/* What a slot shows when the space has nothing of its own there. */
static uint32_t slot_default(unsigned space, unsigned slot)
{
    return space < FIRST_SPACE ? 0 : shadow.spaces[MASTER].l1[slot];
}

static void table_unlink(unsigned table)
{
    struct table *t = &shadow.tables[table];

    if (t->prev != NO_TABLE)
        shadow.tables[t->prev].next = t->next;
    else
        shadow.spaces[t->owner].tables = t->next;
    if (t->next != NO_TABLE)
        shadow.tables[t->next].prev = t->prev;
    t->next = shadow.free_tables;
    shadow.free_tables = table;
}

void table_drop(unsigned table)
{
    struct table *t = &shadow.tables[table];

    space_write_slot(t->owner, t->slot, slot_default(t->owner, t->slot));
    flush_table(table);
    table_unlink(table);
}

/* Second chance: the hand clears the marks of tables filled since it last came by, and takes the first
 * without. */
static unsigned table_evict(void)
{
    for (;;) {
        unsigned i = shadow.table_hand;

        shadow.table_hand = i + 1 < shadow.table_count ? i + 1 : 0;
        if (!(shadow.tables[i].marks & TABLE_USED)) {
            shadow_stats.tables_evicted++;
            table_drop(i);
            return i;
        }
        shadow.tables[i].marks &= ~TABLE_USED;
    }
}

void slot_drop(unsigned space, unsigned slot)
{
    uint32_t l1 = shadow.spaces[space].l1[slot];

    if (slot_is_window(slot))
        return;
    if (owns_table(space, l1)) {
        table_drop(table_index(l1));
    } else if (owns_section(space, l1)) {
        space_write_slot(space, slot, slot_default(space, slot));
        flush_entry(space, GVA(slot << 20));
    }
}

unsigned table_get(unsigned space, unsigned slot, unsigned real_domain)
{
    uint32_t l1 = shadow.spaces[space].l1[slot];
    struct table *t;
    unsigned i;

    if (owns_table(space, l1)) {
        i = table_index(l1);
        if (bits(l1, 8, 5) == real_domain) {
            shadow.tables[i].marks |= TABLE_USED;
            return i;
        }
    }
    slot_drop(space, slot);
    if (shadow.free_tables == NO_TABLE)
        table_evict();
    i = shadow.free_tables;
    t = &shadow.tables[i];
    shadow.free_tables = t->next;
    clear_table(i);
    *t = (struct table){.next = shadow.spaces[space].tables,
                        .prev = NO_TABLE,
                        .slot = slot,
                        .owner = space,
                        .marks = TABLE_USED | (space == MASTER ? 0 : TABLE_PRIVATE)};
    if (t->next != NO_TABLE)
        shadow.tables[t->next].prev = i;
    shadow.spaces[space].tables = i;
    space_write_slot(space, slot,
                     (shadow.table_host.a + i * TABLE_ENTRIES * 4) | real_domain << L1_DOMAIN_SHIFT |
                         L1_TABLE);
    return i;
}

void space_empty(unsigned space)
{
    struct space *s = &shadow.spaces[space];

    while (s->tables != NO_TABLE)
        table_drop(s->tables);
    if (!s->has_sections)
        return;
    for (unsigned slot = 0; slot < SLOTS; slot++)
        if (owns_section(space, s->l1[slot]) && !slot_is_window(slot))
            space_write_slot(space, slot, slot_default(space, slot));
    s->has_sections = false;
    flush_space(space);
}

unsigned space_find(uint32_t ttbr0, uint8_t asid)
{
    unsigned i = shadow.bucket[asid];

    while (i && shadow.spaces[i].ttbr0 != ttbr0)
        i = shadow.spaces[i].next;
    return i;
}

static void bucket_remove(unsigned space)
{
    uint8_t *link = &shadow.bucket[shadow.spaces[space].asid];

    while (*link != space)
        link = &shadow.spaces[*link].next;
    *link = shadow.spaces[space].next;
}

/*
 * The space of the same TTBR0 with another ASID: a guest that gives a table a new ASID is done with the old
 * one. Else an unused space, or by second chance one that was not current lately.
 */
static unsigned space_choose(uint32_t ttbr0)
{
    unsigned i = shadow.by_ttbr0[ttbr0 >> 14 & 255];

    if (i && i != shadow.current && shadow.spaces[i].live && shadow.spaces[i].ttbr0 == ttbr0)
        return i;
    for (i = FIRST_SPACE; shadow.live_count < shadow.space_count - FIRST_SPACE; i++)
        if (!shadow.spaces[i].live)
            return i;
    for (;;) {
        i = shadow.space_hand;
        shadow.space_hand = i + 1 < shadow.space_count ? i + 1 : FIRST_SPACE;
        if (!shadow.spaces[i].used)
            return i;
        shadow.spaces[i].used = false;
    }
}

unsigned space_make(uint32_t ttbr0, uint8_t asid)
{
    unsigned i = space_choose(ttbr0);
    struct space *s = &shadow.spaces[i];

    CHECK(i != shadow.current);
    if (s->live) {
        shadow_stats.spaces_evicted++;
        bucket_remove(i);
        space_empty(i);
    } else {
        copy_l1(s->l1, shadow.spaces[MASTER].l1);
        shadow.live_spaces[shadow.live_count++] = i;
    }
    shadow.by_ttbr0[ttbr0 >> 14 & 255] = i;
    shadow_stats.spaces_made++;
    s->ttbr0 = ttbr0;
    s->asid = asid;
    s->live = true;
    s->next = shadow.bucket[asid];
    shadow.bucket[asid] = i;
    return i;
}

static void load(unsigned space)
{
    shadow.current = space;
    shadow.current_l1 = shadow.spaces[space].l1;
    shadow.mibs = shadow.mib_sets[space % MIB_SETS];
    shadow.spaces[space].used = true;
    shadow.loaded.ttbr0 = (shadow.l1_host.a + space * SLOTS * 4) | TTBR_WALK_ATTRIBUTES;
    shadow.loaded.contextidr = space;
}

void space_load(unsigned space)
{
    load(space);
    shadow.up->set_space(shadow.loaded.ttbr0, shadow.loaded.contextidr);
}

void drop_everything(bool flat_too)
{
    if (flat_too)
        space_empty(FLAT);
    if (!shadow.anything)
        return;
    shadow.anything = false;
    for (unsigned i = MASTER; i < shadow.space_count; i++) {
        struct space *s = &shadow.spaces[i];

        if (i == FLAT || !s->live)
            continue;
        while (s->tables != NO_TABLE)
            table_unlink(s->tables);
        s->has_sections = false;
        s->live = i == MASTER; /* the others' copies are made anew by space_make() */
    }
    copy_l1(shadow.spaces[MASTER].l1, shadow.window);
    shadow.live_count = 0;
    memset(shadow.bucket, 0, sizeof(shadow.bucket));
    memset(shadow.super, 0, sizeof(shadow.super));
    memset(shadow.mixed, 0, sizeof(shadow.mixed));
    shadow.extraordinary = false;
    shadow.managed = 0;
    shadow.high_domains = false;
    if (shadow.current >= FIRST_SPACE)
        space_load(MASTER);
    flush_all();
}

/* Carve `size` bytes off the end of the pool. */
static void *carve(struct shadow_pool *pool, uint32_t size)
{
    size = (size + 7) & ~7u;
    CHECK(size <= pool->size);
    pool->size -= size;
    return memset((uint8_t *)pool->memory + pool->size, 0, size);
}

void shadow_init(struct shadow_pool pool, const uint32_t *window, const struct shadow_upcalls *up)
{
    uint32_t sections = guest_memory.size / SECTION_SIZE, pages = guest_memory.size / PAGE_SIZE;
    unsigned count;

    memset(&shadow, 0, sizeof(shadow));
    shadow_stats = (struct shadow_stats){0};
    shadow.owed.kind = FLUSH_NONE;
    pool.size &= ~7u;
    shadow.window = window;
    shadow.up = up;
    shadow.page_hints = carve(&pool, pages * sizeof(*shadow.page_hints));
    shadow.private_epoch = carve(&pool, pages);
    shadow.epoch = 1;
    shadow.section_hints = carve(&pool, sections * sizeof(*shadow.section_hints));
    shadow.section_has_code = carve(&pool, sections);

    count = pool.size / 4 / (SLOTS * 4);
    count = count < FIRST_SPACE + 1 ? FIRST_SPACE + 1 : count > MAX_SPACES ? MAX_SPACES : count;
    CHECK(pool.size > count * SLOTS * 4);
    shadow.space_count = count;
    shadow.space_hand = FIRST_SPACE;
    shadow.l1_host = pool.host;
    for (unsigned i = 0; i < count; i++)
        shadow.spaces[i] =
            (struct space){.l1 = (uint32_t *)((uint8_t *)pool.memory + i * SLOTS * 4), .tables = NO_TABLE};

    shadow.table_words = shadow.spaces[count - 1].l1 + SLOTS;
    shadow.table_host = HPA(pool.host.a + count * SLOTS * 4);
    count = (pool.size - count * SLOTS * 4) / (TABLE_ENTRIES * 4 + sizeof(struct table));
    count = count < NO_TABLE ? count : NO_TABLE - 1;
    CHECK(count >= 16); /* more than one instruction can need */
    shadow.table_count = count;
    shadow.tables = carve(&pool, count * sizeof(struct table));
    shadow.free_tables = 0;
    for (unsigned i = 0; i < count; i++) {
        shadow.tables[i].next = i + 1 < count ? i + 1 : NO_TABLE;
        shadow.tables[i].marks = TABLE_LINES;
    }

    for (unsigned i = 0; i < SLOTS; i++)
        CHECK(!window[i] || bits(window[i], 8, 5) >= REAL_DOMAIN_ALWAYS); /* no guest's entry is */
    for (unsigned i = MASTER; i <= FLAT; i++) {
        copy_l1(shadow.spaces[i].l1, window);
        shadow.spaces[i].live = true;
    }
    attrs_make(&shadow.seen);
    for (unsigned i = 0; i < MIB_SETS; i++)
        for (unsigned j = 0; j < MIBS; j++)
            shadow.mib_sets[i][j].real = NO_DESCRIPTOR;
    load(MASTER);
    flush_all();
    flush_commit();
}

static void set_guest_l1(void)
{
    shadow.guest_l1 = shadow.plain ? guest_memory_at(GPA(shadow.seen.ttbr0 & 0xffffc000)) : NULL;
}

bool shadow_switch(const struct mmu_regs *m, struct shadow_regs *out)
{
    struct shadow_regs before = shadow.loaded;
    unsigned space;

    attrs_set_format(m);
    shadow.plain = m->sctlr & SCTLR_M && !(m->sctlr & (SCTLR_EE | SCTLR_AFE)) && !m->ttbcr;
    set_guest_l1();
    space = !(m->sctlr & SCTLR_M) ? FLAT : space_find(m->ttbr0, m->contextidr);
    load(space);
    /* Manager shows as Client, reserved as No access; domains 14 and 15 are the VMM's. */
    shadow.loaded.dacr = (m->dacr & DACR_FIELDS_LOW & ~DACR_WINDOW_MASK) | DACR_GUEST_BITS;
    flush_commit();
    *out = shadow.loaded;
    return out->ttbr0 != before.ttbr0 || out->contextidr != before.contextidr || out->dacr != before.dacr;
}

bool shadow_switch_space(uint32_t ttbr0, uint32_t contextidr, struct shadow_regs *out)
{
    unsigned space = space_find(ttbr0, contextidr);

    shadow.seen.ttbr0 = ttbr0;
    shadow.seen.contextidr = contextidr;
    set_guest_l1();
    if (space == shadow.current)
        return false;
    load(space);
    out->ttbr0 = shadow.loaded.ttbr0;
    out->contextidr = shadow.loaded.contextidr;
    return true;
}
