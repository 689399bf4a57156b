/*
 * The verifier, from four sides: what the translator makes is accepted; mutants of it that are accepted are
 * harmless by an oracle of this file's own (Capstone for single words, an evaluator for sequences); words
 * alone, compared with Capstone; and attacks by hand. UNIT_LONG=1 in the environment tries all 2^32 words.
 */
#define UNIT_MAIN
#include "unit.h"

#include <capstone/capstone.h>

#include "cache/verifier.h"
#include "dbt/dbt.h"
#include "decoder/decoder.h"
#include "host/armv7.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window.h"

#define UDF              0xe7f000f0u
#define TRAP_LAST        (WINDOW_TRAP_END - 1u)
#define MVN_TRAP_LAST(o) (0xe3e00400u | (o) << 12 | (~TRAP_LAST >> 24)) /* mvn o, #~TRAP_LAST */
#define SPAN             (PAGE_SIZE + 8192u)
#define FIRST            (WINDOW_CACHE + PAGE_SIZE) /* first code word of all */

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK failed: %s\n", file, line, what);
    abort();
}

static uint64_t seed = 0x9e3779b97f4a7c15;
static uint32_t random_word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

/* ---- A unit in the making ---- */

static uint32_t words[2100];
static struct verifier_unit unit = {.words = words};
static unsigned bad;

static void start_at(uint32_t where)
{
    unit.where = CCA(where);
    unit.literal_count = 0;
    unit.big_endian = false;
    unit.word_count = 2; /* so that what a test adds is not at the unit's edge */
    words[0] = words[1] = 0xe320f000;
}
static void start(void) { start_at(FIRST + 0x100); }
static unsigned add(uint32_t w) { return words[unit.word_count] = w, unit.word_count++; }
static unsigned add_branch(unsigned cond, unsigned to)
{
    return add(0x0a000000u | cond << 28 | ((to - unit.word_count - 2) & 0xffffff));
}
static void add_branch_to(unsigned cond, uint32_t to)
{
    add(0x0a000000u | cond << 28 | ((to - (unit.where.a + unit.word_count * 4) - 8) >> 2 & 0xffffff));
}
static bool accepted(void) { return verifier_check(&unit, &bad); }

static bool accepts_word(uint32_t w)
{
    start();
    add(w);
    add(UDF);
    return accepted();
}

/* ---- The oracle for single words ---- */

static csh cs;
static cs_insn *cs_one;

static void cs_start(void)
{
    if (cs_one)
        return;
    if (cs_open(CS_ARCH_ARM, CS_MODE_ARM, &cs) || cs_option(cs, CS_OPT_DETAIL, CS_OPT_ON))
        abort();
    cs_one = cs_malloc(cs);
}

static bool cs_decode(uint32_t w)
{
    const uint8_t *p = (const uint8_t *)&w;
    size_t size = 4;
    uint64_t at = 0x10000000;

    cs_start();
    return cs_disasm_iter(cs, &p, &size, &at, cs_one);
}

static bool in_group(unsigned group)
{
    for (unsigned i = 0; i < cs_one->detail->groups_count; i++)
        if (cs_one->detail->groups[i] == group)
            return true;
    return false;
}

/* The PC is read, written or written back, by what Capstone knows of registers and by its text. */
static bool names_pc(void)
{
    cs_regs reads, writes;
    uint8_t read_count, write_count;

    if (cs_regs_access(cs, cs_one, reads, &read_count, writes, &write_count))
        return true;
    for (unsigned i = 0; i < read_count; i++)
        if (reads[i] == ARM_REG_PC)
            return true;
    for (unsigned i = 0; i < write_count; i++)
        if (writes[i] == ARM_REG_PC)
            return true;
    return strstr(cs_one->op_str, "pc") != NULL;
}

/* What a word alone can do, in the invariants' terms. */
enum harm { HARMLESS, IS_BRANCH, PC_USE, MODE_CHANGE, SYSTEM_WRITE, EXCEPTION, UNKNOWN };

/* CP15 accesses of design 3.3 that are native, spelt as Capstone spells them; the manual's name in the second
 * column. */
static const char *const system_list[][2] = {
    {"c6, c0, #2", "IFAR"},      {"c10, c2, #1", "NMRR"},     {"c13, c0, #2", "TPIDRURW"},
    {"c13, c0, #3", "TPIDRURO"}, {"c13, c0, #4", "TPIDRPRW"}, {"c0, c0, #0", "CSSELR"},
    {"c7, c5, #4", "ISB"},       {"c7, c5, #6", "BPIALL"},    {"c7, c5, #7", "BPIMVA"},
    {"c7, c10, #1", "DCCMVAC"},  {"c7, c10, #4", "DSB"},      {"c7, c10, #5", "DMB"},
    {"c7, c5, #0", "ICIALLU"},   {"c7, c5, #1", "ICIMVAU"},   {"c7, c1, #0", "ICIALLUIS"},
    {"c7, c11, #1", "DCCMVAU"},  {"c7, c14, #1", "DCCIMVAC"},
};

static bool system_harmless(bool write)
{
    const char *s = cs_one->op_str;
    unsigned opc1, rt;
    int used = 0;
    char name[8];

    if (!strncmp(s, "p14, #6, ", 9) && strstr(s, ", c1, c0, #0"))
        return !strstr(s, "pc") && !strstr(s, "apsr"); /* TEEHBR: a register of software's */
    if (sscanf(s, "p15, #%u, %7[a-z0-9_], %n", &opc1, name, &used) != 2 || !used)
        return false;
    if (sscanf(name, "r%u", &rt) != 1 && strcmp(name, "sp") && strcmp(name, "lr") && strcmp(name, "sb") &&
        strcmp(name, "sl") && strcmp(name, "fp") && strcmp(name, "ip"))
        return false;
    if (!write && !strncmp(s + used, "c0, ", 4))
        return opc1 <= 2; /* identification: nothing to change */
    if (!write && !strcmp(s + used, "c3, c0, #0"))
        return opc1 == 0;
    for (unsigned i = 0; i < ARRAY_SIZE(system_list); i++)
        if (!strcmp(s + used, system_list[i][0]))
            return opc1 == (strcmp(system_list[i][1], "CSSELR") ? 0 : 2);
    return false;
}

/* Words that Capstone does not decode, or decodes for a later architecture, with the reason they are
 * harmless. */
static bool reviewed(uint32_t w)
{
    if ((w & 0xfe000000) == 0xf2000000)
        return true; /* Advanced SIMD data processing (A7.4): allocated or UNDEFINED, no core register in any
                        form */
    if ((w & 0xff100000) == 0xf4000000)
        return (w >> 16 & 15) !=
               15; /* Advanced SIMD element or structure (A7.7): UNDEFINED ones among them */
    if ((w & 0x0f000e10) == 0x0e000a00 && w < 0xf0000000)
        return true; /* VFP data processing (A7.5): extension registers only */
    if ((w & 0x0fffff00) == 0x0320f000)
        return (w & 0xff) != 3; /* hints: unallocated ones are NOPs (A5.2.11) */
    if ((w & 0xffffff80) == 0xf57ff000 && (w >> 4 & 7) >= 4)
        return true; /* barriers: any option is full-system at least (A8.8.43) */
    if ((w & 0x0f000000) == 0x0c000000 || (w & 0x0f000000) == 0x0d000000)
        return w < 0xf0000000 && (w >> 9 & 7) == 5 && (w >> 16 & 15) != 15 &&
               ((w & 0x0fe00000) != 0x0c400000 ||
                (w >> 12 & 15) != 15); /* VFP loads, stores, two-register moves */
    if ((w & 0x0f000e10) == 0x0e000a10)
        return w < 0xf0000000 && (w >> 12 & 15) != 15; /* VFP register moves (A7.8) */
    if ((w & 0x0fbffff0) == 0x0120f000 || (w & 0x0fb0f000) == 0x0320f000 || (w & 0x0ff0fff0) == 0x0160f000)
        return w >> 22 & 1 ? (w >> 16 & 15) != 0
                           : (w >> 16 & 3) == 0 && (w >> 16 & 15) != 0; /* MSR with odd masks */
    return false;
}

static enum harm harm_of(uint32_t w)
{
    unsigned id;

