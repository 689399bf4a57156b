/* Proves: code rewritten with maintenance runs as rewritten, at every distance: same block, next block, same
   page, through loops, chained calls, Thumb; without maintenance old or new runs, nothing else. */
#include "mmu.h"

#define MOV_R0(n) (0xe3a00000u | (n))
#define BX_LR     0xe12fff1eu
#define NOP       0xe320f000u

static uint32_t page[2][1024] __attribute__((aligned(4096)));
typedef uint32_t (*fn_t)(uint32_t);
#define FN(p) ((fn_t)(uint32_t)(p))

static void test_plain(void)
{
    bool good = true;

    for (uint32_t i = 0; i < 200; i++) {
        page[0][0] = MOV_R0(i);
        page[0][1] = BX_LR;
        code_sync(page[0], 8);
        good &= FN(page[0])(0) == i;
    }
    check("rewritten 200 times", good);
    good = true;
    for (uint32_t i = 0; i < 64; i++) {
        page[0][i * 2] = MOV_R0(i);
        page[0][i * 2 + 1] = BX_LR;
        code_sync(&page[0][i * 2], 8);
        for (uint32_t j = 0; j <= i; j++)
            good &= FN(&page[0][j * 2])(0) == j;
    }
    check("64 functions appended to a page", good);
    good = true;
    for (uint32_t i = 0; i < 50; i++) {
        page[0][i * 2] = MOV_R0(100 + i);
        MCR15(0, 7, 11, 1, (uint32_t)&page[0][i * 2]);
        DSB();
        MCR15(0, 7, 5, 0, 0); /* ICIALLU */
        DSB();
        ISB();
        for (uint32_t j = 0; j < 64; j++)
            good &= FN(&page[0][j * 2])(0) == (j <= i ? 100 + j : j);
    }
    check("rewritten with ICIALLU", good);
}

/* Without maintenance: old or new. Then with: new. */
static void test_unsynchronized(void)
{
    bool good = true;

    page[0][0] = MOV_R0(1);
    page[0][1] = BX_LR;
    code_sync(page[0], 8);
    for (uint32_t i = 1; i < 100; i++) {
        uint32_t old = i, new = i + 1;
        good &= FN(page[0])(0) == old;
        page[0][0] = MOV_R0(new);
        DSB();
        uint32_t got = FN(page[0])(0);
        good &= got == old || got == new;
        code_sync(page[0], 8);
        good &= FN(page[0])(0) == new;
    }
    check("old or new without maintenance, new with", good);
}

/* A patch site inside a loop: jump label turned on and off while the loop runs (static keys). */
static void test_loop(void)
{
    uint32_t sum = 0, n = 0;

    page[0][n++] = 0xe3a01000; /* mov r1, #0 */
    page[0][n++] = 0xe2811001; /* 1: add r1, r1, #1 */
    page[0][n++] = NOP;        /* patched: b 2f */
    page[0][n++] = 0xe2811c01; /* add r1, r1, #256 */
    page[0][n++] = 0xe2500001; /* 2: subs r0, r0, #1 */
    page[0][n++] = 0x1afffffa; /* bne 1b */
    page[0][n++] = 0xe1a00001; /* mov r0, r1 */
    page[0][n++] = BX_LR;
    code_sync(page[0], n * 4);
    bool good = true;
    for (uint32_t i = 0; i < 40; i++) {
        page[0][2] = i & 1 ? 0xea000000 : NOP; /* b .+8 */
        code_sync(&page[0][2], 4);
        sum = FN(page[0])(10);
        good &= sum == (i & 1 ? 10 : 10 + 10 * 256);
    }
    check("branch patched in and out of a loop", good);
}

/* Code that rewrites the instruction after its own maintenance sequence. */
uint32_t rewrite_ahead(uint32_t n);
__asm__(".pushsection .data\n.arm\n.balign 64\n.type rewrite_ahead, %function\nrewrite_ahead:\n\t"
        "push {r4, lr}\n\tldr r1, 2f\n\torr r1, r1, r0\n\tadr r2, 1f\n\tmov r0, #0\n\tstr r1, [r2]\n\t"
        "mcr p15, 0, r2, c7, c11, 1\n\tdsb\n\tmcr p15, 0, r2, c7, c5, 1\n\tmcr p15, 0, r0, c7, c5, 6\n\t"
        "dsb\n\tisb\n"
        "1:\tmov r0, #255\n\tpop {r4, pc}\n2:\t.word 0xe3a00000\n.popsection\n");

