/*
 * The walk of the guest's tables, in the order of checks that QEMU's Cortex-A8 has, so that two faults at
 * once are reported alike. It departs from the manual's order (B3.13.2) in that a domain fault comes before a
 * page translation fault, an XN fault before an access flag fault, and Manager domains see neither.
 *
 * SCTLR.XP is not looked at: it reads as one on ARMv7 (B4.1.130), so the ARMv5 table format does not exist.
 */
#include "mmu/descriptor.h"

/* Memory attributes of TEX[0]:C:B = n under TEX remap, as the encoding without it (B3.8.3). */
static uint8_t remap_type(const struct mmu_regs *m, unsigned n, bool *s)
{
    switch (m->prrr >> 2 * n & 3) {
    case 0: /* Strongly-ordered */ *s = true; return 0x00;
    case 1: /* Device; "shareable" has its own encoding without remap */
        *s = m->prrr >> (16 + *s) & 1;
        return *s ? 0x01 : 0x08;
    default: /* Normal; 3 is reserved */
        *s = m->prrr >> (18 + *s) & 1;
        return 0x10 | (m->nmrr >> (16 + 2 * n) & 3) << 2 | (m->nmrr >> 2 * n & 3);
    }
}

void mmu_memory_type(const struct mmu_regs *m, struct translation *t)
{
    if (m->sctlr & SCTLR_TRE)
        t->tex_cb = remap_type(m, t->tex_cb & 7, &t->s);
}

static void decode_section(gva_t va, uint32_t d, struct translation *out)
{
    if (d & L1_SUPER) {
        out->size_log2 = 24;
        out->gpa.a = (d & L1_SUPER_EXTENDED ? GPA_ABOVE_4G : d & L1_SUPER_MASK) | (va.a & ~L1_SUPER_MASK);
    } else {
        out->size_log2 = 20;
        out->gpa.a = (d & L1_SECTION_MASK) | (va.a & ~L1_SECTION_MASK);
    }
    out->ap = bits(d, 11, 10) | bit(d, 15) << 2;
    out->xn = d & L1_XN;
    out->ng = d & L1_NG;
    out->s = d & L1_S;
    out->tex_cb = bits(d, 14, 12) << 2 | bits(d, 3, 2);
}

static void decode_page(gva_t va, uint32_t d, struct translation *out)
{
    unsigned tex;

    if ((d & L2_TYPE) == L2_LARGE) {
        out->size_log2 = 16;
        out->gpa.a = (d & 0xffff0000) | (va.a & 0xffff);
        out->xn = d & L2_LARGE_XN;
        tex = bits(d, 14, 12);
    } else {
        out->size_log2 = 12;
        out->gpa.a = (d & ~PAGE_MASK) | (va.a & PAGE_MASK);
        out->xn = d & L2_XN;
        tex = bits(d, 8, 6);
    }
    out->ap = bits(d, 5, 4) | bit(d, 9) << 2;
    out->ng = d & L2_NG;
    out->s = d & L2_S;
    out->tex_cb = tex << 2 | bits(d, 3, 2);
}

/* B3.2.1. Strongly-ordered for data, but what counts is that everything is permitted. */
static void decode_flat(gva_t va, struct translation *out)
{
    *out = (struct translation){.gpa = GPA(va.a), .size_log2 = 12, .ap = AP_FULL, .s = true};
}

bool mmu_walk_path(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
                   struct translation *out, uint32_t *fsr, struct walk_path *path)
{
    uint32_t page = 0; /* FS bit 1: it failed at the second level */
    uint32_t status;
    unsigned domain = 0, field;
    gpa_t at;

    path->l1_at = path->l2_at = NULL;
    if (!(m->sctlr & SCTLR_M)) {
        decode_flat(va, out);
        return true;
    }

    status = FS_TRANSLATION_SECTION;
    if (!walk_l1_address(m, va, &at))
        goto fault;
    path->l1_at = guest_memory_at(at);
    status = FS_EXTERNAL_WALK_1;
    if (!path->l1_at)
        goto fault;
    path->l1 = walk_order(m, *path->l1_at);

    status = FS_TRANSLATION_SECTION;
    switch (path->l1 & L1_TYPE) {
    case L1_TABLE:
        page = 2;
        domain = bits(path->l1, 8, 5);
        break;
    case L1_SECTION:
        if (!(path->l1 & L1_SUPER)) /* supersections are in domain 0 */
            domain = bits(path->l1, 8, 5);
        break;
    default: goto fault;
    }
    field = m->dacr >> 2 * domain & 3;
    status = FS_DOMAIN_SECTION;
    if (field == DOMAIN_NO_ACCESS || field == DOMAIN_RESERVED)
        goto fault;

    if (page) {
        path->l2_at = guest_memory_at(GPA((path->l1 & L1_TABLE_MASK) | (va.a >> 10 & 0x3fc)));
        status = FS_EXTERNAL_WALK_1; /* | 2: the second level's */
        if (!path->l2_at)
            goto fault;
        path->l2 = walk_order(m, *path->l2_at);
        status = FS_TRANSLATION_SECTION;
        if (!(path->l2 & L2_TYPE))
            goto fault;
        decode_page(va, path->l2, out);
    } else {
        decode_section(va, path->l1, out);
    }
    out->domain = domain;
    out->manager = field == DOMAIN_MANAGER;
    if (out->manager)
        return true;

    status = FS_PERMISSION_SECTION;
    if (out->xn && access == ACCESS_FETCH)
        goto fault;
    if ((m->sctlr & SCTLR_AFE) && !(out->ap & 1)) { /* otherwise AP is its own expansion */
        *fsr = page ? FS_ACCESS_PAGE : FS_ACCESS_SECTION;
        goto report;
    }
    if (!ap_permits(out->ap, access == ACCESS_WRITE, privileged))
        goto fault;
    return true;

fault:
    *fsr = status | page;
report:
    *fsr |= domain << 4;
    if (access == ACCESS_WRITE)
        *fsr |= FSR_WNR;
    return false;
}

bool mmu_walk(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
              struct translation *out, uint32_t *fsr)
{
    struct walk_path path;

    return mmu_walk_path(m, va, access, privileged, out, fsr, &path);
}
