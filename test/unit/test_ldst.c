/* Loads and stores by emulation, decoded by the real decoder: registers, memory, write-back, aborts, devices.
 */
#define UNIT_MAIN
#include "unit.h"

#include "cache/cache.h"
#include "decoder/decoder.h"
#include "emul/real.h"
#include "emul/vcpu.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

/* 64 KiB of RAM. Page 3 is a translation fault, page 4 read-only, page 5 privileged; 0x80000000 and
   0x80001000 are pages 8 and 1; 0x1xxxxxxx are devices. */
#define RAM 0x70000000u
static uint8_t ram[0x10000], flags[16];
struct guest_memory guest_memory = {ram, sizeof(ram), {0}, flags};
static char notes[256];
#define NOTE(...) snprintf(notes + strlen(notes), sizeof(notes) - strlen(notes), __VA_ARGS__)
void cache_page_dirty(uint32_t page) { NOTE("dirty %u ", page); }

bool mmu_walk(const struct mmu_regs *m, gva_t va, enum access a, bool privileged, struct translation *t,
              uint32_t *fsr)
{
    uint32_t page = va.a >> 12;

    (void)m;
    memset(t, 0, sizeof(*t));
    t->gpa = GPA(va.a);
    *fsr = a == ACCESS_WRITE ? 0x800 : 0;
    if (page == 0x80000 || page == 0x80001)
        t->gpa = GPA((page == 0x80000 ? RAM + 0x8000 : RAM + 0x1000) | (va.a & PAGE_MASK));
    *fsr |= page == (RAM >> 12) + 3 ? FS_TRANSLATION_PAGE : FS_PERMISSION_PAGE;
    return page != (RAM >> 12) + 3 && !(page == (RAM >> 12) + 4 && a == ACCESS_WRITE) &&
           !(page == (RAM >> 12) + 5 && !privileged);
}

static uint32_t device_read(gpa_t gpa, unsigned size)
{
    NOTE("r%u %x ", size, gpa.a);
    return 0x44332211;
}
static void device_write(gpa_t gpa, uint32_t value, unsigned size) { NOTE("w%u %x=%x ", size, gpa.a, value); }

static uint64_t d_regs[32];
static uint32_t fpexc;
uint64_t real_read_d(unsigned n) { return d_regs[n]; }
void real_write_d(unsigned n, uint64_t value) { d_regs[n] = value; }
uint32_t real_read_fpexc(void) { return fpexc; }
static uint32_t monitor; /* the address that it is set for, and the size; 0: open */
static void monitor_set(gva_t va, unsigned size) { monitor = va.a << 4 | size; }
static bool monitor_clear(gva_t va, unsigned size)
{
    bool was = monitor == (va.a << 4 | size);

    monitor = 0;
    return was;
}
static const struct vcpu_upcalls upcalls = {.device_read = device_read,
                                            .device_write = device_write,
                                            .monitor_set = monitor_set,
                                            .monitor_clear = monitor_clear};
__attribute__((constructor)) static void give_upcalls(void) { vcpu_up = &upcalls; }
void real_clear_exclusive(void) { monitor = 0; }

static struct vcpu v;
static bool branched;

static void start(uint32_t cpsr)
{
    memset(&v, 0, sizeof(v));
    v.cpsr = cpsr;
    v.r[1] = RAM;
    v.r[15] = RAM + 0x2000;
    v.cp15.cpacr = 0x00f00000;
    fpexc = 1u << 30;
    for (unsigned i = 0; i < sizeof(ram); i++)
        ram[i] = i * 7 + 0x80;
    memset(flags, 0, sizeof(flags));
    for (unsigned i = 0; i < 32; i++)
        d_regs[i] = 0x1111111111111111ull * (i & 15);
    notes[0] = 0;
}

static bool run(bool thumb, uint32_t word)
{
    struct insn in;

    if (thumb)
        decode_thumb(word, decode_is_wide(word >> 16), &in);
    else
        decode_a32(word, &in);
    return ldst_emulate(&v, &in, &branched);
}
#define A32(word) EXPECT(run(false, word))
#define T32(word) EXPECT(run(true, word))

