/*
 * Does the guest itself use addresses of the VMM's window (design 2.2)?
 */
#include "mmu/shadow_internal.h"

static bool page_assigned(gpa_t gpa)
{
    uint32_t off;

    return guest_memory_offset(gpa, &off) || shadow.up->is_device(gpa);
}

static bool range_assigned(gpa_t gpa, uint32_t size, uint32_t *where)
{
    for (*where = 0; *where < size; *where += PAGE_SIZE)
        if (page_assigned(GPA(gpa.a + *where)))
            return true;
    return false;
}

static bool slot_conflict(const struct mmu_regs *m, unsigned slot, gva_t *where)
{
    gpa_t at;
    const uint32_t *l1, *l2;
    uint32_t d, g, off = 0;
    gva_t va = GVA(slot << 20);

    if (!walk_l1_address(m, va, &at) || !(l1 = guest_memory_at(at)))
        return false;
    d = walk_order(m, *l1);
    if (is_section(d)) {
        if (d & L1_SUPER)
            d = d & L1_SUPER_EXTENDED ? GPA_ABOVE_4G : (d & L1_SUPER_MASK) | (va.a & ~L1_SUPER_MASK);
        if (!range_assigned(GPA(d & L1_SECTION_MASK), SECTION_SIZE, &off))
            return false;
        where->a = va.a + off;
        return true;
    }
    if (!is_table(d) || !(l2 = guest_memory_at(GPA(d & L1_TABLE_MASK))))
        return false;
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        g = walk_order(m, l2[i]);
        if (!(g & L2_TYPE))
            continue;
        g = (g & L2_TYPE) == L2_LARGE ? (g & 0xffff0000) | (i & 15) << 12 : g & ~PAGE_MASK;
        if (page_assigned(GPA(g))) {
            where->a = va.a + (i << 12);
            return true;
        }
    }
    return false;
}

bool shadow_window_conflict(const struct mmu_regs *m, uint32_t first_slot, uint32_t last_slot, gva_t *where)
{
    if (!(m->sctlr & SCTLR_M))
        return false; /* flat: RAM and devices are elsewhere */
    for (uint32_t slot = first_slot; slot <= last_slot && slot < SLOTS; slot++)
        if (slot_conflict(m, slot, where))
            return true;
    return false;
}
