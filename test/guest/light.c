/* Proves: instructions that are executed again and again do the same each time, when what they act on changes
   in between: TLB and I-cache maintenance, TTBR0 and ASID, device accesses, a program's page faults, TEEHBR,
   and a timer that is mapped. */
#include "mmu.h"

#define VA        0x40000000u
#define PA        0x78000000u
#define ROUNDS    300u
#define IDS       0x10000000u /* system registers: SYS_ID */
#define TIMER     0x10011000u /* SP804 */
#define MOV_R0(n) (0xe3a00000u | (n))
#define BX_LR     0xe12fff1eu

typedef uint32_t (*fn_t)(uint32_t);
static uint32_t l1_other[4096] __attribute__((aligned(16384)));
static uint32_t code[2][1024] __attribute__((aligned(4096)));

/* One site each: a function is not inlined, so its instruction has one address. */
static __attribute__((noinline)) uint32_t load(uint32_t va) { return READ32(va); }
static __attribute__((noinline)) void store(uint32_t va, uint32_t value) { WRITE32(va, value); }
static __attribute__((noinline)) uint32_t load_half(uint32_t va) { return *(volatile uint16_t *)va; }
static __attribute__((noinline)) void invalidate(uint32_t va) { tlb_flush_va(va, 0); }

static void test_remap(void)
{
    bool good = true;

    for (uint32_t i = 0; i < 4; i++)
        WRITE32(PA + i * 0x1000, i);
    mmu_map_small(VA, PA, M_RW);
    invalidate(VA);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mmu_map_small(VA, PA + i % 4 * 0x1000, M_RW);
        invalidate(VA);
        good &= load(VA) == i % 4;
        invalidate(VA + 0x100000 * (i % 64 + 1)); /* nothing there */
        good &= load(VA) == i % 4;
    }
    check("a page remapped, TLBIMVA", good);
    good = true;
    exc_arm(EXC_BIT(EXC_DABT));
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mmu_unmap_page(VA);
        invalidate(VA);
        load(VA);
        good &= exc_count == i + 1 && (exc_last.dfsr & 0x40f) == FS_TRANSLATION_L2;
        mmu_map_small(VA, PA, M_RW);
        invalidate(VA);
        good &= load(VA) == 0 && exc_count == i + 1;
    }
    check("unmapped and mapped", good);
    for (uint32_t i = 0; i < 2; i++) {
        WRITE32(PA + i * 0x1000, MOV_R0(i + 7));
        WRITE32(PA + i * 0x1000 + 4, BX_LR);
        code_sync((void *)(PA + i * 0x1000), 8);
    }
    good = true;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        mmu_map_small(VA, PA + i % 2 * 0x1000, M_RW);
        invalidate(VA);
        MCR15(0, 7, 5, 6, 0);
        ISB();
        good &= ((fn_t)VA)(0) == i % 2 + 7;
    }
    check("code remapped, TLBIMVA", good);
}

/* Linux's loop over a range; *psr: its flags at the end. */
uint32_t flush_range(uint32_t start, uint32_t end, uint32_t *psr);
__asm__(".text\n.arm\n.balign 4\nflush_range:\n1:\tmcr p15, 0, r0, c8, c7, 1\n\tadd r0, r0, #4096\n\tcmp r0, "
        "r1\n\t"
        "blo 1b\n\tmrs r1, cpsr\n\tstr r1, [r2]\n\tdsb\n\tisb\n\tbx lr\n");

static void test_range(void)
{
    uint32_t psr, end;
    bool good = true;

    for (uint32_t i = 0; i < 160; i++) {
        WRITE32(PA + i * 0x1000, MOV_R0(i));
        WRITE32(PA + i * 0x1000 + 4, BX_LR);
        MCR15(0, 7, 11, 1, PA + i * 0x1000);
        mmu_map_small(VA + i * 0x1000, PA + i * 0x1000, M_RW);
    }
    DSB();
    MCR15(0, 7, 5, 0, 0);
    tlb_flush();
    for (uint32_t round = 1; round <= 20; round++) {
        uint32_t count = 1 + round * 7 % 100; /* pages, more than what is done at once, and fewer */

        good &= load(VA + 40 * 0x1000) == MOV_R0(40) &&
                ((fn_t)(VA + 5 * 0x1000))(0) == 5; /* page 5 is code that has run */
        for (uint32_t i = 0; i < count; i++)
            mmu_map_small(VA + i * 0x1000, PA + (i + round) * 0x1000, M_RW);
        end = VA + count * 0x1000 - (round & 1) * 0x800;
        good &= flush_range(VA, end, &psr) == VA + count * 0x1000;
        good &= psr >> 28 == (round & 1 ? 2 : 6); /* C; Z too where the end is met */
        MCR15(0, 7, 5, 6, 0);
        ISB();
        for (uint32_t i = 0; i < 128; i++)
            good &= load(VA + i * 0x1000) == MOV_R0(i < count ? i + round : i);
        good &= ((fn_t)(VA + 5 * 0x1000))(0) == (count > 5 ? 5 + round : 5);
        for (uint32_t i = 0; i < count; i++)
            mmu_map_small(VA + i * 0x1000, PA + i * 0x1000, M_RW);
        flush_range(VA, VA + count * 0x1000, &psr);
        MCR15(0, 7, 5, 6, 0);
        ISB();
    }
    check("a range, page by page", good);
}

