/* Aborts of privileged code and the exception returns that end them, a program's undefined instructions, and
   TTBR0 and ASID written in a row: again and again, so that the VMM takes its short ways, and in all the
   forms in which it must not. */
#include "host/window.h"
#include "mmu.h"

#define VA      0x40000000u
#define PA      0x78000000u
#define ROUNDS  8u
#define RETURNS 7u

struct regs {
    uint32_t r[13], sp, lr, pc, psr;
};

/* As Linux does: the exception's mode hands over to SVC mode, which calls C and returns. */
extern char kernel_vectors[];
uint32_t return_form; /* which instruction returns */
volatile unsigned faults;
struct regs fault_regs; /* of the last one */
static bool map_it;     /* and do it again; or step over it */

__asm__(".text\n.arm\n.balign 32\nkernel_vectors:\n"
        "\tb exc_vectors\n\tb exc_vectors + 4\n\tb exc_vectors + 8\n\tb exc_vectors + 12\n\tb abort_entry\n"
        "\tb exc_vectors + 20\n\tb exc_vectors + 24\n\tb exc_vectors + 28\n"
        "abort_entry:\n\tsub lr, lr, #8\n\tstm sp, {r0, lr}\n\tmrs lr, spsr\n\tstr lr, [sp, #8]\n"
        "\tmrs r0, cpsr\n\teor r0, r0, #4\n\tmsr spsr_cxsf, r0\n\tmov r0, sp\n\tldr lr, =abort_svc\n\tmovs "
        "pc, lr\n"
        "abort_svc:\n\tsub sp, sp, #72\n\tstm sp, {r0-r12}\n\tldm r0, {r3-r5}\n\tadd r2, sp, #72\n"
        "\tstr r3, [sp]\n\tstr r2, [sp, #52]\n\tstr lr, [sp, #56]\n\tstr r4, [sp, #60]\n\tstr r5, [sp, #64]\n"
        "\tmov r6, sp\n\tmov r0, sp\n\tbic sp, sp, #7\n\tbl kernel_fault\n\tmov sp, r6\n"
        "\tldr r0, [sp, #64]\n\tmsr spsr_cxsf, r0\n"
        "\tldr r0, =return_form\n\tldr r0, [r0]\n\tcmp r0, #6\n\taddls pc, pc, r0, lsl #2\n\tb .\n"
        "\tb 10f\n\tb 11f\n\tb 12f\n\tb 13f\n\tb 14f\n\tb 15f\n\tb 16f\n"
        "10:\tldmia sp, {r0-pc}^\n"
        "11:\tldr r1, [sp, #60]\n\tldr r2, [sp, #48]\n\tstr r2, [sp, #64]\n\tstr r1, [sp, #68]\n\tldr lr, "
        "[sp, #56]\n"
        "\tldm sp, {r0-r11}\n\tadd sp, sp, #64\n\tldmfd sp!, {r12, pc}^\n"
        "12:\tadd r12, sp, #60\n\tldmda r12, {r0-pc}^\n"
        "13:\tcmp r0, r0\n\tldmiane sp, {r0-pc}^\n\tldmiaeq sp, {r0-pc}^\n"
        "14:\tldr r1, [sp, #60]\n\tldr r2, [sp, #64]\n\tstr r1, [sp, #64]\n\tstr r2, [sp, #68]\n\tldr lr, "
        "[sp, #56]\n"
        "\tldm sp, {r0-r12}\n\tadd sp, sp, #64\n\trfeia sp!\n"
        "15:\tsub r1, sp, #4\n\tldmib r1, {r0-pc}^\n"
        "16:\tldr lr, [sp, #60]\n\tstr lr, [sp, #68]\n\tldr lr, [sp, #56]\n\tldm sp, {r0-r12}\n\tadd sp, sp, "
        "#72\n\tldmdb sp, {pc}^\n"
        "\t.ltorg\n");

void kernel_fault(struct regs *f);
void kernel_fault(struct regs *f)
{
    fault_regs = *f;
    faults++;
    if (map_it)
        mmu_map_small(MRC15(0, 6, 0, 0), PA, M_RW);
    else
        f->pc += f->psr & PSR_T && *(volatile uint16_t *)f->pc < 0xe800 ? 2 : 4;
}

