/* Proves: straight-line code longer than any block, over page boundaries onto pages that are not neighbours
   in RAM; wide T32 instructions and IT blocks across such a boundary, whose second page changes. */
#include "mmu.h"
#include "transfer.h"

#define VA    0x40000000u
#define PAGES 12u

static void put32(uint32_t va, uint32_t w) { WRITE32(va, w); }
static void put16(uint32_t va, uint32_t h) { *(volatile uint16_t *)va = (uint16_t)h; }

static uint32_t call(uint32_t at, uint32_t arg) { return ((uint32_t(*)(uint32_t))at)(arg); }

/* 12 pages of additions, backwards in RAM. */
static void test_long(bool thumb)
{
    uint32_t end = VA + PAGES * 0x1000, at = VA, want = 0;

    for (uint32_t i = 0; at < end - 8; i++) {
        uint32_t n = i % 250;
        want += n;
        if (!thumb) {
            put32(at, 0xe2800000 | n); /* add r0, r0, #n */
            at += 4;
        } else if (i % 3 == 0) {
            put16(at, 0xf100); /* add.w r0, r0, #n */
            put16(at + 2, 0x0000 | n);
            at += 4;
        } else {
            put16(at, 0x3000 | n); /* adds r0, #n */
            at += 2;
        }
    }
    if (thumb)
        put16(at, 0x4770);
    else
        put32(at, 0xe12fff1e);
    code_sync((void *)VA, PAGES * 0x1000);
    for (unsigned i = 0; i < 3; i++)
        check_eq(thumb ? "thumb, 12 pages" : "12 pages", call(VA | thumb, i), want + i);
    /* In from anywhere. */
    if (!thumb) {
        uint32_t sum = 0, tail = 0;
        for (uint32_t i = (end - 8 - VA) / 4; i-- > 0;) {
            tail += i % 250;
            if (i % 1021 == 0)
                sum += call(VA + i * 4, 0) != tail;
        }
        check_eq("entered every 1021 instructions", sum, 0);
    }
}

/* A wide instruction whose halves are in two pages: MOVW r0, #imm in the second half. */
static void test_wide(void)
{
    uint32_t edge = VA + 0x1000;
    bool good = true;

    for (unsigned i = 0; i < 10; i++) {
        put16(test_page(i) + 0, (i << 8 & 0x7000) | i);
        put16(test_page(i) + 2, 0x4770);
        code_sync((void *)test_page(i), 8);
    }
    mmu_map_small(VA, test_page(15), M_RW);
    tlb_flush();
    put16(test_page(15) + 0xffe, 0xf240); /* movw r0, #... */
    code_sync((void *)(test_page(15) + 0xfc0), 64);
    for (unsigned i = 0; i < 30; i++) {
        mmu_map_small(edge, test_page(i % 10), M_RW);
        tlb_flush_va(edge, 0);
        MCR15(0, 7, 5, 6, 0);
        ISB();
        good &= call((edge - 2) | 1, 0) == i % 10;
    }
    check("wide instruction over two pages, the second changing", good);

    /* The same under an IT: its condition carries over the edge. */
    put16(test_page(15) + 0xffc, 0xbf08); /* it eq */
    code_sync((void *)(test_page(15) + 0xfc0), 64);
    good = true;
    for (unsigned i = 0; i < 20; i++) {
        mmu_map_small(edge, test_page(i % 10), M_RW);
        tlb_flush_va(edge, 0);
        put16(test_page(i % 10) + 2, 0xdf01); /* svc */
        code_sync((void *)test_page(i % 10), 8);
        transfer_fill(1);
        transfer_regs[0] = 0x77;
        transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | (i & 1 ? 0x40000000 : 0), edge - 4);
        good &= exc_last.pc == edge + 2 && transfer_frame.r[0] == (i & 1 ? i % 10 : 0x77);
    }
    check("conditional", good);

    /* The second page missing: abort at the instruction, address of the page; then it comes. */
    mmu_unmap_page(edge);
    tlb_flush_va(edge, 0);
    transfer_fill(1);
    transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | 0x40000000, edge - 4);
    check("second page missing",
          exc_last.type == EXC_PABT && exc_last.pc == edge - 2 && exc_last.ifar == edge);
    check_eq("  inside the IT block", exc_last.spsr & 0x0600fc00, 0x0800);
    mmu_map_small(edge, test_page(3), M_RW);
    transfer_run(exc_last.spsr, edge - 2);
    check("resumed with the page", exc_last.type == EXC_SVC && transfer_frame.r[0] == 3);
}

int main(void)
{
    mmu_reset();
    for (unsigned i = 0; i < PAGES; i++)
        mmu_map_small(VA + i * 0x1000, test_page(PAGES - 1 - i), M_RW);
    mmu_on();
    test_long(false);
    test_long(true);
    test_wide();
    return 0;
}
