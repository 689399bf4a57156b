/*
 * The shadow tables, case by case (shadow_machine.h): rights, what is filled and dropped, what the TLB is
 * told.
 */
#define UNIT_MAIN
#include "shadow_machine.h"

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
                    EXPECT(hw_walk(0x100000, &e) &&
                           mmu_walk(&regs, GVA(0x100000), ACCESS_READ, true, &t, &fsr));
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

/* As the guest maps it, but never executable; by small pages only. */
TEST(direct_pages)
{
    fresh(POOL_MAX, 0x60000000);
    direct_gpa = 0x10009000;
    poke(root[0] + 4, L2_AT(0) | 1);
    poke(root[0] + 8, 0x10000000 | 3 << 10 | 2);
    for (unsigned ap = 0; ap < 8; ap++) {
        uint32_t va = 0x100000 + ap * PAGE_SIZE;
        struct entry e;

        if (ap == 4) /* reserved */
            continue;
        poke(L2_AT(0) + 4 * ap, 0x10009000 | (ap & 3) << 4 | (ap & 4) << 7 | 2);
        for (unsigned access = ACCESS_READ; access <= ACCESS_WRITE; access++)
            for (unsigned priv = 0; priv < 2; priv++) {
                bool may = ap_rights[ap] & needed((enum access)access, priv);

                shadow_drop_all();
                EXPECT_EQ(fault(va, (enum access)access, priv), may ? SHADOW_RESUME : SHADOW_TRUE_FAULT);
                EXPECT_EQ(hw_rights_at(va), may ? ap_rights[ap] : 0);
                if (may)
                    EXPECT(hw_walk(va, &e) && e.pa == 0x10012000 && e.xn);
            }
    }
    EXPECT_EQ(fault(0x103000, ACCESS_FETCH, false), SHADOW_DEVICE);
    EXPECT_EQ(fault(0x209000, ACCESS_WRITE, true), SHADOW_DEVICE);
    direct_gpa = 1;
    shadow_drop_all();
    EXPECT_EQ(fault(0x103000, ACCESS_WRITE, true), SHADOW_DEVICE);
}

/* A device, or more restrictive, whatever type the guest asks for, by TEX, C and B or through PRRR and NMRR.
 */
TEST(direct_pages_are_device)
{
    fresh(POOL_MAX, 0x60000000);
    direct_gpa = 0x10009000;
    poke(root[0] + 4, L2_AT(0) | 1);
    for (unsigned remap = 0; remap < 3; remap++) {
        regs.sctlr = remap ? regs.sctlr | 1u << 28 : regs.sctlr & ~(1u << 28);
        regs.prrr = remap == 2 ? 0x000aaaaa : 0x000a81a4;
        regs.nmrr = 0x44e048e0;
        shadow_switch(&regs, &real);
        for (unsigned tex_cb = 0; tex_cb < 32; tex_cb++) {
            struct translation t = {.tex_cb = (uint8_t)tex_cb};
            struct entry e;

            poke(L2_AT(0) + 4 * 9, 0x10009000 | (tex_cb >> 2) << 6 | (tex_cb & 3) << 2 | 3 << 4 | 2);
            shadow_drop_all();
            EXPECT_EQ(fault(0x109000, ACCESS_WRITE, true), SHADOW_RESUME);
            mmu_memory_type(&regs, &t);
            EXPECT(hw_walk(0x109000, &e));
            EXPECT_EQ(e.tex_cb, t.tex_cb ? 1 : 0);
        }
    }
    direct_gpa = 1;
    shadow_drop_all();
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
    return a->va == b->va && a->pa == b->pa && a->log2 == b->log2 && a->ap == b->ap &&
           a->domain == b->domain && a->tex_cb == b->tex_cb && a->xn == b->xn && a->ng == b->ng &&
           a->s == b->s;
}

/* Once a MiB has faulted, its next faults are quick: but not when the domain, a table or the space is
 * another. */
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

/* Sixteen neighbours of every kind: what one fault enters of them is what each one's own fault would enter,
   and all of its kind (nG or not) in RAM is entered. */
TEST(fill_ahead_of_all_kinds)
{
    enum { RO = 3 << 4 | 1 << 9 };
    static const uint32_t kinds[] = {
        0x70300000 | RO | 2,
        0x70300000 | RO | 3,
        0x70300000 | 3 << 4 | 2,
        0x70300000 | 2 << 4 | 2,
        0x70300000 | 1 << 4 | 2,
        0x70300000 | RO | 1 << 11 | 2,
        0x70300000 | RO | 0xe,
        0x00300000 | RO | 2,
        0x10000000 | RO | 2,
        0x70800000 | RO | 2,
        0x70300000 | 2,
        0,
        0x70300000,
        0x70300000 | RO,
        0x70300000 | RO | 1,
    };
    static struct entry alone[16];
    uint32_t guest[16], state = 1;

    for (unsigned round = 0; round < 1000; round++) {
        bool present[16];
        unsigned hit = state >> 8 & 15, few = round % 3;

        for (unsigned i = 0; i < 16; i++) {
            state = state * 1664525 + 1013904223;
            guest[i] = kinds[few == 0                  ? 0
                             : few == 1 && state >> 28 ? state >> 27 & 1
                                                       : (state >> 16) % ARRAY_SIZE(kinds)] +
                       (i << 12);
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

/* TLBIMVA of a range: those pages and no others, private ones of that ASID and global ones; the TLB is told
   so, or to forget the whole ASID, or everything. */
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
            EXPECT_EQ(hw_rights_at(0x120000),
                      ng || count == 1 ? ALL_RIGHTS : 0); /* alone, it is entered again */
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
        case 0: shadow_drop_va(GVA(0x101000), 77); break;
        case 1:
            shadow_drop_asid(0);
            shadow_drop_va(GVA(0x101000), 77);
            break;
        case 2: shadow_protect_page(0x201); break;
        case 3: shadow_drop_va_all(GVA(0x101000)); break;
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
