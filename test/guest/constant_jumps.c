/* Proves: LDR PC from a literal, first at its address, follows the literal at once: when it is written, by
   PL1, by LDRT's sister STRT, through another mapping, between two calls of one loop; when its page is mapped
   elsewhere; and when it is a Thumb address. No maintenance but of the TLB where the mapping changes. */
#include "mmu.h"

#define VENEER_VA  0x40000000u /* its page ends with the veneer, the next one begins with the literal */
#define LITERAL_VA (VENEER_VA + PAGE)
#define ALIAS_VA   0x50000000u
#define PAGE       0x1000u

static uint32_t call(uint32_t va) { return ((uint32_t(*)(void))va)(); }

/* Targets say which they are. */
static uint32_t target(unsigned n) { return test_page(2) + n * 8; }

static void plant(void)
{
    WRITE32(test_page(0) + PAGE - 4, 0xe51ff004); /* ldr pc, [pc, #-4] */
    for (unsigned n = 0; n < 16; n++) {
        WRITE32(target(n), 0xe3a00000 | n); /* mov r0, #n */
        WRITE32(target(n) + 4, 0xe12fff1e); /* bx lr */
    }
    WRITE32(target(16), 0x47702011); /* movs r0, #17; bx lr */
    code_sync((void *)test_page(0), PAGE);
    code_sync((void *)test_page(2), PAGE);
}

/* All translations of the veneer go, and the literal's page is clean. */
static void again(void)
{
    WRITE32(test_page(0) + PAGE - 4, 0xe51ff004);
    code_sync((void *)(test_page(0) + PAGE - 4), 4);
    code_sync((void *)test_page(1), 4);
}

static void write_unprivileged(uint32_t va, uint32_t value)
{
    __asm__ volatile("strt %0, [%1]" : : "r"(value), "r"(va) : "memory");
}

/* Calls the veneer n times, each time with another literal: the store and the call are one loop. */
uint32_t loop(uint32_t veneer, uint32_t literal, uint32_t first, uint32_t n);
__asm__(".text\n.arm\n.type loop, %function\nloop: push {r4-r8, lr}\n mov r4, r0\n mov r5, r1\n mov r6, r2\n "
        "mov r7, r3\n"
        " mov r8, #0\n1: str r6, [r5]\n blx r4\n add r8, r8, r0\n add r6, r6, #8\n subs r7, r7, #1\n bne 1b\n"
        " mov r0, r8\n pop {r4-r8, pc}\n");

int main(void)
{
    unsigned bad = 0;

    mmu_reset();
    plant();
    mmu_on();
    mmu_map_small(VENEER_VA, test_page(0), M_RW);
    mmu_map_small(LITERAL_VA, test_page(1), M_RW);
    mmu_map_small(ALIAS_VA, test_page(1), M_RW);
    WRITE32(LITERAL_VA, target(0));
    for (unsigned i = 0; i < 50; i++)
        bad += call(LITERAL_VA - 4) != 0;
    check_eq("as it is", bad, 0);
    for (unsigned n = 0; n < 16; n++) {
        WRITE32(LITERAL_VA, target(n));
        bad += call(LITERAL_VA - 4) != n;
    }
    check_eq("written each time", bad, 0);
    for (unsigned n = 0; n < 8; n++) {
        again();
        bad += call(LITERAL_VA - 4) != (n ? n - 1 : 15);
        if (n % 2)
            WRITE32(ALIAS_VA, target(n));
        else
            write_unprivileged(LITERAL_VA, target(n));
        bad += call(LITERAL_VA - 4) != n;
    }
    check_eq("by STRT and through an alias", bad, 0);
    again();
    check_eq("in a loop", loop(LITERAL_VA - 4, LITERAL_VA, target(0), 16), 120);
    WRITE32(test_page(3), target(5));
    code_sync((void *)test_page(3), 4);
    WRITE32(test_page(1), target(6));
    for (unsigned i = 0; i < 6; i++) {
        if (i < 2)
            again();
        mmu_map_small(LITERAL_VA, test_page(i % 2 ? 1 : 3), M_RW);
        tlb_flush_va(LITERAL_VA, 0);
        bad += call(LITERAL_VA - 4) != 5 + i % 2;
        bad += call(LITERAL_VA - 4) != 5 + i % 2;
    }
    check_eq("mapped elsewhere", bad, 0);
    again();
    WRITE32(LITERAL_VA, target(16) + 1);
    check_eq("Thumb", call(LITERAL_VA - 4), 17);
    return 0;
}
