/* Proves: the VMM does not depend on what the guest has in the processor's registers: every kind of exit, at
   PL1 and PL0, with each bit of SCTLR, CPSR.E and A, CPACR, FPEXC, DACR and TTBCR. */
#include "irq.h"
#include "mmu.h"

#define NONE       0x40000000u /* unmapped; without the MMU nothing is assigned there either */
#define UNASSIGNED 0x50000000u
#define PAGE       0x60000000u /* of RAM, where the MMU is on */
#define ODD        0xe0000000u /* the same, at an address that the VMM has */
#define SYS_ID     0x10000000u
#define SYS_LED    0x10000008u
#define IRQ_SGI    3u
#define TIMES      3u /* the first one is not as the others */

#define SCTLR_M    (1u << 0)
#define SCTLR_A    (1u << 1)
#define SCTLR_C    (1u << 2)
#define SCTLR_Z    (1u << 11)
#define SCTLR_I    (1u << 12)
#define SCTLR_V    (1u << 13)
#define SCTLR_RR   (1u << 14)
#define SCTLR_EE   (1u << 25)
#define SCTLR_NMFI (1u << 27)
#define SCTLR_TRE  (1u << 28)
#define SCTLR_AFE  (1u << 29)
#define SCTLR_TE   (1u << 30)
#define FPEXC_EN   (1u << 30)
#define VFP_ALL    0x00f00000u
#define VFP_PL1    0x00500000u

/* Vectors for any SCTLR.TE and EE: the handlers are A32, little-endian. Tables of A32 and of T32 code, a page
 * each. */
extern char arm_vectors[], thumb_vectors[];
__asm__(
    ".section .vectors, \"ax\"\n.balign 4096\n"
    ".macro leave name\n\t.arm\n\tsetend le\n\tldr pc, 1f\n1:\t.word vec_\\name\n\t.endm\n"
    ".macro vectors branch, wide\n\t.irp n, reset, und, svc, pabt, dabt, unused, irq, fiq\n\t\\branch "
    "\\wide\\n\n\t.endr\n\t.endm\n"
    ".macro arm_stub name\narm_\\name:\n\tleave \\name\n\t.endm\n"
    ".macro thumb_stub name\n\t.thumb\n\t.balign 4\nthumb_\\name:\n\tbx pc\n\tnop\n\tleave \\name\n\t.endm\n"
    ".macro thumb_branch to\n\tb.n \\to\n\tnop\n\t.endm\n"
    "arm_vectors:\n\t.arm\n\tvectors b, arm_\n\tvectors arm_stub\n"
    ".balign 4096\nthumb_vectors:\n\t.thumb\n\tvectors thumb_branch, thumb_\n\tvectors thumb_stub\n"
    "\t.arm\n\t.text\n");

static const struct state {
    const char *name;
    uint32_t set, clear; /* SCTLR */
    uint32_t cpsr;       /* E, A */
    uint32_t cpacr, fpexc, dacr, ttbcr;
} states[] = {
    {"plain", .cpacr = VFP_ALL, .fpexc = FPEXC_EN},
    {"A", .set = SCTLR_A, .cpacr = VFP_ALL, .fpexc = FPEXC_EN},
    {"EE", .set = SCTLR_EE},
    {"TE", .set = SCTLR_TE},
    {"A EE TE", .set = SCTLR_A | SCTLR_EE | SCTLR_TE, .cpacr = VFP_ALL, .fpexc = FPEXC_EN},
    {"V", .set = SCTLR_V},
    {"V TE A", .set = SCTLR_V | SCTLR_TE | SCTLR_A},
    {"RR NMFI", .set = SCTLR_RR | SCTLR_NMFI},
    {"no I, C, Z", .clear = SCTLR_I | SCTLR_C | SCTLR_Z},
    {"TRE", .set = SCTLR_TRE},
    {"AFE", .set = SCTLR_AFE},
    {"A TRE AFE", .set = SCTLR_A | SCTLR_TRE | SCTLR_AFE},
    {"CPSR.E", .cpsr = PSR_E, .cpacr = VFP_ALL, .fpexc = FPEXC_EN},
    {"A, CPSR.E", .set = SCTLR_A, .cpsr = PSR_E, .cpacr = VFP_ALL, .fpexc = FPEXC_EN},
    {"EE, CPSR.E", .set = SCTLR_EE, .cpsr = PSR_E},
    {"CPSR.A", .cpsr = PSR_A},
    {"CPACR none", .cpacr = 0},
    {"CPACR PL1", .cpacr = VFP_PL1, .fpexc = FPEXC_EN},
    {"FPEXC off", .cpacr = VFP_ALL},
    {"Manager", .dacr = 0xffffffff},
    {"domain 0 alone", .dacr = 1},
    {"domains 14, 15", .dacr = 0xf0000001},
    {"N 1", .ttbcr = 1},
    {"N 1, A, Manager", .set = SCTLR_A, .ttbcr = 1, .dacr = 0x57},
};

