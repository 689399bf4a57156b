/*
 * Proves which CP15 and CP14 accesses exist at PL1 and PL0, what they read, and which bits writes keep: all
 * encodings are executed. Consecutive ones that behave the same share a line:
 *     p15 0 c9 c12 5: RW-- 00000000 ones 0000001f zeros 00000000
 */
#include "guest.h"

struct encoding {
    unsigned coproc, opc1, crn, crm, opc2;
};
struct behaviour {
    bool r1, w1, r0, w0;
    uint32_t value, ones, zeros;
};

#define ROW       128 /* encodings of one coprocessor, CRn and opc1 */
#define UNCHANGED 0xdeadbeef
#define BX_LR     0xe12fff1e
#define READ_R0   0xee100010
#define WRITE_R0  0xee000010

/* One stretch of code for a whole row: what is undefined is noted and stepped over. */
__attribute__((used, aligned(4096))) static uint32_t code[ROW * 14 + 8];
static unsigned code_count;
__attribute__((used)) static union {
    bool at[ARRAY_SIZE(code)];
    uint32_t words[ARRAY_SIZE(code) / 4];
} undefined;
__attribute__((used)) static volatile unsigned undefined_count;

static void emit(uint32_t word) { code[code_count++] = word; }

/* Instead of the support's recorder, which would take minutes where every instruction is a callout. */
extern char quick_vectors[];
__asm__(".balign 32\n"
        "quick_vectors:\n"
        "    b exc_vectors\n    b quick_und\n    b exc_vectors + 8\n    b exc_vectors + 12\n"
        "    b exc_vectors + 16\n    b exc_vectors + 20\n    b exc_vectors + 24\n    b exc_vectors + 28\n"
        "quick_und:\n"
        "    push {r0, r1, r2}\n"
        "    ldr r0, =code + 4\n" /* LR is past the instruction */
        "    sub r0, lr, r0\n"
        "    ldr r1, =undefined\n"
        "    mov r2, #1\n"
        "    strb r2, [r1, r0, lsr #2]\n"
        "    ldr r0, =undefined_count\n"
        "    ldr r1, [r0]\n"
        "    add r1, r1, r2\n"
        "    str r1, [r0]\n"
        "    pop {r0, r1, r2}\n"
        "    movs pc, lr\n"
        "    .ltorg\n");

/* Call the stretch with up to four arguments; at PL0 only the first arrives. */
static uint32_t run(bool user, uint32_t r0, uint32_t r1, uint32_t r2, uint32_t r3)
{
    uint32_t (*fn)(uint32_t, uint32_t, uint32_t, uint32_t) = (void *)code;
    uint32_t vbar = MRC15(0, 12, 0, 0);

    emit(BX_LR);
    code_sync(code, code_count * 4);
    for (unsigned i = 0; 4 * i < code_count; i++)
        undefined.words[i] = 0;
    undefined_count = 0;
    code_count--;
    MCR15(0, 12, 0, 0, (uintptr_t)quick_vectors);
    ISB();
    r0 = user ? run_user(MODE_USR | PSR_I | PSR_F, (void *)code, r0) : fn(r0, r1, r2, r3);
    MCR15(0, 12, 0, 0, vbar);
    ISB();
    __asm__ volatile("" ::: "memory");
    return r0;
}

static uint32_t fields_of(const struct encoding *e)
{
    return e->coproc << 8 | e->opc1 << 21 | e->crn << 16 | e->crm | e->opc2 << 5;
}

static struct encoding nth(const struct encoding *row, unsigned n)
{
    struct encoding e = *row;

    e.crm = n >> 3;
    e.opc2 = n & 7;
    return e;
}

/*
 * Read, and write what was read (or 0): which of the two is there. What PL1 lacks, PL0 is not asked for. The
 * stretch differs from row to row in the same bits of all its accesses: it is adapted, not built anew.
 * Branches keep short what a translator takes for one block: after each undefined word it begins another.
 */
