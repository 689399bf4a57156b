/* Proves: exceptions reach low vectors (0, through the alias with MMU off and a mapping with MMU on), VBAR
   and high vectors; SCTLR.TE and EE on entry. */
#include "mmu.h"
#include "transfer.h"

/* Copied to each place: every vector jumps on into the image's own, leaving its place number in `came_from`.
 */
volatile uint32_t came_from;
extern char stub_start[], stub_end[];
extern char stub_place[], thumb_stub_start[], thumb_stub_end[];
__asm__(".text\n.arm\n.balign 32\nstub_start:\n\t.rept 8\n\tb 1f\n\t.endr\n"
        "1:\tpush {r0, r1}\n\tldr r0, stub_place\n\tldr r1, 2f\n\tstr r0, [r1]\n\tpop {r0, r1}\n\t"
        "ldr pc, 3f\n"
        "2:\t.word came_from\n3:\t.word exc_vectors + 4\nstub_place: .word 0\nstub_end:\n"
        /* Thumb vectors: one instruction a slot, then to ARM state */
        ".thumb\n.balign 32\nthumb_stub_start:\n\t.rept 8\n\tb.w 1f\n\t.endr\n"
        "1:\tpush {r0, r1}\n\tldr r0, 4f\n\tldr r1, 2f\n\tstr r0, [r1]\n\tpop {r0, r1}\n\tldr.w pc, 3f\n\t"
        ".balign 4\n"
        "2:\t.word came_from\n3:\t.word exc_vectors + 4\n4:\t.word 0x74\nthumb_stub_end:\n\t.arm\n.balign 4\n"
        "");

/* The stub serves UND only: it goes on to exc_vectors + 4. */
static void plant(uint32_t at, uint32_t place)
{
    uint32_t size = (uint32_t)(stub_end - stub_start);

    for (uint32_t i = 0; i < size; i += 4)
        WRITE32(at + i, *(uint32_t *)(stub_start + i));
    WRITE32(at + (uint32_t)(stub_place - stub_start), place);
    code_sync((void *)at, size);
}

extern char snippet[];
__asm__(".text\n.arm\n.balign 4\nsnippet:\n\tudf #1\n");

static void expect(const char *name, uint32_t place)
{
    came_from = 0;
    transfer_run(MODE_USR, (uint32_t)snippet);
    check_eq(name, came_from, place);
    if (exc_last.type != EXC_UND || exc_last.pc != (uint32_t)snippet)
        check_eq("  exception", exc_last.pc, (uint32_t)snippet);
}

static void set_vbar(uint32_t v)
{
    MCR15(0, 12, 0, 0, v);
    ISB();
}

static uint8_t own[256] __attribute__((aligned(64)));

int main(void)
{
    /* GPA 0 is the alias of the RAM at 0x70000000. */
    WRITE32(0x70000004, 0x12345678);
    check_eq("alias reads", READ32(4), 0x12345678);
    WRITE32(0x10, 0x9abcdef0);
    check_eq("alias writes", READ32(0x70000010), 0x9abcdef0);
    WRITE32(0x0ffffffc, 0x600df00d);
    check_eq("alias top", READ32(0x7ffffffc), 0x600df00d);

    uint32_t old = MRC15(0, 12, 0, 0);
    plant(0x70000000, 1);
    set_vbar(0);
    check_eq("VBAR reads", MRC15(0, 12, 0, 0), 0);
    expect("low vectors through the alias, MMU off", 1);
    plant(0x70000000, 2);
    expect("rewritten", 2);
    plant((uint32_t)own, 3);
    set_vbar((uint32_t)own);
    expect("VBAR", 3);
    set_vbar(0x70000000);
    expect("VBAR at the RAM's own address", 2);

    mmu_reset();
    plant(test_page(0), 4);
    plant(test_page(1), 5);
    mmu_map_small(0, test_page(0), M_AP(5) | M_NORMAL);
    mmu_map_small(0xffff0000, test_page(1), M_AP(5) | M_NORMAL);
    mmu_on();
    set_vbar(0);
    expect("low vectors, MMU on", 4);
    SET_SCTLR(SCTLR() | 1u << 13);
    expect("high vectors", 5);
    plant(test_page(1), 6);
    expect("high vectors rewritten", 6);
    mmu_map_small(0xffff0000, test_page(2), M_AP(5) | M_NORMAL);
    plant(test_page(2), 7);
    tlb_flush_va(0xffff0000, 0);
    MCR15(0, 7, 5, 0, 0);
    ISB();
    expect("high vectors remapped", 7);
    set_vbar((uint32_t)own);
    expect("V wins over VBAR", 7);
    SET_SCTLR(SCTLR() & ~(1u << 13));
    expect("VBAR again", 3);

    /* TE: exceptions are taken in Thumb state. */
    for (uint32_t i = 0; i < (uint32_t)(thumb_stub_end - thumb_stub_start); i += 4)
        ((uint32_t *)own)[i / 4] = ((uint32_t *)thumb_stub_start)[i / 4];
    code_sync(own, sizeof(own));
    SET_SCTLR(SCTLR() | 1u << 30);
    expect("Thumb vectors", 0x74);
    SET_SCTLR(SCTLR() & ~(1u << 30));
    plant((uint32_t)own, 8);
    expect("ARM vectors again", 8);
    set_vbar(old);
    mmu_off();
    set_vbar(0);
    expect("low vectors, MMU off again", 2);
    set_vbar(old);
    return 0;
}