static uint32_t peek(uint32_t va, unsigned size)
{
    uint32_t value = 0;

    memcpy(&value, ram + (va - RAM), size);
    return value;
}
static void poke(uint32_t va, uint32_t value) { memcpy(ram + (va - RAM), &value, 4); }
static void expect_abort(uint32_t far, uint32_t fsr)
{
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_ABT);
    EXPECT_EQ(v.cp15.dfar, far);
    EXPECT_EQ(v.cp15.dfsr, fsr);
    EXPECT_EQ(v.r[14], RAM + 0x2008);
}

TEST(addressing)
{
    start(MODE_SVC);
    A32(0xe5910000); /* ldr r0, [r1] */
    EXPECT_EQ(v.r[0], peek(RAM, 4));
    EXPECT_EQ(v.r[1], RAM);
    A32(0xe5b10004); /* ldr r0, [r1, #4]! */
    EXPECT_EQ(v.r[0], peek(RAM + 4, 4));
    EXPECT_EQ(v.r[1], RAM + 4);
    A32(0xe4110004); /* ldr r0, [r1], #-4 */
    EXPECT_EQ(v.r[0], peek(RAM + 4, 4));
    EXPECT_EQ(v.r[1], RAM);
    v.r[1] = RAM + 64;
    v.r[2] = 5;
    A32(0xe7110102); /* ldr r0, [r1, -r2, lsl #2] */
    EXPECT_EQ(v.r[0], peek(RAM + 44, 4));
    v.r[1] = RAM - 0x80000000;
    v.cpsr |= PSR_C;
    v.r[2] = 16;
    A32(0xe7910062); /* ldr r0, [r1, r2, rrx] */
    EXPECT_EQ(v.r[0], peek(RAM + 8, 4));
    EXPECT(!branched);
}

TEST(literals)
{
    start(MODE_SVC);
    A32(0xe59f0008); /* ldr r0, [pc, #8] */
    EXPECT_EQ(v.r[0], peek(RAM + 0x2010, 4));
    v.cpsr |= PSR_T;
    v.r[15] += 2;
    T32(0x4802); /* ldr r0, [pc, #8] */
    EXPECT_EQ(v.r[0], peek(RAM + 0x200c, 4));
}

TEST(sizes_and_signs)
{
    start(MODE_SVC);
    poke(RAM, 0x8085ff80);
    A32(0xe5d10000); /* ldrb */
    EXPECT_EQ(v.r[0], 0x80);
    A32(0xe1d100d0); /* ldrsb */
    EXPECT_EQ(v.r[0], 0xffffff80);
    A32(0xe1d100b0); /* ldrh */
    EXPECT_EQ(v.r[0], 0xff80);
    A32(0xe1d100f0); /* ldrsh */
    EXPECT_EQ(v.r[0], 0xffffff80);
    v.r[0] = 0x12345678;
    A32(0xe1c100b0); /* strh */
    EXPECT_EQ(peek(RAM, 4), 0x80855678);
    A32(0xe5e10001); /* strb r0, [r1, #1]! */
    EXPECT_EQ(peek(RAM, 4), 0x80857878);
    EXPECT_EQ(v.r[1], RAM + 1);
    A32(0xe581f000); /* str pc, [r1] */
    EXPECT_EQ(peek(RAM + 1, 4), RAM + 0x2008);
    v.r[2] = (uint32_t)-1;
    T32(0x5e88); /* ldrsh r0, [r1, r2] */
    EXPECT_EQ(v.r[0], 0x0878);
    v.r[0] = 0xabcd;
    T32(0x6048); /* str r0, [r1, #4] */
    EXPECT_EQ(peek(RAM + 5, 4), 0xabcd);
}

TEST(loads_to_the_pc_interwork)
{
    start(MODE_SVC);
    poke(RAM, 0x8001);
    A32(0xe491f008); /* ldr pc, [r1], #8 */
    EXPECT(branched);
    EXPECT_EQ(v.r[15], 0x8000);
    EXPECT_EQ(v.cpsr, MODE_SVC | PSR_T);
    EXPECT_EQ(v.r[1], RAM + 8);
    start(MODE_SVC | PSR_T);
    poke(RAM, 42);
    poke(RAM + 4, 0x9000);
    v.r[13] = RAM;
    T32(0xbd01); /* pop {r0, pc} */
    EXPECT(branched);
    EXPECT_EQ(v.r[0], 42);
    EXPECT_EQ(v.r[15], 0x9000);
    EXPECT_EQ(v.cpsr, MODE_SVC);
    EXPECT_EQ(v.r[13], RAM + 8);
}