/* Calls fn with registers of which r1 is the address, returns with all of them and the CPSR in out; in SVC
 * mode. */
static uint32_t patterns[13];
uint32_t *const patterns_at = patterns;
void call_with(uint32_t fn, struct regs *out, uint32_t psr);
__asm__(".text\n.arm\n.global call_with\ncall_with:\n"
        "\tpush {r4-r12, lr}\n\tmrs r3, cpsr\n\tpush {r1, r3}\n\tpush {r0}\n\tmsr cpsr_cxsf, r2\n"
        "\tldr lr, =patterns_at\n\tldr lr, [lr]\n\tldm lr, {r0-r12}\n\tldr lr, =1f\n\tpop {pc}\n"
        "1:\tpush {r0-r12, lr}\n\tmrs r0, cpsr\n\tldr r1, [sp, #60]\n\tmsr cpsr_cxsf, r1\n\tldr r1, [sp, "
        "#56]\n\tstr r0, [r1, #64]\n"
        "\tldr r0, [sp, #52]\n\tstr r0, [r1, #56]\n\tmov r2, #13\n"
        "2:\tldr r3, [sp], #4\n\tstr r3, [r1], #4\n\tsubs r2, r2, #1\n\tbne 2b\n"
        "\tadd sp, sp, #12\n\tpop {r4-r12, pc}\n\t.ltorg\n");

/* The accesses, each in a function; r1 is the address. */
#define ARM_FN(name, code)                                                                                   \
    extern char name[];                                                                                      \
    __asm__(".text\n.arm\n.balign 4\n.global " #name "\n.type " #name ", %function\n" #name ":\n\t" code     \
            "\n");
#define THUMB_FN(name, code)                                                                                 \
    extern char name[];                                                                                      \
    __asm__(".text\n.thumb\n.balign 4\n.global " #name "\n.thumb_func\n.type " #name ", %function\n" #name   \
            ":\n\t" code "\n.arm\n");
#define RET "\n\tbx lr"

ARM_FN(a_ldr, "ldr r3, [r1]" RET)
ARM_FN(a_str, "str r3, [r1]" RET)
ARM_FN(a_later, "add r4, r4, #1\n\teors r5, r5, r4\n\tldr r3, [r1, #8]\n\tadd r6, r6, r3" RET)
ARM_FN(a_r12, "ldr r12, [r1]\n\tadd r3, r3, r12" RET)
ARM_FN(a_r12_read, "str r12, [r1, #4]" RET)
ARM_FN(a_lr, "mov r3, lr\n\tmov lr, r1\n\tldr r4, [lr]\n\tmov lr, r3" RET)
ARM_FN(a_lr_old, "str lr, [r1]" RET)
ARM_FN(a_push, "push {r4, lr}\n\tldr r4, [r1]\n\tmov r5, r12\n\tpop {r4, pc}")
ARM_FN(a_call, "push {r4, lr}\n\tbl a_ldr\n\tldr r4, [r1, #12]\n\tpop {r4, pc}")
ARM_FN(a_ldrt, "ldrt r3, [r1]" RET)
ARM_FN(a_strbt, "strbt r3, [r1]" RET)
ARM_FN(a_ldrht, "ldrht r3, [r1]" RET)
ARM_FN(a_post, "ldr r3, [r1], #4" RET)
ARM_FN(a_pre, "str r3, [r1, #4]!" RET)
ARM_FN(a_ldm, "ldm r1!, {r3-r5, r12}" RET)
ARM_FN(a_stm, "stm r1, {r3-r5, r12, lr}" RET)
ARM_FN(a_ldrd, "ldrd r4, r5, [r1]" RET)
ARM_FN(a_ldrb_reg, "mov r2, #3\n\tldrb r3, [r1, r2]" RET)
ARM_FN(a_cond, "cmp r1, #0\n\tldreq r3, [r1]\n\tldrne r4, [r1]" RET)
ARM_FN(a_swp, "ldrex r3, [r1]\n\tstrex r4, r3, [r1]" RET)
ARM_FN(a_mcr, "mcr p15, 0, r1, c7, c10, 1" RET)
ARM_FN(a_pc, "push {lr}\n\tldr lr, =1f\n\tldr r3, [r1]\n\tstr pc, [r1]\n1:\tpop {pc}\n\t.ltorg")
ARM_FN(a_be, "setend be\n\tldr r3, [r1]\n\tsetend le" RET)
ARM_FN(a_spsr, "msr spsr_cxsf, r2\n\tldr r3, [r1]\n\tmrs r4, spsr" RET)
ARM_FN(a_masked, "mrs r3, cpsr\n\tcpsid i\n\tldr r4, [r1]\n\tmsr cpsr_c, r3" RET)
THUMB_FN(t_ldr, "ldr r3, [r1]" RET)
THUMB_FN(t_it, "cmp r1, #0\n\titee ne\n\tldrne r3, [r1]\n\tmoveq r4, #1\n\tmoveq r5, #2" RET)
THUMB_FN(t_half,
         "ldrh.w r3, [r1, #0x402]\n\tstrh.w r4, [r1, #0x404]\n\tldrd r5, r2, [r1, #-8]" RET) /* several A32
                                                                                                words each */
