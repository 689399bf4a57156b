/* CP15 and CP14 as the yardstick has them: what exists, for whom, what is kept, which hooks are called. */
#define UNIT_MAIN
#include "unit.h"

#include "device/bus.h"
#include "emul/cp15.h"
#include "emul/real.h"
#include "ops.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* Fakes: real registers, hooks, walk. */
static uint32_t real_sys[REAL_SYS_COUNT];
uint32_t real_read_sys(enum real_sys which) { return real_sys[which]; }
void real_write_sys(enum real_sys which, uint32_t value)
{
    if (which != REAL_CCSIDR)
        real_sys[which] = value;
}

static char hooks[256];
#define NOTE(...) snprintf(hooks + strlen(hooks), sizeof(hooks) - strlen(hooks), __VA_ARGS__)
static void mmu_changed(struct vcpu *v)
{
    (void)v;
    NOTE("mmu ");
}
static void tlb_all(void) { NOTE("tlb-all "); }
static void tlb_asid(uint8_t asid) { NOTE("tlb-asid %x ", asid); }
static void tlb_va(gva_t va, uint8_t asid) { NOTE("tlb-va %x %x ", va.a, asid); }
static void tlb_va_all(gva_t va) { NOTE("tlb-vaa %x ", va.a); }
static void icache_all(void) { NOTE("ic-all "); }
static void icache_va(gva_t va) { NOTE("ic-va %x ", va.a); }
static void dcache(unsigned crm, unsigned opc2, uint32_t value) { NOTE("dc %u %u %x ", crm, opc2, value); }
static void vfp_access_changed(struct vcpu *v)
{
    (void)v;
    NOTE("vfp ");
}
static bool irq_pending(void) { return true; }
static bool fiq_pending(void) { return false; }
static const struct vcpu_upcalls upcalls = {.mmu_changed = mmu_changed,
                                            .tlb_all = tlb_all,
                                            .tlb_asid = tlb_asid,
                                            .tlb_va = tlb_va,
                                            .tlb_va_all = tlb_va_all,
                                            .icache_all = icache_all,
                                            .icache_va = icache_va,
                                            .dcache = dcache,
                                            .vfp_access_changed = vfp_access_changed,
                                            .irq_pending = irq_pending,
                                            .fiq_pending = fiq_pending};
__attribute__((constructor)) static void give_upcalls(void) { vcpu_up = &upcalls; }
static uint64_t now_ns;
uint64_t board_now_ns(void) { return now_ns; }

/* VA 0x1xxxxxxx is a supersection at 0x7x, 0x2xxxxxxx a page that PL1 may read; others translation faults. */
bool mmu_walk(const struct mmu_regs *m, gva_t va, enum access a, bool privileged, struct translation *t,
              uint32_t *fsr)
{
    (void)m;
    memset(t, 0, sizeof(*t));
    t->gpa = GPA(va.a | 0x70000000);
    t->size_log2 = va.a >> 28 == 1 ? 24 : 12;
    *fsr = va.a >> 28 == 2 ? 0x30f : 0x405;
    return va.a >> 28 == 1 || (va.a >> 28 == 2 && a == ACCESS_READ && privileged);
}

static struct vcpu start(void)
{
    struct vcpu v;

    memset(&v, 0, sizeof(v));
    pmu_counts = false;
    cp15_reset(&v);
    v.cpsr = MODE_SVC;
    v.r[15] = 0x8000;
    v.mmu.sctlr &= ~(1u << 13);
    hooks[0] = 0;
    return v;
}

/* As decoded from a word with Rt = r0. */
static struct insn insn_of(bool write, unsigned p, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    return (struct insn){
        .word = 0xee000010 | !write << 20 | p << 8 | opc1 << 21 | crn << 16 | opc2 << 5 | crm,
        .op = write ? OP_MCR : OP_MRC,
        .coproc = p,
        .opc1 = opc1,
        .crn = crn,
        .crm = crm,
        .opc2 = opc2,
    };
}

static bool access_cp(struct vcpu *v, bool write, unsigned p, unsigned opc1, unsigned crn, unsigned crm,
                      unsigned opc2)
{
    struct insn in = insn_of(write, p, opc1, crn, crm, opc2);

    return cp15_access(v, &in);
}

