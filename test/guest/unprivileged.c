/* Proves: LDRT, STRT, LDRBT, STRBT, LDRHT, STRHT, LDRSBT, LDRSHT, A32 and T32, access as PL0 from every
   privileged mode, and step their base. */
#include "mmu.h"
#include "transfer.h"

#define USER_VA   0x40000000u /* PL0 read-write */
#define KERNEL_VA 0x40001000u /* PL1 only */
#define READ_VA   0x40002000u /* PL0 read-only, PL1 read-write */
static const uint32_t modes[] = {MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

#define CASE(isa, name, text)                                                                                \
    extern char name[];                                                                                      \
    __asm__(".text\n." isa "\n.balign 4\n" #name ":\n\t" text "\n\tsvc #1\n\tnop\n\t.arm\n.balign 4\n")
CASE("arm", a_ldrt, "ldrt r0, [r1], #4");
CASE("arm", a_ldrt_reg, "ldrt r0, [r1], r2");
CASE("arm", a_ldrt_sub, "ldrt r0, [r1], -r2, lsl #1");
CASE("arm", a_strt, "strt r0, [r1], #4");
CASE("arm", a_strt_reg, "strt r0, [r1], -r2");
CASE("arm", a_ldrbt, "ldrbt r0, [r1], #1");
CASE("arm", a_strbt, "strbt r0, [r1], #-1");
CASE("arm", a_ldrht, "ldrht r0, [r1], #2");
CASE("arm", a_strht, "strht r0, [r1], #2");
CASE("arm", a_ldrsbt, "ldrsbt r0, [r1], #1");
CASE("arm", a_ldrsht, "ldrsht r0, [r1], r2");
CASE("arm", a_cond, "cmp r1, r1\n\tstrtne r0, [r1], #4\n\tldrteq r0, [r1], #4");
CASE("thumb", t_ldrt, "ldrt r0, [r1, #0]");
CASE("thumb", t_strt, "strt r0, [r1, #4]");
CASE("thumb", t_ldrbt, "ldrbt r0, [r1, #3]");
CASE("thumb", t_strbt, "strbt r0, [r1, #1]");
CASE("thumb", t_ldrht, "ldrht r0, [r1, #2]");
CASE("thumb", t_strht, "strht r0, [r1, #2]");
CASE("thumb", t_ldrsbt, "ldrsbt r0, [r1, #3]");
CASE("thumb", t_ldrsht, "ldrsht r0, [r1, #2]");

/* value: r0 afterwards, or the word at r1 & ~3 (+ 4 for t_strt) for stores; step: of r1. */
static const struct {
    const char *name, *at;
    bool thumb, store;
    uint32_t value;
    int step, offset;
} cases[] = {
    {"ldrt", a_ldrt, 0, 0, 0x88776655, 4, 0},
    {"ldrt reg", a_ldrt_reg, 0, 0, 0x88776655, 8, 0},
    {"ldrt -reg, lsl", a_ldrt_sub, 0, 0, 0x88776655, -16, 0},
    {"strt", a_strt, 0, 1, 0x12345678, 4, 0},
    {"strt -reg", a_strt_reg, 0, 1, 0x12345678, -8, 0},
    {"ldrbt", a_ldrbt, 0, 0, 0x55, 1, 0},
    {"strbt", a_strbt, 0, 1, 0x88776678, -1, 0},
    {"ldrht", a_ldrht, 0, 0, 0x6655, 2, 0},
    {"strht", a_strht, 0, 1, 0x88775678, 2, 0},
    {"ldrsbt", a_ldrsbt, 0, 0, 0x55, 1, 0},
    {"ldrsht reg", a_ldrsht, 0, 0, 0x6655, 8, 0},
    {"strtne, ldrteq", a_cond, 0, 0, 0x88776655, 4, 0},
    {"thumb ldrt", t_ldrt, 1, 0, 0x88776655, 0, 0},
    {"thumb strt", t_strt, 1, 1, 0x12345678, 0, 4},
    {"thumb ldrbt", t_ldrbt, 1, 0, 0x88, 0, 3},
    {"thumb strbt", t_strbt, 1, 1, 0x88777855, 0, 1},
    {"thumb ldrht", t_ldrht, 1, 0, 0x8877, 0, 2},
    {"thumb strht", t_strht, 1, 1, 0x56786655, 0, 2},
    {"thumb ldrsbt", t_ldrsbt, 1, 0, 0xffffff88, 0, 3},
    {"thumb ldrsht", t_ldrsht, 1, 0, 0xffff8877, 0, 2},
};

static void run(unsigned i, uint32_t mode, uint32_t va)
{
    WRITE32(va + 0x100, 0x88776655);
    WRITE32(va + 0x104, 0x88776655);
    transfer_fill(i);
    transfer_regs[0] = 0x12345678;
    transfer_regs[1] = va + 0x100;
    transfer_regs[2] = 8;
    transfer_run(mode | PSR_I | PSR_F | (cases[i].thumb ? PSR_T : 0), (uint32_t)cases[i].at);
}

static bool works(unsigned i, uint32_t mode, uint32_t va)
{
    run(i, mode, va);
    uint32_t value = cases[i].store ? READ32((va + 0x100 + cases[i].offset) & ~3u) : transfer_frame.r[0];
    return exc_last.type == EXC_SVC && value == cases[i].value && transfer_kept(3) &&
           transfer_frame.r[1] == va + 0x100 + cases[i].step;
}

static bool faults(unsigned i, uint32_t mode, uint32_t va)
{
    run(i, mode, va);
    return exc_last.type == EXC_DABT && exc_last.dfsr == (0xfu | (cases[i].store ? 0x800 : 0)) &&
           exc_last.dfar == va + 0x100 + cases[i].offset && transfer_kept(0);
}

int main(void)
{
    mmu_reset();
    mmu_map_small(USER_VA, test_page(0), M_RW);
    mmu_map_small(KERNEL_VA, test_page(1), M_AP(1) | M_NORMAL);
    mmu_map_small(READ_VA, test_page(2), M_AP(2) | M_NORMAL);
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        bool user = true, kernel = true, readonly = true;
        for (unsigned m = 0; m < ARRAY_SIZE(modes); m++) {
            user &= works(i, modes[m], USER_VA);
            kernel &= faults(i, modes[m], KERNEL_VA);
            readonly &= cases[i].store ? faults(i, modes[m], READ_VA) : works(i, modes[m], READ_VA);
        }
        print("%s: ", cases[i].name);
        check("user page", user);
        print("%s: ", cases[i].name);
        check("kernel page", kernel);
        print("%s: ", cases[i].name);
        check("read-only page", readonly);
    }
    return 0;
}
