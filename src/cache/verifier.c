/*
 * The verifier: what this file accepts is all that ever runs at PL1 beside the VMM (design 2.1, invariant 3).
 *
 * Trusted, hence independent: it includes nothing of the decoder or the translator, and believes nothing they
 * say. A word is accepted if a row of rows[] names it and its fields keep the row's rules; the first row that
 * matches decides, and what no row names is refused. A row says: these bits are fixed, these register fields
 * are not the PC, and one more check. Four words have power beyond that (MCR DACR, MSR CPSR_c, the exception
 * return, LDM of the PC): each is accepted only as the last word of one exact sequence, which no branch may
 * enter half-way (seal() and jumps[]).
 *
 * A unit runs with CPSR.E as `big_endian` says to its end: no row writes E. Loads of words and halfwords then
 * reverse their bytes (A3.3), so each sequence below says what its loads give with E set.
 *
 * What is left to the rest of the VMM, and must be kept there:
 *  - VMM memory is in DOMAIN_VMM, the window's shared part is read-only to the guest but for SRF and gates,
 *    nothing of it is reachable at PL0, and guest mappings never appear in it. Plain loads and stores then
 *    need no check.
 *  - The last two bytes of all pages in WINDOW_PSR have I and T clear and mode SVC or System; the jump map's
 * bytes and words are as cache/jump.h says; the guest writes neither.
 *  - At WINDOW_TRAP_END - 1 is a readable byte, and the MiB at WINDOW_TRAP_END is never mapped: trapping
 *    loads. An abort there is never resumed at the next word of the sequence.
 *  - The VMM does not rely on VFP, TPIDRxxx, CSSELR, IFAR or NMRR keeping a value while a guest runs, nor on
 *    FIQs or the A bit; SCTLR.TRE is off; its own SPs are the ABT, UND and IRQ banks'.
 *  - It resumes blocks at words that verifier_may_enter() allows, or where they were interrupted with all
 *    registers as they were; and patches only branches that verifier_may_link() allows.
 *
 * Section numbers are DDI 0406C's.
 */
#include "cache/verifier.h"

#include <string.h>

#include "host/window.h"

#define PLANTED_UDF 0xe7f000f0u
#define NOP_WORD    0xe320f000u
#define LAST_REG    12u /* of those that sequences may change: not SP, LR or PC */

/* A gate page and the code above it, again and again (cache.h says the same; this is the authority). */
#define CODE_BYTES 8192u
#define GATE_SPAN  (PAGE_SIZE + CODE_BYTES)
#define MAX_WORDS  (CODE_BYTES / 4)

_Static_assert(((WINDOW_TRAP_END | WINDOW_JUMP) & 0x00ffffff) == 0, "sequences have them as immediates");
_Static_assert(DACR_GUEST_BITS == 0x10000000, "so does the DACR's");

/* ---- Rows ---- */

enum check {
    NO_CHECK,
    BRANCH,         /* target */
    LITERAL,        /* address in this block's literals */
    GATE,           /* address in a gate page */
    WRITEBACK,      /* base written: not the transferred register */
    DUAL,           /* LDRD, STRD */
    SWAP,           /* SWP */
    LOAD_EXCLUSIVE, /* even pair of LDREXD */
    STORE_EXCLUSIVE,
    BLOCK,         /* LDM, STM: list */
    USER_BANK,     /* LDM^, STM^: list */
    LONG_MULTIPLY, /* RdHi != RdLo */
    PARALLEL,      /* allocated combinations */
    EXTEND,
    FIELD_EXTRACT, /* width fits */
    FIELD_INSERT,
    HINT,       /* not WFI */
    PSR_FIELDS, /* at least one */
    CPS,        /* at least one */
    VFP_LIST,   /* VLDM, VSTM */
    VFP_PAIR,   /* VMOV of two core registers */
    VFP_SYSTEM, /* VMSR, VMRS: which register */
    SYSTEM,     /* MCR, MRC p15: sysregs[] */
    MODE_WRITE, /* MSR CPSR_c ends its sequence */
    RETURN,     /* the exception return ends its sequence */
    JUMP        /* so does the indirect branch */
};

struct row {
    uint32_t mask, value;
    uint32_t not_pc; /* register fields that must not be 15: the lowest bit of each */
    uint32_t check;
};

/* Register fields by place: in most encodings Rn, Rd (or Rt), Rs (or Rm of multiplies), Rm. */
#define N 0x10000u
#define D 0x01000u
#define S 0x00100u
#define M 0x00001u

