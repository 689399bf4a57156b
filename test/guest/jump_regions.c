/* Proves: calls and returns between code at addresses that differ in their upper byte only, at more of them
   than a jump map might keep apart at once, and at both ends of each; whoever is called is where it was
   called. */
#include "mmu.h"

#define FIRST_TOP 0x80u
#define TOPS      12u
#define LAST      0xfff000u
#define OFFSETS   2u

static const uint32_t offsets[OFFSETS] = {0, LAST};

static uint32_t place(unsigned top, unsigned at) { return (FIRST_TOP + top) << 24 | offsets[at % OFFSETS]; }

/* r0 = its own address; r1, if there, is called first, with r2, and what that says is added. */
static void plant(uint32_t page)
{
    static const uint32_t code[] = {
        0xe92d4010, /* push {r4, lr} */
        0xe24f400c, /* sub r4, pc, #12 */
        0xe3510000, /* cmp r1, #0 */
        0x01a00004, /* moveq r0, r4 */
        0x08bd8010, /* popeq {r4, pc} */
        0xe1a03001, /* mov r3, r1 */
        0xe1a01002, /* mov r1, r2 */
        0xe3a02000, /* mov r2, #0 */
        0xe12fff33, /* blx r3 */
        0xe0800004, /* add r0, r0, r4 */
        0xe8bd8010, /* pop {r4, pc} */
    };

    for (unsigned i = 0; i < sizeof code / 4; i++)
        WRITE32(page + i * 4, code[i]);
    code_sync((void *)page, sizeof code);
}

static uint32_t chain(uint32_t a, uint32_t b, uint32_t c)
{
    return ((uint32_t(*)(uint32_t, uint32_t, uint32_t))a)(0, b, c);
}

int main(void)
{
    unsigned bad = 0;

    mmu_reset();
    plant(test_page(0));
    mmu_on();
    for (unsigned top = 0; top < TOPS; top++)
        for (unsigned at = 0; at < OFFSETS; at++)
            mmu_map_small(place(top, at), test_page(0), M_RW);
    for (unsigned top = 0; top < TOPS; top++)
        for (unsigned at = 0; at < OFFSETS; at++)
            bad += chain(place(top, at), 0, 0) != place(top, at);
    check_eq("each once", bad, 0);
    for (unsigned n = 0; n < 2000; n++) { /* strides that use few of them for a while, then all */
        uint32_t a = place(n % 2 + n / 250, n), b = place(n * 7 % TOPS, n / 3),
                 c = place(n / 100 % TOPS, n / 7);

        bad += chain(a, b, c) != a + b + c;
    }
    check_eq("chains of three", bad, 0);
    return 0;
}