    if (!cs_decode(w))
        return reviewed(w) ? HARMLESS : UNKNOWN;
    id = cs_one->id;
    switch (id) {
    case ARM_INS_B:
    case ARM_INS_BL:
    case ARM_INS_BLX:
    case ARM_INS_BX:
    case ARM_INS_BXJ: return IS_BRANCH;
    case ARM_INS_CPS:
        /* 1111 00010000 imod M ... A I F: neither mode nor I */
        return w >> 17 & 1 || w >> 7 & 1 || w & 31 ? MODE_CHANGE : HARMLESS;
    case ARM_INS_SETEND:
    case ARM_INS_ERET:
    case ARM_INS_RFEDA:
    case ARM_INS_RFEDB:
    case ARM_INS_RFEIA:
    case ARM_INS_RFEIB:
    case ARM_INS_SRSDA:
    case ARM_INS_SRSDB:
    case ARM_INS_SRSIA:
    case ARM_INS_SRSIB: return MODE_CHANGE;
    case ARM_INS_MSR:
        if (names_pc())
            return PC_USE;
        if (strstr(cs_one->op_str, "_usr") || strstr(cs_one->op_str, "_fiq") ||
            strstr(cs_one->op_str, "_irq") || strstr(cs_one->op_str, "_svc") ||
            strstr(cs_one->op_str, "_abt") || strstr(cs_one->op_str, "_und") ||
            strstr(cs_one->op_str, "_mon") || strstr(cs_one->op_str, "_hyp"))
            return MODE_CHANGE;
        return !(w >> 22 & 1) && w >> 16 & 3 ? MODE_CHANGE : HARMLESS; /* R = 0 with x or c */
    case ARM_INS_MRS:
        if (names_pc())
            return PC_USE;
        return !strcmp(strchr(cs_one->op_str, ',') + 2, "apsr") ||
                       !strcmp(strchr(cs_one->op_str, ',') + 2, "spsr")
                   ? HARMLESS
                   : MODE_CHANGE;
    case ARM_INS_MCR:
    case ARM_INS_MRC:
        if (!system_harmless(id == ARM_INS_MCR))
            return SYSTEM_WRITE;
        return HARMLESS;
    case ARM_INS_MCR2:
    case ARM_INS_MRC2:
    case ARM_INS_MCRR:
    case ARM_INS_MCRR2:
    case ARM_INS_MRRC:
    case ARM_INS_MRRC2:
    case ARM_INS_CDP:
    case ARM_INS_CDP2:
    case ARM_INS_LDC:
    case ARM_INS_LDCL:
    case ARM_INS_LDC2:
    case ARM_INS_LDC2L:
    case ARM_INS_STC:
    case ARM_INS_STCL:
    case ARM_INS_STC2:
    case ARM_INS_STC2L: return reviewed(w) ? HARMLESS : SYSTEM_WRITE;
    case ARM_INS_SVC:
    case ARM_INS_BKPT:
    case ARM_INS_SMC:
    case ARM_INS_HVC:
    case ARM_INS_WFI:
    case ARM_INS_HLT: return EXCEPTION;
    case ARM_INS_UDF: return w == UDF ? HARMLESS : EXCEPTION;
    case ARM_INS_PLD:
    case ARM_INS_PLI: return HARMLESS; /* of any address, the PC's neighbourhood too */
    default: break;
    }
    if (in_group(ARM_GRP_JUMP) || in_group(ARM_GRP_CALL) || in_group(ARM_GRP_INT) ||
        in_group(ARM_GRP_BRANCH_RELATIVE))
        return IS_BRANCH;
    if (in_group(ARM_GRP_PRIVILEGE) || in_group(ARM_GRP_TRUSTZONE) || in_group(ARM_GRP_VIRTUALIZATION))
        return SYSTEM_WRITE;
    if (names_pc())
        return PC_USE;
    return HARMLESS;
}

/* ---- The oracle for units: run it from wherever it can be entered, with registers that favour the attacker
 * ---- */

struct machine {
    uint32_t r[16], spsr, ifar, nmrr;
    bool z;
};

static const char *harm_text;

static uint32_t tempting_word(void)
{
    static const uint32_t low[] = {0x10, 0x50, 0x13, 0x1f, 0x53, 0x5f, 0x93,
                                   0x9f, 0xd3, 0x12, 0x17, 0x1b, 0x90};
    uint32_t w = random_word();

    switch (w >> 28) {
    case 0:
    case 1: return random_word() & 0x0fffffff;
    case 2:
    case 3:
    case 4:
    case 5: return (random_word() & ~0xffu) | low[random_word() % ARRAY_SIZE(low)];
    case 6: return TRAP_LAST;
    case 7: return 0;
    case 8: return random_word() & 0xff;
    case 9: return 1u << (random_word() & 31);
    default: return random_word();
    }
}

static uint32_t expand_imm(uint32_t w) { return ror32(w & 0xff, (w >> 8 & 15) * 2); }

static void forget(struct machine *m)
{
    for (unsigned i = 0; i < 15; i++)
        m->r[i] = tempting_word();
    m->spsr = tempting_word();
    m->z = random_word() & 1;
}

/* Data processing with an immediate, the forms sequences are made of. False: not one of them. */
static bool run_immediate(struct machine *m, uint32_t w)
{
    uint32_t n = m->r[w >> 16 & 15], *d = &m->r[w >> 12 & 15], v = expand_imm(w);

    if ((w & 0xfe000000) != 0xe2000000)
        return false;
    switch (w >> 20 & 31) {
    case 0: *d = n & v; return true;
    case 2: *d = n ^ v; return true;
    case 4: *d = n - v; return true;
    case 8: *d = n + v; return true;
    case 24: *d = n | v; return true;
    case 26: *d = v; return true;
    case 28: *d = n & ~v; return true;
    case 30: *d = ~v; return true;
    case 19: m->z = n == v; return true;
    case 17: m->z = !(n & v); return true;
    case 21: m->z = n == v; return true;
    default: return false;
    }
}

/* The jump map's bytes lead from any address to one of its regions. */
static uint32_t byte_at(uint32_t address)
{
    uint32_t top = WINDOW_JUMP - 1 - address;

    return (top < 256 ? (WINDOW_JUMP >> 24) + random_word() % WINDOW_JUMP_REGIONS - top : random_word()) &
           0xff;
}

/* What MSR CPSR_c may get, as window.h has it. False: nothing is there. */
static bool psr_byte_at(uint32_t address, uint32_t *byte)
{
    static const uint8_t modes[] = WINDOW_PSR_MODES;
    uint32_t state = (address - WINDOW_PSR) >> 20, value = address >> 12 & 0xff;

    if ((value & 0x7f) != (modes[state / 2] | state % 2 << 6))
        return false;
    *byte = 0;
    if ((address & PAGE_MASK) >= WINDOW_PSR_LAST_SYS)
        *byte = (value & 0x80) >> 1 | ((address & PAGE_MASK) == WINDOW_PSR_LAST_SYS ? 0x1f : 0x13);
    return true;
}

/* A byte load in the window's trap MiB does not complete. */
static bool run_byte_load(struct machine *m, uint32_t w, bool *stops)
{
    uint32_t address, n = m->r[w >> 16 & 15];

    if ((w & 0xff700000) == 0xe5500000)
        address = w >> 23 & 1 ? n + (w & 0xfff) : n - (w & 0xfff);
    else if ((w & 0xfff00070) == 0xe7d00020 && (w >> 7 & 31))
        address = n + (m->r[w & 15] >> (w >> 7 & 31));
    else if ((w & 0xfff00070) == 0xe7500020 && (w >> 7 & 31))
        address = n - (m->r[w & 15] >> (w >> 7 & 31));
    else
        return false;
    m->r[w >> 12 & 15] = byte_at(address);
    *stops = address >= WINDOW_TRAP_END && address < WINDOW_TRAP_END + SECTION_SIZE;
    if (address - WINDOW_PSR < WINDOW_PSR_STATES * SECTION_SIZE)
        *stops = !psr_byte_at(address, &m->r[w >> 12 & 15]);
    return true;
}

static bool run_add_shifted(struct machine *m, uint32_t w)
{
    if ((w & 0xfff00070) != 0xe0800000)
        return false;
    m->r[w >> 12 & 15] = m->r[w >> 16 & 15] + (m->r[w & 15] << (w >> 7 & 31));
    return true;
}

enum power { NONE, DACR_WRITE, CPSR_WRITE, RETURN, JUMP };

static enum power power_of(uint32_t w)
{
    if (w >= 0xf0000000)
        return NONE;
    if ((w & 0x0fff0fff) == 0x0e030f10)
        return DACR_WRITE;
    if ((w & 0x0ff0fff0) == 0x0120f000 && w & 0x30000)
        return CPSR_WRITE;
    if ((w & 0x0ffff000) == 0x025ef000 || (w & 0x0fffffff) == 0x01b0f00e)
        return RETURN;
    if ((w & 0x0e108000) == 0x08108000)
        return JUMP;
    return NONE;
}