static bool find(const struct encoding *row, struct behaviour *b)
{
    static uint32_t stretch[4 * ROW], built; /* built: the fields in it */
    uint32_t fields = fields_of(row), delta = fields - built;

    for (unsigned i = 0; !built && i < ROW; i++) {
        struct encoding e = nth(&(struct encoding){0}, i);

        stretch[4 * i] = 0xe3a00000; /* mov r0, #0 */
        stretch[4 * i + 1] = READ_R0 | fields_of(&e);
        stretch[4 * i + 2] = WRITE_R0 | fields_of(&e);
        stretch[4 * i + 3] = 0xeaffffff; /* b to the next */
    }
    built = fields;
    for (unsigned i = 0; i < 4 * ROW; i += 4) {
        code[i] = stretch[i];
        code[i + 1] = stretch[i + 1] += delta;
        code[i + 2] = stretch[i + 2] += delta;
        code[i + 3] = stretch[i + 3];
    }
    code_count = 4 * ROW;
    run(false, 0, 0, 0, 0);
    if (undefined_count == 2 * ROW)
        return false;
    for (unsigned i = 0; i < ROW; i++)
        b[i] = (struct behaviour){.r1 = !undefined.at[4 * i + 1], .w1 = !undefined.at[4 * i + 2]};
    run(true, 0, 0, 0, 0);
    for (unsigned i = 0; i < ROW; i++) {
        b[i].r0 = !undefined.at[4 * i + 1];
        b[i].w0 = !undefined.at[4 * i + 2];
    }
    return true;
}

/* What is read: at first, after ones were written, after zeros were. r1: results; r2: ones; r3: UNCHANGED. */
static void look(const struct encoding *row, struct behaviour *b)
{
    static uint32_t results[3 * ROW];
    uint32_t *out = results, ones = row->coproc == 15 && row->crn == 1 ? ~1u : ~0u; /* not SCTLR.M */

    code_count = 0;
    for (unsigned i = 0; i < ROW; i++) {
        struct encoding e = nth(row, i);
        uint32_t read = READ_R0 | fields_of(&e), write = WRITE_R0 | fields_of(&e);

        if (!b[i].r1)
            continue;
        emit(0xe1a00003); /* mov r0, r3 */
        emit(read);
        emit(0xe4810004); /* str r0, [r1], #4 */
        if (!b[i].w1)
            continue;
        emit(0xe1a0c000); /* mov r12, r0 */
        emit(write | 2 << 12);
        emit(0xe1a00003);
        emit(read);
        emit(0xe4810004);
        emit(0xe3a00000); /* mov r0, #0 */
        emit(write);
        emit(0xe1a00003);
        emit(read);
        emit(0xe4810004);
        emit(write | 12 << 12);
    }
    if (!code_count)
        return;
    run(false, 0, (uint32_t)(uintptr_t)results, ones, UNCHANGED);
    for (unsigned i = 0; i < ROW; i++) {
        if (!b[i].r1)
            continue;
        b[i].value = *out++;
        if (!b[i].w1)
            continue;
        b[i].ones = *out++;
        b[i].zeros = *out++;
    }
}

static struct encoding run_first, run_last;
static struct behaviour run_behaviour;
static bool in_run;

static void end_run(void)
{
    const struct encoding *f = &run_first, *l = &run_last;
    const struct behaviour *b = &run_behaviour;

    if (!in_run)
        return;
    in_run = false;
    print("p%u %u c%u c%u %u", f->coproc, f->opc1, f->crn, f->crm, f->opc2);
    if (f->opc1 != l->opc1 || f->crm != l->crm || f->opc2 != l->opc2)
        print(" .. %u c%u c%u %u", l->opc1, l->crn, l->crm, l->opc2);
    print(": %c%c%c%c", b->r1 ? 'R' : '-', b->w1 ? 'W' : '-', b->r0 ? 'r' : '-', b->w0 ? 'w' : '-');
    if (b->r1)
        print(" %08x", (unsigned)b->value);
    if (b->r1 && b->w1)
        print(" ones %08x zeros %08x", (unsigned)b->ones, (unsigned)b->zeros);
    print("\n");
}

static bool same(const struct behaviour *a, const struct behaviour *b)
{
    return a->r1 == b->r1 && a->w1 == b->w1 && a->r0 == b->r0 && a->w0 == b->w0 && a->value == b->value &&
           a->ones == b->ones && a->zeros == b->zeros;
}

static void add(const struct encoding *e, const struct behaviour *b)
{
    bool exists = b->r1 || b->w1 || b->r0 || b->w0;

    if (in_run && (!exists || !same(b, &run_behaviour)))
        end_run();
    if (!exists)
        return;
    if (!in_run) {
        in_run = true;
        run_first = *e;
        run_behaviour = *b;
    }
    run_last = *e;
}

static void scan_registers(unsigned coproc)
{
    static struct behaviour b[ROW];
    struct encoding row = {.coproc = coproc};

    for (row.crn = 0; row.crn < 16; row.crn++)
        for (row.opc1 = 0; row.opc1 < 8; row.opc1++) {
            if (coproc == 14 && row.opc1 > 1 && row.opc1 < 6)
                continue; /* neither debug, nor trace, nor ThumbEE, nor Jazelle (A2.9, C6.1) */
            if (!find(&row, b))
                continue;
            look(&row, b);
            for (unsigned i = 0; i < ROW; i++) {
                struct encoding e = nth(&row, i);

                add(&e, &b[i]);
            }
            end_run();
        }
}