TEST(doubles)
{
    start(MODE_SVC);
    A32(0xe1c120d0); /* ldrd r2, r3, [r1] */
    EXPECT_EQ(v.r[2], peek(RAM, 4));
    EXPECT_EQ(v.r[3], peek(RAM + 4, 4));
    v.r[2] = 1, v.r[3] = 2;
    A32(0xe0c120f8); /* strd r2, r3, [r1], #8 */
    EXPECT_EQ(peek(RAM, 4), 1);
    EXPECT_EQ(peek(RAM + 4, 4), 2);
    EXPECT_EQ(v.r[1], RAM + 8);
    T32(0xe9e12302); /* strd r2, r3, [r1, #8]! */
    EXPECT_EQ(v.r[1], RAM + 16);
    EXPECT_EQ(peek(RAM + 20, 4), 2);
    T32(0xe8712302); /* ldrd r2, r3, [r1], #-8 */
    EXPECT_EQ(v.r[1], RAM + 8);
    v.r[1] = RAM + 2;
    EXPECT(!run(false, 0xe1c120d0)); /* always word-aligned */
    expect_abort(RAM + 2, FS_ALIGNMENT);
}

TEST(multiples_address_upwards)
{
    static const struct {
        uint32_t word;
        int first, moved;
    } want[] = {
        {0xe8b1001c, 0, 12},  /* ldmia r1!, {r2, r3, r4} */
        {0xe931000c, -8, -8}, /* ldmdb r1!, {r2, r3} */
        {0xe991000c, 4, 0},   /* ldmib r1, {r2, r3} */
        {0xe811000c, -4, 0},  /* ldmda r1, {r2, r3} */
    };

    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        start(MODE_SVC);
        v.r[1] = RAM + 0x100;
        A32(want[i].word);
        EXPECT_EQ(v.r[2], peek(RAM + 0x100 + want[i].first, 4));
        EXPECT_EQ(v.r[3], peek(RAM + 0x104 + want[i].first, 4));
        EXPECT_EQ(v.r[1], RAM + 0x100 + want[i].moved);
    }
    A32(0xe8910006); /* ldmia r1, {r1, r2}: the base is loaded */
    EXPECT_EQ(v.r[1], peek(RAM + 0x100, 4));
    start(MODE_SVC);
    v.r[1] = RAM + 0x100;
    v.r[2] = 2, v.r[3] = 3, v.r[14] = 14;
    A32(0xe921400c); /* stmdb r1!, {r2, r3, lr} */
    EXPECT_EQ(v.r[1], RAM + 0xf4);
    EXPECT_EQ(peek(RAM + 0xf4, 4), 2);
    EXPECT_EQ(peek(RAM + 0xfc, 4), 14);
    A32(0xe8818004); /* stmia r1, {r2, pc} */
    EXPECT_EQ(peek(RAM + 0xf8, 4), RAM + 0x2008);
    start(MODE_SVC | PSR_T);
    v.r[13] = RAM + 8;
    v.r[0] = 5;
    T32(0xb501); /* push {r0, lr} */
    EXPECT_EQ(peek(RAM, 4), 5);
    EXPECT_EQ(v.r[13], RAM);
    T32(0xc90c); /* ldmia r1!, {r2, r3} */
    EXPECT_EQ(v.r[2], 5);
    EXPECT_EQ(v.r[1], RAM + 8);
}

TEST(user_bank)
{
    start(MODE_FIQ);
    v.bank[BANK_USR].sp = 0x1000, v.bank[BANK_USR].lr = 0x2000;
    A32(0xe8c16000); /* stmia r1, {sp, lr}^ */
    EXPECT_EQ(peek(RAM, 4), 0x1000);
    EXPECT_EQ(peek(RAM + 4, 4), 0x2000);
    poke(RAM, 8), poke(RAM + 4, 13), poke(RAM + 8, 14);
    A32(0xe8d16100); /* ldmia r1, {r8, sp, lr}^ */
    EXPECT_EQ(v.r8_usr[0], 8);
    EXPECT_EQ(v.bank[BANK_USR].sp, 13);
    EXPECT_EQ(v.bank[BANK_USR].lr, 14);
    EXPECT_EQ(v.r[8], 0);
    start(MODE_USR);
    EXPECT(!run(false, 0xe8c16000));
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
}