/* A row whose mask leaves bits 31:28 open matches conditions 0 to 14 only. */
static const struct row rows[] = {
    /* Exact words and the powerful ones, before the general rows. */
    {0xffffffff, PLANTED_UDF, 0, NO_CHECK},  /* UDF #0: the callout (A8.8.247) */
    {0xffffffff, 0xe1b0f00e, 0, RETURN},     /* MOVS PC, LR (B9.3.20) */
    {0xfffff000, 0xe25ef000, 0, RETURN},     /* SUBS PC, LR, #imm */
    {0xfffffff0, 0xe121f000, M, MODE_WRITE}, /* MSR CPSR_c, Rm (B9.3.12) */
    {0xffffffff, 0xe89c8000, 0, JUMP},       /* LDMIA r12, {PC} (A8.8.58) */

    /* Data processing (A5.2.1 to A5.2.3), each time: AND .. RSC; TST .. CMN; ORR, BIC; MOV, shifts, MVN. */
    {0x0f000010, 0x00000000, N | D | M, NO_CHECK},
    {0x0f90f010, 0x01100000, N | M, NO_CHECK},
    {0x0fa00010, 0x01800000, N | D | M, NO_CHECK},
    {0x0faf0010, 0x01a00000, D | M, NO_CHECK},
    {0x0f000090, 0x00000010, N | D | S | M, NO_CHECK},
    {0x0f90f090, 0x01100010, N | S | M, NO_CHECK},
    {0x0fa00090, 0x01800010, N | D | S | M, NO_CHECK},
    {0x0faf0090, 0x01a00010, D | S | M, NO_CHECK},
    {0x0f000000, 0x02000000, N | D, NO_CHECK},
    {0x0f90f000, 0x03100000, N, NO_CHECK},
    {0x0fa00000, 0x03800000, N | D, NO_CHECK},
    {0x0faf0000, 0x03a00000, D, NO_CHECK},
    {0x0fb00000, 0x03000000, D, NO_CHECK}, /* MOVW, MOVT */

    /* Multiplies (A5.2.5), saturating and halfword arithmetic (A5.2.6, A5.2.7): the destination is at N. */
    {0x0fe0f0f0, 0x00000090, N | S | M, NO_CHECK},          /* MUL */
    {0x0fe000f0, 0x00200090, N | D | S | M, NO_CHECK},      /* MLA */
    {0x0ff000f0, 0x00400090, N | D | S | M, LONG_MULTIPLY}, /* UMAAL */
    {0x0ff000f0, 0x00600090, N | D | S | M, NO_CHECK},      /* MLS */
    {0x0f8000f0, 0x00800090, N | D | S | M, LONG_MULTIPLY}, /* UMULL, UMLAL, SMULL, SMLAL */
    {0x0f900ff0, 0x01000050, N | D | M, NO_CHECK},          /* QADD, QSUB, QDADD, QDSUB */
    {0x0ff00090, 0x01000080, N | D | S | M, NO_CHECK},      /* SMLAxy */
    {0x0ff000b0, 0x01200080, N | D | S | M, NO_CHECK},      /* SMLAWy */
    {0x0ff0f0b0, 0x012000a0, N | S | M, NO_CHECK},          /* SMULWy */
    {0x0ff00090, 0x01400080, N | D | S | M, LONG_MULTIPLY}, /* SMLALxy */
    {0x0ff0f090, 0x01600080, N | S | M, NO_CHECK},          /* SMULxy */

    /* Status registers (B9.3.8, B9.3.11, B9.3.12), hints. Of the CPSR only f and s: x holds E and A, c the
       mode. MSR leaves the execution state bits alone (CPSRWriteByInstr, B1.3.3). */
    {0x0fbf0fff, 0x010f0000, D, NO_CHECK},   /* MRS */
    {0x0ffbfff0, 0x0128f000, M, NO_CHECK},   /* MSR CPSR_f, CPSR_fs */
    {0x0ffffff0, 0x0124f000, M, NO_CHECK},   /* MSR CPSR_s */
    {0x0ff0fff0, 0x0160f000, M, PSR_FIELDS}, /* MSR SPSR */
    {0x0ffbf000, 0x0328f000, 0, NO_CHECK},   /* the same with an immediate */
    {0x0ffff000, 0x0324f000, 0, NO_CHECK},
    {0x0ff0f000, 0x0360f000, 0, PSR_FIELDS},
    {0x0fffff00, 0x0320f000, 0, HINT},
    {0x0fff0ff0, 0x016f0f10, D | M, NO_CHECK}, /* CLZ */

    /* Loads and stores (A5.3, A5.2.8, A5.2.9); unprivileged ones are those with P = 0, W = 1. */
    {0x0f7f0000, 0x051f0000, D, LITERAL},           /* LDR Rt, [PC, #imm] */
    {0xff7f0000, 0xe50f0000, D, GATE},              /* STR Rt, [PC, #imm] */
    {0x0e000000, 0x04000000, N | D, WRITEBACK},     /* LDR, STR, LDRB, STRB (immediate) */
    {0x0e000010, 0x06000000, N | D | M, WRITEBACK}, /* (register) */
    {0x0e4000f0, 0x004000b0, N | D, WRITEBACK},     /* LDRH, STRH (immediate) */
    {0x0e400ff0, 0x000000b0, N | D | M, WRITEBACK}, /* (register) */
    {0x0e5000d0, 0x005000d0, N | D, WRITEBACK},     /* LDRSB, LDRSH (immediate) */
    {0x0e500fd0, 0x001000d0, N | D | M, WRITEBACK}, /* (register) */
    {0x0e5000d0, 0x004000d0, N | D, DUAL},          /* LDRD, STRD (immediate) */
    {0x0e500fd0, 0x000000d0, N | D | M, DUAL},      /* (register) */
    {0x0fb00ff0, 0x01000090, N | D | M, SWAP},      /* SWP, SWPB (A8.8.229) */
    {0x0f900fff, 0x01900f9f, N | D, LOAD_EXCLUSIVE},
    {0x0f900ff0, 0x01800f90, N | D | M, STORE_EXCLUSIVE},
    {0x0e408000, 0x08000000, N, BLOCK},     /* LDM, STM without PC */
    {0x0e608000, 0x08400000, N, USER_BANK}, /* LDM^, STM^ without PC (B9.3.6, B9.3.17) */

    /* Media instructions (A5.4). */
    {0x0f800f10, 0x06000f10, N | D | M, PARALLEL},
    {0x0ff00030, 0x06800010, N | D | M, NO_CHECK}, /* PKH */
    {0x0ff00ff0, 0x06800fb0, N | D | M, NO_CHECK}, /* SEL */
    {0x0f8003f0, 0x06800070, D | M, EXTEND},       /* SXTB, UXTAH ...: Rn == 15 means none */
    {0x0fa00030, 0x06a00010, D | M, NO_CHECK},     /* SSAT, USAT */
    {0x0fb00ff0, 0x06a00f30, D | M, NO_CHECK},     /* SSAT16, USAT16 */
    {0x0fbf0f70, 0x06bf0f30, D | M, NO_CHECK},     /* REV, REV16, RBIT, REVSH */
    {0x0ff00090, 0x07000010, N | S | M, NO_CHECK}, /* SMLAD, SMUAD, SMLSD, SMUSD: Ra == 15 means none */
    {0x0ff00090, 0x07400010, N | D | S | M, LONG_MULTIPLY}, /* SMLALD, SMLSLD */
    {0x0ff000d0, 0x07500010, N | S | M, NO_CHECK},          /* SMMLA, SMMUL */
    {0x0ff000d0, 0x075000d0, N | D | S | M, NO_CHECK},      /* SMMLS */
    {0x0ff000f0, 0x07800010, N | S | M, NO_CHECK},          /* USAD8, USADA8 */
    {0x0fa00070, 0x07a00050, D | M, FIELD_EXTRACT},         /* SBFX, UBFX */
    {0x0fe00070, 0x07c00010, D, FIELD_INSERT},              /* BFI, BFC: Rn == 15 means none */

    {0x0f000000, 0x0a000000, 0, BRANCH}, /* B (A8.8.18) */

    /* VFP (A7.5, A7.6, A7.8, A7.9): coprocessors 10 and 11. */
    {0x0f200e00, 0x0d000a00, N, NO_CHECK}, /* VLDR, VSTR */
    {0x0f800e00, 0x0c800a00, N, VFP_LIST}, /* VLDMIA, VSTMIA */
    {0x0fa00e00, 0x0d200a00, N, VFP_LIST}, /* VLDMDB, VSTMDB */
    {0x0fe00ed0, 0x0c400a10, N | D, VFP_PAIR},
    {0x0f000e10, 0x0e000a00, 0, NO_CHECK}, /* data processing: extension registers only */
    {0x0fe00f7f, 0x0e000a10, D, NO_CHECK}, /* VMOV, core and single */
    {0x0fffffff, 0x0ef1fa10, 0, NO_CHECK}, /* VMRS APSR_nzcv, FPSCR */
    {0x0fe00fff, 0x0ee00a10, D, VFP_SYSTEM},
    {0x0f900f1f, 0x0e000b10, D, NO_CHECK}, /* VMOV to scalar */
    {0x0f100f1f, 0x0e100b10, D, NO_CHECK}, /* VMOV from scalar */
    {0x0f900f5f, 0x0e800b10, D, NO_CHECK}, /* VDUP */

    {0x0f000f10, 0x0e000f10, D, SYSTEM},   /* MCR, MRC p15 */
    {0x0fef0fff, 0x0ec10e10, D, NO_CHECK}, /* MCR, MRC p14: TEEHBR (A2.10), for software; not the VMM's */

    /* Unconditional (A5.7). */
    {0xfffbfebf, 0xf1080000, 0, CPS},          /* CPSIE, CPSID of A and F; never I, never the mode (B9.3.2) */
    {0xfe000000, 0xf2000000, 0, NO_CHECK},     /* Advanced SIMD data processing: no core registers (A7.4) */
    {0xff100000, 0xf4000000, N, NO_CHECK},     /* VLDn, VSTn: Rm == 15 means none (A7.7) */
    {0xff70f000, 0xf550f000, 0, NO_CHECK},     /* PLD: a hint, of any address */
    {0xff70f000, 0xf450f000, 0, NO_CHECK},     /* PLI */
    {0xff70f010, 0xf750f000, N | M, NO_CHECK}, /* PLD (register) */
    {0xff70f010, 0xf650f000, N | M, NO_CHECK}, /* PLI (register) */
    {0xffffffff, 0xf57ff01f, 0, NO_CHECK},     /* CLREX */
    {0xffffffe0, 0xf57ff040, 0, NO_CHECK},     /* DSB, DMB */
    {0xfffffff0, 0xf57ff060, 0, NO_CHECK},     /* ISB */
};