/* The page at VA + i * 4 KiB, in the pattern of that round: small pages, global or not, a MiB that is a
 * section, a device. */
#define WIDE_FIRST  0x80u
#define WIDE_PAGES  0x281u
#define WIDE_DEVICE 0x210u

static uint32_t wide_expected(uint32_t i, uint32_t round)
{
    if (i == WIDE_DEVICE && round & 1)
        return READ32(IDS);
    return i >> 8 == 1 && round % 3 == 2 ? (i & 0xff) + (round & 1) * 256 : (i + round) & 255;
}

static void wide_map(uint32_t round)
{
    for (uint32_t i = WIDE_FIRST; i < WIDE_FIRST + WIDE_PAGES; i++)
        if (i == WIDE_DEVICE && round & 1)
            mmu_map_small(VA + i * 0x1000, IDS, M_AP(3) | M_DEVICE | M_XN);
        else if (i >> 8 != 1 || round % 3 != 2)
            mmu_map_small(VA + i * 0x1000, PA + ((i + round) & 255) * 0x1000, M_RW | (round & 4 ? M_NG : 0));
        else if (i == 0x100)
            mmu_map_section(VA + 0x100000, PA + (round & 1) * 0x100000, M_RW | (round & 4 ? M_NG : 0));
}

/* Over several MiB, more than one exit does; from the address space's end to its beginning. */
static void test_range_wide(void)
{
    uint32_t psr, first = VA + WIDE_FIRST * 0x1000, end = first + WIDE_PAGES * 0x1000;
    bool good = true;

    for (uint32_t i = 0; i < 512; i++)
        WRITE32(PA + i * 0x1000, i);
    for (uint32_t round = 0; round < 24; round++) {
        wide_map(round);
        good &= flush_range(first, end, &psr) == end && psr >> 28 == 6;
        for (uint32_t i = WIDE_FIRST; i < WIDE_FIRST + WIDE_PAGES; i++)
            good &= load(VA + i * 0x1000) == wide_expected(i, round);
    }
    for (uint32_t i = 0; i < 4; i++)
        mmu_unmap_section(VA + i * 0x100000);
    exc_arm(EXC_BIT(EXC_DABT));
    good &= flush_range(first, end, &psr) == end;
    for (uint32_t i = WIDE_FIRST; i < WIDE_FIRST + WIDE_PAGES; i++)
        load(VA + i * 0x1000);
    good &= exc_count == WIDE_PAGES;
    check("a range of several MiB", good);
    check("a range around the end", flush_range(0xfffff000, 0x2000, &psr) == 0x2000 && psr >> 28 == 6 &&
                                        flush_range(0xffffe000, 0, &psr) == 0xfffff000 && psr >> 28 == 10 &&
                                        flush_range(VA, VA - 0x1000, &psr) == VA + 0x1000 && psr >> 28 == 2);
}