static void test_ahead(void)
{
    bool good = true;

    for (uint32_t i = 0; i < 50; i++)
        good &= rewrite_ahead(i) == i;
    check("rewrites the next instruction", good);
}

/* Data written beside code in one page: the code stays right and is not slowed to a crawl. */
static void test_mixed(void)
{
    volatile uint32_t *data = &page[0][512];
    bool good = true;

    page[0][0] = 0xe5901000; /* ldr r1, [r0] */
    page[0][1] = 0xe2811001; /* add r1, r1, #1 */
    page[0][2] = 0xe5801000; /* str r1, [r0] */
    page[0][3] = 0xe1a00001;
    page[0][4] = BX_LR;
    code_sync(page[0], 20);
    *data = 0;
    for (uint32_t i = 1; i <= 3000; i++)
        good &= FN(page[0])((uint32_t)data) == i;
    check("code writes data in its own page", good);
    for (uint32_t i = 0; i < 100; i++) {
        page[0][100] = i;
        page[0][1] = 0xe2811000 | (i & 15);
        code_sync(&page[0][1], 4);
        uint32_t before = *data;
        good &= FN(page[0])((uint32_t)data) == before + (i & 15);
    }
    check("and both change", good);
}

/* Trampolines: a call chain over two pages, the middle of which changes. */
static void test_chain(void)
{
    bool good = true;

    page[0][0] = 0xe92d4010; /* push {r4, lr} */
    page[0][1] = 0xeb0003fd; /* bl page[1]: patched below */
    page[0][2] = 0xe2800001; /* add r0, r0, #1 */
    page[0][3] = 0xe8bd8010; /* pop {r4, pc} */
    for (uint32_t f = 0; f < 8; f++) {
        page[1][f * 4] = 0xe2800000 | (f << 4); /* add r0, r0, #f * 16 */
        page[1][f * 4 + 1] = BX_LR;
    }
    code_sync(page, sizeof(page));
    for (uint32_t i = 0; i < 64; i++) {
        uint32_t f = i % 8;
        page[0][1] = 0xeb000000 | (((uint32_t)&page[1][f * 4] - (uint32_t)&page[0][1] - 8) >> 2 & 0xffffff);
        code_sync(&page[0][1], 4);
        good &= FN(page[0])(5) == 6 + f * 16;
        page[1][f * 4] = 0xe2800000 | ((f * 16 + 1) & 0xff);
        code_sync(&page[1][f * 4], 4);
        good &= FN(page[0])(5) == 7 + f * 16;
        page[1][f * 4] = 0xe2800000 | (f * 16);
        code_sync(&page[1][f * 4], 4);
    }
    check("call sites and callees patched (function tracer)", good);
}

static void test_thumb(void)
{
    uint16_t *hw = (uint16_t *)page[0];
    bool good = true;

    for (uint32_t i = 0; i < 100; i++) {
        hw[0] = (uint16_t)(0x2000 | i); /* movs r0, #i */
        hw[1] = 0x4770;                 /* bx lr */
        code_sync(hw, 4);
        good &= FN((uint32_t)hw + 1)(0) == i;
    }
    check("thumb rewritten", good);
    /* The same words as A32 and as T32: 0xe0004770 is "and r4, r0, r0, ror r7" / "bx lr; b". */
    page[0][0] = 0xe3a00042;
    page[0][1] = BX_LR;
    page[0][2] = 0x47702042; /* movs r0, #0x42; bx lr */
    code_sync(page[0], 12);
    good = FN(page[0])(0) == 0x42 && FN((uint32_t)&page[0][2] + 1)(0) == 0x42;
    page[0][0] = 0x47702043; /* now thumb */
    page[0][2] = MOV_R0(0x44);
    page[0][3] = BX_LR;
    code_sync(page[0], 16);
    good &= FN((uint32_t)&page[0][0] + 1)(0) == 0x43 && FN(&page[0][2])(0) == 0x44;
    check("instruction set of an address changes", good);
}

static void all(void)
{
    test_plain();
    test_unsynchronized();
    test_loop();
    test_ahead();
    test_mixed();
    test_chain();
    test_thumb();
}

int main(void)
{
    all();
    mmu_reset();
    mmu_on();
    print("MMU on\n");
    all();
    return 0;
}