static uint32_t mrc(struct vcpu *v, unsigned p, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2)
{
    v->r[0] = 0x5a5a5a5a;
    EXPECT(access_cp(v, false, p, opc1, crn, crm, opc2));
    return v->r[0];
}

static void mcr(struct vcpu *v, unsigned p, unsigned opc1, unsigned crn, unsigned crm, unsigned opc2,
                uint32_t value)
{
    v->r[0] = value;
    EXPECT(access_cp(v, true, p, opc1, crn, crm, opc2));
}

static bool exists(uint32_t mode, bool write, unsigned p, unsigned opc1, unsigned crn, unsigned crm,
                   unsigned opc2)
{
    struct vcpu v = start();

    v.cpsr = mode;
    if (access_cp(&v, write, p, opc1, crn, crm, opc2))
        return true;
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
    EXPECT_EQ(v.r[14], 0x8004);
    return false;
}

TEST(rows_are_sorted_and_complete)
{
    for (unsigned i = 1; i < cp15_row_count; i++) {
        const struct cp15_row *a = &cp15_rows[i - 1], *b = &cp15_rows[i];

        EXPECT(a->coproc > b->coproc || (a->coproc == b->coproc && (a->coproc == 14 || a->crn <= b->crn)));
        EXPECT(b->kind != CP15_OP || b->op);
        EXPECT(b->kind != CP15_FIELD || b->arg + 4 <= sizeof(struct vcpu));
    }
    EXPECT(OTHER_COUNT <= ARRAY_SIZE(((struct cp15 *)0)->other));
}

TEST(how_many_encodings_exist)
{
    static const struct {
        uint32_t mode;
        bool write;
        unsigned p;
        unsigned count;
    } want[] = {
        {MODE_SVC, false, 15, 2417}, {MODE_SVC, true, 15, 2483}, {MODE_USR, false, 15, 3},
        {MODE_USR, true, 15, 4},     {MODE_SVC, false, 14, 30},  {MODE_SVC, true, 14, 25},
        {MODE_USR, false, 14, 4},    {MODE_USR, true, 14, 1},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        unsigned count = 0;

        for (unsigned n = 0; n < 8 * 16 * 16 * 8; n++)
            count += exists(want[i].mode, want[i].write, want[i].p, n & 7, n >> 3 & 15, n >> 7 & 15, n >> 11);
        EXPECT_EQ(count, want[i].count);
    }
}

TEST(identification)
{
    struct vcpu v = start();

    EXPECT_EQ(mrc(&v, 15, 0, 0, 0, 0), 0x410fc080);
    EXPECT_EQ(mrc(&v, 15, 0, 0, 0, 6), 0x410fc080);
    EXPECT_EQ(mrc(&v, 15, 0, 0, 0, 5), 0);
    EXPECT_EQ(mrc(&v, 15, 0, 0, 0, 1), 0x82048004);
    EXPECT_EQ(mrc(&v, 15, 0, 0, 1, 4), 0x31100003);
    EXPECT_EQ(mrc(&v, 15, 0, 0, 2, 7), 0);
    EXPECT_EQ(mrc(&v, 15, 1, 0, 0, 1), 0x0a000003);
    EXPECT_EQ(mrc(&v, 14, 0, 0, 0, 0), 0x15141000);
    EXPECT(!exists(MODE_SVC, true, 15, 0, 0, 0, 0));
    EXPECT(!exists(MODE_SVC, false, 15, 0, 0, 8, 0));
    EXPECT(!exists(MODE_SVC, false, 15, 0, 4, 0, 0));
    EXPECT(!exists(MODE_SVC, false, 13, 0, 0, 0, 0));
    EXPECT(!exists(MODE_USR, false, 15, 0, 0, 0, 0));
}

