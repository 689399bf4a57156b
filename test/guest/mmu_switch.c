/* Proves: the MMU goes on and off, at flat and at different mappings, with code running across the change
   and stale translations gone. */
#include "mmu.h"

#define VA 0x40000000u

/* Turn the MMU on at an address that is flat, jump to the alias mapping, come back, turn it off. */
uint32_t across(uint32_t sctlr_on, uint32_t delta, uint32_t sctlr_off);
__asm__(".text\n.arm\n.balign 4\n.type across, %function\nacross:\n\tpush {r4-r6, lr}\n\tmov r6, #0\n\t"
        "mcr p15, 0, r0, c1, c0, 0\n\tisb\n\tadr r4, 1f\n\tadd r4, r4, r1\n\tbx r4\n"
        "1:\tadd r6, r6, #1\n\tmov r5, pc\n\tsub r5, r5, r1\n\tadr r4, 1b + 4\n\tadd r4, r4, #8\n\t"
        "sub r4, r4, r1\n\t"
        "cmp r4, r5\n\taddeq r6, r6, #2\n\tbl 3f\n\tadr r4, 2f\n\tsub r4, r4, r1\n\tmov pc, r4\n"
        "2:\tmcr p15, 0, r2, c1, c0, 0\n\tisb\n\tadd r6, r6, #8\n\tmov r0, r6\n\tpop {r4-r6, pc}\n"
        "3:\tadd r6, r6, #4\n\tbx lr\n");

int main(void)
{
    mmu_reset();
    uint32_t off = SCTLR();

    for (unsigned i = 0; i < 4; i++) {
        mmu_on();
        check_eq("on", SCTLR() & 1, 1);
        check_eq("  unmapped faults", probe(ACCESS_LOAD, false, VA) & ~0xf0u, FAULT(5));
        mmu_off();
        check_eq("off", SCTLR() & 1, 0);
        check_eq("  unassigned reads as zero", READ32(VA), 0);
    }
    /* The image's section is also at 0xb0000000; the PC moves there. */
    mmu_map_section(0xb0000000, 0x70000000, M_RW);
    mmu_on();
    uint32_t on = SCTLR();
    mmu_off();
    check_eq("across, flat", across(on, 0, off), 15);
    check_eq("across, at 0xb0000000", across(on, 0x40000000, off), 15);
    for (unsigned i = 0; i < 100; i++)
        if (across(on, i & 1 ? 0x40000000 : 0, off) != 15)
            check_eq("again", i, ~0u);
    check("a hundred times", true);

    /* The same VA means other things with the MMU on and off; the table changes while it is off. */
    bool good = true;
    uint32_t va = 0x7a000000;
    for (unsigned i = 0; i < 8; i++) {
        WRITE32(va, 0x100 + i);
        WRITE32(0x7b000000, 0x200 + i);
        WRITE32(0x7c000000, 0x300 + i);
        mmu_map_section(va, i & 1 ? 0x7b000000 : 0x7c000000, M_RW);
        mmu_on();
        good &= READ32(va) == (i & 1 ? 0x200 + i : 0x300 + i);
        mmu_off();
        good &= READ32(va) == 0x100 + i;
    }
    mmu_map_section(va, va, M_RW);
    check("one VA on and off", good);
    /* Code at one VA: other code with the MMU on. */
    WRITE32(va + 0x40, 0xe3a00001);
    WRITE32(va + 0x44, 0xe12fff1e);
    WRITE32(0x7b000040, 0xe3a00002);
    WRITE32(0x7b000044, 0xe12fff1e);
    code_sync((void *)(va + 0x40), 8);
    code_sync((void *)0x7b000040, 8);
    mmu_map_section(va, 0x7b000000, M_RW);
    good = true;
    for (unsigned i = 0; i < 8; i++) {
        probe(ACCESS_EXEC, false, va + 0x40);
        good &= probe_value == 1;
        mmu_on();
        probe(ACCESS_EXEC, i & 1, va + 0x40);
        good &= probe_value == 2;
        mmu_off();
    }
    check("code at one VA on and off", good);
    return 0;
}
