/* Proves: every exception-return form from every mode to every mode and to user, ARM and Thumb, restores PC
   and the whole CPSR. */
#include "transfer.h"

static const uint32_t sources[] = {MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND};
static const uint32_t targets[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

/* In: r4 = new PSR, r5 = new PC, r6 = 4. Each form leaves its SP where it was. */
#define FORM(name, text)                                                                                     \
    extern char name[];                                                                                      \
    __asm__(".text\n.arm\n.balign 4\n" #name ":\n\t" text "\n\tudf #0xdead\n")
/* The deprecated ADDS, ANDS, ... PC are missing: QEMU 7.2 does not take them for exception returns (B9.3.20
   does). */
#define SPSR_ "msr spsr_cxsf, r4\n\t"
FORM(movs_lr, SPSR_ "mov lr, r5\n\tmovs pc, lr");
FORM(movs_reg, SPSR_ "movs pc, r5");
FORM(subs_lr_4, SPSR_ "add lr, r5, #4\n\tsubs pc, lr, #4");
FORM(subs_lr_8, SPSR_ "add lr, r5, #8\n\tsubs pc, lr, #8");
FORM(subs_reg, SPSR_ "add lr, r5, #4\n\tsubs pc, lr, r6");
FORM(subs_shift, SPSR_ "add lr, r5, #32\n\tsubs pc, lr, r6, lsl #3");
FORM(subs_0, SPSR_ "mov lr, r5\n\tsubs pc, lr, #0");
FORM(movs_lsl, SPSR_ "mov lr, r5, lsr #2\n\tmovs pc, lr, lsl #2");
FORM(movs_cond, SPSR_ "mov lr, r5\n\tcmp r6, #4\n\tmovsne pc, r6\n\tmovseq pc, lr");
FORM(ldm_pc, SPSR_ "push {r5}\n\tldm sp!, {pc}^");
FORM(ldm_regs, SPSR_ "mov r8, #8\n\tmov r9, #9\n\tpush {r5}\n\tpush {r8, r9}\n\tldm sp!, {r8, r9, pc}^");
FORM(ldm_nowb, SPSR_ "str r5, [sp, #-4]\n\tsub r7, sp, #4\n\tldm r7, {pc}^");
FORM(ldmib_pc, SPSR_ "str r5, [sp, #-4]\n\tsub r7, sp, #8\n\tldmib r7, {pc}^");
FORM(ldmdb_pc, SPSR_ "str r5, [sp, #-4]\n\tmov r7, sp\n\tldmdb r7!, {pc}^");
FORM(ldmda_cond, SPSR_ "str r5, [sp, #-4]\n\tsub r7, sp, #4\n\tcmp r6, #4\n\tldmdane r6, {pc}^\n\t"
                       "ldmdaeq r7, {pc}^");
FORM(rfeia, "str r4, [sp, #-4]!\n\tstr r5, [sp, #-4]!\n\trfeia sp!");
FORM(rfeia_reg, "str r4, [sp, #-4]\n\tstr r5, [sp, #-8]\n\tsub r7, sp, #8\n\trfeia r7");
FORM(rfedb, "str r4, [sp, #-4]\n\tstr r5, [sp, #-8]\n\tmov r7, sp\n\trfedb r7");
FORM(rfeib, "str r4, [sp, #-4]\n\tstr r5, [sp, #-8]\n\tsub r7, sp, #12\n\trfeib r7!");
FORM(rfeda, "str r4, [sp, #-4]\n\tstr r5, [sp, #-8]\n\tsub r7, sp, #4\n\trfeda r7");

static const struct {
    const char *name, *at;
    uint32_t changed;
} forms[] = {
    {"movs pc, lr", movs_lr, 0},
    {"movs pc, reg", movs_reg, 0},
    {"subs pc, lr, #4", subs_lr_4, 0},
    {"subs pc, lr, #8", subs_lr_8, 0},
    {"subs pc, lr, reg", subs_reg, 0},

    {"movs pc, lr, lsl", movs_lsl, 0},
    {"subs pc, lr, reg, lsl", subs_shift, 0},
    {"subs pc, lr, #0", subs_0, 0},
    {"movseq pc, lr", movs_cond, 0},
    {"ldm sp!, {pc}^", ldm_pc, 0},
    {"ldm sp!, {r8, r9, pc}^", ldm_regs, 0x300},
    {"ldm r7, {pc}^", ldm_nowb, 0x80},
    {"ldmib r7, {pc}^", ldmib_pc, 0x80},
    {"ldmdb r7!, {pc}^", ldmdb_pc, 0x80},
    {"ldmdaeq r7, {pc}^", ldmda_cond, 0x80},
    {"rfeia sp!", rfeia, 0},
    {"rfeia r7", rfeia_reg, 0x80},
    {"rfedb r7", rfedb, 0x80},
    {"rfeib r7!", rfeib, 0x80},
    {"rfeda r7", rfeda, 0x80},
};

extern char land_arm[], land_thumb[], land_it[], land_it_end[];
__asm__(".text\n.arm\n.balign 4\nland_arm:\n\tsvc #1\n\t.thumb\n.balign 4\nnop\nland_thumb:\n\tsvc #1\n\t"
        "nop\n"
        ".balign 4\nland_it:\n\t.hword 0xdf01, 0xdf02\nland_it_end:\n\t.hword 0xdf03\n\t.arm\n.balign 4\n");
/* svc 1, 2, 3 */

/* From `source` by form i to psr:pc; true if the SVC there saw psr, and the registers are as they were. */
static bool goes(uint32_t source, unsigned i, uint32_t psr, uint32_t pc)
{
    bool fiq_regs = source == MODE_FIQ || (psr & PSR_MODE) == MODE_FIQ;

    transfer_fill(i);
    transfer_regs[4] = psr;
    transfer_regs[5] = pc;
    transfer_regs[6] = 4;
    transfer_run(source | PSR_I | PSR_F, (uint32_t)forms[i].at);
    if (exc_last.type == EXC_SVC && exc_last.pc == pc && exc_last.spsr == psr &&
        transfer_kept(forms[i].changed | (fiq_regs ? 0x1f00 : 0)))
        return true;
    print("FAIL %s from %s to %08x: %s at %08x, spsr %08x\n", forms[i].name, mode_name(source), (unsigned)psr,
          exc_name(exc_last.type), (unsigned)exc_last.pc, (unsigned)exc_last.spsr);
    return false;
}

int main(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++)
        for (unsigned s = 0; s < ARRAY_SIZE(sources); s++) {
            bool good = true;
            for (unsigned t = 0; t < ARRAY_SIZE(targets); t++) {
                uint32_t flags = (t * 5 + i) << 28 | (t & 1) << 27 | (s + t) << 16, masks = (t + s) % 8 << 6;
                good &= goes(sources[s], i, flags | masks | targets[t], (uint32_t)land_arm);
                good &= goes(sources[s], i, flags | masks | targets[t] | PSR_T, (uint32_t)land_thumb);
            }
            print("%s from %s: ", forms[i].name, mode_name(sources[s]));
            check("all targets", good);
        }
    /* Into an IT block: ITTE NE at its first and second instruction, with Z set and clear. */
    for (unsigned m = 0; m < 2; m++) {
        uint32_t mode = m ? MODE_USR : MODE_SVC;
        bool good = true;
        for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
            uint32_t it_ne_t_e = 0x0600fc00 & ((0x16u & 3) << 25 | (0x16u >> 2) << 10);
            /* cond NE, mask 0110 */
            transfer_fill(i);
            transfer_regs[4] = mode | PSR_I | PSR_F | PSR_T | it_ne_t_e | 0x40000000;
            /* Z: not NE, svc 1 is skipped */
            transfer_regs[5] = (uint32_t)land_it;
            transfer_regs[6] = 4;
            transfer_run(MODE_IRQ | PSR_I | PSR_F, (uint32_t)forms[i].at);
            if (exc_last.pc != (uint32_t)land_it + 2) {
                print("FAIL %s into IT: %08x %08x\n", forms[i].name, (unsigned)exc_last.pc,
                      (unsigned)exc_last.spsr);
                good = false;
            }
        }
        print("%s ", mode_name(mode));
        check("into an IT block", good);
        print("  spsr %08x\n", (unsigned)exc_last.spsr);
    }
    return 0;
}