THUMB_FN(t_far, "ldr r3, [r1, #4]\n\tadds r3, #1\n\tstr r3, [r1]" RET)

static const struct {
    const char *name;
    char *fn;
} accesses[] = {
    {"ldr", a_ldr},
    {"str", a_str},
    {"ldr in the middle", a_later},
    {"ldr r12", a_r12},
    {"str r12", a_r12_read},
    {"ldr by lr", a_lr},
    {"str lr", a_lr_old},
    {"ldr behind push", a_push},
    {"ldr behind bl", a_call},
    {"ldrt", a_ldrt},
    {"strbt", a_strbt},
    {"ldrht", a_ldrht},
    {"ldr post-indexed", a_post},
    {"str pre-indexed", a_pre},
    {"ldm", a_ldm},
    {"stm", a_stm},
    {"ldrd", a_ldrd},
    {"ldrb by register", a_ldrb_reg},
    {"ldrne", a_cond},
    {"ldrex, strex", a_swp},
    {"dccmvac", a_mcr},
    {"str pc", a_pc},
    {"big-endian", a_be},
    {"spsr kept", a_spsr},
    {"masked", a_masked},
    {"ldr, thumb", t_ldr},
    {"ldrne, thumb", t_it},
    {"str, thumb", t_far},
    {"long offsets, thumb", t_half},
};

static uint32_t hash;
static void add(uint32_t v) { hash = (hash ^ v) * 16777619u; }

static void add_regs(const struct regs *r)
{
    for (unsigned i = 0; i < 13; i++)
        add(r->r[i]);
    add(r->lr);
    add(r->psr);
}

static void one_access(uint32_t fn, uint32_t psr, uint32_t va)
{
    struct regs out;

    for (unsigned i = 0; i < 13; i++)
        patterns[i] = 0x01010101 * i + 0x00a00000;
    patterns[1] = va;
    patterns[2] = 0x2000019f; /* some CPSR, for a_spsr */
    WRITE32(PA, 0x11223344);
    WRITE32(PA + 8, 0x55667788);
    call_with(fn, &out, psr);
    add_regs(&out);
    add(faults);
    if (!faults)
        return;
    add_regs(&fault_regs);
    add(fault_regs.sp);
    add(fault_regs.pc);
    add(MRC15(0, 5, 0, 0));
    add(MRC15(0, 6, 0, 0));
    add(READ32(PA));
    add(READ32(PA + 4));
}

static void test_accesses(const char *what, uint32_t psr, bool map)
{
    map_it = map;
    for (unsigned a = 0; a < ARRAY_SIZE(accesses); a++) {
        hash = 2166136261u;
        for (uint32_t n = 0; n < ROUNDS * RETURNS; n++) {
            return_form = n % 5 ? n / ROUNDS : n % RETURNS;
            mmu_unmap_page(VA + (n % 3) * 0x1000);
            tlb_flush_va(VA + (n % 3) * 0x1000, 0);
            faults = 0;
            one_access((uint32_t)accesses[a].fn, psr, VA + (n % 3) * 0x1000 + (n & 4) * 8);
        }
        print("%s, %s: %08x\n", what, accesses[a].name, (unsigned)hash);
    }
}