/* ---- System registers ---- */

enum { READ = 1, WRITE = 2, BOTH = 3 };

/* CP15 accesses and why a guest may make them directly. opc2 is a bit mask; the DACR's write is not here. */
static const struct {
    uint8_t crn, opc1, crm, opc2, access;
} sysregs[] = {
    {6, 0, 0, 0x04, BOTH},   /* IFAR (B4.1.95): a spill register; hardware sets it before the VMM reads it */
    {10, 0, 2, 0x02, BOTH},  /* NMRR (B4.1.113): a spill register; without effect while SCTLR.TRE is 0 */
    {0, 0, 0, 0x2f, READ},   /* MIDR, CTR, TCMTR, TLBTR, MPIDR (B3.17.2): constants */
    {0, 0, 1, 0xff, READ},   /* ID_PFR0 .. ID_MMFR3: constants */
    {0, 0, 2, 0x3f, READ},   /* ID_ISAR0 .. ID_ISAR5: constants */
    {0, 1, 0, 0x83, READ},   /* CCSIDR, CLIDR, AIDR: constants */
    {0, 2, 0, 0x01, BOTH},   /* CSSELR (B4.1.41): chooses what CCSIDR shows, no more */
    {3, 0, 0, 0x01, READ},   /* DACR (B4.1.43) */
    {7, 0, 1, 0x01, WRITE},  /* ICIALLUIS (B4.2.1): costs time only */
    {7, 0, 5, 0xd3, WRITE},  /* ICIALLU, ICIMVAU, CP15ISB, BPIALL, BPIMVA: the same */
    {7, 0, 10, 0x32, WRITE}, /* DCCMVAC, CP15DSB, CP15DMB (B4.2.1, B4.2.5): a clean loses nothing */
    {7, 0, 11, 0x02, WRITE}, /* DCCMVAU: the same */
    {7, 0, 14, 0x02, WRITE}, /* DCCIMVAC: cleans first. DCIMVAC would drop the VMM's data: not here */
    {13, 0, 0, 0x1c, BOTH},  /* TPIDRURW, TPIDRURO, TPIDRPRW (B4.1.150): for software; not the VMM's */
};

