/* Proves: an encoding that one of its fields makes UNDEFINED traps from every mode, whatever its neighbours
   do: T32 BLX with H = 1 (A8.8.25), and what a Cortex-A8 lacks of a family that it has: ERET, HVC, MSR and
   MRS of banked registers. */
#include "transfer.h"

static const struct {
    const char *name;
    uint32_t word;
    bool thumb;
} words[] = {
    {"blx, H = 1", 0xf000e809, true},
    {"blx, H = 1, backwards", 0xf7ffeffd, true},
    {"eret", 0xe160006e, false},
    {"hvc", 0xe1400070, false},
    {"hvc", 0xf7e08000, true},
    {"mrs r0, sp_usr", 0xe1050200, false},
    {"msr sp_usr, r0", 0xe125f200, false},
    {"b<cond>, cond = 14", 0xf7a08000, true},
};
static const uint32_t modes[] = {MODE_SVC, MODE_USR, MODE_IRQ, MODE_FIQ, MODE_SYS, MODE_ABT, MODE_UND};
static uint16_t code[32] __attribute__((aligned(64)));

static void fill_code(uint32_t word, bool thumb)
{
    for (unsigned i = 0; i < ARRAY_SIZE(code); i += 2) { /* SVC, where a branch could lead */
        code[i] = thumb ? 0xdf01 : 1;
        code[i + 1] = thumb ? 0xdf01 : 0xef00;
    }
    code[8] = (uint16_t)(thumb ? word >> 16 : word);
    code[9] = (uint16_t)(thumb ? word : word >> 16);
    code_sync(code, sizeof(code));
}

int main(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
        for (unsigned m = 0; m < ARRAY_SIZE(modes); m++) {
            fill_code(words[i].word, words[i].thumb);
            transfer_fill(words[i].word);
            transfer_run(modes[m] | PSR_I | PSR_F | (words[i].thumb ? PSR_T : 0), (uint32_t)&code[8]);
            print("%s, %s from %s: ", words[i].name, words[i].thumb ? "T32" : "A32", mode_name(modes[m]));
            print("%s at +%d, T %u: ", exc_name(exc_last.type), (int)(exc_last.pc - (uint32_t)&code[8]),
                  (unsigned)(exc_last.spsr >> 5 & 1));
            check("traps", exc_last.type == EXC_UND && exc_last.pc == (uint32_t)&code[8] && transfer_kept(0));
        }
    return 0;
}
