/* Proves: VFP and NEON at PL1 and PL0, lazily enabled: CPACR and FPEXC traps, system registers, context
   switch of all registers, arithmetic, flags, vectors. */
#include "transfer.h"

__asm__(".fpu neon\n");
#define CASE(name, text)                                                                                     \
    extern char name[];                                                                                      \
    __asm__(".text\n.fpu neon\n.arm\n.balign 4\n" #name ":\n\t" text "\n\tsvc #1\n")
CASE(i_vadd, "vadd.f64 d0, d1, d2");
CASE(i_vmov, "vmov r0, s0");
CASE(i_vldr, "vldr d0, [r1]");
CASE(i_vmrs, "vmrs r0, fpscr");
CASE(i_vmsr, "vmsr fpscr, r0");
CASE(i_vstm, "vstm r1, {d0-d15}");
CASE(i_neon, "vadd.i32 q0, q1, q2");
CASE(i_neonld, "vld1.8 {d16}, [r1]");
CASE(i_d16, "vmov.i32 d16, #0");
CASE(i_sysid, "vmrs r0, fpsid");
CASE(i_exc, "vmrs r0, fpexc");
CASE(i_setexc, "vmsr fpexc, r0");
CASE(i_mvfr, "vmrs r0, mvfr0");

static uint64_t memory[32] __attribute__((aligned(64)));

static const struct {
    const char *name, *at;
    bool needs_enable, at_pl0;
} cases[] = {
    {"vadd.f64", i_vadd, 1, 1},    {"vmov", i_vmov, 1, 1},       {"vldr", i_vldr, 1, 1},
    {"vmrs fpscr", i_vmrs, 1, 1},  {"vmsr fpscr", i_vmsr, 1, 1}, {"vstm", i_vstm, 1, 1},
    {"vadd.i32 q", i_neon, 1, 1},  {"vld1", i_neonld, 1, 1},     {"vmov.i32 d16", i_d16, 1, 1},
    {"vmrs fpsid", i_sysid, 0, 0}, {"vmrs fpexc", i_exc, 0, 0},  {"vmrs mvfr0", i_mvfr, 0, 0},
};

static void set_cpacr(uint32_t v)
{
    MCR15(0, 1, 0, 2, v);
    ISB();
}

static void set_fpexc(uint32_t v)
{
    __asm__ volatile(".fpu neon\n\tvmsr fpexc, %0" ::"r"(v));
    ISB();
}

/* True if the instruction ran (the SVC after it was reached). */
static bool runs(unsigned i, uint32_t mode)
{
    transfer_fill(3);
    transfer_regs[0] = 0;
    transfer_regs[1] = (uint32_t)memory;
    transfer_run(mode | PSR_I | PSR_F, (uint32_t)cases[i].at);
    if (exc_last.type == EXC_UND && exc_last.pc == (uint32_t)cases[i].at)
        return false;
    if (exc_last.type != EXC_SVC || exc_last.pc != (uint32_t)cases[i].at + 4)
        print("FAIL %s: %s at %08x\n", cases[i].name, exc_name(exc_last.type), (unsigned)exc_last.pc);
    return true;
}

static void test_traps(void)
{
    static const struct {
        const char *name;
        uint32_t cpacr, fpexc;
    } states[] = {{"CPACR off", 0, 0},
                  {"CPACR PL1 only", 0x00500000, 0x40000000},
                  {"CPACR full, EN clear", 0x00f00000, 0},
                  {"enabled", 0x00f00000, 0x40000000}};

    for (unsigned s = 0; s < ARRAY_SIZE(states); s++) {
        bool good = true;
        set_cpacr(0x00f00000);
        set_fpexc(states[s].fpexc);
        set_cpacr(states[s].cpacr);
        for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
            bool enabled = states[s].fpexc || !cases[i].needs_enable;
            bool pl1 = states[s].cpacr && enabled,
                 pl0 = states[s].cpacr == 0x00f00000 && enabled && cases[i].at_pl0;
            if (runs(i, MODE_SVC) != pl1 || runs(i, MODE_SYS) != pl1 || runs(i, MODE_USR) != pl0) {
                print("FAIL %s, %s: %d %d\n", states[s].name, cases[i].name, runs(i, MODE_SVC),
                      runs(i, MODE_USR));
                good = false;
            }
        }
        print("%s: ", states[s].name);
        check("traps", good);
    }
}

static uint32_t arithmetic(uint32_t n)
{
    uint32_t out;

    /* Newton's square root of n in double, 8 steps; then vectors: sum of 16 products. */
    __asm__ volatile(".fpu neon\n\tvmov s0, %1\n\tvcvt.f64.u32 d1, s0\n\tvmov.f64 d2, d1\n\t"
                     "vmov.f64 d5, #0.5\n\tmov r2, #20\n"
                     "1:\tvdiv.f64 d3, d1, d2\n\tvadd.f64 d2, d2, d3\n\tvmul.f64 d2, d2, d5\n\t"
                     "subs r2, r2, #1\n\tbne 1b\n\t"
                     "vcvt.u32.f64 s0, d2\n\tvmov r2, s0\n\t"
                     "vdup.32 q8, %1\n\tvmov.i32 q9, #3\n\tvmul.i32 q10, q8, q9\n\t"
                     "vpadd.i32 d20, d20, d21\n\tvpadd.i32 d20, d20, d20\n\t"
                     "vmov.32 r3, d20[0]\n\tadd %0, r2, r3"
                     : "=r"(out)
                     : "r"(n)
                     : "r2", "r3", "cc", "memory");
    return out;
}