/* ---- Sequences ---- */

/* Of the unit that is looked at. */
static struct {
    bool any_sequence;
    uint32_t inside[MAX_WORDS /
                    32]; /* words inside a sequence (not its first word); meaningless while there is none */
    unsigned jump_count;
    struct {
        uint16_t from, to;
    } jumps[MAX_WORDS]; /* branches within the unit, and the words they go to */
} unit;

/* first .. last execute as a whole or not at all. */
static bool seal(unsigned first, unsigned last)
{
    if (!unit.any_sequence)
        memset(unit.inside, 0, sizeof unit.inside);
    unit.any_sequence = true;
    for (unsigned i = first + 1; i <= last; i++)
        unit.inside[i / 32] |= 1u << i % 32;
    return true;
}

static bool is_inside(unsigned i) { return unit.any_sequence && unit.inside[i / 32] >> i % 32 & 1; }

static uint32_t rn(uint32_t w) { return bits(w, 19, 16); }
static uint32_t rd(uint32_t w) { return bits(w, 15, 12); }
static uint32_t rm(uint32_t w) { return bits(w, 3, 0); }

static uint32_t pc_value(const struct verifier_unit *u, unsigned i) { return u->where.a + i * 4 + 8; }

static bool in_gate(uint32_t address)
{
    uint32_t offset = address - WINDOW_CACHE;

    return offset < WINDOW_CACHE_MAX && offset % GATE_SPAN < PAGE_SIZE && address % 4 == 0;
}