/* The words with power: their effect must keep the invariants. */
static const char *misuse(const struct machine *m, uint32_t w)
{
    uint32_t v = m->r[w & 15];

    switch (power_of(w)) {
    case DACR_WRITE: return m->r[w >> 12 & 15] >> 28 == 1 ? NULL : "the DACR opens the window";
    case JUMP:
        if ((w & 0xffd0ffff) != 0xe8908000)
            return "a load of the PC, and more";
        if (unit.big_endian)
            return "a PC with its bytes reversed";
        return m->r[w >> 16 & 15] - WINDOW_JUMP < WINDOW_VMM - WINDOW_JUMP ? NULL : "a PC from elsewhere";
    case RETURN: return (m->spsr & 0x9f) == 0x10 ? NULL : "a return to more than User";
    case CPSR_WRITE:
        if (w & 0x20000)
            return "E or A changes";
        return !(v & 0x80) && ((v & 0x3f) == 0x13 || (v & 0x3f) == 0x1f) ? NULL : "mode or I changes";
    default: return NULL;
    }
}

/* As a load has it. */
static uint32_t literal_word(uint32_t offset)
{
    uint32_t word = words[offset / 4];

    return unit.big_endian ? __builtin_bswap32(word) : word;
}

/* Walk from `at`, taking conditional branches by the machine's Z or at random. */
static void walk(unsigned at, struct machine *m)
{
    for (unsigned steps = 0; steps < 60; steps++) {
        uint32_t w;
        bool stops = false;

        if (at >= unit.word_count) {
            harm_text = "leaves the code";
            return;
        }
        w = words[at];
        if (w == UDF)
            return;
        if ((w & 0x0f000000) == 0x0a000000 && w >> 28 != 15) {
            unsigned cond = w >> 28, to = at + 2 + (unsigned)((int32_t)(w << 8) >> 8);
            bool taken = cond == 14 || (cond == 0 ? m->z : cond == 1 ? !m->z : random_word() & 1);

            if (to >= unit.word_count) {
                harm_text = "branches outside";
                return;
            }
            at = taken ? to : at + 1;
            continue;
        }
        if (power_of(w)) {
            harm_text = misuse(m, w);
            if (harm_text || power_of(w) == RETURN || power_of(w) == JUMP)
                return;
            at++;
            continue;
        }
        if (!run_immediate(m, w) && !run_byte_load(m, w, &stops) && !run_add_shifted(m, w)) {
            if ((w & 0xffe00070) == 0xe7c00010 && (w >> 16 & 31) >= (w >> 7 & 31)) {
                uint32_t mask = ((2u << ((w >> 16 & 31) - (w >> 7 & 31))) - 1) << (w >> 7 & 31),
                         *d = &m->r[w >> 12 & 15];

                *d = (*d & ~mask) | (m->r[w & 15] << (w >> 7 & 31) & mask);
            } else if ((w & 0xfff00070) == 0xe7e00050)
                m->r[w >> 12 & 15] = m->r[w & 15] >> (w >> 7 & 31) & ((2u << (w >> 16 & 31)) - 1);
            else if ((w & 0xffff0fff) == 0xe14f0000)
                m->r[w >> 12 & 15] = m->spsr;
            else if ((w & 0xffff0fff) == 0xee160f50)
                m->r[w >> 12 & 15] = tempting_word();
            else if ((w & 0xff7f0000) == 0xe51f0000) /* harm_of_unit() has seen that it is a literal */
                m->r[w >> 12 & 15] = literal_word(at * 4 + 8 + (w >> 23 & 1 ? w & 0xfff : -(w & 0xfff)));
            else if (w != 0xe320f000 && (w & 0xff7f0000) != 0xe50f0000)
                forget(m);
        }
        if (stops)
            return;
        at++;
    }
}

/* NULL, or what is wrong with the unit, which the verifier accepted. */
static const char *harm_of_unit(unsigned tries)
{
    static char text[80];

    harm_text = NULL;
    for (unsigned i = 2; i < unit.word_count; i++) {
        uint32_t w = words[i];
        enum harm h = harm_of(w);
        struct machine m;

        if (h != HARMLESS && !power_of(w)) {
            bool fine = h == IS_BRANCH && (w & 0x0f000000) == 0x0a000000; /* walk() follows it */

            if (h == PC_USE && (w & 0x0f7f0000) == 0x051f0000 && (w >> 12 & 15) != 15) {
                uint32_t at = i * 4 + 8 + (w >> 23 & 1 ? w & 0xfff : -(w & 0xfff));

                fine =
                    at % 4 == 0 && at / 4 >= unit.word_count && at / 4 < unit.word_count + unit.literal_count;
            }
            if (h == PC_USE && (w & 0xff7f0000) == 0xe50f0000 && (w >> 12 & 15) != 15) {
                uint32_t at = unit.where.a + i * 4 + 8 + (w >> 23 & 1 ? w & 0xfff : -(w & 0xfff));

                fine = at % 4 == 0 && at >= WINDOW_CACHE && at < WINDOW_CACHE + WINDOW_CACHE_MAX &&
                       (at - WINDOW_CACHE) % SPAN < PAGE_SIZE;
            }
            if (!fine) {
                snprintf(text, sizeof text, "word %u: %08x is harmful (%d)", i, w, h);
                return text;
            }
        }
        if (i && !verifier_may_enter(&unit, i))
            continue;
        for (unsigned k = 0; k < tries && !harm_text; k++) {
            m.r[15] = 0;
            forget(&m);
            walk(i, &m);
        }
        if (harm_text) {
            snprintf(text, sizeof text, "entered at word %u: %s", i, harm_text);
            return text;
        }
    }
    return NULL;
}

/* ---- The translator's output ---- */

unsigned vmm_switched_off;

static _Alignas(4) uint8_t page[PAGE_SIZE];
static struct translation_unit made;
static enum dbt_form form;

static void everything_inline(void)
{
    dbt_dacr_inline = true;
    dbt_serve((struct block_state){.mode = 0x13});
}

static void translate(uint32_t where, struct block_state state, const uint32_t *guest, unsigned count,
                      unsigned skip)
{
    struct dbt_source s = {.form = form, .pc = GVA(0xc0008000 + skip), .state = state, .page = page};

    memcpy(page + skip, guest, count * 4);
    EXPECT_EQ(dbt_translate(&s, CCA(where), &made), DBT_DONE);
    memcpy(words, made.words, (made.word_count + made.literal_count) * 4);
    unit = (struct verifier_unit){words, made.word_count, made.literal_count, CCA(where), state.big_endian};
}

static void expect_accepted(const char *what)
{
    if (!accepted()) {
        printf("refused: %s: word %u of %u: %08x\n", what, bad, unit.word_count, words[bad]);
        unit_test_failed = true;
        return;
    }
    for (unsigned i = 0; i < made.site_count; i++)
        if (made.sites[i].kind == SITE_EXIT &&
            !verifier_may_link(&unit, made.sites[i].word, made.sites[i].stub)) {
            printf("not linkable: %s: exit at word %u\n", what, made.sites[i].word);
            unit_test_failed = true;
        }
    for (unsigned i = 0; i < made.insn_count; i++)
        if (!verifier_may_enter(&unit, made.insns[i].word)) {
            printf("not enterable: %s: instruction at word %u\n", what, made.insns[i].word);
            unit_test_failed = true;
        }
}

#define SVC_STATE ((struct block_state){.mode = 0x13})
#define SYS_STATE ((struct block_state){.mode = 0x1f})
#define IRQ_STATE ((struct block_state){.mode = 0x12, .fiq_masked = true})