static uint32_t compare_flags(uint32_t n)
{
    uint32_t a, b;

    __asm__ volatile(".fpu neon\n\tvmov s0, %2\n\tvmov.f32 s1, #1.0\n\tvcmp.f32 s0, s1\n\t"
                     "vmrs apsr_nzcv, fpscr\n\tmrs %0, cpsr\n\t"
                     "vcmp.f32 s1, s1\n\tvmrs apsr_nzcv, fpscr\n\tmrs %1, cpsr"
                     : "=&r"(a), "=r"(b)
                     : "r"(n)
                     : "cc");
    return (a >> 28) << 4 | b >> 28;
}

static void fill_bank(uint32_t seed)
{
    for (unsigned i = 0; i < 32; i++)
        memory[i] = (uint64_t)seed * (i + 1) << 20 | i;
    __asm__ volatile(".fpu neon\n\tmov r2, %0\n\tvldm r2!, {d0-d15}\n\tvldm r2, {d16-d31}" ::"r"(memory)
                     : "r2", "memory");
}

static bool bank_is(uint32_t seed)
{
    bool good = true;

    __asm__ volatile(".fpu neon\n\tmov r2, %0\n\tvstm r2!, {d0-d15}\n\tvstm r2, {d16-d31}" ::"r"(memory)
                     : "r2", "memory");
    for (unsigned i = 0; i < 32; i++)
        good &= memory[i] == ((uint64_t)seed * (i + 1) << 20 | i);
    return good;
}

/* As a kernel does it: UND handler enables and retries; the task's registers are brought in only then. */
static volatile unsigned traps;
static void enable_lazily(struct exc_frame *f)
{
    f->pc = exc_insn_pc(f);
    traps++;
    set_fpexc(0x40000000);
    fill_bank(f->r[4]);
}

static uint32_t user_task(uint32_t seed)
{
    uint32_t lo;

    __asm__ volatile(".fpu neon\n\tmov r4, %1\n\tvmov %0, s0" : "=r"(lo) : "r"(seed) : "r4");
    return bank_is(seed);
}

static void test_lazy(void)
{
    bool good = true;

    traps = 0;
    for (uint32_t i = 0; i < 20; i++) {
        set_fpexc(0);
        exc_arm(EXC_BIT(EXC_UND));
        exc_hook = enable_lazily;
        good &= run_user(MODE_USR | PSR_I | PSR_F, user_task, 0x1000 + i) == 1;
    }
    check("lazy enabling in user tasks", good && traps == 20);
    exc_arm(0);
}

int main(void)
{
    test_traps();
    set_cpacr(0x00f00000);
    set_fpexc(0x40000000);
    check_eq("fpexc reads", ({
                                uint32_t v;
                                __asm__ volatile(".fpu neon\n\tvmrs %0, fpexc" : "=r"(v));
                                v;
                            }) & 0x40000000,
             0x40000000);
    uint32_t v;
    __asm__ volatile(".fpu neon\n\tvmrs %0, fpsid" : "=r"(v));
    print("FPSID %08x\n", (unsigned)v);
    __asm__ volatile(".fpu neon\n\tvmrs %0, mvfr0" : "=r"(v));
    print("MVFR0 %08x\n", (unsigned)v);
    __asm__ volatile(".fpu neon\n\tvmrs %0, mvfr1" : "=r"(v));
    print("MVFR1 %08x\n", (unsigned)v);
    check_eq("arithmetic at PL1", arithmetic(1000000), 1000 + 12000000);
    check_eq("arithmetic at PL0", run_user(MODE_USR | PSR_I | PSR_F, arithmetic, 1000000), 1000 + 12000000);
    check_eq("compare at PL1", compare_flags(0x40000000), 0x26);
    check_eq("compare at PL0", run_user(MODE_USR | PSR_I | PSR_F, compare_flags, 0x3f000000), 0x86);
    __asm__ volatile(".fpu neon\n\tvmsr fpscr, %1\n\tvmrs %0, fpscr" : "=r"(v) : "r"(0x03c00000));
    check_eq("fpscr keeps rounding and modes", v, 0x03c00000);
    __asm__ volatile(".fpu neon\n\tvmsr fpscr, %0" ::"r"(0));
    fill_bank(0x55);
    exc_arm(EXC_BIT(EXC_UND) | EXC_BIT(EXC_SVC));
    __asm__ volatile("udf #1\n\tsvc #3" ::: "lr", "memory");
    check("registers survive exceptions", bank_is(0x55) && exc_count == 2);
    test_lazy();
    return 0;
}