/* No access to a page that is there, by LDRT and by a store; the same page then granted. */
static void test_permissions(void)
{
    static char *const fns[] = {a_ldrt, a_str, a_strbt, a_ldr};

    map_it = false;
    return_form = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(fns); i++) {
        hash = 2166136261u;
        for (uint32_t n = 0; n < ROUNDS * 4; n++) {
            mmu_map_small(VA, PA, M_AP(n % 2 ? 5 : 1) | M_NORMAL);
            tlb_flush_va(VA, 0);
            faults = 0;
            one_access((uint32_t)fns[i], READ_CPSR(), VA);
        }
        print("permissions %u: %08x\n", i, (unsigned)hash);
    }
}

/* SP of the handler is moved so that its frame crosses a page. */
void on_stack(uint32_t sp, void (*fn)(void));
__asm__(".text\n.arm\n.global on_stack\non_stack:\n\tpush {r4, lr}\n\tmov r4, sp\n\tmov sp, r0\n\tblx "
        "r1\n\tmov sp, r4\n\tpop {r4, pc}\n");

static void faults_at_this_stack(void)
{
    for (uint32_t n = 0; n < 2; n++) {
        mmu_unmap_page(VA);
        tlb_flush_va(VA, 0);
        faults = 0;
        one_access((uint32_t)a_push, READ_CPSR(), VA);
    }
}

static void test_stacks(void)
{
    map_it = true;
    hash = 2166136261u;
    for (uint32_t i = 0; i < 4; i++)
        mmu_map_small(VA + 0x100000 + i * 0x1000, PA + 0x10000 + (3 - i) * 0x1000, M_AP(1) | M_NORMAL);
    tlb_flush();
    for (uint32_t i = 0; i < 1024;
         i++) /* where a frame would go on that took physical pages for virtual ones: it returns there too */
        WRITE32(PA + 0x12000 + 4 * i, (uint32_t)a_push + 4);
    for (uint32_t i = 0; i < 64 * RETURNS; i++) {
        return_form = i % RETURNS;
        on_stack(VA + 0x103000 + 8 * (i / RETURNS), faults_at_this_stack);
    }
    print("stacks: %08x\n", (unsigned)hash);
}

/* MSR SPSR, then LDM^: to where that says, in every mode and state; from either byte order. */
#define RETURN_FN(name, order)                                                                               \
    uint32_t name(uint32_t psr, uint32_t pc);                                                                \
    __asm__(".text\n.arm\n.global " #name "\n" #name                                                         \
            ":\n\tpush {r4-r11, lr}\n\tmrs r4, cpsr\n\tldr r7, =svc_psr\n\tstr r4, [r7]\n"                   \
            "\tldr r7, =svc_sp\n\tstr sp, [r7]\n\tmov r6, sp\n\tsub sp, sp, #64\n\tmov r8, #7\n\t" order     \
            "\n\tstr r6, [sp, #52]\n\tstr r8, [sp, #56]\n\tstr r1, [sp, #60]\n\tmsr spsr_cxsf, r0\n\tldmia " \
            "sp, {r0-pc}^\n\t.ltorg\n");
RETURN_FN(return_to, "nop")
RETURN_FN(return_from_be, "setend be")
uint32_t svc_sp, svc_psr;
extern char returned_arm[], returned_thumb[];
__asm__(".text\n.arm\n.global returned_arm\nreturned_arm:\n\tmrs r0, cpsr\n\teor r0, r0, lr, lsl "
        "#10\n\tsetend le\n1:\tldr r1, =svc_psr\n\tldr r1, [r1]\n"
        "\tmsr cpsr_cxsf, r1\n\tldr r1, =svc_sp\n\tldr sp, [r1]\n\tpop {r4-r11, pc}\n\t.ltorg\n"
        ".thumb\n.balign 4\n.global returned_thumb\n.thumb_func\nreturned_thumb:\n\tmrs r0, cpsr\n\torr r0, "
        "r0, #0x20\n"
        "\tldr r1, =1b\n\tbx r1\n\t.balign 4\n\t.ltorg\n.arm\n");

#define PALINDROME 0x70404070u /* the same in either byte order */