/* One word of each class that has a template, and what they combine with. */
static const struct {
    uint32_t word;
    const char *text;
} samples[] = {
    {0xf1080080, "cpsie i"},
    {0xf10c0080, "cpsid i"},
    {0xf1080180, "cpsie ai"},
    {0xf10c0100, "cpsid a"},
    {0xf10c00c0, "cpsid if"},
    {0xf1020013, "cps #19"},
    {0xe10f3000, "mrs r3, cpsr"},
    {0x010f3000, "mrseq r3, cpsr"},
    {0xe14f3000, "mrs r3, spsr"},
    {0xe121f003, "msr cpsr_c, r3"},
    {0x1121f003, "msrne cpsr_c, r3"},
    {0xe129f003, "msr cpsr_fc, r3"},
    {0xe128f003, "msr cpsr_f, r3"},
    {0xe12ff003, "msr cpsr_fsxc, r3"},
    {0xe321f013, "msr cpsr_c, #0x13"},
    {0xe321f093, "msr cpsr_c, #0x93"},
    {0xe321f0d2, "msr cpsr_c, #0xd2"},
    {0xe32cf203, "msr cpsr_fs, #0x30000000"},
    {0xe16ff003, "msr spsr_fsxc, r3"},
    {0xe169f003, "msr spsr_fc, r3"},
    {0xe36ff010, "msr spsr_fsxc, #0x10"},
    {0xee131f10, "mrc p15, 0, r1, c3, c0, 0"},
    {0xee031f10, "mcr p15, 0, r1, c3, c0, 0"},
    {0x0e031f10, "mcreq p15, 0, r1, c3, c0, 0"},
    {0xee03cf10, "mcr p15, 0, r12, c3, c0, 0"},
    {0xee110f10, "mrc p15, 0, r0, c1, c0, 0"},
    {0xee1d0f90, "mrc p15, 0, r0, c13, c0, 4"},
    {0xee0d0f90, "mcr p15, 0, r0, c13, c0, 4"},
    {0xee100f10, "mrc p15, 0, r0, c0, c0, 0"},
    {0xee070f3a, "mcr p15, 0, r0, c7, c10, 1"},
    {0xee070f15, "mcr p15, 0, r0, c7, c5, 0"},
    {0xee400f10, "mcr p15, 2, r0, c0, c0, 0"},
    {0xee1ccf10, "mrc p15, 0, r12, c12, c0, 0"},
    {0x1e160f50, "mrcne p15, 0, r0, c6, c0, 2"},
    {0xe8d07fff, "ldm r0, {r0-lr}^"},
    {0xe94d7fff, "stmdb sp, {r0-lr}^"},
    {0xe4b10004, "ldrt r0, [r1], #4"},
    {0xe4a10004, "strt r0, [r1], #4"},
    {0xe0f100b2, "ldrht r0, [r1], #2"},
    {0xe59f1008, "ldr r1, [pc, #8]"},
    {0x059f1008, "ldreq r1, [pc, #8]"},
    {0xe55f1003, "ldrb r1, [pc, #-3]"},
    {0xe28f0f40, "adr r0, +0x100"},
    {0xe24f0f40, "adr r0, -0x100"},
    {0xe08f0001, "add r0, pc, r1"},
    {0xe1a0000f, "mov r0, pc"},
    {0xe79f0101, "ldr r0, [pc, r1, lsl #2]"},
    {0xe58f0010, "str r0, [pc, #16]"},
    {0xe1cf00d8, "ldrd r0, r1, [pc, #8]"},
    {0xed9f0b02, "vldr d0, [pc, #8]"},
    {0xf5dff010, "pld [pc, #16]"},
    {0xe58df004, "str pc, [sp, #4]"},
    {0xea000010, "b"},
    {0x0a000010, "beq"},
    {0xeb000010, "bl"},
    {0x1b000010, "blne"},
    {0xfa000010, "blx"},
    {0xe12fff1e, "bx lr"},
    {0x112fff1e, "bxne lr"},
    {0xe12fff13, "bx r3"},
    {0xe12fff33, "blx r3"},
    {0xe12fff3e, "blx lr"},
    {0x012fff33, "blxeq r3"},
    {0xe1a0f00e, "mov pc, lr"},
    {0xe1a0f003, "mov pc, r3"},
    {0xe08ff103, "add pc, pc, r3, lsl #2"},
    {0xe79ff103, "ldr pc, [pc, r3, lsl #2]"},
    {0x979ff103, "ldrls pc, [pc, r3, lsl #2]"},
    {0xe59ff004, "ldr pc, [pc, #4]"},
    {0xe49df004, "pop {pc}"},
    {0xe8bd8010, "pop {r4, pc}"},
    {0x08bd8010, "popeq {r4, pc}"},
    {0xe8bdc010, "pop {r4, lr, pc}"},
    {0xe89da830, "ldm sp, {r4, r5, fp, sp, pc}"},
    {0xe24ff004, "sub pc, pc, #4"},
    {0xe3a0f000, "mov pc, #0"},
    {0xe1b0f00e, "movs pc, lr"},
    {0xe25ef004, "subs pc, lr, #4"},
    {0x025ef004, "subseq pc, lr, #4"},
    {0xe8fd8000, "ldm sp!, {pc}^"},
    {0xf8bd0a00, "rfeia sp!"},
    {0xf96d0513, "srsdb sp!, #19"},
    {0xef000000, "svc"},
    {0xe1200070, "bkpt"},
    {0xe1600070, "smc"},
    {0xe320f003, "wfi"},
    {0xe320f002, "wfe"},
    {0xe320f000, "nop"},
    {0xf57ff01f, "clrex"},
    {0xf57ff05f, "dmb"},
    {0xf1010200, "setend be"},
    {0xe1912f9f, "ldrex r2, [r1]"},
    {0xe1813f92, "strex r3, r2, [r1]"},
    {0xe1010092, "swp r0, r2, [r1]"},
    {0xeef1fa10, "vmrs apsr_nzcv, fpscr"},
    {0xeee81a10, "vmsr fpexc, r1"},
    {0xeef71a10, "vmrs r1, mvfr0"},
    {0xecb00b20, "vldmia r0!, {d0-d15}"},
    {0xe7f000f0, "udf #0"},
    {0xe7ffffff, "udf"},
    {0xe0000291, "mul r0, r1, r2"},
};

static const uint32_t places[] = {
    FIRST, /* gate below, near */
    FIRST + 4096 - 12 * 4,
    FIRST + 4096 - 11 * 4,
    FIRST + 4096 - 10 * 4,
    FIRST + 4096 - 9 * 4, /* around the middle: */
    FIRST + 4096 - 8 * 4,
    FIRST + 4096 - 7 * 4,
    FIRST + 4096 - 6 * 4,
    FIRST + 4096 - 5 * 4, /* gate stores need a NOP */
    FIRST + 4096 - 4 * 4,
    FIRST + 4096 + 64,
    FIRST + SPAN * 7 + 8192 - 128,
};

TEST(templates_are_accepted)
{
    static const struct block_state states[] = {
        SVC_STATE,
        SYS_STATE,
        IRQ_STATE,
        {.mode = 0x11, .fiq_masked = true},
        {.mode = 0x13, .fiq_masked = true},
        {.mode = 0x17},
        {.mode = 0x1b},
        {.mode = 0x13, .big_endian = true},
    };

    everything_inline();
    for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
        for (unsigned s = 0; s < ARRAY_SIZE(states); s++)
            for (unsigned p = 0; p < ARRAY_SIZE(places); p++) {
                uint32_t guest[] = {samples[i].word, 0xeafffffe};

                translate(places[p], states[s], guest, 2, 0);
                expect_accepted(samples[i].text);
            }
}

/* A random word of a random row of the decoder's tables, often with telling registers. */
static uint32_t word_of_row(unsigned isa)
{
    static const uint8_t regs[] = {0, 1, 2, 11, 12, 13, 14, 15};
    const struct decoder_row *r;
    uint32_t w = random_word();

    do
        r = &decoder_rows[random_word() % decoder_row_count];
    while (r->isa != isa);
    if (isa != ISA_T16 && random_word() & 1)
        for (unsigned at = 0; at < 20; at += at == 0 ? 8 : 4)
            w = (w & ~(15u << at)) | (uint32_t)regs[random_word() % ARRAY_SIZE(regs)] << at;
    if (isa == ISA_A32 && random_word() & 1)
        w = (w & 0x0fffffff) | 0xe0000000;
    return (w & ~r->mask) | r->value;
}

static bool fits(void)
{
    return (unit.where.a - WINDOW_CACHE) % SPAN + (unit.word_count + unit.literal_count) * 4 <= SPAN;
}

