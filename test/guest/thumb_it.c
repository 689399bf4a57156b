/* Proves: IT blocks of all conditions and masks, with changing flags in SVC mode: 16-bit ALU operations
   leave the flags, CMP inside changes them for the rest, every ALU operation runs conditionally. */
#include "transfer.h"

static uint16_t code[32] __attribute__((aligned(64)));

static bool passes(unsigned cond, unsigned nzcv)
{
    bool n = nzcv >> 3 & 1, z = nzcv >> 2 & 1, c = nzcv >> 1 & 1, v = nzcv & 1, r;

    switch (cond >> 1) {
    case 0: r = z; break;
    case 1: r = c; break;
    case 2: r = n; break;
    case 3: r = v; break;
    case 4: r = c && !z; break;
    case 5: r = n == v; break;
    case 6: r = n == v && !z; break;
    default: return true;
    }
    return r != (cond & 1);
}

static unsigned block_length(unsigned mask) { return mask & 1 ? 4 : mask & 2 ? 3 : mask & 4 ? 2 : 1; }

/* Condition of instruction i of a block, from the ITSTATE rules (A2.5.2). */
static unsigned block_cond(unsigned cond, unsigned mask, unsigned i)
{
    return i == 0 ? cond : (cond & 0xe) | (mask >> (4 - i) & 1);
}

/* r2 starts as 1; r0, r1, r3, r4 are the marks' destinations; what a mark does does not matter, only
   whether. */
static const uint16_t marks[] = {
    0x2055, /* mov r0, #0x55 */ 0x3101, /* add r1, #1 */ 0x3b01, /* sub r3, #1 */ 0x1c94, /* add r4, r2, #2 */
};
static const unsigned mark_regs[] = {0, 1, 3, 4};

/* One run: `compare` is the index of an instruction replaced by CMP r2, #1 (Z and C set), or none. */
static bool run(unsigned cond, unsigned mask, unsigned flags, unsigned compare)
{
    unsigned n = block_length(mask), now = flags;
    bool expect[4] = {false, false, false, false}, good = true;

    for (unsigned i = 0; i < n; i++) {
        if (!passes(block_cond(cond, mask, i), now))
            continue;
        if (i == compare)
            now = 6;
        else
            expect[i] = true;
    }
    transfer_fill(flags);
    transfer_regs[2] = 1;
    transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | flags << 28, (uint32_t)code);
    for (unsigned i = 0; i < 4; i++)
        good &= (transfer_frame.r[mark_regs[i]] != transfer_regs[mark_regs[i]]) == expect[i];
    good &= exc_last.spsr >> 28 == now && exc_last.type == EXC_UND && exc_last.pc == (uint32_t)&code[1 + n];
    if (!good)
        print("FAIL cond %x mask %x flags %x compare %u: at +%x flags %x\n", cond, mask, flags, compare,
              (unsigned)(exc_last.pc - (uint32_t)code), (unsigned)exc_last.spsr >> 28);
    return good;
}

static void plant(unsigned cond, unsigned mask, unsigned compare)
{
    unsigned n = block_length(mask);

    code[0] = (uint16_t)(0xbf00 | cond << 4 | mask);
    for (unsigned i = 0; i < n; i++)
        code[1 + i] = i == compare ? 0x2a01 : marks[i]; /* cmp r2, #1 */
    code[1 + n] = 0xde00;
    code_sync(code, sizeof(code));
}

/* Each 16-bit ALU operation in an IT block: performed if the condition holds, flags kept either way. */
static bool alu(uint16_t op)
{
    bool good = true;

    code[0] = 0xbf0c; /* ite eq */
    code[1] = op;
    code[2] = 0x2444; /* mov r4, #0x44 */
    code[3] = op;     /* outside: sets flags */
    code[4] = 0xde00;
    code_sync(code, sizeof(code));
    for (unsigned z = 0; z < 2; z++) {
        code[3] = 0xde00;
        code_sync(code, sizeof(code));
        transfer_fill(5);
        transfer_regs[0] = 0x80000007;
        transfer_regs[1] = 3;
        transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | z << 30, (uint32_t)code);
        uint32_t inside = transfer_frame.r[0];
        good &= exc_last.spsr >> 28 == z << 2 && (transfer_frame.r[4] == 0x44) == !z;
        if (!z)
            good &= inside == 0x80000007; /* not performed */
        /* Alone, outside a block, it gives the same result. */
        code[3] = op;
        code_sync(code, sizeof(code));
        transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | z << 30, (uint32_t)&code[3]);
        if (z)
            good &= transfer_frame.r[0] == inside;
    }
    return good;
}

int main(void)
{
    static const char *const names[] = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                        "hi", "ls", "ge", "lt", "gt", "le", "al"};

    for (unsigned cond = 0; cond < 15; cond++) {
        bool good = true;
        for (unsigned mask = 1; mask < 16; mask++) {
            if (cond == 14 && mask != 8 && mask != 4 && mask != 2 && mask != 1)
                continue; /* AL has no else */
            for (unsigned compare = 0; compare < 5; compare++) {
                if (compare < 4 && (compare >= block_length(mask) || (compare + cond + mask) % 2))
                    continue;
                plant(cond, mask, compare);
                for (unsigned flags = 0; flags < 16; flags += compare < 4 ? 9 : 5)
                    good &= run(cond, mask, flags, compare);
            }
        }
        print("it %s: ", names[cond]);
        check("all masks", good);
    }
    for (unsigned op = 0; op < 16; op++) {
        uint16_t word = (uint16_t)(0x4008 | op << 6); /* ands r0, r1 ... mvns r0, r1 */
        if (op == 8 || op == 10 || op == 11)
            continue; /* TST, CMP, CMN set flags inside as well */
        print("alu %x: ", op);
        check("in an IT block", alu(word));
    }
    static const struct {
        const char *name;
        uint16_t word;
    } others[] = {
        {"lsl imm", 0x00c8},  {"lsr imm", 0x08c8},  {"asr imm", 0x10c8},  {"add reg", 0x1840},
        {"sub reg", 0x1a40},  {"add imm3", 0x1c40}, {"sub imm3", 0x1e40}, {"mov imm8", 0x2012},
        {"add imm8", 0x3012}, {"sub imm8", 0x3812},
    };
    for (unsigned i = 0; i < ARRAY_SIZE(others); i++) {
        print("%s: ", others[i].name);
        check("in an IT block", alu(others[i].word));
    }
    return 0;
}