static uint32_t pc_relative(const struct verifier_unit *u, unsigned i)
{
    uint32_t w = u->words[i], imm = w & 0xfff;

    return bit(w, 23) ? pc_value(u, i) + imm : pc_value(u, i) - imm;
}

static bool check_literal(const struct verifier_unit *u, unsigned i)
{
    uint32_t offset = pc_relative(u, i) - u->where.a;

    return offset % 4 == 0 && offset / 4 >= u->word_count && offset / 4 < u->word_count + u->literal_count;
}

static bool is_gate_store(const struct verifier_unit *u, unsigned i)
{
    uint32_t w = u->words[i];

    return (w & 0xff7f0000) == 0xe50f0000 && rd(w) != 15 && in_gate(pc_relative(u, i));
}

/* Index of the word that B at `i` goes to; anything >= word_count is outside. */
static uint32_t branch_target(uint32_t w, unsigned i) { return i + 2 + (uint32_t)sign_extend(w, 24); }

static bool is_source(uint32_t n) { return n <= LAST_REG || n == 14; } /* LR may be read */
/*
 * DACR := n | DACR_GUEST_BITS, if n has nothing for the window's two domains:
 *     MVN  o, #0x0a000000        o = WINDOW_TRAP_END - 1
 *     LDRB o, [o, n, LSR #28]    aborts unless n[31:28] == 0: only offset 0 is mapped
 *     ORR  o, n, #0x10000000     shared: Client; the VMM's: No access
 *     MCR  p15, 0, o, c3, c0, 0
 * n != o, and nothing writes n in between. So DOMAIN_VMM stays closed (invariant 4), whatever n is. With E
 * set too: what the load gives is not used.
 */
static bool ends_dacr_write(const struct verifier_unit *u, unsigned i)
{
    uint32_t o = rd(u->words[i]), n;
    const uint32_t *p;

    if (i < 3)
        return false;
    p = u->words + i - 3;
    n = rm(p[1]);
    return o <= LAST_REG && is_source(n) && o != n &&
           p[0] == (0xe3e00000 | o << 12 | 0x400 | (0x100 - (WINDOW_TRAP_END >> 24))) &&
           p[1] == (0xe7d00e20 | o << 16 | o << 12 | n) && p[2] == (0xe3800000 | n << 16 | o << 12 | 0x201) &&
           seal(i - 3, i);
}

/*
 * The same with a constant: LDR o, a literal that has the two domains as above; MCR p15, 0, o, c3, c0, 0. Not
 * with E set: the domains would be other bits of it.
 */
static bool ends_dacr_constant(const struct verifier_unit *u, unsigned i)
{
    uint32_t o = rd(u->words[i]);

    return i >= 1 && o <= LAST_REG && !u->big_endian && check_literal(u, i - 1) &&
           (u->words[i - 1] & 0xff7ff000) == (0xe51f0000 | o << 12) &&
           u->words[(pc_relative(u, i - 1) - u->where.a) / 4] >> 28 == DACR_GUEST_BITS >> 28 &&
           seal(i - 1, i);
}