/* Whatever the guest's words are, the translator's answer to them must pass. */
static void try_rows(struct block_state state, unsigned isa, unsigned rounds)
{
    unsigned tried = 0, refused = 0;

    everything_inline();
    dbt_serve(state);
    for (unsigned n = 0; n < rounds && refused < 20; n++) {
        uint32_t guest[3], w;
        uint8_t code[16];
        unsigned size = 0;
        bool before = unit_test_failed;
        char text[80];

        if (state.thumb && random_word() & 1)
            state.itstate = (uint8_t)random_word(); /* reserved ones too */
        form = random_word() % 4 ? DBT_BLOCK : DBT_CALLOUT;
        for (unsigned i = 0; i < 3; i++) {
            w = guest[i] = word_of_row(isa == ISA_A32 ? ISA_A32 : random_word() & 1 ? ISA_T16 : ISA_T32);
            if (isa == ISA_A32 || w >> 16) {
                if (isa != ISA_A32)
                    w = w << 16 | w >> 16;
                memcpy(code + size, &w, 4);
                size += 4;
            } else {
                memcpy(code + size, &w, 2);
                size += 2;
            }
        }
        memset(code + size, 0, sizeof code - size);
        translate(FIRST + (random_word() % 2048) * 4, state, (const uint32_t *)(const void *)code, 4, 0);
        if (!fits())
            continue;
        tried++;
        snprintf(text, sizeof text, "guest %08x %08x %08x, state %x", guest[0], guest[1], guest[2],
                 block_state_key(state));
        unit_test_failed = false;
        expect_accepted(text);
        refused += unit_test_failed;
        unit_test_failed |= before;
    }
    form = DBT_BLOCK;
    EXPECT(tried > rounds / 2);
}

TEST(blocks_of_any_arm_words_are_accepted)
{
    try_rows(SVC_STATE, ISA_A32, 150000);
    try_rows(SYS_STATE, ISA_A32, 50000);
    try_rows(IRQ_STATE, ISA_A32, 50000);
}

TEST(blocks_of_any_thumb_words_are_accepted)
{
    try_rows((struct block_state){.mode = 0x13, .thumb = true}, ISA_T32, 150000);
    try_rows((struct block_state){.mode = 0x1f, .thumb = true, .itstate = 0x0b}, ISA_T32, 50000);
    try_rows((struct block_state){.mode = 0x12, .thumb = true, .fiq_masked = true}, ISA_T32, 50000);
}

/* ---- Mutants ---- */

static unsigned mutants, survivors;

static void try_mutant(const char *what, unsigned word, uint32_t value)
{
    uint32_t old = words[word];
    const char *harm;

    words[word] = value;
    mutants++;
    if (accepted()) {
        survivors++;
        harm = harm_of_unit(12);
        if (harm) {
            printf("%s, E %u: %08x for %08x at word %u: %s\n", what, unit.big_endian, value, old, word, harm);
            unit_test_failed = true;
        }
    }
    words[word] = old;
}

static void try_mutants_of(const char *what)
{
    for (unsigned w = 0; w < unit.word_count; w++) {
        uint32_t word = words[w];

        for (unsigned b = 0; b < 32; b++)
            try_mutant(what, w, word ^ 1u << b);
        for (unsigned k = 0; k < 8; k++) {
            try_mutant(what, w, random_word());
            try_mutant(what, w, words[random_word() % unit.word_count]);
            try_mutant(what, w, word ^ 1u << random_word() % 32 ^ 1u << random_word() % 32);
        }
    }
}

/* With E set as well, whatever state the unit was made for. */
static void try_all_mutants(const char *what)
{
    for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
        unit.big_endian = big_endian;
        try_mutant(what, 0, words[0]); /* none */
        try_mutants_of(what);
    }
}

TEST(accepted_mutants_are_harmless)
{
    static const uint32_t spots[] = {FIRST, FIRST + 4096 - 9 * 4, FIRST + 4096 - 10 * 4};
    static const uint32_t constants[] = {0xe3a01051, 0xe3a010c1, 0xe3a01101,
                                         0xe3e01000}; /* 0x51; Manager; window; -1 */

    everything_inline();
    mutants = survivors = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
        for (unsigned p = 0; p < ARRAY_SIZE(spots); p++) {
            uint32_t guest[] = {samples[i].word, 0xe0800001, 0x1a000002, 0xe12fff1e};

            translate(spots[p], p == 2 ? SYS_STATE : SVC_STATE, guest, 4, 0);
            if (!accepted() || harm_of_unit(50)) {
                printf("%s: as made: %s\n", samples[i].text, harm_of_unit(50));
                unit_test_failed = true;
                continue;
            }
            try_all_mutants(samples[i].text);
        }
    for (unsigned i = 0; i < ARRAY_SIZE(constants); i++) {
        uint32_t guest[] = {constants[i], 0xee031f10, 0xe0800001, 0xe12fff1e};

        translate(FIRST, SVC_STATE, guest, 4, 0);
        EXPECT(accepted() && !harm_of_unit(50));
        try_all_mutants("mov r1, #n; mcr p15, 0, r1, c3, c0, 0");
    }
    printf("%u mutants, %u accepted\n", mutants, survivors);
    EXPECT(mutants > 100000 && survivors > mutants / 10);
}

/* ---- Words alone ---- */

static unsigned long long tried_count, accepted_count, unknown_count, complaints;

static void check_alone(uint32_t w)
{
    enum harm h;

    tried_count++;
    if (!accepts_word(w))
        return;
    accepted_count++;
    h = harm_of(w);
    if (h == HARMLESS) {
        unknown_count += !cs_decode(w);
        return;
    }
    if (h == IS_BRANCH && (w & 0x0f000000) == 0x0a000000 && !harm_of_unit(1))
        return;
    if (h == PC_USE && (w & 0xff7f0000) == 0xe50f0000 && !harm_of_unit(1))
        return;
    unit_test_failed = true;
    if (complaints++ < 30)
        printf("accepted, but harmful (%d): %08x %s %s\n", h, w, h == UNKNOWN ? "?" : cs_one->mnemonic,
               cs_one->op_str);
}

static void report(void)
{
    printf("%llu words, %llu accepted, of these %llu that Capstone does not know\n", tried_count,
           accepted_count, unknown_count);
    tried_count = accepted_count = unknown_count = complaints = 0;
}

/* Every combination of bits 27:20 and 7:4 with telling registers. */
TEST(words_of_every_class)
{
    static const uint32_t tops[] = {0xe0000000, 0x10000000, 0xf0000000}, regs[] = {0, 1, 10, 11, 14, 15};

    for (unsigned top = 0; top < 3; top++)
        for (unsigned key = 0; key < 4096; key++)
            for (unsigned r = 0; r < 6 * 6 * 6 * 6; r++)
                check_alone(tops[top] | key >> 4 << 20 | (key & 15) << 4 | regs[r % 6] << 16 |
                            regs[r / 6 % 6] << 12 | regs[r / 36 % 6] << 8 | regs[r / 216]);
    report();
}

TEST(words_by_stride)
{
    uint64_t stride = getenv("UNIT_LONG") ? 1 : 4093;

    for (uint64_t w = 0; w < 1ull << 32; w += stride)
        check_alone((uint32_t)w);
    report();
}

/* The oracle must see what it is there to see. */
TEST(the_oracle_sees_harm)
{
    static const struct {
        uint32_t word;
        enum harm harm;
    } known[] = {
        {0xe12fff1e, IS_BRANCH},    {0xeb000000, IS_BRANCH},    {0xe1a0f00e, PC_USE},
        {0xe1b0f00e, PC_USE},       {0xe49df004, PC_USE},       {0xe8bd8000, PC_USE},
        {0xe8fd8000, PC_USE},       {0xe08f0001, PC_USE},       {0xe59f0000, PC_USE},
        {0xe58f0000, PC_USE},       {0xf8bd0a00, MODE_CHANGE},  {0xf96d0513, MODE_CHANGE},
        {0xf1020013, MODE_CHANGE},  {0xf10c0080, MODE_CHANGE},  {0xf1010200, MODE_CHANGE},
        {0xe121f000, MODE_CHANGE},  {0xe122f000, MODE_CHANGE},  {0xe160006e, MODE_CHANGE},
        {0xee010f10, SYSTEM_WRITE}, {0xee020f10, SYSTEM_WRITE}, {0xee030f10, SYSTEM_WRITE},
        {0xee080f17, SYSTEM_WRITE}, {0xee070f16, SYSTEM_WRITE}, {0xee0c0f10, SYSTEM_WRITE},
        {0xec420f10, SYSTEM_WRITE}, {0xee000e15, SYSTEM_WRITE}, {0xef000000, EXCEPTION},
        {0xe1200070, EXCEPTION},    {0xe1600070, EXCEPTION},    {0xe1400070, EXCEPTION},
        {0xe320f003, EXCEPTION},    {0xe7f001f0, EXCEPTION},    {0xe7ffffff, EXCEPTION},
        {0xe7f000f0, HARMLESS},     {0xe0810002, HARMLESS},     {0xee0d0f90, HARMLESS},
        {0xf1080040, HARMLESS},     {0xe128f000, HARMLESS},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(known); i++)
        if (harm_of(known[i].word) != known[i].harm) {
            printf("%08x: %d, not %d\n", known[i].word, harm_of(known[i].word), known[i].harm);
            unit_test_failed = true;
        }
    start(); /* nothing inside the sequence is marked: the walk begins everywhere */
    add(0xee030f10);
    add(UDF);
    EXPECT(harm_of_unit(50));
}