static void test_states(void)
{
    static const uint32_t psr[] = {MODE_SVC,
                                   MODE_SVC | PSR_F,
                                   MODE_SVC | PSR_E,
                                   MODE_SYS,
                                   MODE_IRQ,
                                   MODE_ABT,
                                   MODE_UND,
                                   MODE_FIQ,
                                   MODE_SVC | 0xf0000000,
                                   MODE_SVC | PSR_T,
                                   MODE_SVC | 0x000f0000};

    WRITE32(PALINDROME, 0xea000000 | (((uint32_t)returned_arm - PALINDROME - 8) >> 2 & 0xffffff)); /* B */
    code_sync((void *)PALINDROME, 4);
    hash = 2166136261u;
    for (uint32_t n = 0; n < ROUNDS * ARRAY_SIZE(psr); n++) {
        uint32_t p = (n % 2 ? MODE_SVC | PSR_F : psr[n / 2 % ARRAY_SIZE(psr)]) | PSR_I | PSR_A;
        uint32_t pc = p & PSR_T ? (uint32_t)returned_thumb : PALINDROME;

        add(return_to(p, pc));
        add(return_from_be(p, pc));
    }
    print("states: %08x\n", (unsigned)hash);
}

/* The same LDM^ from RAM, and from where the VMM has that RAM for itself: nothing is there for the guest. */
uint32_t return_by(const uint32_t *base, uint32_t psr);
__asm__(".text\n.arm\n.global return_by\nreturn_by:\n\tmsr spsr_cxsf, r1\n\tmov r1, #0\n\tldmia r0, {r1, "
        "pc}^\n\tmov r1, #1\n"
        "\tb 1f\nreturned_by:\n\tadd r1, r1, #16\n1:\tmov r0, r1\n\tbx lr\n");
extern char returned_by[];

static void test_window(void)
{
    static const uint32_t bases[] = {WINDOW_LINEAR + 0x404100, WINDOW_LINEAR + 0x7000100,
                                     WINDOW_CACHE + 0x100100,  WINDOW_VMM,
                                     WINDOW_VMM + 0x404100,    WINDOW_DEVICES,
                                     WINDOW_LINEAR - 4,        0xfffffffc};
    uint32_t *frame = (uint32_t *)0x70404100;

    for (uint32_t i = 0; i < 16; i++)
        frame[i] = i % 2 ? (uint32_t)returned_by : 100;
    hash = 2166136261u;
    map_it = false;
    return_form = 0;
    for (uint32_t n = 0; n < ROUNDS * ARRAY_SIZE(bases); n++) {
        faults = 0;
        add(return_by(n % 2 ? frame : (const uint32_t *)bases[n / 2 % ARRAY_SIZE(bases)], READ_CPSR()));
        add(faults ? fault_regs.pc + fault_regs.r[0] : 0);
    }
    print("the window: %08x\n", (unsigned)hash);
}

/* Programs' undefined instructions: VFP and NEON that are off, the PMU, others; at the end of a page too. */
ARM_FN(u_arm, "mov r3, lr\n\t.word 0xee300a01\n\t.word 0xed910a00\n\t.word 0xf2000d40\n\t.word "
              "0xee190fbc\n\t.word 0xe7f000f0\n\tmov lr, r3" RET)
THUMB_FN(u_thumb, "mov r3, lr\n\t.hword 0xee30, 0x0a01\n\t.hword 0xed91, 0x0a00\n\t.hword 0xef00, "
                  "0x0d40\n\t.hword 0xee19, 0x0fbc\n"
                  "\tcmp r0, r0\n\t.hword 0xbf08, 0xee30, 0x0a01, 0xde00\n\tmov lr, r3" RET)

static void note_undefined(struct exc_frame *f)
{
    add(f->pc);
    add(f->spsr);
    add(exc_last.cpsr);
    exc_skip(f);
}

static void user_rounds(const char *what, uint32_t fn)
{
    hash = 2166136261u;
    exc_arm(EXC_BIT(EXC_UND));
    exc_hook = note_undefined;
    for (uint32_t n = 0; n < ROUNDS * 4; n++)
        add(run_user((n & 1 ? MODE_USR : MODE_USR | PSR_I | PSR_F) | (n & 2) << 30, (uint32_t(*)(uint32_t))fn,
                     n));
    exc_hook = NULL;
    print("%s: %u %08x\n", what, exc_count, (unsigned)hash);
}