/*
 * CPSR[7:0] := a byte of the window's that is meant for that (window.h):
 *     MVN  o, #c << 20           o = the last byte of a MiB in WINDOW_PSR
 *     BFI  o, n, #12, #8         in one of its pages, as n says
 *     LDRB o, [o] or [o, #-1]    aborts if there is none
 *     MSR  CPSR_c, o
 * All pages there are read-only, and these bytes have I clear (invariant 5), T clear, and mode SVC or System,
 * the modes that translations run in. A byte is the same with E set, and the control field does not hold E.
 */
static bool ends_mode_write(const struct verifier_unit *u, unsigned i)
{
    uint32_t o = rm(u->words[i]), region;
    const uint32_t *p = u->words + i - 3;

    if (i < 3 || o > LAST_REG)
        return false;
    region = ~((p[0] & 0xff) << 20);
    return p[0] == (0xe3e00600 | o << 12 | (p[0] & 0xff)) &&
           region - WINDOW_PSR < WINDOW_PSR_STATES * SECTION_SIZE && is_source(rm(p[1])) &&
           p[1] == (0xe7d30610 | o << 12 | rm(p[1])) && (p[2] & ~1u) == (0xe5500000 | o << 16 | o << 12) &&
           seal(i - 3, i);
}

/*
 * Return to User mode with the real I clear:
 *     MRS  o, SPSR
 *     AND  o, o, #0xdf           I, F and the mode
 *     TEQ  o, #0x10              User, I clear (or #0x50: F set)
 *     MRC  p15, 0, o, c6, c0, 2  o back from its spill register; flags stay
 *     BNE  a planted UDF of this block
 *     NOP                        (none, one or two: the store's reach may need them)
 *     STR  a gate: aborts when the VMM wants control
 *     MOVS PC, LR or SUBS PC, LR, #imm
 * Nothing in between writes the SPSR, so CPSR gets one with mode User and I clear: invariants 1, 2 and 5. The
 * other bits (T, J, E, A, IT) concern PL0 alone: exceptions set their own (B1.8.3). Nothing is loaded, so E
 * set makes no difference.
 */
static bool ends_return(const struct verifier_unit *u, unsigned i)
{
    unsigned at = i - 2; /* of BNE, or the NOP */
    const uint32_t *p;
    uint32_t o, stop;

    if (i < 6 || !is_gate_store(u, i - 1))
        return false;
    for (unsigned nops = 0; nops < 2 && u->words[at] == NOP_WORD; nops++)
        at--;
    if (at < 4)
        return false;
    p = u->words + at - 4;
    o = rd(p[0]);
    stop = branch_target(p[4], at);
    return o <= LAST_REG && p[0] == (0xe14f0000 | o << 12) && p[1] == (0xe20000df | o << 16 | o << 12) &&
           (p[2] & ~0x40u) == (0xe3300010 | o << 16) && p[3] == (0xee160f50 | o << 12) &&
           (p[4] & 0xff000000) == 0x1a000000 && stop < u->word_count && u->words[stop] == PLANTED_UDF &&
           seal(at - 4, i);
}

/*
 * An indirect branch to LR, whatever it is:
 *     MVN  r12, #0x09000000           r12 = WINDOW_JUMP - 1
 *     LDRB r12, [r12, -lr, LSR #24]   a byte of the stubs page, read-only: lr[31:24] + it is one of the jump
 * map's ADD  r12, lr, r12, LSL #24      regions, each 16 MiB of words of the VMM's LDMIA r12, {PC} a block's
 * first word or STUB_MISS; aborts if lr[1:0] != 0 Not with E set: the address loaded would be reversed, to
 * one that a guest can have code of its own at.
 */
static bool ends_jump(const struct verifier_unit *u, unsigned i)
{
    const uint32_t *p = u->words + i - 3;

    return i >= 3 && !u->big_endian && p[0] == (0xe3e0c400 | (0x100 - (WINDOW_JUMP >> 24))) &&
           p[1] == 0xe75ccc2e && p[2] == 0xe08ecc0c && seal(i - 3, i);
}

/* ---- Checks of single words ---- */

static bool check_branch(const struct verifier_unit *u, unsigned i, uint32_t w)
{
    uint32_t n = branch_target(w, i);

    if (n >= u->word_count)
        return false;
    unit.jumps[unit.jump_count].from = (uint16_t)i;
    unit.jumps[unit.jump_count++].to = (uint16_t)n;
    return true;
}

static bool writes_back(uint32_t w) { return !bit(w, 24) || bit(w, 21); }
static bool even_pair(uint32_t t) { return t % 2 == 0 && t != 14; }