enum {
    AT_PL1 = 1,
    AT_PL0 = 2,
    AT_BOTH = 3,
    MMU = 4,    /* only with it */
    LITTLE = 8, /* not with CPSR.E, which a fetch fault would not put back */
    SGI = 16,   /* an interrupt is pending */
    ANEW = 32,  /* TLBIMVA before */
    NEW_PAGE = 64,
    SCTLR_OLD = 128,
};

static const struct exit {
    const char *name;
    uint32_t word, r0;
    unsigned how;
} exits[] = {
    {"udf", 0xe7f000f0, 0, AT_BOTH},
    {"svc", 0xef000001, 0, AT_BOTH},
    {"bkpt", 0xe1200070, 0, AT_BOTH | LITTLE},
    {"mrs cpsr", 0xe10f0000, 0, AT_BOTH},
    {"msr cpsr_c", 0xe321f0d3, 0, AT_PL1},
    {"read sctlr", 0xee110f10, 0, AT_BOTH},
    {"write sctlr", 0xee010f10, 0, AT_PL1 | SCTLR_OLD},
    {"contextidr", 0xee0d0f30, 0, AT_PL1},
    {"tlbimva", 0xee080f37, PAGE, AT_PL1},
    {"tlbiall", 0xee080f17, 0, AT_PL1},
    {"iciallu", 0xee070f15, 0, AT_PL1},
    {"dccisw", 0xee070f5e, 0, AT_PL1},
    {"hidden load", 0xe5900000, PAGE, AT_BOTH | MMU | ANEW},
    {"hidden store", 0xe5800000, PAGE + 4, AT_BOTH | MMU | ANEW},
    {"hidden vldr", 0xed900b00, PAGE, AT_BOTH | MMU | ANEW},
    {"fault", 0xe5900000, NONE, AT_BOTH | MMU},
    {"store fault", 0xe5800000, NONE, AT_BOTH | MMU},
    {"fetch fault", 0xe12fff10, NONE, AT_BOTH | MMU | LITTLE},
    {"unaligned", 0xe5900000, PAGE + 1, AT_BOTH | MMU},
    {"unaligned half", 0xe1d000b0, PAGE + 3, AT_BOTH | MMU},
    {"unaligned ldm", 0xe8901001, PAGE + 2, AT_BOTH | MMU},
    {"device", 0xe5900000, SYS_ID, AT_BOTH},
    {"device store", 0xe5800000, SYS_LED, AT_BOTH},
    {"device vldr", 0xed900b00, SYS_ID, AT_BOTH},
    {"unassigned", 0xe5900000, UNASSIGNED, AT_BOTH | NEW_PAGE},
    {"window", 0xe5900000, ODD, AT_BOTH | MMU},
    {"window unaligned", 0xe5900000, ODD + 1, AT_BOTH | MMU},
    {"vmrs", 0xeef10a10, 0, AT_BOTH},
    {"vmov", 0xee100a10, 0, AT_BOTH},
    {"irq", 0xf1080080, 0, AT_BOTH | SGI}, /* cpsie i */
    {"wfi", 0xe320f003, 0, AT_PL1 | SGI},
};

static uint32_t code[8] __attribute__((aligned(32)));
static uint32_t unassigned = UNASSIGNED;

