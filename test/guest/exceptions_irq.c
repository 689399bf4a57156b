/* Proves: an IRQ from each mode, A32 and T32, inside IT blocks and with each mask: SPSR, LR, entry CPSR,
   registers; pending ones wait for I to clear by every means. */
#include "irq.h"
#include "transfer.h"

static const uint32_t modes[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

#define CODE(isa, name, text)                                                                                \
    extern char name[], name##_end[];                                                                        \
    __asm__(".text\n." isa "\n.balign 4\n" #name ":\n\t" text "\n" #name "_end:\n\tb .\n\t.arm\n.balign "    \
            "4\n")
CODE("arm", a_spin, "b .");
CODE("arm", a_loop, "1:\tadd r0, r0, #0\n\tnop\n\tmov r1, r1\n\tb 1b");
CODE("thumb", t_spin, "b .");
CODE("thumb", t_it, "1:\tittte ne\n\tmovne r0, r0\n\tmovne r1, r1\n\tmovne r2, r2\n\tmoveq r0, r9\n\tb 1b");
CODE("arm", masked, "mov r1, #0x1000\n1:\tsubs r1, r1, #1\n\tbne 1b\n\tudf #1");
/* The ways to clear I: the interrupt must come before the UDF, at the latest after the instruction that
   follows. */
CODE("arm", by_cps, "cpsie i\n\tnop\n\tudf #1");
CODE("arm", by_msr, "msr cpsr_c, #0x53\n\tnop\n\tudf #1");
CODE("arm", by_msr_reg, "msr cpsr_cxsf, r0\n\tnop\n\tudf #1");
CODE("arm", by_msr_c, "msr cpsr_c, r0\n\tnop\n\tudf #1");
CODE("arm", by_msr_fc, "msr cpsr_fc, r0\n\tnop\n\tudf #1");
CODE("arm", by_msr_after_msr, "msr cpsr_c, r1\n\tmsr cpsr_c, r0\n\tnop\n\tudf #1");
CODE("thumb", by_thumb_msr_same, "msr cpsr_c, r0\n\tnop\n\tudf #1");
CODE("arm", by_mode, "cpsie i, #0x1f\n\tnop\n\tudf #1");
CODE("arm", by_movs, "msr spsr_cxsf, r0\n\tldr lr, =1f\n\tmovs pc, lr\n1:\tnop\n\tudf #1\n\t.ltorg");
CODE("arm", by_rfe,
     "str r0, [sp, #-4]!\n\tldr lr, =1f\n\tstr lr, [sp, #-4]!\n\trfeia sp!\n1:\tnop\n\t"
     "udf #1\n\t.ltorg");
CODE("arm", by_ldm,
     "msr spsr_cxsf, r0\n\tldr lr, =1f\n\tpush {lr}\n\tldm sp!, {pc}^\n1:\tnop\n\tudf #1\n\t"
     ".ltorg");
CODE("thumb", by_thumb_cps, "cpsie i\n\tnop\n\tudf #1");
CODE("thumb", by_thumb_msr, "msr cpsr_c, r0\n\tnop\n\tudf #1");

static void quiet(void)
{
    uint32_t iar = gic_ack();

    timer_stop(0);
    if (iar != IRQ_SPURIOUS)
        gic_eoi(iar);
}

static void raise(uint32_t us, bool wait)
{
    timer_start(0, us, false);
    while (wait && !READ32(TIMER(0) + TIMER_MIS))
        ;
}

/* The interrupt comes some time into a loop in [start, end]. */
static void in_loop(const char *name, const char *start, const char *end, bool thumb, uint32_t mode)
{
    uint32_t psr = mode | PSR_F | (thumb ? PSR_T : 0) | 0x180a0000;

    transfer_fill(mode);
    raise(300, false);
    transfer_run(psr, (uint32_t)start);
    bool good = exc_last.type == EXC_IRQ && exc_last.pc >= (uint32_t)start && exc_last.pc <= (uint32_t)end &&
                (exc_last.spsr & ~0x0600fc00u) == psr && transfer_kept(0) &&
                (exc_last.cpsr & 0xff) == (MODE_IRQ | PSR_I | PSR_F);
    quiet();
    print("%s from %s: ", name, mode_name(mode));
    check("irq", good);
    if (!good)
        print("  pc %08x spsr %08x cpsr %08x\n", (unsigned)exc_last.pc, (unsigned)exc_last.spsr,
              (unsigned)exc_last.cpsr);
}

static void by(const char *name, const char *start, const char *end, bool thumb, uint32_t mode)
{
    transfer_fill(1);
    transfer_regs[0] = MODE_SVC | PSR_F;
    raise(1, true);
    transfer_run(mode | PSR_I | PSR_F | (thumb ? PSR_T : 0), (uint32_t)start);
    check(name, exc_count == 1 && exc_last.type == EXC_IRQ && exc_last.pc > (uint32_t)start &&
                    exc_last.pc < (uint32_t)end && !(exc_last.spsr & PSR_I) && transfer_kept(0));
    quiet();
}

/* MSR of the mode that it is in; r1 is the same with I set. */
static void by_same(const char *name, const char *start, const char *end, bool thumb, uint32_t mode,
                    uint32_t f)
{
    transfer_fill(1);
    transfer_regs[0] = mode | f | 0x90000000;
    transfer_regs[1] = mode | f | PSR_I;
    raise(1, true);
    transfer_run(mode | PSR_I | f | (thumb ? PSR_T : 0), (uint32_t)start);
    bool good = exc_count == 1 && exc_last.type == EXC_IRQ && exc_last.pc > (uint32_t)start &&
                exc_last.pc < (uint32_t)end && (exc_last.spsr & 0xdf) == (mode | f) && transfer_kept(0);
    if (!good)
        print("%s in %s, F %u: type %u spsr %08x pc %08x\n", name, mode_name(mode), f ? 1u : 0u,
              (unsigned)exc_last.type, (unsigned)exc_last.spsr, (unsigned)exc_last.pc);
    check(name, good);
    quiet();
}

int main(void)
{
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    for (unsigned m = 0; m < ARRAY_SIZE(modes); m++) {
        in_loop("spin", a_spin, a_spin_end, false, modes[m]);
        in_loop("loop", a_loop, a_loop_end, false, modes[m]);
        in_loop("thumb spin", t_spin, t_spin_end, true, modes[m]);
        in_loop("it block", t_it, t_it_end, true, modes[m]);
    }
    /* Masked: it does not come. */
    for (unsigned m = 1; m < ARRAY_SIZE(modes); m++) {
        raise(1, true);
        transfer_run(modes[m] | PSR_I | PSR_F, (uint32_t)masked);
        print("masked in %s: ", mode_name(modes[m]));
        check("held", exc_last.type == EXC_UND);
        quiet();
    }
#define BY(name, label, thumb, mode) by(name, label, label##_end, thumb, mode)
    BY("cpsie i", by_cps, false, MODE_SVC);
    BY("msr cpsr_c, #imm", by_msr, false, MODE_SVC);
    BY("msr cpsr_cxsf, reg", by_msr_reg, false, MODE_SVC);
    BY("msr from und", by_msr_reg, false, MODE_UND);
    BY("cpsie i, #mode", by_mode, false, MODE_SVC);
    BY("cpsie i, #mode, from abt", by_mode, false, MODE_ABT);
    BY("movs pc, lr", by_movs, false, MODE_SVC);
    BY("movs pc, lr, from irq", by_movs, false, MODE_IRQ);
    BY("rfe", by_rfe, false, MODE_SVC);
    BY("rfe, from abt", by_rfe, false, MODE_ABT);
    BY("ldm {pc}^", by_ldm, false, MODE_UND);
    BY("thumb cpsie i", by_thumb_cps, true, MODE_SVC);
    BY("thumb msr", by_thumb_msr, true, MODE_SYS);
#define SAME(name, label, thumb) by_same(name, label, label##_end, thumb, modes[m], f)
    for (unsigned m = 1; m < ARRAY_SIZE(modes); m++)
        for (uint32_t f = 0; f <= PSR_F; f += PSR_F) {
            SAME("msr cpsr_c, reg, same mode", by_msr_c, false);
            SAME("msr cpsr_fc, reg, same mode", by_msr_fc, false);
            SAME("twice", by_msr_after_msr, false);
            SAME("thumb msr cpsr_c, same mode", by_thumb_msr_same, true);
        }
    /* At once: already pending when the state is entered, user included. */
    for (unsigned m = 0; m < ARRAY_SIZE(modes); m++) {
        raise(1, true);
        transfer_run(modes[m] | PSR_F, (uint32_t)masked);
        print("pending on entry to %s: ", mode_name(modes[m]));
        check("taken within the loop", exc_last.type == EXC_IRQ && (exc_last.spsr & PSR_MODE) == modes[m]);
        quiet();
    }
    return 0;
}