/* A8.8.72 to 74, A8.8.210, A8.8.211. */
static bool check_dual(uint32_t w)
{
    uint32_t t = rd(w), pair = t + 1;

    if (!even_pair(t) || (!bit(w, 24) && bit(w, 21)) || (writes_back(w) && (rn(w) == t || rn(w) == pair)))
        return false;
    return bit(w, 22) || bit(w, 5) || (rm(w) != t && rm(w) != pair); /* LDRD (register) */
}

static bool check_load_exclusive(uint32_t w) { return bits(w, 22, 21) != 1 || even_pair(rd(w)); }

static bool check_store_exclusive(uint32_t w)
{
    uint32_t d = rd(w), t = rm(w);

    return d != rn(w) && d != t && (bits(w, 22, 21) != 1 || (even_pair(t) && d != t + 1));
}

static bool check_block(uint32_t w)
{
    return w & 0xffff &&
           !(bit(w, 20) && bit(w, 21) && w >> rn(w) & 1); /* LDM with its base both loaded and written back */
}

/* Registers of VLDM and VSTM: at least one, no more than there are (A8.8.332). */
static bool check_vfp_list(uint32_t w)
{
    uint32_t imm = w & 0xff, d = bit(w, 22), v = rd(w);

    if (bit(w, 8)) /* doubles; an odd number is FLDMX */
        return imm / 2 && imm / 2 <= 16 && (d << 4 | v) + imm / 2 <= 32;
    return imm && (v << 1 | d) + imm <= 32;
}

static bool check_vfp_pair(uint32_t w)
{
    return !(bit(w, 20) && rn(w) == rd(w)) &&
           (bit(w, 8) || rm(w) != 15 || !bit(w, 5)); /* two singles: not S31 and the one after */
}

/* FPSID, FPSCR, FPEXC; MVFR1, MVFR0 to read (B9.3.21). */
static bool check_vfp_system(uint32_t w) { return (bit(w, 20) ? 0x1c3u : 0x103u) >> rn(w) & 1; }

static bool check_parallel(uint32_t w)
{
    uint32_t op = bits(w, 7, 5);

    return bits(w, 21, 20) != 0 && op != 5 && op != 6;
}

static bool check_system(const struct verifier_unit *u, unsigned i, uint32_t w)
{
    unsigned access = bit(w, 20) ? READ : WRITE;

    for (unsigned k = 0; k < ARRAY_SIZE(sysregs); k++)
        if (sysregs[k].crn == rn(w) && sysregs[k].opc1 == bits(w, 23, 21) && sysregs[k].crm == rm(w) &&
            sysregs[k].opc2 >> bits(w, 7, 5) & 1 && sysregs[k].access & access)
            return true;
    return (w & 0xffff0fff) == 0xee030f10 && (ends_dacr_write(u, i) || ends_dacr_constant(u, i));
}

/* Apart from check_word(), whose registers are precious. */
__attribute__((noinline)) static bool check(const struct verifier_unit *u, unsigned i, uint32_t w,
                                            uint32_t kind)
{
    switch (kind) {
    case NO_CHECK: return true;
    case BRANCH: return check_branch(u, i, w);
    case LITERAL: return check_literal(u, i);
    case GATE: return is_gate_store(u, i);
    case WRITEBACK: return !writes_back(w) || rn(w) != rd(w);
    case DUAL: return check_dual(w);
    case SWAP: return rn(w) != rd(w) && rn(w) != rm(w);
    case LOAD_EXCLUSIVE: return check_load_exclusive(w);
    case STORE_EXCLUSIVE: return check_store_exclusive(w);
    case BLOCK: return check_block(w);
    case USER_BANK: return (w & 0xffff) != 0;
    case LONG_MULTIPLY: return rn(w) != rd(w);
    case PARALLEL: return check_parallel(w);
    case EXTEND: return bits(w, 21, 20) != 1;
    case FIELD_EXTRACT: return bits(w, 11, 7) + bits(w, 20, 16) <= 31;
    case FIELD_INSERT: return bits(w, 20, 16) >= bits(w, 11, 7);
    case HINT: return (w & 0xff) != 3;
    case PSR_FIELDS: return rn(w) != 0;
    case CPS: return (w & 0x140) != 0;
    case VFP_LIST: return check_vfp_list(w);
    case VFP_PAIR: return check_vfp_pair(w);
    case VFP_SYSTEM: return check_vfp_system(w);
    case SYSTEM: return check_system(u, i, w);
    case MODE_WRITE: return ends_mode_write(u, i);
    case RETURN: return ends_return(u, i);
    case JUMP: return ends_jump(u, i);
    default: return false;
    }
}