static void take(struct exc_frame *f)
{
    if (f->type == EXC_IRQ) {
        gic_eoi(gic_ack());
        f->pc -= 4;
        f->spsr |= PSR_I;
    } else if (f->type == EXC_PABT) {
        f->pc = f->lr & ~1u;
    } else {
        exc_skip(f);
    }
}

static void write_code(const struct exit *e, const struct state *s)
{
    bool big = s->cpsr & PSR_E;

    code[0] = 0xe1a0c00e;                    /* mov r12, lr: SVC in SVC mode has its own */
    code[1] = big ? 0xf1010200 : 0xe320f000; /* setend be, or nop */
    code[2] = e->word;
    code[3] = big ? 0xf1010000 : 0xe320f000;
    code[4] = 0xe12fff1c; /* bx r12 */
    code_sync(code, sizeof code);
}

static uint32_t argument(const struct exit *e)
{
    if (e->how & ANEW)
        tlb_flush_va(e->r0, 0);
    if (e->how & NEW_PAGE)
        return unassigned;
    return e->how & SCTLR_OLD ? SCTLR() : e->r0;
}

struct result {
    uint32_t r0, count, type, spsr, cpsr, fsr, far;
};

static struct result run_once(const struct exit *e, const struct state *s, bool user)
{
    uint32_t masked = PSR_F | (s->cpsr & PSR_A), arg = argument(e);
    struct result is = {0};

    exc_arm(EXC_SYNC | EXC_BIT(EXC_IRQ));
    exc_hook = take;
    if (e->how & SGI)
        WRITE32(GICD_SGIR, 2u << 24 | IRQ_SGI); /* to itself */
    is.r0 = user ? run_user(MODE_USR | masked, (uint32_t(*)(uint32_t))code, arg)
                 : ((uint32_t(*)(uint32_t))code)(arg);
    __asm__ volatile("cpsid i" ::: "memory");
    if (e->how & SGI && !exc_count) /* masked to the end */
        gic_eoi(gic_ack());
    if (e->how & SCTLR_OLD)
        is.r0 ^= arg;
    is.count = exc_count;
    is.type = exc_last.type;
    is.spsr = exc_last.spsr & 0x37f; /* I at PL0 is told otherwise */
    is.cpsr = exc_last.cpsr & 0x3ff;
    if (is.count && is.type == EXC_DABT) {
        is.fsr = exc_last.dfsr & 0xc0f;
        is.far = exc_last.dfar;
    } else if (is.count && is.type == EXC_PABT) {
        is.fsr = exc_last.ifsr & 0x40f; /* IFAR is UNKNOWN after BKPT */
    }
    return is;
}

static void show(const struct result *is)
{
    print(" %x", (unsigned)is->r0);
    if (is->count)
        print(" %u %s %x %x %x %x", (unsigned)is->count, exc_name(is->type), (unsigned)is->spsr,
              (unsigned)is->cpsr, (unsigned)is->fsr, (unsigned)is->far);
}

static bool same(const struct result *a, const struct result *b)
{
    return a->r0 == b->r0 && a->count == b->count && a->type == b->type && a->spsr == b->spsr &&
           a->cpsr == b->cpsr && a->fsr == b->fsr && a->far == b->far;
}

/* Of the first state all, of the others what is not as there: everything is compared, and not all of it
 * printed. */
static void run(const struct exit *e, const struct state *s, bool user, struct result plain[TIMES])
{
    struct result is[TIMES];
    bool differs = s == states;

    if (!user && e->how & NEW_PAGE)
        unassigned += 0x1000; /* it is told once a page, and of 64 */
    write_code(e, s);
    for (unsigned i = 0; i < TIMES; i++)
        is[i] = run_once(e, s, user);
    for (unsigned i = 0; i < TIMES; i++) {
        if (s == states)
            plain[i] = is[i];
        differs |= !same(&is[i], &plain[i]);
    }
    if (!differs)
        return;
    print("  %s %s:", user ? "usr" : "svc", e->name);
    for (unsigned i = 0; i < TIMES; i++)
        if (!i || !same(&is[i], &is[i - 1]))
            show(&is[i]);
    print("\n");
}

