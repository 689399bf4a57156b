/*
 * The verifier, word by word: what it accepts is harmless by the oracle; what the manual leaves open is
 * refused. UNIT_LONG=1 in the environment tries all 2^32 words.
 */
#define UNIT_MAIN
#include "verifier_oracle.h"

static unsigned long long tried_count, accepted_count, unknown_count, complaints;

static void check_alone(uint32_t w)
{
    enum harm h;

    tried_count++;
    if (!accepts_word(w))
        return;
    accepted_count++;
    h = harm_of(w);
    if (h == HARMLESS) {
        unknown_count += !cs_decode(w);
        return;
    }
    if (h == IS_BRANCH && (w & 0x0f000000) == 0x0a000000 && !harm_of_unit(1))
        return;
    if (h == PC_USE && (w & 0xff7f0000) == 0xe50f0000 && !harm_of_unit(1))
        return;
    unit_test_failed = true;
    if (complaints++ < 30)
        printf("accepted, but harmful (%d): %08x %s %s\n", h, w, h == UNKNOWN ? "?" : cs_one->mnemonic,
               cs_one->op_str);
}

static void report(void)
{
    printf("%llu words, %llu accepted, of these %llu that Capstone does not know\n", tried_count,
           accepted_count, unknown_count);
    tried_count = accepted_count = unknown_count = complaints = 0;
}

/* Every combination of bits 27:20 and 7:4 with telling registers. */
TEST(words_of_every_class)
{
    static const uint32_t tops[] = {0xe0000000, 0x10000000, 0xf0000000}, regs[] = {0, 1, 10, 11, 14, 15};

    for (unsigned top = 0; top < 3; top++)
        for (unsigned key = 0; key < 4096; key++)
            for (unsigned r = 0; r < 6 * 6 * 6 * 6; r++)
                check_alone(tops[top] | key >> 4 << 20 | (key & 15) << 4 | regs[r % 6] << 16 |
                            regs[r / 6 % 6] << 12 | regs[r / 36 % 6] << 8 | regs[r / 216]);
    report();
}

TEST(words_by_stride)
{
    uint64_t stride = getenv("UNIT_LONG") ? 1 : 4093;

    for (uint64_t w = 0; w < 1ull << 32; w += stride)
        check_alone((uint32_t)w);
    report();
}

