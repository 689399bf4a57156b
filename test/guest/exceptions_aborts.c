/* Proves: prefetch and data aborts from each mode, A32 and T32, in IT blocks, of loads and stores: LR, SPSR,
   FSR, FAR, registers kept. */
#include "mmu.h"
#include "transfer.h"

#define VA 0x40000000u /* unmapped */
static const uint32_t modes[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

/* r1 = VA + 0x100, r2 = 0x20. */
#define A32(name, text)                                                                                      \
    extern char name[], name##_at[];                                                                         \
    __asm__(".text\n.arm\n.balign 4\n" #name ":\n\tnop\n" #name "_at:\n\t" text "\n\tnop\n\tudf #0xdead\n")
#define T32(name, before, text)                                                                              \
    extern char name[], name##_at[];                                                                         \
    __asm__(".text\n.thumb\n.balign 4\n" #name ":\n\tnop\n\t" before "\n" #name "_at:\n\t" text              \
            "\n\tnop\n\t"                                                                                    \
            "udf #0xad\n\t.arm\n")
A32(a_ldr, "ldr r0, [r1]");
A32(a_str, "str r0, [r1]");
A32(a_ldrd, "ldrd r4, r5, [r1, #8]!");
A32(a_ldm, "ldm r1!, {r4-r7}");
A32(a_stmdb, "stmdb r1!, {r4-r7}");
A32(a_ldrpc, "ldr pc, [r1, r2]");
A32(a_ldmpc, "ldm r1, {r4, pc}");
A32(a_ldrex, "ldrex r0, [r1]");
A32(a_strb, "strbne r0, [r1, r2, lsl #1]!");
A32(a_ldrsh, "ldrsh r0, [r1], -r2");
A32(a_ldrt, "ldrt r0, [r1], #4");
A32(a_swp, "ldrexd r4, r5, [r1]");
A32(a_jump, "bx r1");
A32(a_movpc, "mov pc, r1");
T32(t_ldr, "nop", "ldr r0, [r1, #4]");
T32(t_strw, "nop", "str.w r0, [r1, #8]!");
T32(t_ldmia, "nop", "ldmia r1!, {r4-r7}");
T32(t_stmia, "nop", "stmia r1!, {r4-r7}");
T32(t_ldrd, "nop", "ldrd r4, r5, [r1], #8");
T32(t_ldrb_it, "it ne", "ldrbne r0, [r1, r2]");
T32(t_str_it, "ittt ne\n\tnop\n\tnop", "strne r0, [r1]");
T32(t_ldrpc_it, "itt ne\n\tnop", "ldrne.w pc, [r1]");
T32(t_ldmpc, "nop", "ldmia.w r1, {r4, pc}");
T32(t_bx, "nop", "bx r1");

static const struct {
    const char *name, *start, *at;
    bool thumb, write;
    int offset;
} cases[] = {
    {"ldr", a_ldr, a_ldr_at, 0, 0, 0},
    {"str", a_str, a_str_at, 0, 1, 0},
    {"ldrd", a_ldrd, a_ldrd_at, 0, 0, 8},
    {"ldm", a_ldm, a_ldm_at, 0, 0, 0},
    {"stmdb", a_stmdb, a_stmdb_at, 0, 1, -16},
    {"ldr pc", a_ldrpc, a_ldrpc_at, 0, 0, 0x20},
    {"ldm {pc}", a_ldmpc, a_ldmpc_at, 0, 0, 0},
    {"ldrex", a_ldrex, a_ldrex_at, 0, 0, 0},
    {"strbne", a_strb, a_strb_at, 0, 1, 0x40},
    {"ldrsh", a_ldrsh, a_ldrsh_at, 0, 0, 0},
    {"ldrt", a_ldrt, a_ldrt_at, 0, 0, 0},
    {"ldrexd", a_swp, a_swp_at, 0, 0, 0},
    {"thumb ldr", t_ldr, t_ldr_at, 1, 0, 4},
    {"thumb str.w", t_strw, t_strw_at, 1, 1, 8},
    {"thumb ldmia", t_ldmia, t_ldmia_at, 1, 0, 0},
    {"thumb stmia", t_stmia, t_stmia_at, 1, 1, 0},
    {"thumb ldrd", t_ldrd, t_ldrd_at, 1, 0, 0},
    {"thumb it ldrb", t_ldrb_it, t_ldrb_it_at, 1, 0, 0x20},
    {"thumb ittt str", t_str_it, t_str_it_at, 1, 1, 0},
    {"thumb itt ldr pc", t_ldrpc_it, t_ldrpc_it_at, 1, 0, 0},
    {"thumb ldm {pc}", t_ldmpc, t_ldmpc_at, 1, 0, 0},
};
static const struct {
    const char *name, *start;
    bool from_thumb;
    uint32_t to;
} jumps[] = {
    {"bx to arm", a_jump, 0, VA + 0x100},       {"bx to thumb", a_jump, 0, VA + 0x201},
    {"mov pc", a_movpc, 0, VA + 0x300},         {"thumb bx to arm", t_bx, 1, VA + 0x400},
    {"thumb bx to thumb", t_bx, 1, VA + 0x503},
};

static void show(bool good, const char *name, uint32_t mode, uint32_t fsr, uint32_t far)
{
    print("%s %s from %s: lr=%08x spsr=%08x cpsr=%08x fsr=%08x far=%08x\n", good ? "ok" : "FAIL", name,
          mode_name(mode), (unsigned)exc_last.lr, (unsigned)exc_last.spsr, (unsigned)exc_last.cpsr & 0x1ff,
          (unsigned)fsr, (unsigned)far);
}

static void one(unsigned i, uint32_t mode, uint32_t masks)
{
    uint32_t psr = mode | masks | (cases[i].thumb ? PSR_T : 0) | 0x980a0000;

    transfer_fill(i + mode);
    transfer_regs[1] = VA + 0x100;
    transfer_regs[2] = 0x20;
    transfer_run(psr, (uint32_t)cases[i].start);
    bool good = exc_count == 1 && exc_last.type == EXC_DABT && exc_last.lr == (uint32_t)cases[i].at + 8 &&
                (exc_last.spsr & ~0x0600fc00u) == psr && transfer_kept(0) &&
                (exc_last.cpsr & 0x1ff) == (MODE_ABT | PSR_I | PSR_A | (psr & PSR_F)) &&
                (exc_last.dfsr & ~0xf0u) == (5u | (cases[i].write ? 0x800 : 0)) &&
                exc_last.dfar == VA + 0x100 + cases[i].offset;
    show(good, cases[i].name, mode, exc_last.dfsr & ~0xf0u, exc_last.dfar);
}

static void jump(unsigned i, uint32_t mode, uint32_t masks)
{
    uint32_t psr = mode | masks | (jumps[i].from_thumb ? PSR_T : 0) | 0x680a0000;
    uint32_t target_psr = (psr & ~PSR_T) | (jumps[i].to & 1 ? PSR_T : 0), to = jumps[i].to & ~1u;

    transfer_fill(i + mode);
    transfer_regs[1] = jumps[i].to;
    transfer_run(psr, (uint32_t)jumps[i].start);
    bool good = exc_count == 1 && exc_last.type == EXC_PABT && exc_last.lr == to + 4 &&
                exc_last.spsr == target_psr && transfer_kept(0) &&
                (exc_last.cpsr & 0x1ff) == (MODE_ABT | PSR_I | PSR_A | (psr & PSR_F)) &&
                (exc_last.ifsr & 0x40f) == 5 && exc_last.ifar == to;
    show(good, jumps[i].name, mode, exc_last.ifsr & 0x40f, exc_last.ifar);
}

/* Straight over the end of a page into a missing one: the abort is at the first byte of the missing page. */
static void run_over(bool thumb)
{
    uint32_t end = VA + 0x101000;

    mmu_map_small(VA + 0x100000, test_page(0), M_RW);
    for (uint32_t i = 0; i < 4; i++)
        WRITE32(end - 16 + i * 4, thumb ? 0xbf00bf00 : 0xe320f000);
    code_sync((void *)(end - 16), 16);
    transfer_fill(1);
    transfer_run(MODE_SVC | PSR_I | PSR_F | (thumb ? PSR_T : 0), end - 16);
    check_eq(thumb ? "thumb runs over the edge" : "runs over the edge", exc_last.pc, end);
    check_eq("  ifar", exc_last.ifar, end);
    if (thumb) {                      /* a wide instruction whose second half is missing */
        WRITE32(end - 4, 0xf3afbf00); /* nop; first half of nop.w */
        code_sync((void *)(end - 4), 4);
        transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T, end - 16);
        check_eq("  half an instruction: pc", exc_last.pc, end - 2);
        check_eq("  ifar", exc_last.ifar, end);
    }
}

int main(void)
{
    mmu_reset();
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
        for (unsigned m = 0; m < ARRAY_SIZE(modes); m++)
            one(i, modes[m], (i + m) % 8 << 6);
    for (unsigned i = 0; i < ARRAY_SIZE(jumps); i++)
        for (unsigned m = 0; m < ARRAY_SIZE(modes); m++)
            jump(i, modes[m], (i + m) % 8 << 6);
    run_over(false);
    run_over(true);
    return 0;
}