TEST(written_bits)
{
    static const struct {
        uint8_t p, opc1, crn, crm, opc2;
        uint32_t reset, ones, zeros;
    } want[] = {
        {15, 0, 1, 0, 1, 2, 2, 2},
        {15, 0, 1, 0, 2, 0, 0xc0f00000, 0},
        {15, 0, 2, 0, 2, 0, 7, 0},
        {15, 5, 3, 9, 6, 0, 0xffffffff, 0},
        {15, 0, 5, 1, 0, 0, 0, 0},
        {15, 0, 6, 0, 1, 0, 0, 0},
        {15, 0, 7, 4, 0, 0, 0xfffff6ff, 0},
        {15, 0, 12, 0, 0, 0, 0xffffffe0, 0},
        {15, 0, 9, 12, 5, 0, 0x1f, 0},
        {15, 0, 9, 12, 0, 0x41002000, 0x410020f9, 0x41002000},
        {15, 0, 9, 12, 1, 0, 0x8000000f, 0x8000000f},
        {15, 0, 9, 14, 0, 0, 1, 0},
        {15, 0, 9, 13, 1, 0, 0xfe00ffff, 0},
        {15, 0, 14, 15, 7, 0, 0xf8000000, 0},
        {14, 0, 0, 0, 6, 0, 0xfffffffc, 0},
        {15, 2, 0, 0, 0, 0, 15, 0},
        {14, 6, 0, 0, 0, 0, 1, 0},
        {15, 7, 15, 15, 7, 0, 0, 0},
        {15, 0, 13, 0, 4, 0, 0xffffffff, 0},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        struct vcpu v = start();

#define E want[i].p, want[i].opc1, want[i].crn, want[i].crm, want[i].opc2
        EXPECT_EQ(mrc(&v, E), want[i].reset);
        mcr(&v, E, 0xffffffff);
        EXPECT_EQ(mrc(&v, E), want[i].ones);
        mcr(&v, E, 0);
        EXPECT_EQ(mrc(&v, E), want[i].zeros);
#undef E
    }
}

TEST(translation_registers_call_the_hook_when_they_change)
{
    struct vcpu v = start();

    EXPECT_EQ(mrc(&v, 15, 0, 1, 0, 0), 0x00c50078 & ~(1u << 13));
    mcr(&v, 15, 0, 2, 0, 0, 0x70004000);
    EXPECT_EQ(v.mmu.ttbr0, 0x70004000);
    EXPECT(!strcmp(hooks, "mmu "));
    mcr(&v, 15, 0, 2, 0, 0, 0x70004000);
    EXPECT(!strcmp(hooks, "mmu "));
    mcr(&v, 15, 0, 13, 0, 1, 0x101);
    mcr(&v, 15, 0, 3, 0, 0, 0x55555555);
    mcr(&v, 15, 0, 1, 0, 0, 0x00c5187d);
    EXPECT(!strcmp(hooks, "mmu mmu mmu mmu "));
    EXPECT_EQ(v.mmu.contextidr, 0x101);
    mcr(&v, 15, 0, 5, 0, 0, 0x805);
    mcr(&v, 15, 0, 1, 0, 2, 0x00f00000);
    EXPECT(!strcmp(hooks, "mmu mmu mmu mmu vfp "));
    EXPECT_EQ(v.cp15.dfsr, 0x805);
}

TEST(maintenance)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 8, 7, 0, 0);
    mcr(&v, 15, 0, 8, 5, 1, 0x12345678);
    mcr(&v, 15, 0, 8, 7, 2, 0x1ff);
    mcr(&v, 15, 0, 8, 7, 3, 0x12345678);
    EXPECT(!strcmp(hooks, "tlb-all tlb-va 12345000 78 tlb-asid ff tlb-vaa 12345000 "));
    hooks[0] = 0;
    mcr(&v, 15, 0, 7, 5, 0, 0);
    mcr(&v, 15, 0, 7, 5, 1, 0x8123);
    mcr(&v, 15, 0, 7, 14, 2, 0x42);
    mcr(&v, 15, 0, 7, 6, 1, 0x43);
    EXPECT(!strcmp(hooks, "ic-all ic-va 8123 dc 14 2 42 dc 6 1 43 "));
    hooks[0] = 0;
    mcr(&v, 15, 0, 7, 0, 4, 0);
    mcr(&v, 15, 0, 7, 10, 4, 0);
    EXPECT(!strcmp(hooks, ""));
    EXPECT(exists(MODE_USR, true, 15, 0, 7, 10, 5));
    EXPECT(!exists(MODE_USR, true, 15, 0, 7, 10, 1));
    EXPECT(!exists(MODE_SVC, true, 15, 0, 7, 8, 4));
    EXPECT(!exists(MODE_SVC, true, 15, 0, 8, 3, 0)); /* inner shareable: Multiprocessing Extensions */
}

