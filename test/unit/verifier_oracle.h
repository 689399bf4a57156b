/*
 * The harm that accepted words could do, by an oracle that owes nothing to the verifier, the translator or
 * the decoder: Capstone for single words, an evaluator for sequences.
 */
#ifndef VERIFIER_ORACLE_H
#define VERIFIER_ORACLE_H

#include <capstone/capstone.h>

#include "verifier_machine.h"

/* ---- The oracle for single words ---- */

static csh cs;
static cs_insn *cs_one;

static inline void cs_start(void)
{
    if (cs_one)
        return;
    if (cs_open(CS_ARCH_ARM, CS_MODE_ARM, &cs) || cs_option(cs, CS_OPT_DETAIL, CS_OPT_ON))
        abort();
    cs_one = cs_malloc(cs);
}

static inline bool cs_decode(uint32_t w)
{
    const uint8_t *p = (const uint8_t *)&w;
    size_t size = 4;
    uint64_t at = 0x10000000;

    cs_start();
    return cs_disasm_iter(cs, &p, &size, &at, cs_one);
}

static inline bool in_group(unsigned group)
{
    for (unsigned i = 0; i < cs_one->detail->groups_count; i++)
        if (cs_one->detail->groups[i] == group)
            return true;
    return false;
}

/* The PC is read, written or written back, by what Capstone knows of registers and by its text. */
static inline bool names_pc(void)
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

static inline bool system_harmless(bool write)
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
static inline bool reviewed(uint32_t w)
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

static inline enum harm harm_of(uint32_t w)
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

static inline uint32_t tempting_word(void)
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

static inline uint32_t expand_imm(uint32_t w) { return ror32(w & 0xff, (w >> 8 & 15) * 2); }

static inline void forget(struct machine *m)
{
    for (unsigned i = 0; i < 15; i++)
        m->r[i] = tempting_word();
    m->spsr = tempting_word();
    m->z = random_word() & 1;
}

/* Data processing with an immediate, the forms sequences are made of. False: not one of them. */
static inline bool run_immediate(struct machine *m, uint32_t w)
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
static inline uint32_t byte_at(uint32_t address)
{
    uint32_t top = WINDOW_JUMP - 1 - address;

    return (top < 256 ? (WINDOW_JUMP >> 24) + random_word() % WINDOW_JUMP_REGIONS - top : random_word()) &
           0xff;
}

/* What MSR CPSR_c may get, as window.h has it. False: nothing is there. */
static inline bool psr_byte_at(uint32_t address, uint32_t *byte)
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
static inline bool run_byte_load(struct machine *m, uint32_t w, bool *stops)
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

static inline bool run_add_shifted(struct machine *m, uint32_t w)
{
    if ((w & 0xfff00070) != 0xe0800000)
        return false;
    m->r[w >> 12 & 15] = m->r[w >> 16 & 15] + (m->r[w & 15] << (w >> 7 & 31));
    return true;
}

enum power { NONE, DACR_WRITE, CPSR_WRITE, RETURN, JUMP };

static inline enum power power_of(uint32_t w)
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
static inline const char *misuse(const struct machine *m, uint32_t w)
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
static inline uint32_t literal_word(uint32_t offset)
{
    uint32_t word = words[offset / 4];

    return unit.big_endian ? __builtin_bswap32(word) : word;
}

/* Walk from `at`, taking conditional branches by the machine's Z or at random. */
static inline void walk(unsigned at, struct machine *m)
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
static inline const char *harm_of_unit(unsigned tries)
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

#endif