static void write_fpexc(uint32_t value)
{
    MCR15(0, 1, 0, 2, VFP_ALL);
    ISB();
    __asm__ volatile(".fpu neon\n\tvmsr fpexc, %0" ::"r"(value));
}

static void swap(uint32_t *entries, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (entries[i])
            mmu_write(&entries[i], __builtin_bswap32(entries[i]));
}

/* Walks read descriptors as SCTLR.EE says (B3.5.3). Each table once, whoever leads to it. */
static void swap_tables(bool to_big)
{
    if (!to_big)
        swap(mmu_l1, MMU_L1_COUNT);
    for (unsigned i = 0; i < MMU_L1_COUNT; i++)
        if ((mmu_l1[i] & 3) == 1)
            swap((uint32_t *)(mmu_l1[i] & ~0x3ffu), 256);
    if (to_big)
        swap(mmu_l1, MMU_L1_COUNT);
}

static void map(void)
{
    mmu_reset();
    mmu_map_section(UNASSIGNED, UNASSIGNED, M_AP(3) | M_DEVICE | M_XN);
    mmu_map_section(0x1e000000, 0x1e000000, M_AP(3) | M_DEVICE | M_XN);
    mmu_map_small(PAGE, test_page(0), M_RW);
    mmu_map_small(ODD, test_page(0), M_RW);
}

static struct result plain[2][ARRAY_SIZE(exits)][2][TIMES];

static void run_state(const struct state *s, bool mmu)
{
    bool thumb = s->set & SCTLR_TE, big = s->set & SCTLR_EE;

    if (!mmu && (s->set & (SCTLR_V | SCTLR_TRE | SCTLR_AFE) || s->dacr || s->ttbcr))
        return;
    print("%s%s\n", s->name, mmu ? ", MMU" : "");
    for (unsigned i = 0; i < 4; i++)
        ((volatile uint32_t *)test_page(0))[i] = 0x03020100 + 0x04040404 * i;
    write_fpexc(s->fpexc);
    MCR15(0, 1, 0, 2, s->cpacr);
    MCR15(0, 12, 0, 0, thumb ? thumb_vectors : arm_vectors);
    if (mmu) {
        mmu_map_small(0xffff0000, (uint32_t)(thumb ? thumb_vectors : arm_vectors), M_RW);
        if (big)
            swap_tables(true);
        MCR15(0, 10, 2, 0, 0x000a8004); /* PRRR: 1 Device, 7 Normal, as without remap */
        MCR15(0, 10, 2, 1, 0xc000c000);
        MCR15(0, 2, 0, 1, mmu_l1);
        SET_SCTLR((SCTLR() | s->set) & ~SCTLR_M); /* its walks from the first */
        MCR15(0, 3, 0, 0, s->dacr ? s->dacr : 0x55555555);
        mmu_on();
        MCR15(0, 2, 0, 2, s->ttbcr);
        ISB();
    }
    SET_SCTLR((SCTLR() | s->set) & ~s->clear);
    if (mmu)
        tlb_flush();
    __asm__ volatile("msr cpsr_x, %0" ::"r"(s->cpsr & PSR_A));
    for (unsigned i = 0; i < ARRAY_SIZE(exits); i++)
        for (unsigned user = 0; user < 2; user++)
            if (exits[i].how & (user ? AT_PL0 : AT_PL1) && (mmu || !(exits[i].how & MMU)) &&
                !(exits[i].how & LITTLE && s->cpsr & PSR_E))
                run(&exits[i], s, user, plain[mmu][i][user]);
    if (mmu)
        mmu_off();
    if (mmu && big)
        swap_tables(false);
    SET_SCTLR((SCTLR() & ~s->set) | s->clear);
    MCR15(0, 2, 0, 2, 0);
    MCR15(0, 3, 0, 0, 0);
    MCR15(0, 12, 0, 0, exc_vectors);
    SET_SCTLR(SCTLR() & ~(SCTLR_I | SCTLR_Z));
}

int main(void)
{
    gic_init();
    gic_enable(IRQ_SGI, 0x80);
    map();
    for (unsigned i = 0; i < ARRAY_SIZE(states); i++)
        for (unsigned mmu = 0; mmu < 2; mmu++)
            run_state(&states[i], mmu);
    return 0;
}