/* The same load hits a device, RAM, a device again. */
static void test_device(void)
{
    uint32_t id = load(IDS), differ = ~id, half = load_half(IDS);
    bool good = true;

    WRITE32(PA, differ);
    for (uint32_t i = 0; i < ROUNDS; i++)
        good &= load(IDS) == id && load_half(IDS) == half;
    check("device load repeated", good);
    good = true;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        bool ram = i % 3 == 1;

        mmu_map_small(VA, ram ? PA : IDS, ram ? M_RW : M_AP(3) | M_DEVICE | M_XN);
        invalidate(VA);
        for (uint32_t j = 0; j < 4; j++)
            good &= load(VA) == (ram ? differ : id) && load_half(VA) == (ram ? differ & 0xffff : half);
    }
    check("device, RAM and back: small pages", good);
    good = true;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        bool ram = i % 3 == 1;

        mmu_map_section(VA + 0x100000, ram ? PA : IDS, ram ? M_RW : M_AP(3) | M_DEVICE | M_XN);
        invalidate(VA + 0x1ff000); /* any address of it */
        for (uint32_t j = 0; j < 4; j++)
            good &= load(VA + 0x100000) == (ram ? differ : id);
    }
    check("device, RAM and back: sections", good);
    exc_arm(EXC_BIT(EXC_DABT));
    mmu_map_small(VA + 0x200000, IDS, M_AP(3) | M_DEVICE | M_XN | M_DOMAIN(3));
    good = true;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        unsigned before = exc_count;

        set_dacr(i & 1 ? 0x55555555 : 0x55555515);
        good &=
            i & 1 ? load(VA + 0x200000) == id && exc_count == before
                  : (load(VA + 0x200000), exc_count == before + 1) && (exc_last.dfsr & 0x40f) == FS_DOMAIN_L2;
    }
    set_dacr(0x55555555);
    check("device in a domain that comes and goes", good);
    mmu_map_small(VA + 0x200000, 0x10000000, M_AP(5) | M_DEVICE | M_XN); /* read-only */
    invalidate(VA + 0x200000);
    exc_arm(EXC_BIT(EXC_DABT));
    for (uint32_t i = 0; i < ROUNDS; i++)
        store(VA + 0x20000c, i);
    check_eq("stores to a device mapped read-only", exc_count, ROUNDS);
}

static __attribute__((noinline)) void set_ttbr0(uint32_t v)
{
    MCR15(0, 2, 0, 0, v);
    ISB();
}

/* As Linux switches: the tables without private mappings, another ASID, the other tables. */
static void test_spaces(void)
{
    bool good = true;

    for (unsigned i = 0; i < 4096; i++)
        mmu_write(&l1_other[i], mmu_l1[i]);
    mmu_write(&l1_other[VA >> 20], (PA + 0x100000) | 0x20c0e); /* section, nG, full access, Normal */
    mmu_unmap_section(VA);
    mmu_map_section(VA, PA, M_RW | M_NG);
    tlb_flush();
    WRITE32(PA, 0x11);
    WRITE32(PA + 0x100000, 0x22);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        bool other = i & 1;

        set_ttbr0((uint32_t)mmu_l1);
        set_asid(other ? 2 : 1);
        set_ttbr0((uint32_t)(other ? l1_other : mmu_l1));
        good &= load(VA) == (other ? 0x22 : 0x11);
        good &= MRC15(0, 2, 0, 0) == (uint32_t)(other ? l1_other : mmu_l1) &&
                MRC15(0, 13, 0, 1) == (other ? 2 : 1);
    }
    check("two spaces in turn", good);
    good = true;
    for (uint32_t i = 0; i < ROUNDS; i++) { /* one table, new ASIDs: what was there is not seen under them */
        mmu_map_section(VA, PA + (i & 1) * 0x100000, M_RW | M_NG);
        set_asid(0);
        set_ttbr0((uint32_t)mmu_l1);
        if (i % 200 == 0)
            tlb_flush();
        set_asid(i % 200 + 3);
        good &= load(VA) == (i & 1 ? 0x22 : 0x11);
    }
    check("a table under ever new ASIDs", good);
    set_asid(0);
    set_ttbr0((uint32_t)mmu_l1);
    mmu_unmap_section(VA);
    tlb_flush();
}

/* A program touches pages that are entered when it faults, in A32 and with flags and registers that must
 * survive. */
static uint32_t user_touch(uint32_t count)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < count; i++) {
        WRITE32(VA + i * 0x1000, i);
        sum += READ32(VA + i * 0x1000) + i;
    }
    return sum;
}

static void enter_page(struct exc_frame *f)
{
    mmu_map_small(exc_last.dfar, PA + (exc_last.dfar & 0xff000), M_RW | M_NG);
    f->pc -= 8; /* again */
}

static void test_user_faults(void)
{
    bool good = true;

    for (uint32_t round = 0; round < 4; round++) {
        exc_arm(EXC_BIT(EXC_DABT));
        exc_hook = enter_page;
        good &= run_user(MODE_USR | PSR_I | PSR_F, user_touch, 200) == 200 * 199;
        exc_hook = NULL;
        good &= exc_count == 200 && exc_last.dfar == VA + 199 * 0x1000 &&
                (exc_last.dfsr & 0xc0f) == (FS_TRANSLATION_L2 | 0x800) && (exc_last.spsr & 0x3f) == MODE_USR;
        for (uint32_t i = 0; i < 200; i++) {
            good &= READ32(PA + i * 0x1000) == i;
            mmu_unmap_page(VA + i * 0x1000);
            tlb_flush_va(VA + i * 0x1000, 0);
        }
    }
    check("a program's page faults", good);
}