/* ---- Attacks by hand ---- */

#define EXPECT_REFUSED_AT(at)                                                                                \
    do {                                                                                                     \
        EXPECT(!accepted());                                                                                 \
        EXPECT_EQ(bad, at);                                                                                  \
    } while (0)

/* The sequences, o = r12, n = r1; all return the offset of the first word. */
static unsigned add_dacr_write(void)
{
    unsigned first = add(MVN_TRAP_LAST(12u));

    add(0xe7dcce21); /* ldrb r12, [r12, r1, lsr #28] */
    add(0xe381c201); /* orr r12, r1, #0x10000000 */
    add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
    return first;
}

static unsigned add_mode_write(uint32_t region, uint32_t back)
{
    unsigned first = add(0xe3e0c600 | (~(region >> 20) & 0xff)); /* mvn r12, #~region: 0xfnnfffff */

    add(0xe7d3c611);        /* bfi r12, r1, #12, #8 */
    add(0xe55cc000 | back); /* ldrb r12, [r12, #-back] */
    add(0xe121f00c);        /* msr cpsr_c, r12 */
    return first;
}

static unsigned add_return(uint32_t with)
{
    unsigned first = add(0xe14fc000); /* mrs r12, spsr */

    add(0xe20cc0df);
    add(0xe33c0010);
    add(0xee16cf50);
    add(0x1a000001); /* to the UDF after the return */
    add(0xe50f0000 | ((unit.where.a + unit.word_count * 4 + 8 - WINDOW_CACHE) % SPAN - PAGE_SIZE + 4));
    add(with);
    add(UDF);
    return first;
}

TEST(sequences_by_hand_are_accepted)
{
    start();
    add_dacr_write();
    add(UDF);
    EXPECT(accepted());
    start();
    add_mode_write(WINDOW_PSR, 0);
    add(UDF);
    EXPECT(accepted());
    start();
    add_mode_write(WINDOW_PSR + 11 * SECTION_SIZE, 1);
    add(UDF);
    EXPECT(accepted());
    start();
    add_return(0xe1b0f00e);
    EXPECT(accepted());
    start();
    add_return(0xe25ef004);
    EXPECT(accepted());
}

TEST(no_branch_into_a_sequence)
{
    for (unsigned into = 0; into < 4; into++) {
        start();
        add_branch(0, 3 + into);
        add_dacr_write();
        add(UDF);
        if (into == 0)
            EXPECT(accepted());
        else
            EXPECT_REFUSED_AT(2);
        start(); /* from behind, and unconditionally */
        add_dacr_write();
        add_branch(14, 2 + into);
        if (into == 0)
            EXPECT(accepted());
        else
            EXPECT_REFUSED_AT(6);
    }
    for (unsigned into = 1; into < 7; into++) {
        if (into < 4) {
            start();
            add_branch(5, 3 + into);
            add_mode_write(WINDOW_PSR, 0);
            add(UDF);
            EXPECT_REFUSED_AT(2);
        }
        start();
        add_branch(5, 3 + into);
        add_return(0xe1b0f00e);
        EXPECT_REFUSED_AT(2);
    }
}

TEST(no_powerful_word_without_its_sequence)
{
    static const uint32_t alone[] = {0xee03cf10, 0xe121f00c, 0xe1b0f00e, 0xe25ef004, 0x0e03cf10,
                                     0x0121f00c, 0x01b0f00e, 0xe129f00c, 0xe12ff00c, 0xe123f00c,
                                     0xe321f013, 0xe327f013, 0xe122f000};

    for (unsigned i = 0; i < ARRAY_SIZE(alone); i++) {
        start();
        add(alone[i]);
        add(UDF);
        EXPECT_REFUSED_AT(2);
    }
    /* Each word of a sequence left out, or replaced by one that does nothing. */
    for (unsigned out = 0; out < 3; out++) {
        start();
        add_dacr_write();
        words[2 + out] = 0xe320f000;
        add(UDF);
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned out = 0; out < 3; out++) {
        start();
        add_mode_write(WINDOW_PSR, 0);
        words[2 + out] = 0xe320f000;
        add(UDF);
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned out = 0; out < 6; out++) {
        start();
        add_return(0xe1b0f00e);
        words[2 + out] = 0xe320f000;
        EXPECT_REFUSED_AT(8);
    }
    for (unsigned missing = 1; missing < 7; missing++) { /* the sequence begins before the unit */
        if (missing < 4) {
            start();
            add_mode_write(WINDOW_PSR, 0);
            add(UDF);
            unit.words += 2 + missing;
            unit.word_count -= 2 + missing;
            EXPECT_REFUSED_AT(3 - missing);
            unit.words = words;
        }
        start();
        add_return(0xe1b0f00e);
        unit.words += 2 + missing;
        unit.word_count -= 2 + missing;
        EXPECT(!accepted());
        unit.words = words;
    }
    for (unsigned missing = 1; missing < 4; missing++) {
        start();
        add_dacr_write();
        add(UDF);
        unit.words += 2 + missing;
        unit.word_count -= 2 + missing;
        EXPECT_REFUSED_AT(3 - missing);
        unit.words = words;
    }
}

TEST(sequences_keep_their_registers_apart)
{
    /* o == n: the check would look at something else than what is written. */
    start();
    add(MVN_TRAP_LAST(1u)), add(0xe7d11e21), add(0xe3811201), add(0xee031f10), add(UDF);
    EXPECT_REFUSED_AT(5);
    start();
    add(0xe201107f), add(0xe2211013), add(0xe28114f9), add(0xe5511001), add(0xe7e610d1), add(0xe221101a),
        add(0xe121f001), add(UDF);
    EXPECT_REFUSED_AT(8);
    /* SP, which an interrupted System mode would exchange, and PC. */
    start();
    add(MVN_TRAP_LAST(13u)), add(0xe7ddde21), add(0xe381d201), add(0xee03df10), add(UDF);
    EXPECT(!accepted());
}

TEST(constant_dacr_keeps_the_window_closed)
{
    for (unsigned nibble = 0; nibble < 16; nibble++)
        for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
            start();
            add(0xe59fc004); /* ldr r12, the literal */
            add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
            add(UDF);
            words[unit.word_count] = nibble << 28 | 0x51;
            unit.literal_count = 1;
            unit.big_endian = big_endian;
            EXPECT_EQ(accepted(), nibble == 1 && !big_endian);
        }
    start();
    add(0xe59fc008); /* behind the literals */
    add(0xee03cf10);
    add(UDF);
    words[unit.word_count] = words[unit.word_count + 1] = 0x10000051;
    unit.literal_count = 1;
    EXPECT(!accepted());
    start();
    add(0xe59fd004); /* SP */
    add(0xee03df10);
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
    EXPECT_REFUSED_AT(3);
    start();
    add_branch(0, 4); /* past the load */
    add(0xe59fc004);
    add(0xee03cf10);
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
    EXPECT_REFUSED_AT(2);
}

TEST(mode_write_is_of_the_bytes_for_it)
{
    for (uint32_t mib = 0xf00; mib < 0x1000; mib++)
        for (uint32_t back = 0; back < 8; back++) {
            bool good = mib >= WINDOW_PSR >> 20 && mib < (WINDOW_PSR >> 20) + WINDOW_PSR_STATES && back < 2;

            start();
            add_mode_write(mib << 20, back);
            add(UDF);
            EXPECT_EQ(accepted(), good);
        }
}

