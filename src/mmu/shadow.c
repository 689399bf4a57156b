/*
 * The shadow tables towards the rest of the VMM: faults, and the guest's TLB maintenance (B3.10.5).
 * Dropping more than is named is always right; dropping less never is.
 */
#include <string.h>

#include "host/maintenance.h"
#include "mmu/shadow_internal.h"

static __attribute__((noinline)) enum shadow_verdict fault(const struct mmu_regs *m, gva_t va,
                                                           enum access access, bool privileged,
                                                           struct translation *out, uint32_t *fsr)
{
    struct walk_path path;
    uint32_t off;

    if (!mmu_walk_path(m, va, access, privileged, out, fsr, &path)) {
        shadow_stats.true_faults++;
        return SHADOW_TRUE_FAULT;
    }
    if (slot_is_window(va.a >> 20))
        return SHADOW_WINDOW;
    if (!guest_memory_offset(out->gpa, &off)) {
        if (access == ACCESS_FETCH || !fill_direct(m, va, out, &path))
            return SHADOW_DEVICE;
    } else {
        if (access == ACCESS_WRITE)
            shadow_page_written(off >> 12);
        fill_fault(m, va, out, &path);
    }
    shadow_stats.hidden++;
    flush_commit();
    return SHADOW_RESUME;
}

enum shadow_verdict shadow_fault(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
                                 struct translation *out, uint32_t *fsr)
{
    switch (fill_quick(m, va, access, privileged, fsr)) {
    case QUICK_FILLED: shadow_stats.hidden++; return SHADOW_RESUME;
    case QUICK_TRUE_FAULT: shadow_stats.true_faults++; return SHADOW_TRUE_FAULT;
    default: return fault(m, va, access, privileged, out, fsr);
    }
}

void shadow_drop_all(void)
{
    drop_everything(false);
    flush_commit();
}

void shadow_drop_asid(uint8_t asid)
{
    for (unsigned i = shadow.bucket[asid]; i; i = shadow.spaces[i].next)
        space_empty(i);
    flush_commit();
}

/* Their disjunction: what there was. */
static uint32_t clear_entries(uint32_t *entries, unsigned count)
{
    uint32_t any = 0;

    if (count == 1) {
        any = *entries;
        *entries = 0;
        if (any)
            table_write_sync_line(entries);
        return any;
    }
#pragma GCC unroll 4
    for (unsigned i = 0; i < count; i++) {
        any |= entries[i];
        entries[i] = 0;
    }
    if (any)
        table_write_sync(entries, count * 4);
    return any;
}

/* Rarer: all entries that came from the same guest descriptors as those. */
static void drop_related(unsigned table, unsigned first, unsigned last)
{
    struct table *t = &shadow.tables[table];

    if (t->marks & TABLE_SPLIT) {
        table_drop(table);
        return;
    }
    first &= ~15u;
    if (clear_entries(table_entries(table) + first, (last | 15u) + 1 - first))
        flush_table(table);
}

/* In a table that has nothing but small pages there. */
static void drop_small(unsigned table, gva_t va, unsigned count)
{
    struct table *t = &shadow.tables[table];
    uint32_t any = clear_entries(table_entries(table) + (va.a >> 12 & (TABLE_ENTRIES - 1)), count);

    if (!any)
        return;
    if (t->marks & TABLE_GLOBAL && count > 1)
        flush_table(table); /* of both kinds, perhaps */
    else
        flush_pages(any & L2_NG ? t->owner : MASTER, va, count);
}

static void drop_in_table(unsigned table, gva_t va, unsigned count)
{
    unsigned index = va.a >> 12 & (TABLE_ENTRIES - 1);

    if (shadow.tables[table].marks & (TABLE_SPLIT | TABLE_LARGE))
        drop_related(table, index, index + count - 1);
    else
        drop_small(table, va, count);
}

