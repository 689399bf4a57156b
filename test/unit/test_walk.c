/* The walk against an oracle written from the manual's tables (B3.5, B3.7), and the order of its faults. */
#define UNIT_MAIN
#include "unit.h"

#include "mmu/walk.h"

#define RAM_SIZE 0x400000u
#define L1       0x70004000u
#define L1_HIGH  0x70008000u
#define L2       0x70001000u

static uint32_t ram[RAM_SIZE / 4];
struct guest_memory guest_memory = {.linear = (uint8_t *)ram, .size = RAM_SIZE};
static struct mmu_regs regs;
static struct translation t;
static uint32_t fsr;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static void poke(uint32_t gpa, uint32_t value) { ram[(gpa - GUEST_RAM_BASE) / 4] = value; }

static void fresh(void)
{
    memset(ram, 0, sizeof(ram));
    memset(&regs, 0, sizeof(regs));
    memset(&t, 0x55, sizeof(t));
    regs.sctlr = 1;
    regs.ttbr0 = L1 | 0x6a;
    regs.ttbr1 = L1_HIGH;
    regs.dacr = 0x55555555;
    fsr = 0xdeadbeef;
}

static bool walk(uint32_t va, enum access access, bool privileged)
{
    fsr = 0xdeadbeef;
    return mmu_walk(&regs, GVA(va), access, privileged, &t, &fsr);
}

/* Table B3-8: what AP[2:0] gives PL1 and PL0: '-', 'r', 'w' (read and write). */
static const char *const ap_oracle[8] = {"--", "w-", "wr", "ww", "--", "r-", "rr", "rr"};

enum { SECTION, SUPERSECTION, LARGE, SMALL, SIZES };

static const uint32_t size_log2[SIZES] = {20, 24, 16, 12};
static const uint32_t target[SIZES] = {0x70300000, 0x71000000, 0x70350000, 0x70355000};

/* Map the megabyte at va's slot. */
static void map(uint32_t va, unsigned size, unsigned domain, unsigned ap, bool xn, bool ng, bool s,
                unsigned tex_cb)
{
    uint32_t tex = tex_cb >> 2, cb = (tex_cb & 3) << 2, l1 = L1 + (va >> 20) * 4,
             l2 = L2 + (va >> 12 & 0xff) * 4;

    if (size == SECTION || size == SUPERSECTION) {
        poke(l1, target[size] | (size == SUPERSECTION ? 1u << 18 : domain << 5) | (ap & 3) << 10 |
                     (ap >> 2) << 15 | (uint32_t)xn << 4 | (uint32_t)ng << 17 | (uint32_t)s << 16 |
                     tex << 12 | cb | 2);
        return;
    }
    poke(l1, L2 | domain << 5 | 1);
    if (size == LARGE)
        poke(l2, target[size] | (ap & 3) << 4 | (ap >> 2) << 9 | (uint32_t)xn << 15 | (uint32_t)ng << 11 |
                     (uint32_t)s << 10 | tex << 12 | cb | 1);
    else
        poke(l2, target[size] | (ap & 3) << 4 | (ap >> 2) << 9 | (uint32_t)xn | (uint32_t)ng << 11 |
                     (uint32_t)s << 10 | tex << 6 | cb | 2);
}