TEST(mode_write_by_other_words)
{
    static const uint32_t words_instead[4][4] = {
        {0xe3a0c6f6, 0xe3e0c509, 0xe320f000, 0x13e0c6ff}, /* MOV; another rotation; no MVN; MVNNE */
        {0xe7d4c611, 0xe7d2c611, 0xe7d3c691,
         0xe7d3c61c}, /* to bit 20, to bit 18, from bit 13; n = o has no new bits */
        {0xe5dcc000, 0xe51cc000, 0xe55c1000,
         0xe57cc000}, /* upwards; a word; to another register; written back */
        {0xe123f00c, 0xe121f001, 0xe129f00c,
         0xe161f00c}, /* x too; another register; f too, another row; the SPSR, which is free */
    };

    for (unsigned at = 0; at < 4; at++)
        for (unsigned i = 0; i < 4; i++) {
            bool good = words_instead[at][i] == 0xe7d3c61c || words_instead[at][i] == 0xe161f00c;

            start();
            add_mode_write(WINDOW_PSR, 0);
            words[2 + at] = words_instead[at][i];
            add(UDF);
            if (accepted() != good) {
                printf("%08x at %u: %d\n", words_instead[at][i], at, !good);
                unit_test_failed = true;
            }
        }
}

TEST(return_checks_lead_to_a_callout)
{
    start();
    add_return(0xe1b0f00e);
    words[6] = 0x1a000002; /* to what follows the UDF */
    add(0xe0810002);
    add(UDF);
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[6] = 0x0a000001; /* BEQ */
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[7] = 0xe50c0004; /* a store elsewhere */
    EXPECT_REFUSED_AT(8);
    start();
    add_return(0xe1b0f00e);
    words[4] = 0xe33c0090; /* I set */
    EXPECT_REFUSED_AT(8);
}

TEST(branches_stay_in_the_code)
{
    start();
    add_branch(1, 2 + 2); /* to the literal */
    add(UDF);
    unit.literal_count = 1;
    words[unit.word_count] = 0xe12fff1e;
    EXPECT_REFUSED_AT(2);
    start();
    add_branch(1, (unsigned)-1);
    add(UDF);
    EXPECT_REFUSED_AT(2);
    start();
    add_branch(14, 2);
    EXPECT(accepted());
    start();
    add(0xfa000000); /* BLX, which looks like B */
    add(UDF);
    EXPECT_REFUSED_AT(2);
}

TEST(no_branch_leaves)
{
    static const uint32_t outside[] = {STUB_MISS,   STUB_SVC_SLOT,   WINDOW_VECTORS, WINDOW_VECTORS + 8,
                                       WINDOW_SRF,  WINDOW_CACHE,    FIRST,          FIRST + 0x1000,
                                       WINDOW_JUMP, WINDOW_JUMP - 4, WINDOW_TRAP_END};

    for (unsigned i = 0; i < ARRAY_SIZE(outside); i++) {
        start();
        add_branch_to(14, outside[i]);
        EXPECT_REFUSED_AT(2);
    }
}

static void add_jump(void)
{
    add(JUMP_BASE);
    add(JUMP_BYTE);
    add(JUMP_SLOT);
    add(JUMP_LOAD);
}

static void add_dacr_constant(void)
{
    add(0xe59fc004); /* ldr r12, the literal */
    add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
    add(UDF);
    words[unit.word_count] = 0x10000051;
    unit.literal_count = 1;
}

static void add_nth_sequence(unsigned n)
{
    switch (n) {
    case 0: add_dacr_write(), add(UDF); break;
    case 1: add_mode_write(WINDOW_PSR, 0), add(UDF); break;
    case 2: add_return(0xe1b0f00e); break;
    case 3: add_return(0xe25ef004); break;
    case 4: add_dacr_constant(); break;
    default: add_jump(); break;
    }
}

/* What counts on the value of a word that it loads is for little-endian units only. */
TEST(each_sequence_with_e_set)
{
    for (unsigned n = 0; n < 6; n++)
        for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
            start();
            unit.big_endian = big_endian;
            add_nth_sequence(n);
            EXPECT_EQ(accepted(), !big_endian || n < 4);
            EXPECT(!accepted() || !harm_of_unit(200));
        }
}

TEST(the_jump_map_is_used_as_a_whole)
{
    static const uint32_t loads[] = {0xe89d8000, 0xe89c8001, 0xe8bc8000, 0xe99c8000,
                                     0x089c8000, 0xe8dc8000, 0xe59cf000};

    start();
    add_jump();
    EXPECT(accepted());
    EXPECT(verifier_may_enter(&unit, 2) && !verifier_may_enter(&unit, 3) && !verifier_may_enter(&unit, 5));
    for (unsigned left = 0; left < 3; left++) {
        start();
        add_jump();
        words[2 + left] = 0xe320f000;
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(loads); i++) {
        start();
        add_jump();
        words[5] = loads[i];
        EXPECT_REFUSED_AT(5);
    }
    for (unsigned to = 3; to <= 5; to++) { /* by a branch into it */
        start();
        add_branch(0, to + 1);
        add_jump();
        EXPECT_REFUSED_AT(2);
    }
    start(); /* and round it, as a condition's code does */
    add_branch(0, 7);
    add_jump();
    add(UDF);
    EXPECT(accepted());
}

TEST(nothing_falls_off_the_end)
{
    static const uint32_t ends[] = {0xe320f000, 0x0affffff, 0xe0810002, 0xe58f0000};

    for (unsigned i = 0; i < ARRAY_SIZE(ends); i++) {
        start();
        add(UDF);
        add(ends[i]);
        EXPECT_REFUSED_AT(3);
    }
    start();
    EXPECT(!accepted()); /* no end */
    start();
    add_dacr_write();
    EXPECT_REFUSED_AT(5);
}

