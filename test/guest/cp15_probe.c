/* Proves: which MRC/MCR of CP14 and CP15 are UNDEFINED: most are read at PL1, read and written at PL0; the
   list is printed. */
#include "transfer.h"

static uint32_t code[128 + 2] __attribute__((aligned(64)));
static volatile uint32_t undefined[4]; /* bit n: code[n] was */

static void note(struct exc_frame *f)
{
    uint32_t n = (exc_insn_pc(f) - (uint32_t)code) / 4 % 128;

    undefined[n / 32] |= 1u << n % 32;
    exc_skip(f);
}

static unsigned found;

static void probe_row(const char *what, uint32_t word, unsigned coproc, unsigned opc1, unsigned crn,
                      bool user)
{
    for (unsigned i = 0; i < 128; i++)
        code[i] = word | opc1 << 21 | crn << 16 | coproc << 8 | (i & 7) << 5 | i >> 3;
    code[128] = 0xe12fff1e;
    code_sync(code, sizeof(code));
    undefined[0] = undefined[1] = undefined[2] = undefined[3] = 0;
    exc_arm(EXC_BIT(EXC_UND));
    exc_hook = note;
    uint32_t (*fn)(uint32_t) = (uint32_t(*)(uint32_t))(uint32_t)code;
    if (user)
        run_user(MODE_USR | PSR_I | PSR_F, fn, 0);
    else
        fn(0);
    exc_hook = NULL;
    for (unsigned i = 0; i < 128; i++)
        if (!(undefined[i / 32] >> i % 32 & 1) && !(crn == 1 && i >= 8 && i < 16)) { /* c1, c1: SCR ... */
            found++;
            print("%s p%u %u c%u c%u %u\n", what, coproc, opc1, crn, i >> 3, i & 7);
        }
}

#define MRC_R0 0xee100010u
#define MCR_R0 0xee000010u

int main(void)
{
    /* Where QEMU 7.2 and the manuals agree: QEMU has wildcards in c0 and c3, PMU parts in c14, WFAR in c6,
        and its
       board lacks the Security Extensions (SCR and such in c1, c12). The implementation's own c9-c11,
           c15 are left out. */
    static const unsigned crns[] = {1, 2, 4, 5, 8, 13};
    for (unsigned opc1 = 0; opc1 < 8; opc1 += opc1 ? 3 : 1)
        for (unsigned i = 0; i < ARRAY_SIZE(crns); i++)
            probe_row("mrc", MRC_R0, 15, opc1, crns[i], false);
    check_eq("registers at PL1", found, 15);
    for (unsigned opc1 = 0; opc1 < 8; opc1++)
        for (unsigned crn = 0; crn < 16; crn++)
            if (crn != 9 && (opc1 == 0 || (crn + opc1) % 11 == 0)) {
                probe_row("user mrc", MRC_R0, 15, opc1, crn, true);
                probe_row("user mcr", MCR_R0, 15, opc1, crn, true);
            }
    for (unsigned coproc = 0; coproc < 10; coproc += 7) {
        probe_row("mrc", MRC_R0, coproc, coproc % 8, coproc, false);
        probe_row("user mrc", MRC_R0, coproc, coproc % 8, coproc, true);
    }
    check_eq("and at PL0", found, 15 + 6);
    return 0;
}