TEST(address_translation)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 7, 8, 0, 0x11234567);
    EXPECT_EQ(v.cp15.par, 0x71000202);
    mcr(&v, 15, 0, 7, 8, 0, 0x21234567);
    EXPECT_EQ(v.cp15.par, 0x71234200);
    mcr(&v, 15, 0, 7, 8, 1, 0x21234567);
    EXPECT_EQ(v.cp15.par, 0x1f);
    mcr(&v, 15, 0, 7, 8, 2, 0x21234567);
    EXPECT_EQ(v.cp15.par, 0x1f);
    mcr(&v, 15, 0, 7, 8, 3, 0x31234567);
    EXPECT_EQ(mrc(&v, 15, 0, 7, 4, 0), 0x2b); /* FS[10] is PAR[5] */
}

TEST(reads_that_leave_rt_alone)
{
    struct vcpu v = start();

    EXPECT_EQ(mrc(&v, 15, 0, 10, 0, 0), 0x5a5a5a5a);
    EXPECT_EQ(mrc(&v, 14, 0, 0, 7, 0), 0x5a5a5a5a);
}

TEST(mrc_to_r15_sets_the_flags)
{
    struct vcpu v = start();
    struct insn in = insn_of(false, 15, 0, 5, 0, 0);

    in.rt = 15;
    v.cp15.dfsr = 0xa0000805;
    EXPECT(cp15_access(&v, &in));
    EXPECT_EQ(v.cpsr, 0xa0000000 | MODE_SVC);
    EXPECT_EQ(v.r[15], 0x8000);
}

TEST(other_coprocessor_instructions_are_undefined)
{
    static const uint16_t ops[] = {OP_MCRR, OP_MRRC, OP_LDC, OP_STC, OP_CDP};

    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        struct vcpu v = start();
        struct insn in = {.op = ops[i], .coproc = 15};

        EXPECT(!cp15_access(&v, &in));
        EXPECT_EQ(v.r[15], 4);
    }
}

TEST(thread_registers_are_real_ones)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 13, 0, 3, 0xb6f00000);
    EXPECT_EQ(real_sys[REAL_TPIDRURO], 0xb6f00000);
    real_sys[REAL_TPIDRURW] = 7;
    EXPECT_EQ(mrc(&v, 15, 0, 13, 0, 2), 7);
    EXPECT(exists(MODE_USR, true, 15, 0, 13, 0, 2));
    EXPECT(!exists(MODE_USR, true, 15, 0, 13, 0, 3));
    EXPECT(exists(MODE_USR, false, 15, 0, 13, 0, 3));
    EXPECT(!exists(MODE_USR, false, 15, 0, 13, 0, 4));
}

TEST(isr_shows_the_lines)
{
    struct vcpu v = start();

    v.cpsr |= PSR_I;
    EXPECT_EQ(mrc(&v, 15, 0, 12, 1, 0), PSR_I);
}

TEST(oslar_locks_with_the_key)
{
    struct vcpu v = start();

    EXPECT_EQ(mrc(&v, 14, 0, 1, 1, 4), 0xa);
    mcr(&v, 14, 0, 1, 0, 4, 0);
    EXPECT_EQ(mrc(&v, 14, 0, 1, 1, 4), 8);
    mcr(&v, 14, 0, 1, 0, 4, 0xc5acce55);
    EXPECT_EQ(mrc(&v, 14, 0, 1, 1, 4), 0xa);
}

TEST(pmu_user_access_follows_pmuserenr)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 9, 14, 0, 1);
    v.cpsr = MODE_USR;
    EXPECT(access_cp(&v, false, 15, 0, 9, 13, 0));
    EXPECT(access_cp(&v, true, 15, 0, 9, 12, 4));
    EXPECT(!access_cp(&v, false, 15, 0, 9, 14, 1));
    v = start();
    v.cpsr = MODE_USR;
    EXPECT(!access_cp(&v, false, 15, 0, 9, 13, 0));
}

TEST(pmu_does_not_count_on_the_yardstick)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 9, 12, 1, 0x80000000);
    mcr(&v, 15, 0, 9, 12, 0, 1);
    mcr(&v, 15, 0, 9, 13, 0, 0xfffffff0);
    now_ns += 1000;
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 0xfffffff0);
    mcr(&v, 15, 0, 9, 12, 0, 5);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 0);
}

