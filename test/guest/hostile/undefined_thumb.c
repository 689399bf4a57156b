/* Proves: T32 encodings that the manual calls UNDEFINED trap from every mode, in and out of IT blocks, with
   LR and registers right. */
#include "transfer.h"

static const struct {
    const char *name;
    uint32_t mask, value;
} wide[] = {
    {"udf.w (A6.3.4)", 0xfff0f000, 0xf7f0a000},
    {"cdp p0-p7", 0xff000810, 0xee000000},
    {"mrc p0-p7", 0xff100810, 0xee100010},
    {"mcr p0-p7", 0xff100810, 0xee000010},
    {"ldc p0-p7", 0xff100800, 0xed100000},
    {"mrrc p0-p7", 0xfff00800, 0xec500000},
    {"mcrr p12", 0xfff00f00, 0xec400c00},
    {"cdp p15", 0xff000f10, 0xee000f00},
    {"data processing gap, op 5 (A6.3.11)", 0xffe08000, 0xeaa00000},
    {"data processing gap, op 12 (A6.3.11)", 0xffe08000, 0xeb800000},
    {"modified immediate gap, op 5 (A6.3.1)", 0xfbe08000, 0xf0a00000},
    {"modified immediate gap, op 15 (A6.3.1)", 0xfbe08000, 0xf1e00000},
    {"load word gap (A6.3.7)", 0xffff0fc0, 0xf8510040},
    {"load byte gap (A6.3.9)", 0xffffffc0, 0xf8121040},
    {"store gap (A6.3.10)", 0xffffffc0, 0xf8421040},
    {"load/store size 3 (A6.3)", 0xff700000, 0xf8700000},
    {"multiply gap (A6.3.16)", 0xfff000f0, 0xfb0000f0},
    {"long multiply gap (A6.3.17)", 0xfff000f0, 0xfb800010},
};
static const struct {
    const char *name;
    uint16_t mask, value;
} narrow[] = {
    {"udf (A6.2.6)", 0xff00, 0xde00},
    {"misc gap 1 (A6.2.5)", 0xffc0, 0xb680},
    {"misc gap 8 (A6.2.5)", 0xff80, 0xb880},
    {"rev gap (A6.2.5)", 0xffc0, 0xba80},
};

static uint16_t code[8] __attribute__((aligned(64)));
static uint32_t seed = 54321;

static uint32_t draw(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed ^ seed >> 15;
}

/* word's high half first; size in halfwords. In an IT block (EQ, Z set) if `it`. */
static bool traps(uint32_t word, unsigned size, uint32_t mode, bool it)
{
    unsigned n = 0;

    if (it)
        code[n++] = 0xbf04; /* itt eq */
    uint32_t at = (uint32_t)&code[n];
    if (size == 2)
        code[n++] = (uint16_t)(word >> 16);
    code[n++] = (uint16_t)word;
    while (n < 8)
        code[n++] = 0xdf01;
    code_sync(code, sizeof(code));
    transfer_fill(word);
    transfer_run(mode | PSR_I | PSR_F | PSR_T | 0x40000000, (uint32_t)code);
    return exc_last.type == EXC_UND && exc_last.pc == at && transfer_kept(0);
}

static void check_class(const char *name, uint32_t mask, uint32_t value, unsigned size)
{
    static const uint32_t modes[] = {MODE_SVC, MODE_USR, MODE_IRQ, MODE_FIQ, MODE_SYS, MODE_ABT, MODE_UND};
    unsigned bad = 0;

    for (unsigned i = 0; i < 140; i++) {
        uint32_t word = value | (draw() & ~mask & (size == 1 ? 0xffff : 0xffffffff)),
                 mode = modes[i % ARRAY_SIZE(modes)];
        if (!traps(word, size, mode, i % 5 == 4) && !bad++)
            print("FAIL %08x from %s: %s at +%x\n", (unsigned)word, mode_name(mode), exc_name(exc_last.type),
                  (unsigned)(exc_last.pc - (uint32_t)code));
    }
    print("%s: ", name);
    check_eq("all trap", bad, 0);
}

int main(void)
{
    for (unsigned c = 0; c < ARRAY_SIZE(wide); c++)
        check_class(wide[c].name, wide[c].mask, wide[c].value, 2);
    for (unsigned c = 0; c < ARRAY_SIZE(narrow); c++)
        check_class(narrow[c].name, narrow[c].mask, narrow[c].value, 1);
    return 0;
}