/* The oracle must see what it is there to see. */
TEST(the_oracle_sees_harm)
{
    static const struct {
        uint32_t word;
        enum harm harm;
    } known[] = {
        {0xe12fff1e, IS_BRANCH},    {0xeb000000, IS_BRANCH},    {0xe1a0f00e, PC_USE},
        {0xe1b0f00e, PC_USE},       {0xe49df004, PC_USE},       {0xe8bd8000, PC_USE},
        {0xe8fd8000, PC_USE},       {0xe08f0001, PC_USE},       {0xe59f0000, PC_USE},
        {0xe58f0000, PC_USE},       {0xf8bd0a00, MODE_CHANGE},  {0xf96d0513, MODE_CHANGE},
        {0xf1020013, MODE_CHANGE},  {0xf10c0080, MODE_CHANGE},  {0xf1010200, MODE_CHANGE},
        {0xe121f000, MODE_CHANGE},  {0xe122f000, MODE_CHANGE},  {0xe160006e, MODE_CHANGE},
        {0xee010f10, SYSTEM_WRITE}, {0xee020f10, SYSTEM_WRITE}, {0xee030f10, SYSTEM_WRITE},
        {0xee080f17, SYSTEM_WRITE}, {0xee070f16, SYSTEM_WRITE}, {0xee0c0f10, SYSTEM_WRITE},
        {0xec420f10, SYSTEM_WRITE}, {0xee000e15, SYSTEM_WRITE}, {0xef000000, EXCEPTION},
        {0xe1200070, EXCEPTION},    {0xe1600070, EXCEPTION},    {0xe1400070, EXCEPTION},
        {0xe320f003, EXCEPTION},    {0xe7f001f0, EXCEPTION},    {0xe7ffffff, EXCEPTION},
        {0xe7f000f0, HARMLESS},     {0xe0810002, HARMLESS},     {0xee0d0f90, HARMLESS},
        {0xf1080040, HARMLESS},     {0xe128f000, HARMLESS},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (harm_of(known[i].word) != known[i].harm) {
            printf("%08x: %d, not %d\n", known[i].word, harm_of(known[i].word), known[i].harm);
            unit_test_failed = true;
        }
    start(); /* nothing inside the sequence is marked: the walk begins everywhere */
    add(0xee030f10);
    add(UDF);
    EXPECT(harm_of_unit(50));
}

/* What the manual leaves open or has as something else; each beside a neighbour that is fine. */
TEST(unpredictable_forms_are_refused)
{
    static const struct {
        uint32_t good, bad;
        const char *what;
    } forms[] = {
        {0xe0410392, 0xe0411392, "umaal: RdHi == RdLo"},
        {0xe0810392, 0xe0811392, "umull: RdHi == RdLo"},
        {0xe1410382, 0xe1411382, "smlalbb: RdHi == RdLo"},
        {0xe7410312, 0xe7411312, "smlald: RdHi == RdLo"},
        {0xe169f000, 0xe160f000, "msr spsr, no field"},
        {0xe369f000, 0xe360f000, "msr spsr, immediate, no field"},
        {0xe10f0000, 0xe10ff000, "mrs pc"},
        {0xe10f0000, 0xe1000200, "mrs, banked"},
        {0xe128f000, 0xe128f00f, "msr from pc"},
        {0xe169f000, 0xe120f200, "msr, banked"},
        {0xe320f002, 0xe320f003, "wfi"},
        {0xe4910004, 0xe4911004, "ldr, post-indexed: Rn == Rt"},
        {0xe5a10004, 0xe5a11004, "str, pre-indexed: Rn == Rt"},
        {0xe4b10004, 0xe4b11004, "ldrt: Rn == Rt"},
        {0xe6910002, 0xe6911002, "ldr, register: Rn == Rt"},
        {0xe0d100b4, 0xe0d110b4, "ldrh: Rn == Rt"},
        {0xe09100b2, 0xe09110b2, "ldrh, register: Rn == Rt"},
        {0xe0d100d4, 0xe0d110d4, "ldrsb: Rn == Rt"},
        {0xe09100d2, 0xe09110d2, "ldrsb, register: Rn == Rt"},
        {0xe1c200d8, 0xe1c210d8, "ldrd: odd"},
        {0xe1c2c0d8, 0xe1c2e0d8, "ldrd: LR, PC"},
        {0xe0c420d8, 0xe0c220d8, "ldrd: writes back Rt"},
        {0xe0c420d8, 0xe0c320d8, "ldrd: writes back Rt2"},
        {0xe0c420d8, 0xe06420d8, "ldrd: P == 0, W == 1"},
        {0xe18420d1, 0xe18420d2, "ldrd, register: Rm == Rt"},
        {0xe18420d1, 0xe18420d3, "ldrd, register: Rm == Rt2"},
        {0xe1020091, 0xe1000091, "swp: Rn == Rt"},
        {0xe1020091, 0xe1010091, "swp: Rn == Rt2"},
        {0xe1b20f9f, 0xe1b21f9f, "ldrexd: odd"},
        {0xe1b20f9f, 0xe1b2ef9f, "ldrexd: LR, PC"},
        {0xe1820f91, 0xe1800f91, "strex: Rd == Rn"},
        {0xe1820f91, 0xe1821f91, "strex: Rd == Rt"},
        {0xe1a24f90, 0xe1a24f91, "strexd: odd"},
        {0xe1a24f90, 0xe1a24f9e, "strexd: LR, PC"},
        {0xe1a24f90, 0xe1a21f90, "strexd: Rd == Rt2"},
        {0xe8900001, 0xe8900000, "ldm: empty"},
        {0xe8b00002, 0xe8b00003, "ldm: loads the base and writes it back"},
        {0xe8d00001, 0xe8d00000, "ldm^: empty"},
        {0xe8d00001, 0xe8f00001, "ldm^: writes back"},
        {0xe8d00001, 0xe8d08001, "ldm^ with pc"},
        {0xe8c00001, 0xe8c08001, "stm^ with pc"},
        {0xe8800001, 0xe8808001, "stm with pc"},
        {0xe6110f12, 0xe6010f12, "parallel: op1 == 0"},
        {0xe6110f12, 0xe6110fb2, "parallel: op2 == 5"},
        {0xe6110f12, 0xe6110fd2, "parallel: op2 == 6"},
        {0xe6a10072, 0xe6910072, "extend: op == 1"},
        {0xe7ff0051, 0xe7ff00d1, "ubfx: past bit 31"},
        {0xe7c10091, 0xe7c00091, "bfi: msb below lsb"},
        {0xf1080040, 0xf1080000, "cpsie of nothing"},
        {0xf1080040, 0xf10800c0, "cpsie if"},
        {0xf10c0100, 0xf10e0113, "cpsid a, mode"},
        {0xf1080040, 0xf1000040, "cps, imod == 0"},
        {0xec900b02, 0xec900b00, "vldm: none"},
        {0xec900b20, 0xec900b22, "vldm: 17 doubles"},
        {0xecd0eb04, 0xecd0fb04, "vldm: past D31"},
        {0xecd0fa01, 0xecd0fa02, "vldm: past S31"},
        {0xec900a01, 0xec900a00, "vldm: no single"},
        {0xec510b10, 0xec511b10, "vmov: one register twice"},
        {0xec510b3f, 0xec510a3f, "vmov: S31 and the next"},
        {0xeef10a10, 0xeef20a10, "vmrs: no such register"},
        {0xeee80a10, 0xeee70a10, "vmsr: read-only"},
        {0xeef1fa10, 0xeef8fa10, "vmrs pc, fpexc"},
        {0xee000a10, 0xee00fa10, "vmov from pc"},
        {0xf4210a0f, 0xf42f0a0f, "vld1 at pc"},
        {0xe0010392, 0xe00f0392, "mul to pc"},
        {0xe1110002, 0xe111f002, "tstp"},
        {0xe1a00001, 0xe1a10001, "mov with Rn"},
        {0xe1a00001, 0xe1a0f001, "mov pc"},
        {0xe0810312, 0xe081031f, "add by register, pc"},
        {0xe0810312, 0xe0810f12, "add by pc"},
        {0xe7f000f0, 0x07f000f0, "udf, conditional"},
        {0xe7f000f0, 0xe7f000f1, "udf #1"},
        {0xe7010312, 0xe7010f12, "smuad by pc"},
        {0xf57ff04f, 0xf57ff07f, "no barrier"},
        {0xf57ff01f, 0xf57ff00f, "not clrex"},
        {0xf5d0f000, 0xf590f000, "pldw"},
        {0xee060f50, 0xee060f10, "dfar"},
        {0xee070f3a, 0xee070f36, "dcimvac"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++)
        if (!accepts_word(forms[i].good) || accepts_word(forms[i].bad)) {
            printf("%s: %08x %d, %08x %d\n", forms[i].what, forms[i].good, accepts_word(forms[i].good),
                   forms[i].bad, accepts_word(forms[i].bad));
            unit_test_failed = true;
        }
}
