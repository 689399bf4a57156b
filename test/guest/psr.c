/* Proves: MRS, MSR with every field mask, CPS in every form, and that they touch just what they name. */
#include "guest.h"

#define MSR_REG(fields, v) __asm__ volatile("msr cpsr_" fields ", %0" ::"r"((uint32_t)(v)) : "cc", "memory")
#define CPS(text)          __asm__ volatile(text ::: "memory")

static const uint32_t modes[] = {MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

static void test_flags(void)
{
    uint32_t keep = READ_CPSR() & 0x1ff;

    for (unsigned f = 0; f < 16; f++) {
        uint32_t got;
        __asm__ volatile("msr cpsr_f, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(f << 28) : "cc");
        if ((got & 0xf80001ff) != ((f << 28) | keep))
            check_eq("nzcv", got, f << 28 | keep);
    }
    check("nzcv all", true);
    uint32_t got;
    __asm__ volatile("msr cpsr_f, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0xf8ffffff) : "cc");
    check_eq("q is in f, nothing else", got & 0xf80f01df, 0xf8000000 | (keep & 0x1df));
    __asm__ volatile("msr cpsr_s, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0x000fffff) : "cc");
    check_eq("ge is in s", got & 0x000f01df, 0x000f0000 | (keep & 0x1df));
    __asm__ volatile("msr cpsr_fs, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0xffffffdf & ~0xf00f0000) : "cc");
    check_eq("fs clears", got & 0xf00f01df, keep & 0x1df);
    __asm__ volatile("msr cpsr_x, %1\n\tmrs %0, cpsr\n\tmsr cpsr_x, %2"
                     : "=&r"(got)
                     : "r"(0x00000200), "r"(0)
                     : "cc");
    check_eq("e is in x", got & 0x200, 0x200);
    __asm__ volatile("msr cpsr_x, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0xf00000c0) : "cc");
    check_eq("e cleared", got & 0x200, 0);
    __asm__ volatile("msr cpsr_f, #0x50000000\n\tmrs %0, cpsr" : "=r"(got)::"cc");
    check_eq("msr immediate", got & 0xf0000000, 0x50000000);
    __asm__ volatile("msr cpsr_f, %1\n\tmsr cpsr_c, #0xd3\n\tmrs %0, cpsr"
                     : "=r"(got)
                     : "r"(0x90000000)
                     : "cc");
    check_eq("c leaves flags", got & 0xf00000ff, 0x900000d3);
}

/* T and J cannot be set by MSR; reading them gives 0. */
static void test_execution_state(void)
{
    uint32_t got;

    __asm__ volatile("msr cpsr_c, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0xd3 | PSR_T) : "cc");
    check_eq("mrs reads T as 0", got & 0xff, 0xd3);
    __asm__ volatile("msr cpsr_cxsf, %1\n\tmrs %0, cpsr" : "=r"(got) : "r"(0x070ffcd3) : "cc");
    check_eq("mrs reads IT, J as 0", got & 0x0700fcff, 0xd3);
    __asm__ volatile("msr cpsr_cxsf, #0xd3" ::: "cc");
}

static void test_masks(void)
{
    uint32_t base = READ_CPSR();

    CPS("cpsid a");
    check_eq("cpsid a", READ_CPSR() & 0x1c0, 0x1c0);
    CPS("cpsie a");
    check_eq("cpsie a", READ_CPSR() & 0x1c0, 0x0c0);
    CPS("cpsie f");
    check_eq("cpsie f", READ_CPSR() & 0x0c0, 0x080);
    CPS("cpsie i"); /* nothing is pending: the GIC is off */
    check_eq("cpsie i", READ_CPSR() & 0x0c0, 0x000);
    CPS("cpsid i");
    check_eq("cpsid i", READ_CPSR() & 0x0c0, 0x080);
    CPS("cpsid if");
    check_eq("cpsid if", READ_CPSR() & 0x0c0, 0x0c0);
    CPS("cpsie aif");
    check_eq("cpsie aif", READ_CPSR() & 0x1c0, 0x000);
    CPS("cpsid aif");
    check_eq("cpsid aif", READ_CPSR() & 0x1c0, 0x1c0);
    for (unsigned m = 0; m < 8; m++) {
        uint32_t want = MODE_SVC | m << 6;
        MSR_REG("cxsf", want);
        if ((READ_CPSR() & 0x1ff) != want)
            check_eq("msr masks", READ_CPSR(), want);
    }
    MSR_REG("c", MODE_SVC | PSR_I | PSR_F | PSR_A);
    check("msr masks", true);
    MSR_REG("cxsf", base);
    check_eq("restored", READ_CPSR(), base);
}

/* To each mode and back, by MSR and by CPS #mode; each has its own SP. */
static void test_modes(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        uint32_t there, back;
        __asm__ volatile("mrs r4, cpsr\n\tmsr cpsr_c, %2\n\tmrs %0, cpsr\n\tmov sp, sp\n\tmsr cpsr_c, r4\n\t"
                         "mrs %1, cpsr"
                         : "=&r"(there), "=&r"(back)
                         : "r"(modes[i] | 0xc0)
                         : "r4", "memory");
        print("%s by msr: ", mode_name(modes[i]));
        check("there and back", (there & 0xff) == (modes[i] | 0xc0) && (back & 0xff) == 0xd3);
    }
#define VIA(name, mode, form)                                                                                \
    do {                                                                                                     \
        uint32_t there_;                                                                                     \
        __asm__ volatile(form " #" #mode "\n\tmrs %0, cpsr\n\tcps #0x13" : "=r"(there_)::"memory");          \
        check_eq(form " " name, there_ & 0x1f, mode);                                                        \
    } while (0)
    VIA("fiq", 0x11, "cps");
    VIA("irq", 0x12, "cps");
    VIA("svc", 0x13, "cps");
    VIA("abt", 0x17, "cps");
    VIA("und", 0x1b, "cps");
    VIA("sys", 0x1f, "cps");
    VIA("irq", 0x12, "cpsid if,");
    VIA("sys", 0x1f, "cpsid aif,");
    VIA("abt", 0x17, "cpsie a,");
    VIA("und", 0x1b, "cpsid i,");
    check_eq("masks at the end", READ_CPSR() & 0xdf, 0xd3);
}

/* Banked SP and LR: write a value in each mode, read them all back afterwards. */
static void test_banks(void)
{
    uint32_t sps[6], lrs[6], expect = 0;

    for (unsigned i = 0; i < 6; i++)
        __asm__ volatile("mrs r4, cpsr\n\tmov r5, sp\n\tmov r6, lr\n\tmsr cpsr_c, %0\n\tcmp %2, #2\n\t"
                         "movne lr, %1\n\t"
                         "msr cpsr_c, r4\n\tmov sp, r5\n\tmov lr, r6" ::"r"(modes[i] | 0xc0),
                         "r"(0x1000 + i), "r"(i)
                         : "r4", "r5", "r6", "cc", "memory");
    for (unsigned i = 0; i < 6; i++)
        __asm__ volatile("mrs r4, cpsr\n\tmsr cpsr_c, %2\n\tmov r5, sp\n\tmov r6, lr\n\tmsr cpsr_c, r4\n\t"
                         "mov %0, r5\n\tmov %1, r6"
                         : "=&r"(sps[i]), "=&r"(lrs[i])
                         : "r"(modes[i] | 0xc0)
                         : "r4", "r5", "r6", "memory");
    for (unsigned i = 0; i < 6; i++) {
        if (modes[i] != MODE_SVC && lrs[i] != 0x1000 + i)
            check_eq("banked lr", lrs[i], 0x1000 + i);
        for (unsigned j = 0; j < i; j++)
            if (sps[i] == sps[j])
                check_eq("banked sp", sps[i], expect);
    }
    check("banked sp, lr", check_failures == 0);
}

/* At PL0 only the flags can be written; CPS does nothing. */
static uint32_t in_user(uint32_t arg)
{
    MSR_REG("cxsf", 0xf00f01d3 & ~arg);
    uint32_t a = READ_CPSR();
    CPS("cpsid aif");
    CPS("cps #0x13");
    uint32_t b = READ_CPSR();
    return (a & 0xf00f01df) ^ (b & 0x1df);
}

int main(void)
{
    test_flags();
    test_execution_state();
    test_masks();
    test_modes();
    test_banks();
    /* The xor leaves the flags of the first read: the mode and masks were the same twice. */
    check_eq("user", run_user(MODE_USR | PSR_I | PSR_F, in_user, 0), 0xf00f0000);
    return 0;
}