/* What the manual leaves open or has as something else; each beside a neighbour that is fine. */
TEST(unpredictable_forms_are_refused)
{
    static const struct {
        uint32_t good, bad;
        const char *what;
    } forms[] = {
        {0xe0410392, 0xe0411392, "umaal: RdHi == RdLo"},
        {0xe0810392, 0xe0811392, "umull: RdHi == RdLo"},
        {0xe1410382, 0xe1411382, "smlalbb: RdHi == RdLo"},
        {0xe7410312, 0xe7411312, "smlald: RdHi == RdLo"},
        {0xe169f000, 0xe160f000, "msr spsr, no field"},
        {0xe369f000, 0xe360f000, "msr spsr, immediate, no field"},
        {0xe10f0000, 0xe10ff000, "mrs pc"},
        {0xe10f0000, 0xe1000200, "mrs, banked"},
        {0xe128f000, 0xe128f00f, "msr from pc"},
        {0xe169f000, 0xe120f200, "msr, banked"},
        {0xe320f002, 0xe320f003, "wfi"},
        {0xe4910004, 0xe4911004, "ldr, post-indexed: Rn == Rt"},
        {0xe5a10004, 0xe5a11004, "str, pre-indexed: Rn == Rt"},
        {0xe4b10004, 0xe4b11004, "ldrt: Rn == Rt"},
        {0xe6910002, 0xe6911002, "ldr, register: Rn == Rt"},
        {0xe0d100b4, 0xe0d110b4, "ldrh: Rn == Rt"},
        {0xe09100b2, 0xe09110b2, "ldrh, register: Rn == Rt"},
        {0xe0d100d4, 0xe0d110d4, "ldrsb: Rn == Rt"},
        {0xe09100d2, 0xe09110d2, "ldrsb, register: Rn == Rt"},
        {0xe1c200d8, 0xe1c210d8, "ldrd: odd"},
        {0xe1c2c0d8, 0xe1c2e0d8, "ldrd: LR, PC"},
        {0xe0c420d8, 0xe0c220d8, "ldrd: writes back Rt"},
        {0xe0c420d8, 0xe0c320d8, "ldrd: writes back Rt2"},
        {0xe0c420d8, 0xe06420d8, "ldrd: P == 0, W == 1"},
        {0xe18420d1, 0xe18420d2, "ldrd, register: Rm == Rt"},
        {0xe18420d1, 0xe18420d3, "ldrd, register: Rm == Rt2"},
        {0xe1020091, 0xe1000091, "swp: Rn == Rt"},
        {0xe1020091, 0xe1010091, "swp: Rn == Rt2"},
        {0xe1b20f9f, 0xe1b21f9f, "ldrexd: odd"},
        {0xe1b20f9f, 0xe1b2ef9f, "ldrexd: LR, PC"},
        {0xe1820f91, 0xe1800f91, "strex: Rd == Rn"},
        {0xe1820f91, 0xe1821f91, "strex: Rd == Rt"},
        {0xe1a24f90, 0xe1a24f91, "strexd: odd"},
        {0xe1a24f90, 0xe1a24f9e, "strexd: LR, PC"},
        {0xe1a24f90, 0xe1a21f90, "strexd: Rd == Rt2"},
        {0xe8900001, 0xe8900000, "ldm: empty"},
        {0xe8b00002, 0xe8b00003, "ldm: loads the base and writes it back"},
        {0xe8d00001, 0xe8d00000, "ldm^: empty"},
        {0xe8d00001, 0xe8f00001, "ldm^: writes back"},
        {0xe8d00001, 0xe8d08001, "ldm^ with pc"},
        {0xe8c00001, 0xe8c08001, "stm^ with pc"},
        {0xe8800001, 0xe8808001, "stm with pc"},
        {0xe6110f12, 0xe6010f12, "parallel: op1 == 0"},
        {0xe6110f12, 0xe6110fb2, "parallel: op2 == 5"},
        {0xe6110f12, 0xe6110fd2, "parallel: op2 == 6"},
        {0xe6a10072, 0xe6910072, "extend: op == 1"},
        {0xe7ff0051, 0xe7ff00d1, "ubfx: past bit 31"},
        {0xe7c10091, 0xe7c00091, "bfi: msb below lsb"},
        {0xf1080040, 0xf1080000, "cpsie of nothing"},
        {0xf1080040, 0xf10800c0, "cpsie if"},
        {0xf10c0100, 0xf10e0113, "cpsid a, mode"},
        {0xf1080040, 0xf1000040, "cps, imod == 0"},
        {0xec900b02, 0xec900b00, "vldm: none"},
        {0xec900b20, 0xec900b22, "vldm: 17 doubles"},
        {0xecd0eb04, 0xecd0fb04, "vldm: past D31"},
        {0xecd0fa01, 0xecd0fa02, "vldm: past S31"},
        {0xec900a01, 0xec900a00, "vldm: no single"},
        {0xec510b10, 0xec511b10, "vmov: one register twice"},
        {0xec510b3f, 0xec510a3f, "vmov: S31 and the next"},
        {0xeef10a10, 0xeef20a10, "vmrs: no such register"},
        {0xeee80a10, 0xeee70a10, "vmsr: read-only"},
        {0xeef1fa10, 0xeef8fa10, "vmrs pc, fpexc"},
        {0xee000a10, 0xee00fa10, "vmov from pc"},
        {0xf4210a0f, 0xf42f0a0f, "vld1 at pc"},
        {0xe0010392, 0xe00f0392, "mul to pc"},
        {0xe1110002, 0xe111f002, "tstp"},
        {0xe1a00001, 0xe1a10001, "mov with Rn"},
        {0xe1a00001, 0xe1a0f001, "mov pc"},
        {0xe0810312, 0xe081031f, "add by register, pc"},
        {0xe0810312, 0xe0810f12, "add by pc"},
        {0xe7f000f0, 0x07f000f0, "udf, conditional"},
        {0xe7f000f0, 0xe7f000f1, "udf #1"},
        {0xe7010312, 0xe7010f12, "smuad by pc"},
        {0xf57ff04f, 0xf57ff07f, "no barrier"},
        {0xf57ff01f, 0xf57ff00f, "not clrex"},
        {0xf5d0f000, 0xf590f000, "pldw"},
        {0xee060f50, 0xee060f10, "dfar"},
        {0xee070f3a, 0xee070f36, "dcimvac"},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++)
        if (!accepts_word(forms[i].good) || accepts_word(forms[i].bad)) {
            printf("%s: %08x %d, %08x %d\n", forms[i].what, forms[i].good, accepts_word(forms[i].good),
                   forms[i].bad, accepts_word(forms[i].bad));
            unit_test_failed = true;
        }
}

/* Gates are the last page below and the first above; a word further is code, or what is beyond the cache. */
TEST(gate_stores_reach_gates)
{
    static const struct {
        uint32_t where, word;
        bool good;
    } stores[] = {
        {FIRST, 0xe50f0014, true},  /* the third word, PC + 8: -4 */
        {FIRST, 0xe50f0010, false}, /* the first code word */
        {FIRST, 0xe50f0015, false}, /* unaligned: would touch it */
        {FIRST, 0xe50f0fff, false},
        {FIRST, 0xe50f0ffc, true},
        {FIRST, 0xe58f0ffc, false}, /* code */
        {FIRST, 0xe54f0014, false}, /* STRB */
        {FIRST, 0x050f0014, false}, /* conditional */
        {FIRST, 0xe52f0014, false}, /* writes the PC back */
        {FIRST, 0xe40f0014, false},
        {FIRST, 0xe50ff014, false}, /* of the PC */
        {FIRST, 0xe51f0014, false}, /* a load */
        {FIRST + 8192 - 16, 0xe58f0000,
         true}, /* PC is the next gate's first word: the store is the last but one */
        {FIRST + 8192 - 16, 0xe50f0004, false},
        {FIRST + 8192 - 20, 0xe58f0004, true},
        {FIRST + 8192 - 20, 0xe58f0000, false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(stores); i++) {
        start_at(stores[i].where);
        add(stores[i].word);
        add(UDF);
        if (accepted() != stores[i].good) {
            printf("store %u: %d\n", i, !stores[i].good);
            unit_test_failed = true;
        }
    }
}

TEST(literal_loads_reach_this_units_literals)
{
    for (unsigned at = 0; at < 8; at++)
        for (unsigned off = 0; off < 4; off++) {
            start();
            add(0xe59f1000 | (at * 4 + off)); /* word 4 + at */
            add(0xe0810002);
            add(UDF);
            unit.literal_count = 2; /* words 5 and 6 */
            EXPECT_EQ(accepted(), off == 0 && (at == 1 || at == 2));
        }
    start();
    add(0xe59ff000); /* to the PC */
    add(UDF);
    unit.literal_count = 1;
    EXPECT(!accepted());
}

TEST(units_stay_in_one_pair)
{
    static const struct {
        uint32_t where;
        unsigned literals;
        bool good;
    } units[] = {
        {FIRST, 0, true},
        {FIRST - 4, 0, false},
        {WINDOW_CACHE, 0, false},
        {FIRST + 8192 - 16, 0, true},
        {FIRST + 8192 - 16, 1, false},
        {FIRST + 8192 - 12, 0, false},
        {FIRST + 8192 - 4, 0, false},
        {FIRST + 8192, 0, false},
        {FIRST + 2, 0, false},
        {FIRST + SPAN * 100, 2, true},
        {WINDOW_CACHE - SPAN + PAGE_SIZE, 0, false},
        {WINDOW_CACHE + WINDOW_CACHE_MAX, 0, false},
        {WINDOW_SRF, 0, false},
        {WINDOW_VECTORS, 0, false},
        {WINDOW_VMM + PAGE_SIZE, 0, false},
        {0, 0, false},
        {FIRST, 2045, false},
        {FIRST, 2044, true},
        {FIRST, 0xfffffffe, false},
        {FIRST, 0x40000000, false},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(units); i++) {
        start_at(units[i].where);
        add(0xe0810002);
        add(UDF);
        unit.literal_count = units[i].literals;
        EXPECT_EQ(accepted(), units[i].good);
    }
    start_at(FIRST);
    add(UDF);
    unit.word_count = 0;
    EXPECT(!accepted());
    unit.word_count = 2049;
    EXPECT(!accepted());
    unit.word_count = 0xffffffff;
    EXPECT(!accepted());
}

TEST(records_are_checked)
{
    start();
    add_branch(0, 8);  /* 2 */
    add_dacr_write();  /* 3 to 6 */
    add_branch(14, 9); /* 7 */
    add(UDF);          /* 8 */
    add(UDF);          /* 9 */
    EXPECT(accepted());
    EXPECT(verifier_may_enter(&unit, 2) && verifier_may_enter(&unit, 3) && verifier_may_enter(&unit, 7));
    EXPECT(verifier_may_enter(&unit, 0) && !verifier_may_enter(&unit, 10) &&
           !verifier_may_enter(&unit, 0xffffffff));
    for (unsigned i = 4; i < 7; i++)
        EXPECT(!verifier_may_enter(&unit, i));
    EXPECT(verifier_may_link(&unit, 2, 8) && verifier_may_link(&unit, 7, 9));
    EXPECT(!verifier_may_link(&unit, 2, 9)); /* not where it goes */
    EXPECT(!verifier_may_link(&unit, 3, 8)); /* not a branch */
    EXPECT(!verifier_may_link(&unit, 12, 8));
    start();
    add_branch(0, 3);
    add(0xe0810002);
    add(UDF);
    EXPECT(accepted());
    EXPECT(!verifier_may_link(&unit, 2, 3)); /* not a stub */
}
