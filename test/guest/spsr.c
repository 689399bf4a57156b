/* Proves: MRS/MSR SPSR in every mode that has one, every field mask; LDM^/STM^ of the user bank in every
   mode. */
#include "guest.h"

static const uint32_t modes[] = {MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND};

/* What SPSR keeps on this core of all ones: IT, J, E, A, I, F, T, mode, GE, flags. Bits 23:20 are reserved.
 */
#define SPSR_BITS 0xff0fffffu

static uint32_t write_spsr(uint32_t v)
{
    __asm__ volatile("msr spsr_cxsf, %0" ::"r"(v) : "memory");
    return READ_SPSR();
}

static uint32_t read_spsr(uint32_t unused)
{
    (void)unused;
    return READ_SPSR();
}

static uint32_t fields(uint32_t unused)
{
    uint32_t bad = 0, v;

    (void)unused;
#define FIELD(name, old, value, want)                                                                        \
    do {                                                                                                     \
        __asm__ volatile("msr spsr_cxsf, %1\n\tmsr spsr_" name ", %2\n\tmrs %0, spsr"                        \
                         : "=&r"(v)                                                                          \
                         : "r"((uint32_t)(old)), "r"((uint32_t)(value)));                                    \
        if ((v & SPSR_BITS) != ((want)&SPSR_BITS)) {                                                         \
            print("  %s: %08x\n", name, (unsigned)v);                                                        \
            bad++;                                                                                           \
        }                                                                                                    \
    } while (0)
    FIELD("c", 0x00000013, 0xffffffd2, 0x000000d2);
    FIELD("x", 0x00000013, 0xffffff13, 0x0000ff13);
    FIELD("s", 0x00000013, 0xffffff13, 0x00ff0013);
    FIELD("f", 0x00000013, 0xffffffff, 0xff000013);
    FIELD("cx", 0x00000013, 0x0000f2d1, 0x0000f2d1);
    FIELD("fs", 0xffffffff, 0x00000000, 0x0000ffff);
    FIELD("fc", 0xf00f0313, 0x00000010, 0x000f0310);
    FIELD("sx", 0x80000310, 0x000a0000, 0x800a0010);
    FIELD("fsxc", 0x80000310, 0x700a0012, 0x700a0012);
    __asm__ volatile("msr spsr_cxsf, %1\n\tmsr spsr_f, #0xa0000000\n\tmrs %0, spsr"
                     : "=&r"(v)
                     : "r"(0x5000001f));
    if (v != 0xa000001f)
        bad++;
    return bad;
}

static void test_spsr(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        uint32_t v = 0x10 | i << 28;
        print("%s ", mode_name(modes[i]));
        check_eq("spsr write", run_in_mode(modes[i], write_spsr, v), v);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        print("%s ", mode_name(modes[i]));
        check_eq("spsr is banked", run_in_mode(modes[i], read_spsr, 0), 0x10 | i << 28);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        print("%s ", mode_name(modes[i]));
        check_eq("spsr fields", run_in_mode(modes[i], fields, 0), 0);
    }
}

/* STM^ and LDM^ of r13, r14 (and all the rest) of the user bank. */
static uint32_t user_bank(uint32_t base)
{
    uint32_t in[16], out[16], keep[2], bad = 0;

    for (unsigned i = 0; i < 16; i++)
        in[i] = base + i, out[i] = 0;
    __asm__ volatile("stm %0, {sp, lr}^\n\tnop" ::"r"(keep) : "memory");
    __asm__ volatile("ldm %0, {sp, lr}^\n\tnop\n\tstm %1, {sp, lr}^\n\tnop" ::"r"(in), "r"(out) : "memory");
    bad += out[0] != in[0] || out[1] != in[1];
    __asm__ volatile("stmib %0, {lr}^\n\tnop" ::"r"(out + 1) : "memory");
    bad += out[2] != in[1];
    __asm__ volatile(
        "ldmdb %0, {lr}^\n\tnop\n\tldmib %0, {sp}^\n\tnop\n\tstmda %1, {sp, lr}^\n\tnop" ::"r"(in + 4),
        "r"(out + 5)
        : "memory");
    bad += out[4] != in[5] || out[5] != in[3];
    __asm__ volatile("push {r4-r11}\n\tmov r12, %0\n\tmov lr, %1\n\tldm r12, {r4-r11, sp}^\n\tnop\n\t"
                     "stm lr, {r4-r11, sp}^\n\tnop\n\tpop {r4-r11}" ::"r"(in),
                     "r"(out)
                     : "r12", "lr", "memory");
    bad += out[8] != in[8];
    __asm__ volatile("cmp %0, %0\n\tldmne %0, {sp, lr}^\n\tnop\n\tldmeq %1, {sp, lr}^\n\tnop" ::"r"(in),
                     "r"(keep)
                     : "memory", "cc");
    __asm__ volatile("stm %0, {sp, lr}^\n\tnop" ::"r"(out) : "memory");
    bad += out[0] != keep[0] || out[1] != keep[1];
    return bad;
}

/* From FIQ, r8-r12 in an LDM^ are the user's. */
static uint32_t user_low(uint32_t base)
{
    uint32_t in[5] = {base, base + 1, base + 2, base + 3, base + 4}, out[5];

    __asm__ volatile(
        "mov r4, %0\n\tmov r5, %1\n\tldm r4, {r8-r12}^\n\tnop\n\tstm r5, {r8-r12}^\n\tnop" ::"r"(in), "r"(out)
        : "r4", "r5", "r8", "r9", "r10", "r12", "memory");
    return out[0] ^ in[0] ^ out[4] ^ in[4];
}

static uint32_t user_lr(uint32_t unused)
{
    uint32_t v;

    (void)unused;
    __asm__ volatile("mov %0, lr" : "=r"(v));
    return v;
}

int main(void)
{
    test_spsr();
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        print("%s ", mode_name(modes[i]));
        check_eq("ldm^, stm^", run_in_mode(modes[i], user_bank, 0x12340000 + i * 0x100), 0);
    }
    uint32_t fiq = run_in_mode(MODE_FIQ, user_low, 0x777);
    check_eq("fiq ldm^ r8-r12", fiq, 0);
    uint32_t lr = 0xabcd;
    __asm__ volatile("ldm %0, {lr}^\n\tnop" ::"r"(&lr) : "memory");
    (void)user_lr;
    __asm__ volatile("msr cpsr_c, #0xdf\n\tmov %0, lr\n\tmsr cpsr_c, #0xd3" : "=r"(lr)::"memory");
    check_eq("sys shares the user bank", lr, 0xabcd);
    return 0;
}