TEST(exclusives)
{
    start(MODE_SVC);
    v.r[2] = 99;
    A32(0xe1910f9f); /* ldrex r0, [r1] */
    EXPECT_EQ(v.r[0], peek(RAM, 4));
    A32(0xe1813f92); /* strex r3, r2, [r1] */
    EXPECT_EQ(v.r[3], 0);
    EXPECT_EQ(peek(RAM, 4), 99);
    v.r[2] = 100;
    A32(0xe1813f92);
    EXPECT_EQ(v.r[3], 1);
    EXPECT_EQ(peek(RAM, 4), 99);
    A32(0xe1910f9f);
    A32(0xf57ff01f); /* clrex */
    A32(0xe1813f92);
    EXPECT_EQ(v.r[3], 1);
    A32(0xe1910f9f);
    poke(RAM, 5); /* someone else wrote */
    A32(0xe1813f92);
    EXPECT_EQ(v.r[3], 1);
    A32(0xe1910f9f);
    monitor = 0; /* clrex, natively */
    A32(0xe1813f92);
    EXPECT_EQ(v.r[3], 1);
    monitor = 0x40; /* ldrex of another address, natively */
    A32(0xe1813f92);
    EXPECT(v.r[3] == 1 && !monitor);
    A32(0xe1b14f9f); /* ldrexd r4, r5, [r1] */
    EXPECT_EQ(v.r[5], peek(RAM + 4, 4));
    v.r[6] = 6, v.r[7] = 7;
    A32(0xe1a13f96); /* strexd r3, r6, r7, [r1] */
    EXPECT_EQ(v.r[3], 0);
    EXPECT_EQ(peek(RAM + 4, 4), 7);
    A32(0xe1d10f9f); /* ldrexb r0, [r1] */
    A32(0xe1813f92); /* strex of another size */
    EXPECT_EQ(v.r[3], 1);
    T32(0xe8510f01); /* ldrex r0, [r1, #4] */
    EXPECT_EQ(v.r[0], 7);
    T32(0xe8412301); /* strex r3, r2, [r1, #4] */
    EXPECT_EQ(v.r[3], 0);
    EXPECT_EQ(peek(RAM + 4, 4), 100);
    v.r[1] = RAM + 4;
    EXPECT(!run(false, 0xe1b14f9f)); /* ldrexd: doubleword-aligned */
    expect_abort(RAM + 4, FS_ALIGNMENT);
    start(MODE_SVC);
    v.r[1] = RAM + 4;
    EXPECT(!run(false, 0xe1a13f96)); /* strexd too, without a monitor */
    expect_abort(RAM + 4, 0x800 | FS_ALIGNMENT);
    start(MODE_SVC);
    v.r[1] = RAM + 0x4000;
    A32(0xe1910f9f);
    EXPECT(!run(false, 0xe1813f92));
    expect_abort(RAM + 0x4000, 0x800 | FS_PERMISSION_PAGE);
}

TEST(swap)
{
    start(MODE_SVC);
    poke(RAM, 0x11223344);
    v.r[2] = 0xaabbccdd;
    A32(0xe1410092); /* swpb r0, r2, [r1] */
    EXPECT_EQ(v.r[0], 0x44);
    EXPECT_EQ(peek(RAM, 4), 0x112233dd);
    A32(0xe1010092); /* swp r0, r2, [r1] */
    EXPECT_EQ(v.r[0], 0x112233dd);
    EXPECT_EQ(peek(RAM, 4), 0xaabbccdd);
    v.r[1] = RAM + 0x4000;
    v.r[0] = 1;
    EXPECT(!run(false, 0xe1010092));
    expect_abort(RAM + 0x4000, 0x800 | FS_PERMISSION_PAGE);
    EXPECT_EQ(v.r[0], 1);
}

TEST(aborts_change_nothing)
{
    start(MODE_SVC);
    v.r[1] = RAM + 0x3000;
    EXPECT(!run(false, 0xe5b10004)); /* ldr r0, [r1, #4]! */
    expect_abort(RAM + 0x3004, FS_TRANSLATION_PAGE);
    EXPECT_EQ(v.r[1], RAM + 0x3000);
    EXPECT_EQ(v.r[0], 0);
    start(MODE_SVC);
    v.r[1] = RAM + 0x2ff8;
    EXPECT(!run(false, 0xe8b1001c)); /* ldmia r1!, {r2, r3, r4} across the border */
    expect_abort(RAM + 0x3000, FS_TRANSLATION_PAGE);
    EXPECT_EQ(v.r[1], RAM + 0x2ff8);
    EXPECT_EQ(v.r[2], 0);
    start(MODE_SVC);
    v.r[1] = RAM + 0x2fff;
    EXPECT(!run(false, 0xe5810000)); /* str r0, [r1]: the second page faults, the first byte stays */
    expect_abort(RAM + 0x3000, 0x800 | FS_TRANSLATION_PAGE);
    EXPECT_EQ(peek(RAM + 0x2fff, 1), (0x2fff * 7 + 0x80) & 0xff);
}