static void test_undefined(void)
{
    uint16_t *p = (uint16_t *)(PA + 0x20ff8);
    static const uint16_t code[] = {0xbf00, 0xee30, 0x0a01, 0xee30, 0x0a01, 0xde00, 0x4770};

    for (uint32_t enabled = 0; enabled < 2; enabled++) {
        MCR15(0, 9, 14, 0, enabled); /* PMUSERENR */
        user_rounds("undefined, arm", (uint32_t)u_arm);
        user_rounds("undefined, thumb", (uint32_t)u_thumb);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(code); i++)
        p[i] = code[i];
    code_sync(p, sizeof code);
    mmu_map_small(VA + 0x200000, PA + 0x20000, M_RW);
    mmu_map_small(VA + 0x201000, PA + 0x21000, M_RW);
    tlb_flush();
    user_rounds("across pages", VA + 0x200ff9);
}

/* TTBR0 and CONTEXTIDR, in either order, with ISB between and without, one of them twice. */
static uint32_t l1_other[4096] __attribute__((aligned(16384)));
#define SPACE_FN(name, code)                                                                                 \
    void name(uint32_t ttbr0, uint32_t asid, uint32_t other);                                                \
    __asm__(".text\n.arm\n.balign 4\n.global " #name "\n" #name ":\n\t" code "\n\tisb\n\tbx lr\n");
#define TTBR(r) "mcr p15, 0, " #r ", c2, c0, 0\n\t"
#define ASID(r) "mcr p15, 0, " #r ", c13, c0, 1\n\t"
#define I       "isb\n\t"
SPACE_FN(asid_ttbr, ASID(r1) I TTBR(r0))
SPACE_FN(ttbr_asid, TTBR(r0) I ASID(r1))
SPACE_FN(reserved_first, TTBR(r2) I ASID(r1) I TTBR(r0))
SPACE_FN(no_isb, ASID(r1) TTBR(r0))
SPACE_FN(twice, ASID(r2) I ASID(r1) I TTBR(r2) I TTBR(r0) I I)
SPACE_FN(old_isb, ASID(r1) "mcr p15, 0, r2, c7, c5, 4\n\t" TTBR(r0))
SPACE_FN(conditional,
         "cmp r0, r2\n\tmcrne p15, 0, r1, c13, c0, 1\n\t" I "mcreq p15, 0, r1, c13, c0, 1\n\t" I TTBR(r0))
SPACE_FN(odd_registers,
         "mov r12, r1\n\tpush {r4, lr}\n\tmov lr, r0\n\t" ASID(r12) I TTBR(lr) "pop {r4, lr}\n\t")

static void test_spaces(void)
{
    static void (*const ways[])(uint32_t, uint32_t, uint32_t) = {
        asid_ttbr, ttbr_asid, reserved_first, no_isb, twice, old_isb, conditional, odd_registers};
    uint32_t table[2] = {(uint32_t)mmu_l1, (uint32_t)l1_other};

    for (unsigned i = 0; i < 4096; i++)
        mmu_write(&l1_other[i], mmu_l1[i]);
    mmu_write(&l1_other[VA >> 20], (PA + 0x100000) | 0x20c0e); /* section, nG, full access, Normal */
    mmu_unmap_section(VA);
    mmu_map_section(VA, PA, M_RW | M_NG);
    tlb_flush();
    WRITE32(PA, 0x11);
    WRITE32(PA + 0x100000, 0x22);
    for (unsigned w = 0; w < ARRAY_SIZE(ways); w++) {
        bool good = true;

        for (uint32_t i = 0; i < ROUNDS * 4; i++) {
            uint32_t other = i / 2 & 1;

            if (i % 16 == 15)
                tlb_flush();
            ways[w](table[other], 5 + other, table[0]);
            good &= READ32(VA) == (other ? 0x22 : 0x11) && MRC15(0, 2, 0, 0) == table[other] &&
                    MRC15(0, 13, 0, 1) == 5 + other;
        }
        check("spaces", good);
    }
    ttbr_asid(table[0], 0, 0);
    tlb_flush();
}

int main(void)
{
    uint32_t psr = READ_CPSR();

    mmu_reset();
    mmu_on();
    MCR15(0, 12, 0, 0, kernel_vectors);
    ISB();
    test_accesses("mapped", psr | 0xa0000000, true);
    test_accesses("skipped", psr, false);
    test_accesses("F clear", (psr & ~PSR_F) | 0x50000000, true);
    test_permissions();
    test_stacks();
    test_states();
    test_window();
    test_undefined();
    mmu_unmap_section(VA);
    test_spaces();
    return 0;
}