TEST(pmu_counts_where_it_does)
{
    struct vcpu v = start();

    pmu_counts = true;
    now_ns = 0x7ffffffffull;
    mcr(&v, 15, 0, 9, 12, 1, 0x80000001);
    mcr(&v, 15, 0, 9, 13, 0, 0xfffffff0);
    now_ns += 100;
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 0xfffffff0); /* PMCR.E is clear */
    mcr(&v, 15, 0, 9, 12, 0, 1);
    now_ns += 100;
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 84);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 12, 3), 0x80000000);
    mcr(&v, 15, 0, 9, 12, 3, 0x80000000);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 12, 3), 0);
    mcr(&v, 15, 0, 9, 12, 0, 9 | 4); /* every 64th, from 0 */
    now_ns += 100;
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 1);
    now_ns += 28;
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 0), 2);
    mcr(&v, 15, 0, 9, 12, 4, 3); /* only counter 0 is enabled */
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 2), 1);
    mcr(&v, 15, 0, 9, 12, 5, 1);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 2), 0);
}

TEST(pmu_selects_counters)
{
    struct vcpu v = start();

    mcr(&v, 15, 0, 9, 12, 5, 31);
    mcr(&v, 15, 0, 9, 13, 1, 0xffffffff);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 1), 0xfc000000);
    EXPECT_EQ(mrc(&v, 15, 0, 14, 15, 7), 0xf8000000);
    mcr(&v, 15, 0, 14, 15, 7, 0);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 1), 0x04000000);
    mcr(&v, 15, 0, 9, 12, 5, 4);
    mcr(&v, 15, 0, 9, 13, 1, 0xffffffff);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 1), 0);
    mcr(&v, 15, 0, 14, 8, 3, 77);
    mcr(&v, 15, 0, 9, 12, 5, 3);
    EXPECT_EQ(mrc(&v, 15, 0, 9, 13, 2), 77);
}

TEST(inline_kinds)
{
    static const struct {
        bool write;
        uint8_t opc1, crn, crm, opc2;
        uint8_t kind, slot;
    } want[] = {
        {false, 0, 0, 0, 0, CP15_NATIVE, CP15_SLOT_NONE},
        {true, 0, 0, 0, 0, CP15_CALLOUT, CP15_SLOT_NONE},
        {false, 0, 1, 0, 0, CP15_SRF, CP15_SLOT_SCTLR},
        {true, 0, 1, 0, 0, CP15_CALLOUT, CP15_SLOT_NONE},
        {false, 0, 6, 0, 2, CP15_SRF, CP15_SLOT_IFAR},
        {true, 0, 7, 10, 1, CP15_NATIVE, CP15_SLOT_NONE},
        {true, 0, 7, 5, 0, CP15_CALLOUT, CP15_SLOT_NONE},
        {true, 0, 7, 6, 1, CP15_CALLOUT, CP15_SLOT_NONE},
        {true, 0, 7, 5, 6, CP15_NATIVE, CP15_SLOT_NONE},
        {true, 0, 13, 0, 4, CP15_NATIVE, CP15_SLOT_NONE},
        {false, 0, 13, 0, 1, CP15_SRF, CP15_SLOT_CONTEXTIDR},
        {false, 0, 7, 5, 6, CP15_CALLOUT, CP15_SLOT_NONE},
        {true, 0, 8, 7, 0, CP15_CALLOUT, CP15_SLOT_NONE},
        {false, 0, 4, 0, 0, CP15_CALLOUT, CP15_SLOT_NONE},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        struct insn in = insn_of(want[i].write, 15, want[i].opc1, want[i].crn, want[i].crm, want[i].opc2);
        enum cp15_slot slot;

        EXPECT_EQ(cp15_inline_kind(&in, &slot), want[i].kind);
        EXPECT_EQ(slot, want[i].slot);
    }
}

/* A read from the SRF copy is the read by callout. */
TEST(slots_match_the_rows)
{
    for (unsigned i = 0; i < cp15_row_count; i++) {
        const struct cp15_row *r = &cp15_rows[i];
        uint32_t slots[CP15_SLOT_COUNT];
        struct vcpu v = start();

        if (r->inlined < CP15_SRF)
            continue;
        memset(slots, 0, sizeof(slots));
        *(uint32_t *)((char *)&v + r->arg) = 0x12345678;
        cp15_copy_slots(&v, slots);
        EXPECT_EQ(slots[r->inlined - CP15_SRF], 0x12345678);
    }
}