/* ---- The index: rows that can match, by bits 27:20, apart for the unconditional space ---- */

#define KEYS     512u
#define LIST_END 0xff
static struct {
    uint16_t list_at[KEYS]; /* into lists[]; 0: not built yet */
    uint8_t lists[2048];
} by_key;
_Static_assert(ARRAY_SIZE(rows) < LIST_END, "by_key.lists have bytes");

static unsigned key_of(uint32_t w) { return bits(w, 27, 20) | (w >= 0xf0000000 ? 256 : 0); }

static bool row_fits(const struct row *r, unsigned key)
{
    uint32_t w = key << 20 & 0x0ff00000;
    bool unconditional = r->mask >> 28 && r->value >> 28 == 15;

    return ((w ^ r->value) & r->mask & 0x0ff00000) == 0 && unconditional == (key >= 256);
}

static void build_index(void)
{
    unsigned n = 1;

    for (unsigned key = 0; key < KEYS; key++) {
        by_key.list_at[key] = (uint16_t)n;
        for (unsigned r = 0; r < ARRAY_SIZE(rows); r++)
            if (row_fits(&rows[r], key))
                by_key.lists[n++] = (uint8_t)r;
        by_key.lists[n++] = LIST_END;
        CHECK(n < ARRAY_SIZE(by_key.lists) - ARRAY_SIZE(rows));
    }
}

static inline bool check_word(const struct verifier_unit *u, unsigned i, uint32_t w)
{
    uint32_t fifteen = w & w >> 1; /* in the end a field's lowest bit is set if the field is 15 */

    fifteen &= fifteen >> 2;
    for (const uint8_t *l = by_key.lists + by_key.list_at[key_of(w)]; *l != LIST_END; l++) {
        const struct row *r = &rows[*l];

        if ((w & r->mask) == r->value)
            return !(fifteen & r->not_pc) && (r->check == NO_CHECK || check(u, i, w, r->check));
    }
    return false;
}

/* ---- The unit ---- */

/* All of it in the code above one gate page: gates are writable, and literals too must not be. */
static bool check_place(const struct verifier_unit *u)
{
    uint32_t offset = u->where.a - WINDOW_CACHE, in = offset % GATE_SPAN;

    if (!u->word_count || u->word_count > MAX_WORDS || u->literal_count > MAX_WORDS)
        return false;
    return offset < WINDOW_CACHE_MAX && offset % 4 == 0 && in >= PAGE_SIZE &&
           in + (u->word_count + u->literal_count) * 4 <= GATE_SPAN &&
           offset - in + GATE_SPAN <= WINDOW_CACHE_MAX;
}

static bool falls_through(uint32_t w)
{
    return !(w >> 24 == 0xea || w == PLANTED_UDF || w == 0xe1b0f00e || (w & 0xfffff000) == 0xe25ef000 ||
             w == 0xe89c8000);
}

/* Whether a branch lands unit.inside a sequence. */
static bool find_bad_jump(unsigned *bad_word)
{
    for (unsigned i = 0; i < unit.jump_count; i++)
        if (is_inside(unit.jumps[i].to)) {
            *bad_word = unit.jumps[i].from;
            return true;
        }
    return false;
}

bool verifier_check(const struct verifier_unit *u, unsigned *bad_word)
{
    if (!by_key.list_at[0])
        build_index();
    *bad_word = 0;
    if (!check_place(u))
        return false;
    unit.any_sequence = false;
    unit.jump_count = 0;
    for (unsigned i = 0; i < u->word_count; i++)
        if (!check_word(u, i, u->words[i])) {
            *bad_word = i;
            return false;
        }
    *bad_word = u->word_count - 1;
    return !falls_through(u->words[*bad_word]) && !(unit.any_sequence && find_bad_jump(bad_word));
}

bool verifier_may_enter(const struct verifier_unit *u, unsigned word)
{
    return word < u->word_count && !is_inside(word);
}

bool verifier_may_link(const struct verifier_unit *u, unsigned branch, unsigned stub)
{
    return verifier_may_enter(u, branch) && (u->words[branch] & 0x0f000000) == 0x0a000000 &&
           branch_target(u->words[branch], branch) == stub && stub < u->word_count &&
           u->words[stub] == PLANTED_UDF;
}
