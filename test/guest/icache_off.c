/* Proves: while the I-cache is off, code is executed as it was written last, without maintenance: elsewhere,
   right behind the store in its own page, by a store of several words, by DMA; and what was written while it
   was on, once it is off. */
#include "guest.h"

#define SCTLR_I    (1u << 12)
#define RETURNS(n) (0xe3a00000u | (n)) /* MOV r0, #n */
#define BX_LR      0xe12fff1eu
#define DMA        0x10030000u

static volatile uint32_t code[1024] __attribute__((aligned(4096)));

static uint32_t call(void)
{
    DSB();
    ISB();
    return ((uint32_t(*)(void))code)();
}

static void write(uint32_t n)
{
    code[0] = RETURNS(n);
    code[1] = BX_LR;
}

/* Each word of the table is put right behind the store, in the middle of a block, and executed. */
uint32_t in_own_page(const uint32_t *words, uint32_t count);
__asm__(".text\n.arm\n.balign 4096\n.type in_own_page, %function\nin_own_page:\n\t"
        "mov r2, r0\n\tmov r0, #0\n\tadr r3, 2f\n"
        "1:\tldr r12, [r2], #4\n\tstr r12, [r3]\n\tdsb\n\tisb\n"
        "2:\tadd r0, r0, #100\n\tadd r0, r0, #1\n\tsubs r1, r1, #1\n\tbne 1b\n\tbx lr\n");

/* The same by a store of two words, of which the second is executed; as a Thumb template has several words.
 */
uint32_t in_own_page_two(const uint32_t *words, uint32_t count);
__asm__(".text\n.arm\n.balign 4096\n.type in_own_page_two, %function\nin_own_page_two:\n\t"
        "push {r4, lr}\n\tmov r2, r0\n\tmov r0, #0\n\tadr r3, 2f\n\tldr r4, [r3]\n"
        "1:\tldr r12, [r2], #4\n\tstm r3, {r4, r12}\n\tdsb\n\tisb\n"
        "2:\tadd r0, r0, #1\n\tadd r0, r0, #100\n\tsubs r1, r1, #1\n\tbne 1b\n\tpop {r4, pc}\n");

uint32_t in_own_page_thumb(const uint32_t *halfwords, uint32_t count);
__asm__(".text\n.thumb\n.balign 4096\n.type in_own_page_thumb, %function\n.thumb_func\nin_own_page_thumb:\n\t"
        "mov r2, r0\n\tmovs r0, #0\n\tadr r3, 2f\n\tsub.w r3, r3, #2048\n"
        "1:\tldr r12, [r2], #4\n\tstrh.w r12, [r3, #2048]\n\tdsb\n\tisb\n"
        ".balign 4\n2:\tadds r0, #100\n\tadds r0, #1\n\tsubs r1, #1\n\tbne 1b\n\tbx lr\n.arm\n");

static void by_dma(uint32_t n)
{
    static uint32_t from[2];

    from[0] = RETURNS(n);
    from[1] = BX_LR;
    DSB();
    WRITE32(DMA + 0x30, 1);
    WRITE32(DMA + 0x100, (uint32_t)from);
    WRITE32(DMA + 0x104, (uint32_t)code);
    WRITE32(DMA + 0x108, 0);
    WRITE32(DMA + 0x10c, 0x0c489002);
    WRITE32(DMA + 0x110, 1);
}

int main(void)
{
    static const uint32_t adds[] = {0xe2800001, 0xe2800002, 0xe2800003, 0xe2800004, 0xe2800005};
    static const uint32_t thumb_adds[] = {0x3001, 0x3002, 0x3003, 0x3004, 0x3005};
    uint32_t good = 0;

    SET_SCTLR(SCTLR() & ~SCTLR_I);
    for (uint32_t n = 0; n < 100; n++) {
        write(n);
        good += call() == n;
    }
    check_eq("rewritten", good, 100);
    check_eq("in its own page", in_own_page(adds, 5), 15 + 5);
    check_eq("again", in_own_page(adds, 5), 15 + 5);
    check_eq("two words", in_own_page_two(adds, 5), 15 + 5);
    check_eq("in its own page, thumb", in_own_page_thumb(thumb_adds, 5), 15 + 5);
    write(1);
    check_eq("before dma", call(), 1);
    by_dma(2);
    check_eq("after dma", call(), 2);
    SET_SCTLR(SCTLR() | SCTLR_I);
    code_sync((const void *)code, 8);
    check_eq("cached", call(), 2);
    write(3);
    SET_SCTLR(SCTLR() & ~SCTLR_I);
    check_eq("switched off", call(), 3);
    write(4);
    check_eq("and written", call(), 4);
    return 0;
}