TEST(privilege)
{
    start(MODE_USR);
    v.r[1] = RAM + 0x5000;
    EXPECT(!run(false, 0xe5910000));
    expect_abort(RAM + 0x5000, FS_PERMISSION_PAGE);
    start(MODE_SVC);
    v.r[1] = RAM + 0x5000;
    A32(0xe5910000);
    EXPECT(!run(false, 0xe4b10000)); /* ldrt r0, [r1], #0 */
    expect_abort(RAM + 0x5000, FS_PERMISSION_PAGE);
    start(MODE_SVC);
    v.r[0] = 3;
    A32(0xe4a10004); /* strt r0, [r1], #4 */
    EXPECT_EQ(peek(RAM, 4), 3);
    EXPECT_EQ(v.r[1], RAM + 4);
    T32(0xf8510e04); /* ldrt r0, [r1, #4] */
    EXPECT_EQ(v.r[0], peek(RAM + 8, 4));
}

TEST(alignment_follows_sctlr)
{
    start(MODE_SVC);
    v.r[1] = RAM + 1;
    A32(0xe5910000);
    EXPECT_EQ(v.r[0], peek(RAM + 1, 4));
    v.mmu.sctlr = 2;
    EXPECT(!run(false, 0xe5810000));
    expect_abort(RAM + 1, 0x800 | FS_ALIGNMENT);
    start(MODE_SVC);
    v.r[1] = RAM + 1;
    EXPECT(!run(false, 0xe8b1001c)); /* LDM */
    expect_abort(RAM + 1, FS_ALIGNMENT);
    start(MODE_SVC);
    v.r[1] = RAM + 1;
    EXPECT(!run(false, 0xed911b02)); /* VLDR */
    expect_abort(RAM + 9, FS_ALIGNMENT);
}

TEST(pages_that_are_not_contiguous)
{
    start(MODE_SVC);
    v.r[1] = 0x80000ffd;
    v.r[0] = 0x44332211;
    A32(0xe5810000);
    EXPECT_EQ(peek(RAM + 0x8ffd, 3), 0x332211);
    EXPECT_EQ(peek(RAM + 0x1000, 1), 0x44);
    v.r[0] = 0;
    A32(0xe5910000);
    EXPECT_EQ(v.r[0], 0x44332211);
}

TEST(big_endian_data)
{
    start(MODE_SVC | PSR_E);
    poke(RAM, 0x11223344);
    poke(RAM + 4, 0x55667788);
    A32(0xe5910000);
    EXPECT_EQ(v.r[0], 0x44332211);
    A32(0xe1d100b0); /* ldrh */
    EXPECT_EQ(v.r[0], 0x4433);
    v.r[0] = 0xaabbccdd;
    A32(0xe1c100b0); /* strh */
    EXPECT_EQ(peek(RAM, 4), 0x1122ddcc);
    A32(0xe5810000); /* str */
    EXPECT_EQ(peek(RAM, 4), 0xddccbbaa);
    v.r[1] -= 8;
    A32(0xed911b02); /* vldr d1, [r1, #8] */
    EXPECT_EQ(d_regs[1], 0xaabbccdd88776655ull);
}

TEST(writes_to_code_pages_are_seen_once)
{
    start(MODE_SVC);
    flags[0] = PAGE_HAS_CODE;
    A32(0xe5910000);
    EXPECT(!strcmp(notes, ""));
    A32(0xe5810000);
    A32(0xe5810000);
    EXPECT(!strcmp(notes, "dirty 0 "));
    EXPECT_EQ(flags[0], PAGE_HAS_CODE | PAGE_DIRTY);
}