static __attribute__((noinline)) void icache_all(void)
{
    MCR15(0, 7, 5, 0, 0);
    MCR15(0, 7, 5, 6, 0);
    DSB();
    ISB();
}

static __attribute__((noinline)) void icache_va(const void *p)
{
    MCR15(0, 7, 5, 1, (uint32_t)p);
    MCR15(0, 7, 5, 6, 0);
    DSB();
    ISB();
}

static void put(uint32_t page, uint32_t n)
{
    code[page][0] = MOV_R0(n);
    code[page][1] = BX_LR;
    MCR15(0, 7, 11, 1, (uint32_t)code[page]);
    DSB();
}

/* Maintenance with nothing to do, with another page written, and with this one. */
static void test_icache(void)
{
    fn_t f[2] = {(fn_t)(uint32_t)code[0], (fn_t)(uint32_t)code[1]};
    bool good = true;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t a = i & 0x7f, b = (i + 1) & 0x7f, got;

        put(0, a);
        put(1, a);
        icache_all();
        good &= f[0](0) == a && f[1](0) == a;
        icache_all(); /* nothing to do */
        put(0, b);
        icache_va(code[1]); /* another page */
        got = f[0](0);
        good &= (got == a || got == b) && f[1](0) == a;
        icache_va(code[0]);
        good &= f[0](0) == b;
        put(1, b);
        MCR15(0, 7, 1, 0, 0); /* ICIALLUIS */
        MCR15(0, 7, 5, 6, 0);
        DSB();
        ISB();
        good &= f[0](0) == b && f[1](0) == b;
    }
    check("I-cache maintenance", good);
}

static void test_teehbr(void)
{
    bool good = true;

    for (uint32_t i = 0; i < ROUNDS; i++) {
        uint32_t v = i * 0x01010101 & ~3u, got;

        __asm__ volatile("mcr p14, 6, %1, c1, c0, 0\n\tmrc p14, 6, %0, c1, c0, 0" : "=r"(got) : "r"(v));
        good &= got == v;
    }
    check("TEEHBR", good);
}

/* Mapped by a small page, a timer counts, expires, is stopped and set by stores. */
static void test_timer(void)
{
    uint32_t t = VA + 0x300000, last, now, steps = 0;
    bool good = true;

    mmu_map_small(t, TIMER, M_AP(3) | M_DEVICE | M_XN);
    invalidate(t);
    store(t + 0x28, 0);          /* control of the second counter */
    store(t + 0x20, 0xffffffff); /* load */
    check_eq("load reads back", load(t + 0x20), 0xffffffff);
    store(t + 0x28, 0x82); /* free-running, 32 bits */
    check_eq("control reads back", load(t + 0x28), 0x82);
    last = load(t + 0x24);
    for (uint32_t i = 0; i < 1000000 && steps < 50; i++) {
        now = load(t + 0x24);
        good &= now <= last && now == now;
        steps += now != last;
        last = now;
    }
    check("counts down", good && steps == 50);
    good = true;
    for (uint32_t i = 0; i < 20; i++) {
        store(t + 8, 0);
        store(t + 0xc, 1);
        store(t, 20);
        store(t + 8, 0xa3); /* one-shot, interrupt enabled (and masked in the GIC) */
        for (uint32_t n = 0; n < 1000000 && !load(t + 0x14); n++)
            ;
        good &= load(t + 0x10) == 1 && load(t + 0x14) == 1 && load(t + 4) == 0;
        store(t + 0xc, 1);
        good &= load(t + 0x10) == 0 && load(t + 0x14) == 0;
    }
    store(t + 8, 0);
    store(t + 0x28, 0);
    check("expires and is cleared", good);
    check_eq("identification", load(t + 0xfe0), 0x04);
}

int main(void)
{
    mmu_reset();
    mmu_on();
    test_remap();
    test_device();
    mmu_unmap_section(VA);
    tlb_flush();
    test_range();
    test_range_wide();
    mmu_unmap_section(VA);
    tlb_flush();
    test_spaces();
    test_user_faults();
    test_icache();
    test_teehbr();
    test_timer();
    return 0;
}