/* What the space, or MASTER, itself has there. */
static void drop_own(unsigned space, gva_t va, unsigned count, uint32_t l1)
{
    if (bitmap_test(shadow.super, va.a >> 24))
        for (unsigned slot = va.a >> 24 << 4, i = 0; i < 16; i++)
            slot_drop(space, slot + i);
    else if (is_table(l1))
        drop_in_table(table_index(l1), va, count);
    else
        slot_drop(space, va.a >> 20);
}

/* A space whose descriptor is the master's has nothing of its own there. */
static void drop_private(unsigned space, gva_t va, unsigned count, uint32_t master_l1)
{
    uint32_t l1 = shadow.spaces[space].l1[va.a >> 20];

    if (l1 != master_l1 || bitmap_test(shadow.super, va.a >> 24))
        drop_own(space, va, count, l1);
}

static void drop_global(gva_t va, unsigned count, uint32_t master_l1)
{
    if ((master_l1 && !slot_is_window(va.a >> 20)) || bitmap_test(shadow.super, va.a >> 24))
        drop_own(MASTER, va, count, master_l1);
}

/* Global entries in tables of spaces with another ASID. Rare: a MiB has pages of one kind or the other. */
static void drop_global_copies(gva_t va, unsigned count)
{
    unsigned slot = va.a >> 20, first = slot, last = slot;

    if (bitmap_test(shadow.super, slot / 16)) {
        first &= ~15u;
        last |= 15u;
    }
    for (slot = first; slot <= last; slot++) {
        if (!bitmap_test(shadow.mixed, slot))
            continue;
        for (unsigned i = 0; i < shadow.live_count; i++) {
            unsigned space = shadow.live_spaces[i];
            uint32_t l1 = shadow.spaces[space].l1[slot];

            if (!owns_table(space, l1) || !(shadow.tables[table_index(l1)].marks & TABLE_GLOBAL))
                continue;
            if (first == last)
                drop_in_table(table_index(l1), va, count);
            else
                table_drop(table_index(l1));
        }
    }
}

/* Small pages or nothing, by that first-level descriptor; false: something else. */
static bool drop_if_small(uint32_t l1, gva_t va, unsigned count)
{
    if (!l1)
        return true;
    if (!is_table(l1) || shadow.tables[table_index(l1)].marks & (TABLE_SPLIT | TABLE_LARGE))
        return false;
    drop_small(table_index(l1), va, count);
    return true;
}

/* One space at most has that ASID, and nothing is out of the ordinary. */
static bool drop_quick(gva_t va, unsigned count, uint8_t asid, uint32_t master_l1)
{
    unsigned space = shadow.bucket[asid];
    uint32_t l1 = shadow.spaces[space].l1[va.a >> 20]; /* MASTER: none has it */

    if (shadow.spaces[space].next || shadow.extraordinary || slot_is_window(va.a >> 20))
        return false;
    return (l1 == master_l1 || drop_if_small(l1, va, count)) && drop_if_small(master_l1, va, count);
}

void shadow_drop_pages(gva_t va, unsigned count, uint8_t asid)
{
    uint32_t master_l1 = shadow.spaces[MASTER].l1[va.a >> 20];

    if (!drop_quick(va, count, asid, master_l1)) {
        for (unsigned i = shadow.bucket[asid]; i; i = shadow.spaces[i].next)
            drop_private(i, va, count, master_l1);
        drop_global(va, count, master_l1);
        drop_global_copies(va, count);
    }
    if (count == 1)
        fill_after_drop(va);
    flush_commit();
}

void shadow_drop_va(gva_t va, uint8_t asid) { shadow_drop_pages(va, 1, asid); }

void shadow_drop_va_all(gva_t va)
{
    uint32_t master_l1 = shadow.spaces[MASTER].l1[va.a >> 20];

    for (unsigned i = 0; i < shadow.live_count; i++)
        drop_private(shadow.live_spaces[i], va, 1, master_l1);
    drop_global(va, 1, master_l1);
    fill_after_drop(va);
    flush_commit();
}
