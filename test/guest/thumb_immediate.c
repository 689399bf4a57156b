/* Proves: T32 data processing with modified immediates and shifted registers in SVC mode: results and flags
   of all operations against a model (A6.3.2). */
#include "guest.h"

#define SNIPPETS 128
static uint16_t code[SNIPPETS * 8] __attribute__((aligned(64)));

/* uint32_t call(fn, r1, flags, out): r0 = result, out[0] = flags after. */
uint32_t call_snippet(uint32_t fn, uint32_t r1, uint32_t flags, uint32_t *out);
__asm__(".text\n.arm\n.balign 4\n.type call_snippet, %function\ncall_snippet:\n\tpush {r4, lr}\n\t"
        "mov r4, r3\n\tmov r12, r0\n\t"
        "mov r0, #0\n\tmov r3, #0x21\n\tmsr cpsr_f, r2\n\tblx r12\n\tmrs r1, cpsr\n\tstr r1, [r4]\n\t"
        "pop {r4, pc}\n");

static uint32_t ror(uint32_t v, unsigned n) { return n ? v >> n | v << (32 - n) : v; }

static uint32_t expand(uint32_t imm12, bool *carry)
{
    uint32_t imm8 = imm12 & 0xff;

    switch (imm12 >> 8) {
    case 0: return imm8;
    case 1: return imm8 | imm8 << 16;
    case 2: return imm8 << 8 | imm8 << 24;
    case 3: return imm8 * 0x01010101u;
    }
    uint32_t v = ror(0x80 | (imm12 & 0x7f), imm12 >> 7);
    *carry = v >> 31;
    return v;
}

struct result {
    uint32_t value;
    bool c, v;
};

static struct result add(uint32_t a, uint32_t b, bool carry)
{
    uint64_t sum = (uint64_t)a + b + carry;

    return (struct result){(uint32_t)sum, sum >> 32, (~(a ^ b) & (a ^ (uint32_t)sum)) >> 31};
}

static struct result model(unsigned op, uint32_t rn, uint32_t imm, bool c, bool shifter_c, bool v)
{
    switch (op) {
    case 0: return (struct result){rn & imm, shifter_c, v};
    case 1: return (struct result){rn & ~imm, shifter_c, v};
    case 2: return (struct result){rn | imm, shifter_c, v};
    case 3: return (struct result){rn | ~imm, shifter_c, v};
    case 4: return (struct result){rn ^ imm, shifter_c, v};
    case 8: return add(rn, imm, false);
    case 10: return add(rn, imm, c);
    case 11: return add(rn, ~imm, c);
    case 13: return add(rn, ~imm, true);
    default: return add(~rn, imm, true); /* 14, RSB */
    }
}

static uint32_t flags_of(struct result r)
{
    return (r.value >> 31) << 31 | (uint32_t)!r.value << 30 | (uint32_t)r.c << 29 | (uint32_t)r.v << 28;
}

static const struct {
    unsigned op;
    const char *name;
} ops[] = {{0, "and"}, {1, "bic"},  {2, "orr"},  {3, "orn"},  {4, "eor"},
           {8, "add"}, {10, "adc"}, {11, "sbc"}, {13, "sub"}, {14, "rsb"}};

/* <op>S.W r0, r1, #imm; the S bit also makes TST, TEQ, CMN, CMP when Rd is 15. */
static bool immediates(unsigned op, bool s, bool compare)
{
    bool good = true;
    uint32_t first = (op * 5 + s * 7 + compare * 3) % 16; /* each sees one of 16, all together most */

    for (uint32_t part = 0; part < 2; part++) {
        for (uint32_t i = 0; i < SNIPPETS; i++) {
            uint32_t imm12 = (part * SNIPPETS + i) * 16 + first;
            code[i * 8] = (uint16_t)(0xf001 | op << 5 | (s ? 0x10 : 0) | (imm12 >> 11) << 10);
            code[i * 8 + 1] = (uint16_t)((imm12 >> 8 & 7) << 12 | (compare ? 15 : 0) << 8 | (imm12 & 0xff));
            code[i * 8 + 2] = 0x4770;
        }
        code_sync(code, sizeof(code));
        for (uint32_t i = 0; i < SNIPPETS; i++) {
            uint32_t imm12 = (part * SNIPPETS + i) * 16 + first, rn = i * 0x9e3779b9u ^ part, out = 0;
            uint32_t flags = i << 28;
            bool c = flags >> 29 & 1, v = flags >> 28 & 1, shifter_c = c;
            if ((imm12 >> 8) >= 1 && (imm12 >> 8) <= 3 && !(imm12 & 0xff))
                continue; /* UNPREDICTABLE */
            uint32_t imm = expand(imm12, &shifter_c);
            struct result want = model(op, rn, imm, c, shifter_c, v);
            uint32_t got = call_snippet((uint32_t)&code[i * 8] + 1, rn, flags, &out);
            if ((!compare && got != want.value) || (out & 0xf0000000) != (s ? flags_of(want) : flags)) {
                if (good)
                    print("FAIL imm12 %x rn %08x: %08x %08x\n", (unsigned)imm12, (unsigned)rn, (unsigned)got,
                          (unsigned)out);
                good = false;
            }
        }
    }
    return good;
}

/* <op>S.W r0, r1, r3, shift #n with r3 = 0x21: against the model with a shifted operand. */
static bool shifts(unsigned op)
{
    bool good = true;

    for (uint32_t i = 0; i < 128; i++) {
        code[i * 8] = (uint16_t)(0xea11 | op << 5);
        code[i * 8 + 1] = (uint16_t)((i >> 4 & 7) << 12 | (i >> 2 & 3) << 6 | (i & 3) << 4 | 3);
        code[i * 8 + 2] = 0x4770;
    }
    code_sync(code, sizeof(code));
    for (uint32_t i = 0; i < 128; i++) {
        uint32_t n = (i >> 4 & 7) << 2 | (i >> 2 & 3), type = i & 3, m = 0x21, rn = i * 0x9e3779b9u, out = 0;
        uint32_t flags = i << 28;
        bool c = flags >> 29 & 1, sc = c;
        uint32_t operand = m;
        if (type == 0 && n)
            sc = m >> (32 - n) & 1, operand = m << n;
        else if (type == 1 || type == 2)
            sc = n ? m >> (n - 1) & 1 : 0, operand = n ? m >> n : 0;
        else if (type == 3 && n)
            operand = ror(m, n), sc = operand >> 31;
        else if (type == 3)
            sc = m & 1, operand = (uint32_t)c << 31 | m >> 1;
        struct result want = model(op, rn, operand, c, sc, flags >> 28 & 1);
        uint32_t got = call_snippet((uint32_t)&code[i * 8] + 1, rn, flags, &out);
        if (got != want.value || (out & 0xf0000000) != flags_of(want)) {
            if (good)
                print("FAIL shift %u #%u: %08x %08x\n", (unsigned)type, (unsigned)n, (unsigned)got,
                      (unsigned)out);
            good = false;
        }
    }
    return good;
}

int main(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(ops); i++) {
        print("%s: ", ops[i].name);
        check("immediates", immediates(ops[i].op, false, false));
        print("%ss: ", ops[i].name);
        check("immediates", immediates(ops[i].op, true, false));
        print("%ss: ", ops[i].name);
        check("shifts", shifts(ops[i].op));
    }
    check("tst: immediates", immediates(0, true, true));
    check("teq: immediates", immediates(4, true, true));
    check("cmn: immediates", immediates(8, true, true));
    check("cmp: immediates", immediates(13, true, true));
    return 0;
}