TEST(devices)
{
    start(MODE_SVC);
    v.r[1] = 0x10009000;
    A32(0xe5910000);
    EXPECT_EQ(v.r[0], 0x44332211);
    A32(0xe5d10000); /* ldrb */
    EXPECT_EQ(v.r[0], 0x11);
    A32(0xe1c100b0); /* strh */
    A32(0xe8b1001c); /* ldmia r1!, {r2, r3, r4} */
    EXPECT(!strcmp(notes, "r4 10009000 r1 10009000 w2 10009000=11 r4 10009000 r4 10009004 r4 10009008 "));
    v.r[1] = 0x10009001; /* unaligned: no answer */
    notes[0] = 0;
    A32(0xe5910000);
    EXPECT_EQ(v.r[0], 0);
    EXPECT(!strcmp(notes, ""));
}

TEST(preloads_and_strangers)
{
    start(MODE_SVC);
    v.r[1] = RAM + 0x3000;
    A32(0xf5d1f000);                 /* pld [r1] */
    EXPECT(!run(false, 0xe0800001)); /* add */
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
    start(MODE_SVC);
    EXPECT(!run(false, 0xec410b10)); /* vmov d0, r0, r1 */
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
}

TEST(vfp)
{
    start(MODE_SVC);
    A32(0xed911b02); /* vldr d1, [r1, #8] */
    EXPECT_EQ(d_regs[1], peek(RAM + 8, 4) | (uint64_t)peek(RAM + 12, 4) << 32);
    A32(0xedc11a00); /* vstr s3, [r1] */
    EXPECT_EQ(peek(RAM, 4), d_regs[1] >> 32);
    v.r[1] = RAM + 0x40;
    A32(0xed511a01); /* vldr s3, [r1, #-4] */
    EXPECT_EQ(d_regs[1] >> 32, peek(RAM + 0x3c, 4));
    EXPECT_EQ((uint32_t)d_regs[1], peek(RAM + 8, 4));
    A32(0xecb10b06); /* vldmia r1!, {d0-d2} */
    EXPECT_EQ(v.r[1], RAM + 0x58);
    EXPECT_EQ(d_regs[2] >> 32, peek(RAM + 0x54, 4));
    v.r[13] = RAM + 0x10;
    A32(0xed2d8b02); /* vpush {d8} */
    EXPECT_EQ(v.r[13], RAM + 8);
    EXPECT_EQ(peek(RAM + 8, 4), 0x88888888);
    A32(0xed610a03); /* vstmdb r1!, {s1-s3} */
    EXPECT_EQ(v.r[1], RAM + 0x4c);
    EXPECT_EQ(peek(RAM + 0x4c, 4), d_regs[0] >> 32);
    EXPECT_EQ(peek(RAM + 0x54, 4), d_regs[1] >> 32);
    v.cp15.cpacr = 0x00500000;
    A32(0xed911b02);
    v.cpsr = MODE_USR;
    EXPECT(!run(false, 0xed911b02));
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
    start(MODE_SVC);
    fpexc = 0;
    EXPECT(!run(false, 0xed911b02));
    EXPECT_EQ(v.cpsr & PSR_MODE, MODE_UND);
}

static void disabled(uint32_t cpacr, uint32_t word, bool undefined)
{
    start(MODE_SVC);
    v.cp15.cpacr |= cpacr;
    EXPECT_EQ(run(false, word), !undefined);
    EXPECT_EQ(v.cpsr & PSR_MODE, undefined ? MODE_UND : MODE_SVC);
}

TEST(cpacr_disables)
{
    const uint32_t asedis = 1u << 31, d32dis = 1u << 30;

    disabled(0, 0xedd10b02, false); /* vldr d16, [r1, #8] */
    disabled(d32dis, 0xedd10b02, true);
    disabled(d32dis, 0xed91fb02, false); /* vldr d15 */
    disabled(d32dis, 0xecb1eb04, false); /* vldmia r1!, {d14, d15} */
    disabled(d32dis, 0xecb1eb06, true);  /* vldmia r1!, {d14-d16} */
    disabled(d32dis, 0xedd10a02, false); /* vldr s1 */
    disabled(asedis, 0xedd10b02, false);
    disabled(0, 0xf421070f, false); /* vld1.8 {d0}, [r1] */
    disabled(asedis, 0xf421070f, true);
    disabled(asedis | d32dis, 0xf421070f, true);
}

static uint64_t bytes_at(unsigned first, unsigned step)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)ram[first + i * step] << 8 * i;
    return value;
}

