/*
 * Write protection of RAM pages that have translations, found without a reverse map.
 *
 * For global entries each page has two hints, the last (space, VA page) pairs that mapped it writable, and
 * for sections and the tables they were split into each RAM MiB has two. A hint may be out of date, never
 * missing: when two are not enough, HINT_MANY says that the mapping can be anywhere. Private pages, a guest's
 * programs', are too many and too short-lived for that: a page has only the epoch in which such an entry was
 * made. In the rare case that one with the current epoch gets translations, all private entries go and an
 * epoch begins.
 */
#include <string.h>

#include "host/maintenance.h"
#include "mmu/shadow_internal.h"

#define HINT_MANY 0xffffffffu

static unsigned hint_space(uint32_t hint) { return hint >> 1 & 0xff; }
static uint32_t hint_va(uint32_t hint) { return hint & ~PAGE_MASK; }

static uint32_t page_host(uint32_t ram_page) { return guest_memory.host.a + (ram_page << 12); }

/* The writable entry for the page that the hint speaks of; NULL if it is gone. */
static uint32_t *hinted_entry(uint32_t hint, uint32_t ram_page)
{
    uint32_t l1 = shadow.spaces[hint_space(hint)].l1[hint_va(hint) >> 20], *entry;

    if (!shadow.spaces[hint_space(hint)].live || !is_table(l1) || slot_is_window(hint_va(hint) >> 20))
        return NULL;
    entry = table_entries(table_index(l1)) + (hint_va(hint) >> 12 & (TABLE_ENTRIES - 1));
    return *entry && (*entry & ~PAGE_MASK) == page_host(ram_page) && !(*entry & L2_APX) ? entry : NULL;
}

void hint_page_slow(uint32_t ram_page, uint32_t hint)
{
    uint32_t *h = shadow.page_hints[ram_page];

    if (h[1] == hint || h[0] == HINT_MANY)
        return;
    if (!h[0] || !hinted_entry(h[0], ram_page))
        h[0] = hint;
    else if (!h[1] || !hinted_entry(h[1], ram_page))
        h[1] = hint;
    else
        h[0] = HINT_MANY;
}

/* Does the slot still have a writable section of this RAM MiB, or a table that may have parts of it? */
static bool section_hint_live(uint32_t hint, uint32_t ram_section)
{
    unsigned slot = hint_va(hint) >> 20;
    uint32_t l1 = shadow.spaces[hint_space(hint)].l1[slot];

    if (!shadow.spaces[hint_space(hint)].live || slot_is_window(slot))
        return false;
    if (is_table(l1))
        return shadow.tables[table_index(l1)].marks & TABLE_SPLIT;
    return is_section(l1) && !(l1 & L1_APX) &&
           (l1 & L1_SECTION_MASK) == guest_memory.host.a + (ram_section << 20);
}

void hint_section(uint32_t ram_section, unsigned space, unsigned slot)
{
    uint32_t *h = shadow.section_hints[ram_section], hint = slot << 20 | space << 1 | 1;

    if (h[0] == hint || h[1] == hint || h[0] == HINT_MANY)
        return;
    if (!h[0] || !section_hint_live(h[0], ram_section))
        h[0] = hint;
    else if (!h[1] || !section_hint_live(h[1], ram_section))
        h[1] = hint;
    else
        h[0] = HINT_MANY;
}

/* Four flag bytes at a time; the answer no is remembered. */
bool section_has_protected(uint32_t ram_section)
{
    const uint32_t *flags = (const uint32_t *)(guest_memory.page_flags + (ram_section << 8));

    if (!shadow.section_has_code[ram_section])
        return false;
    for (unsigned i = 0; i < 64; i++)
        if (flags[i] & ~(flags[i] >> 1) & 0x01010101 * PAGE_HAS_CODE)
            return true;
    shadow.section_has_code[ram_section] = false;
    return false;
}

static void protect_entry(uint32_t *entry, uint32_t hint)
{
    flush_entry(*entry & L2_NG ? hint_space(hint) : MASTER, GVA(hint_va(hint)));
    *entry |= L2_APX | (*entry >> 1 & L2_AF);
    table_write_sync(entry, 4);
}

static void protect_hinted(uint32_t hint, uint32_t ram_page)
{
    uint32_t *entry = hint ? hinted_entry(hint, ram_page) : NULL;

    if (entry)
        protect_entry(entry, hint);
}

static void protect_in_section(uint32_t hint, uint32_t ram_page)
{
    unsigned slot = hint_va(hint) >> 20;

    if (!hint || !section_hint_live(hint, ram_page >> 8))
        return;
    if (is_section(shadow.spaces[hint_space(hint)].l1[slot]))
        slot_drop(hint_space(hint), slot);
    else
        protect_hinted(hint | (ram_page & 0xff) << 12, ram_page);
}

static void drop_all_private(void)
{
    for (unsigned i = 0; i < shadow.live_count; i++)
        space_empty(shadow.live_spaces[i]);
    if (++shadow.epoch == 0) {
        memset(shadow.private_epoch, 0, guest_memory.size / PAGE_SIZE);
        shadow.epoch = 1;
    }
}

void shadow_protect_page(uint32_t ram_page)
{
    uint32_t *page = shadow.page_hints[ram_page], *section = shadow.section_hints[ram_page >> 8];

    if (guest_memory.page_flags[ram_page] & PAGE_DIRTY)
        return; /* its translations go at the next maintenance, new ones too */
    guest_memory.page_flags[ram_page] |= PAGE_HAS_CODE;
    shadow.section_has_code[ram_page >> 8] = true;
    if (shadow.private_epoch[ram_page] == shadow.epoch)
        drop_all_private();
    if (page[0] == HINT_MANY || section[0] == HINT_MANY) {
        drop_everything(true);
        if (section[0] == HINT_MANY)
            section[0] = section[1] = 0;
    } else {
        for (unsigned i = 0; i < 2; i++) {
            protect_in_section(section[i], ram_page);
            protect_hinted(page[i], ram_page);
        }
    }
    page[0] = page[1] = 0;
    flush_commit();
}

void shadow_page_written(uint32_t ram_page)
{
    if (!page_protected(ram_page))
        return;
    shadow_stats.unprotects++;
    guest_memory.page_flags[ram_page] |= PAGE_DIRTY;
    shadow.up->page_dirty(ram_page);
}
