/* Proves: an IT block may go on across any length limit of the translator, also where the instruction before
   the limit is sensitive and its condition fails: no register changes. */
#include "guest.h"

#define LENGTHS                                                                                              \
    "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, " \
    "28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, "   \
    "53, 54, 55, 56, 57, "                                                                                   \
    "58, 59, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79"
#define LENGTH_COUNT 80u

/* A table of functions, one a length, that return their argument by way of r12: it is set, Z too, then
 * `skipped` is in the middle of an IT block of NE. */
#define BODIES(name, skipped)                                                                                \
    extern uint32_t (*const name[LENGTH_COUNT])(uint32_t);                                                   \
    __asm__(".text\n.thumb\n"                                                                                \
            ".irp length, " LENGTHS "\n.thumb_func\n" #name "_\\length:\n\t"                                 \
            "mov r12, r0\n\tcmp r0, r0\n\t.rept \\length\n\tnop\n\t.endr\n\t"                                \
            "ittt ne\n\tmovne r1, #1\n\t" skipped                                                            \
            "\n\tmovne r2, #2\n\tmov r0, r12\n\tbx lr\n\t.ltorg\n.endr\n"                                    \
            ".section .rodata\n.balign 4\n" #name ":\n.irp length, " LENGTHS "\n\t.word " #name              \
            "_\\length + 1\n.endr\n.text\n")
BODIES(msr, "msrne cpsr_c, r1");
BODIES(dacr, "mcrne p15, 0, r1, c3, c0, 0");
BODIES(add_pc, "addne r1, pc");
BODIES(ldrd, "ldrdne r0, r1, [r2, #4]");

static void run(const char *name, uint32_t (*const bodies[])(uint32_t))
{
    bool good = true;

    for (unsigned i = 0; i < LENGTH_COUNT; i++)
        good &= bodies[i](0x12345678 * i) == 0x12345678 * i;
    check(name, good);
}

int main(void)
{
    run("msr", msr);
    run("mcr dacr", dacr);
    run("add pc", add_pc);
    run("ldrd", ldrd);
    return 0;
}