TEST(permission_matrix)
{
    const uint32_t va = 0x12345678;

    for (unsigned size = 0; size < SIZES; size++)
        for (unsigned field = 0; field < 4; field++)
            for (unsigned domain = 0; domain < 16; domain += 5)
                for (unsigned ap = 0; ap < 8; ap++)
                    for (unsigned xn = 0; xn < 2; xn++)
                        for (unsigned afe = 0; afe < 2; afe++)
                            for (unsigned access = 0; access < 3; access++)
                                for (unsigned priv = 0; priv < 2; priv++) {
                                    unsigned d = size == SUPERSECTION ? 0 : domain,
                                             page = size >= LARGE ? 2 : 0;
                                    char grant = ap_oracle[ap][!priv];
                                    uint32_t expect = 0;

                                    fresh();
                                    regs.sctlr |= afe << 29;
                                    regs.dacr = 0x55555555 ^ (1u << 2 * d) ^ field << 2 * d;
                                    map(va, size, domain, ap, xn, ap & 1, xn, 0x1b);
                                    if (field == 0 || field == 2)
                                        expect = 0x9 | page;
                                    else if (field == 1) {
                                        if (access == ACCESS_FETCH && xn)
                                            expect = 0xd | page;
                                        else if (afe && !(ap & 1))
                                            expect = page ? 0x6 : 0x3;
                                        else if (grant == '-' || (access == ACCESS_WRITE && grant != 'w'))
                                            expect = 0xd | page;
                                    }
                                    if (walk(va, access, priv)) {
                                        EXPECT_EQ(expect, 0);
                                        EXPECT_EQ(t.gpa.a,
                                                  target[size] | (va & ((1u << size_log2[size]) - 1)));
                                        EXPECT_EQ(t.size_log2, size_log2[size]);
                                        EXPECT_EQ(t.domain, d);
                                        EXPECT_EQ(t.ap, ap);
                                        EXPECT_EQ(t.xn, xn);
                                        EXPECT_EQ(t.ng, ap & 1);
                                        EXPECT_EQ(t.s, xn);
                                        EXPECT_EQ(t.manager, field == 3);
                                        EXPECT_EQ(t.tex_cb, 0x1b);
                                    } else {
                                        EXPECT_EQ(fsr,
                                                  expect | d << 4 | (access == ACCESS_WRITE ? 0x800 : 0));
                                    }
                                }
}

TEST(mmu_off_is_flat)
{
    fresh();
    regs.sctlr = 0;
    regs.ttbr0 = 0x40000000;
    regs.dacr = 0;
    for (unsigned access = 0; access < 3; access++) {
        EXPECT(walk(0xdeadbeef, access, false));
        EXPECT_EQ(t.gpa.a, 0xdeadbeef);
        EXPECT_EQ(t.xn, 0);
    }
}

TEST(invalid_descriptors)
{
    fresh();
    poke(L1 + 4, 0xfe4); /* type 0: the domain field is not one */
    EXPECT(!walk(0x100000, ACCESS_READ, true));
    EXPECT_EQ(fsr, 0x05);
    poke(L1 + 4, 0xfe7); /* type 3: no PXN on this core */
    EXPECT(!walk(0x100000, ACCESS_WRITE, true));
    EXPECT_EQ(fsr, 0x805);
    poke(L1 + 4, L2 | 7 << 5 | 1);
    poke(L2, 0xfffffffc);
    EXPECT(!walk(0x100000, ACCESS_READ, false));
    EXPECT_EQ(fsr, 0x77);
    regs.dacr = 0; /* a domain fault hides it, as on QEMU */
    EXPECT(!walk(0x100000, ACCESS_READ, false));
    EXPECT_EQ(fsr, 0x7b);
}

TEST(tables_elsewhere)
{
    fresh();
    regs.ttbr0 = 0x40000000;
    EXPECT(!walk(0x100000, ACCESS_READ, true));
    EXPECT_EQ(fsr, FS_EXTERNAL_WALK_1);
    regs.ttbr0 = GUEST_RAM_BASE + RAM_SIZE;
    EXPECT(!walk(0, ACCESS_READ, true));
    EXPECT_EQ(fsr, FS_EXTERNAL_WALK_1);
    fresh();
    poke(L1 + 4, 0x40000000 | 5 << 5 | 1);
    EXPECT(!walk(0x100000, ACCESS_WRITE, true));
    EXPECT_EQ(fsr, FS_EXTERNAL_WALK_2 | 0x850);
    /* Both kinds of table through the low alias. */
    regs.ttbr0 = L1 & 0x0fffffff;
    poke(L1 + 4, (L2 & 0x0fffffff) | 1);
    poke(L2, 0x70123000 | 3 << 4 | 2);
    EXPECT(walk(0x100000, ACCESS_WRITE, false));
    EXPECT_EQ(t.gpa.a, 0x70123000);
}