TEST(element_structures)
{
    start(MODE_SVC);
    v.r[1] = RAM + 1;
    A32(0xf421070f); /* vld1.8 {d0}, [r1] */
    EXPECT_EQ(d_regs[0], bytes_at(1, 1));
    v.r[1] = RAM;
    A32(0xf4210a8d); /* vld1.32 {d0, d1}, [r1]! */
    EXPECT_EQ(d_regs[1], bytes_at(8, 1));
    EXPECT_EQ(v.r[1], RAM + 16);
    v.r[1] = RAM, v.r[2] = 0x30;
    A32(0xf4210402); /* vld3.8 {d0, d1, d2}, [r1], r2 */
    for (unsigned i = 0; i < 3; i++)
        EXPECT_EQ(d_regs[i], bytes_at(i, 3));
    EXPECT_EQ(v.r[1], RAM + 0x30);
    A32(0xf421002f); /* vld4.8 {d0-d3}, [r1:128] */
    for (unsigned i = 0; i < 4; i++)
        EXPECT_EQ(d_regs[i], bytes_at(0x30 + i, 4));
    A32(0xf421030d); /* vld2.8 {d0-d3}, [r1]! */
    EXPECT_EQ(d_regs[0], bytes_at(0x30, 2));
    EXPECT_EQ(d_regs[2], bytes_at(0x31, 2));
    EXPECT_EQ(d_regs[1], bytes_at(0x40, 2));
    EXPECT_EQ(d_regs[3], bytes_at(0x41, 2));
    EXPECT_EQ(v.r[1], RAM + 0x50);
    d_regs[0] = 0x4444333322221111ull, d_regs[1] = 0x8888777766665555ull;
    A32(0xf401088f); /* vst2.32 {d0, d1}, [r1] */
    EXPECT_EQ(peek(RAM + 0x50, 4), 0x22221111);
    EXPECT_EQ(peek(RAM + 0x54, 4), 0x66665555);
    EXPECT_EQ(peek(RAM + 0x5c, 4), 0x88887777);
    v.r[1] = RAM + 8;
    EXPECT(!run(false, 0xf421002f)); /* 128-bit alignment was promised */
    expect_abort(RAM + 8, FS_ALIGNMENT);
    start(MODE_SVC);
    v.r[1] = RAM + 0x2ff8;
    EXPECT(!run(false, 0xf4210a8d));
    expect_abort(RAM + 0x3000, FS_TRANSLATION_PAGE);
    EXPECT_EQ(d_regs[0], 0);
    EXPECT_EQ(v.r[1], RAM + 0x2ff8);
}

TEST(element_lanes)
{
    start(MODE_SVC);
    d_regs[0] = 0;
    A32(0xf4a1048f); /* vld1.16 {d0[2]}, [r1] */
    EXPECT_EQ(d_regs[0], (uint64_t)peek(RAM, 2) << 32);
    A32(0xf4a10c2d); /* vld1.8 {d0[], d1[]}, [r1]! */
    EXPECT_EQ(d_regs[0], ram[0] * 0x0101010101010101ull);
    EXPECT_EQ(d_regs[1], ram[0] * 0x0101010101010101ull);
    EXPECT_EQ(v.r[1], RAM + 1);
    v.r[1] = RAM;
    A32(0xf4a10faf); /* vld4.32 {d0[], d2[], d4[], d6[]}, [r1] */
    EXPECT_EQ(d_regs[6], peek(RAM + 12, 4) * 0x100000001ull);
    d_regs[4] = 0x4444333322221111ull;
    A32(0xf481076d); /* vst4.16 {d0[1], d2[1], d4[1], d6[1]}, [r1]! */
    EXPECT_EQ(peek(RAM + 4, 2), 0x2222);
    EXPECT_EQ(v.r[1], RAM + 8);
    T32(0xf921070f); /* vld1.8 {d0}, [r1] */
    EXPECT_EQ(d_regs[0], bytes_at(8, 1));
}

TEST(helpers_for_others)
{
    uint32_t value;

    start(MODE_SVC);
    EXPECT(mem_write(&v, GVA(RAM + 3), 4, true, 0x12345678));
    EXPECT(mem_read(&v, GVA(RAM + 4), 2, true, &value));
    EXPECT_EQ(value, 0x3456);
    EXPECT(!mem_read(&v, GVA(RAM + 0x5000), 1, false, &value));
    expect_abort(RAM + 0x5000, FS_PERMISSION_PAGE);
}
