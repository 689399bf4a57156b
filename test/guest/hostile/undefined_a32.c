/* Proves: A32 encodings that the manual calls UNDEFINED trap from every mode, sampled from each class, with
   LR and registers right; nothing else happens. */
#include "transfer.h"

/* Bits of the mask are fixed; the others are drawn. Chapter A5's tables, by section. */
static const struct {
    const char *name;
    uint32_t mask, value;
} classes[] = {
    {"permanently undefined (A5.4)", 0xfff000f0, 0xe7f000f0},
    {"media gap, op1 0x18 (A5.4)", 0xffe000f0, 0xe78000f0},
    {"media, signed multiply gap (A5.4.4)", 0xfff000f0, 0xe77000f0},
    {"cdp p0-p9", 0xff000810, 0xee000000},
    {"mrc p0-p7", 0xff100810, 0xee100010},
    {"mcr p0-p7", 0xff100810, 0xee000010},
    {"ldc p0-p7", 0xff100800, 0xed100000},
    {"stc p0-p7", 0xff100800, 0xed000000},
    {"mrrc p0-p7", 0xfff00800, 0xec500000},
    {"mcrr p0-p7", 0xfff00800, 0xec400000},
    {"mrc p12", 0xff100f10, 0xee100c10},
    {"mcr p13", 0xff100f10, 0xee000d10},
    {"cdp p8", 0xff000f10, 0xee000800},
    {"cdp p15", 0xff000f10, 0xee000f00},
    {"ldc p15", 0xff100f00, 0xed100f00},
    {"mrrc p15 (no such register)", 0xfff00f00, 0xec500f00},
    {"synchronization gap, op 1 (A5.2.10)", 0xfff000f0, 0xe1100090},
    {"synchronization gap, op 7 (A5.2.10)", 0xfff000f0, 0xe1700090},
    {"unconditional gap (A5.7)", 0xfff000f0, 0xf1f00000},
    {"unconditional media gap (A5.7)", 0xff000010, 0xf7000010},
    {"misc gap, op2 1 op 0 (A5.2.12)", 0xfff000f0, 0xe1000010},
    {"misc gap, op2 1 op 2 (A5.2.12)", 0xfff000f0, 0xe1400010},
    {"misc gap, op2 6 op 0 (A5.2.12)", 0xfff000f0, 0xe1000060},
};

static uint32_t code[4] __attribute__((aligned(64)));
static uint32_t seed = 12345;

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 15;
}

static bool traps(uint32_t word, uint32_t mode)
{
    code[0] = word;
    code[1] = code[2] = 0xef000001;
    code_sync(code, sizeof(code));
    transfer_fill(word);
    transfer_run(mode | PSR_I | PSR_F, (uint32_t)code);
    return exc_last.type == EXC_UND && exc_last.pc == (uint32_t)code && transfer_kept(0);
}

int main(void)
{
    static const uint32_t modes[] = {MODE_SVC, MODE_USR, MODE_IRQ, MODE_FIQ, MODE_SYS, MODE_ABT, MODE_UND};

    for (unsigned c = 0; c < ARRAY_SIZE(classes); c++) {
        unsigned bad = 0;
        for (unsigned i = 0; i < 140; i++) {
            uint32_t word = classes[c].value | (draw() & ~classes[c].mask);
            if (!traps(word, modes[i % ARRAY_SIZE(modes)]) && !bad++)
                print("FAIL %08x from %s: %s\n", (unsigned)word, mode_name(modes[i % ARRAY_SIZE(modes)]),
                      exc_name(exc_last.type));
        }
        print("%s: ", classes[c].name);
        check_eq("all trap", bad, 0);
    }
    return 0;
}