TEST(ttbcr_n)
{
    for (unsigned n = 0; n < 8; n++)
        for (unsigned pd = 0; pd < 4; pd++)
            for (unsigned bit_n = 20; bit_n <= 32; bit_n++) {
                uint32_t va = bit_n == 32 ? 0 : 1u << bit_n;
                bool high = n && va >= 1ull << (32 - n);
                /* Low tables of 16 KiB >> n need only that alignment. */
                uint32_t low = L1 + (n ? 0x4000u >> n : 0);

                fresh();
                regs.ttbr0 = low;
                regs.ttbcr = n | pd << 4;
                for (unsigned i = 0; i < 0x4000u >> n; i += 4)
                    poke(low + i, 0x70000000 | i << 18 | 3 << 10 | 2);
                for (unsigned i = 0x4000u >> n; n && i < 0x4000; i += 4)
                    poke(L1_HIGH + i, 0x80000000 | i << 18 | 3 << 10 | 2);
                if (high ? pd & 2 : pd & 1) {
                    EXPECT(!walk(va, ACCESS_READ, false));
                    EXPECT_EQ(fsr, 0x05);
                } else {
                    EXPECT(walk(va, ACCESS_READ, false));
                    EXPECT_EQ(t.gpa.a, (high ? 0x80000000 : 0x70000000) | va);
                }
            }
}

TEST(big_endian_tables)
{
    fresh();
    regs.sctlr |= 1u << 25;
    poke(L1 + 4, __builtin_bswap32(L2 | 1));
    poke(L2 + 8, __builtin_bswap32(0x70200000 | 3 << 4 | 2));
    EXPECT(walk(0x102000, ACCESS_READ, false));
    EXPECT_EQ(t.gpa.a, 0x70200000);
}

TEST(supersection_above_4g_is_nowhere)
{
    uint32_t off;

    for (unsigned n = 5; n <= 23; n == 8 ? n = 20 : n++) {
        fresh();
        poke(L1 + 4 * 0x20, 0x71000000 | 1u << n | 1 << 18 | 3 << 10 | 2);
        EXPECT(walk(0x02012345, ACCESS_READ, false));
        EXPECT(!guest_memory_offset(t.gpa, &off));
        EXPECT_EQ(t.gpa.a & 0xffffff, 0x012345);
        EXPECT_EQ(t.domain, 0);
    }
}

/* Linux's values, worked out by hand from its comment on them, and the shareability selectors. */
TEST(tex_remap)
{
    static const struct {
        unsigned tex_cb, s, expect, expect_s;
    } rows[] = {
        {0, 0, 0x00, 1},    /* TR0: strongly ordered */
        {1, 0, 0x10, 0},    /* TR1: normal, non-cacheable both */
        {2, 1, 0x1a, 1},    /* TR2: write-through both */
        {3, 1, 0x1f, 1},    /* TR3: write-back, no allocate on write */
        {4, 0, 0x01, 1},    /* TR4: device; DS0 = 1 */
        {7, 0, 0x15, 0},    /* TR7: write-back, allocate on write */
        {0x1f, 1, 0x15, 1}, /* TEX[2:1] are the OS's */
        {0x1c, 1, 0x08, 0}, /* device with DS1 = 0 */
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (unsigned size = 0; size < SIZES; size++) {
            fresh();
            regs.sctlr |= 1u << 28;
            regs.prrr = 0x000981a8 | 1 << 8; /* NS1 = 1, NS0 = 0, DS1 = 0, DS0 = 1 */
            regs.nmrr = 0x40e040e0;
            map(0x100000, size, 0, 3, false, false, rows[i].s, rows[i].tex_cb);
            EXPECT(walk(0x100000, ACCESS_READ, false));
            EXPECT_EQ(t.tex_cb, rows[i].tex_cb);
            EXPECT_EQ(t.s, rows[i].s);
            mmu_memory_type(&regs, &t);
            EXPECT_EQ(t.tex_cb, rows[i].expect);
            EXPECT_EQ(t.s, rows[i].expect_s);
        }
}