/* MRC, MCR, CDP, LDC, STC, MRRC, MCRR: which exist in which coprocessor. */
static void scan_coprocessors(void)
{
    static const struct {
        const char *name;
        uint32_t word;
    } kinds[] = {
        {"mrc", 0xee100010}, {"mcr", 0xee000010},  {"cdp", 0xee000000},  {"ldc", 0xed915000},
        {"stc", 0xed815000}, {"mrrc", 0xec530000}, {"mcrr", 0xec430000},
    };
    static uint32_t buffer[4];

    code_count = 0;
    for (unsigned p = 0; p < 16; p++)
        for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++)
            emit(kinds[k].word | (p == 10 || p == 11 ? 0 : p) << 8); /* VFP is another guest's */
    run(false, 0, (uint32_t)(uintptr_t)buffer, 0, 0);
    for (unsigned p = 0; p < 16; p++)
        for (unsigned k = 0; k < ARRAY_SIZE(kinds); k++)
            if (!undefined.at[p * ARRAY_SIZE(kinds) + k])
                print("%s p%u\n", kinds[k].name, p);
}

static void scan_cache_sizes(void)
{
    for (unsigned level = 0; level < 16; level++) {
        MCR15(2, 0, 0, 0, level);
        ISB();
        print("CCSIDR %u: %08x\n", level, (unsigned)MRC15(1, 0, 0, 0));
    }
    MCR15(2, 0, 0, 0, 0);
}

/* Counters by PMSELR, PL0 access by PMUSERENR. */
static void scan_counters(void)
{
    for (unsigned n = 0; n < 32; n++) {
        MCR15(0, 9, 12, 5, n);
        MCR15(0, 9, 13, 1, ~0u);
        MCR15(0, 9, 13, 2, n);
        if (MRC15(0, 9, 13, 1) || MRC15(0, 9, 13, 2))
            print("counter %u: %08x %08x\n", n, (unsigned)MRC15(0, 9, 13, 1), (unsigned)MRC15(0, 9, 13, 2));
        MCR15(0, 9, 13, 1, 0);
        MCR15(0, 9, 13, 2, 0);
    }
    MCR15(0, 9, 14, 0, 1);
    for (unsigned crm = 12; crm < 15; crm++)
        for (unsigned opc2 = 0; opc2 < 8; opc2++) {
            struct encoding e = {15, 0, 9, crm, opc2};

            code_count = 0;
            emit(READ_R0 | fields_of(&e));
            emit(WRITE_R0 | fields_of(&e));
            run(true, 0, 0, 0, 0);
            print("PL0 c9 c%u %u: %c%c\n", crm, opc2, undefined.at[0] ? '-' : 'r',
                  undefined.at[1] ? '-' : 'w');
        }
    MCR15(0, 9, 14, 0, 0);
}

static uint32_t access_debug(uint32_t word, unsigned crn, unsigned crm, unsigned opc2, uint32_t value)
{
    struct encoding e = {14, 0, crn, crm, opc2};

    code_count = 0;
    emit(word | fields_of(&e));
    return run(false, value, 0, 0, 0);
}

static uint32_t read_debug(unsigned crn, unsigned crm, unsigned opc2)
{
    return access_debug(READ_R0, crn, crm, opc2, UNCHANGED);
}

static void write_debug(unsigned crn, unsigned crm, unsigned opc2, uint32_t value)
{
    access_debug(WRITE_R0, crn, crm, opc2, value);
}

/* Before the scan, which writes the lock. */
static void scan_debug(void)
{
    print("DBGOSLSR %08x\n", (unsigned)read_debug(1, 1, 4));
    write_debug(1, 0, 4, 1);
    print("unlocked %08x\n", (unsigned)read_debug(1, 1, 4));
    write_debug(1, 0, 4, 0xc5acce55);
    print("locked %08x\n", (unsigned)read_debug(1, 1, 4));
    write_debug(0, 2, 2, 0x12340000);
    print("DBGDSCRint %08x\n", (unsigned)read_debug(0, 1, 0));
    write_debug(0, 2, 2, 0);
}

int main(void)
{
    scan_debug();
    scan_registers(15);
    scan_registers(14);
    scan_coprocessors();
    scan_cache_sizes();
    scan_counters();
    return 0;
}
