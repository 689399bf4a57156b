/* CP15 templates: what may run natively, what is read from the SRF, and the DACR. All else is a callout. */
#include "dbt/dbt.h"
#include "dbt/template.h"
#include "host/switches.h"
#include "host/window.h"
#include "ops.h"

#define TEEHBR 0x0ec10e10u /* p14, 6, Rt, c1, c0, 0 */
bool dbt_dacr_inline;

enum { READ = 1, WRITE = 2, BOTH = 3 };

/* Accesses whose native effect is the one the guest should get. opc2 is a bit mask. */
static const struct {
    uint8_t crn, opc1, crm, opc2;
    uint8_t access;
    const char *why;
} native[] = {
    {0, 0, 0, 0x2f, READ, "MIDR, CTR, TCMTR, TLBTR, MPIDR: the guest's core is the host's"},
    {0, 0, 1, 0xff, READ, "ID_PFR0 .. ID_MMFR3"},
    {0, 0, 2, 0x3f, READ, "ID_ISAR0 .. ID_ISAR5"},
    {0, 1, 0, 0x83, READ, "CCSIDR, CLIDR, AIDR"},
    {0, 2, 0, 0x01, BOTH, "CSSELR: selects what CCSIDR shows"},
    {7, 0, 5, 0xd0, WRITE, "CP15ISB, BPIALL, BPIMVA"},
    {7, 0, 10, 0x32, WRITE, "DCCMVAC, CP15DSB, CP15DMB"},
    {7, 0, 11, 0x02, WRITE, "DCCMVAU"},
    {7, 0, 14, 0x02, WRITE, "DCCIMVAC"},
    {13, 0, 0, 0x1c, BOTH, "TPIDRURW, TPIDRURO, TPIDRPRW"},
};

static const struct {
    uint8_t crn, opc1, crm, opc2;
    uint16_t slot;
} in_srf[] = {
    {1, 0, 0, 0, SRF_SCTLR},       {2, 0, 0, 0, SRF_TTBR0}, {2, 0, 0, 1, SRF_TTBR1}, {2, 0, 0, 2, SRF_TTBCR},
    {5, 0, 0, 0, SRF_DFSR},        {5, 0, 0, 1, SRF_IFSR},  {6, 0, 0, 0, SRF_DFAR},  {6, 0, 0, 2, SRF_IFAR},
    {13, 0, 0, 1, SRF_CONTEXTIDR}, {12, 0, 0, 0, SRF_VBAR}, {10, 0, 2, 0, SRF_PRRR}, {10, 0, 2, 1, SRF_NMRR},
};

static bool runs_natively(const struct insn *in)
{
    unsigned access = in->op == OP_MRC ? READ : WRITE;

    for (unsigned i = 0; i < ARRAY_SIZE(native); i++)
        if (native[i].crn == in->crn && native[i].opc1 == in->opc1 && native[i].crm == in->crm &&
            native[i].opc2 >> in->opc2 & 1 && native[i].access & access)
            return true;
    return false;
}

/* A value that the block itself has put in rt, for domains 0 to 13 and without Manager: nothing is left to
 * check. */
static bool tr_dacr_constant(struct tr *t, const struct insn *in)
{
    uint32_t value = t->constants[in->rt];
    unsigned other;

    if (!(t->constant >> in->rt & 1) || value & DACR_WINDOW_MASK || value & value >> 1 & 0x55555555u)
        return false;
    other = tr_take(t, in);
    e_ldr_literal(t, AL, other, value | DACR_GUEST_BITS);
    e_mcr_dacr(t, other);
    tr_give(t, other);
    return true;
}

/* Written: the guest's value must have nothing for the window's domains, which a trapping load checks. */
static bool tr_dacr(struct tr *t, const struct insn *in)
{
    unsigned other;

    t->dacr = true;
    if (!SWITCH_ON(inline_dacr) || !dbt_dacr_inline)
        return false;
    if (in->op == OP_MRC) {
        e_mrc_dacr(t, in->rt);
        e_bic_imm(t, in->rt, in->rt, DACR_WINDOW_MASK);
        return true;
    }
    if (tr_dacr_constant(t, in))
        return true;
    other = tr_take(t, in);
    e_mvn_imm(t, other, ~(WINDOW_TRAP_END - 1u)); /* the trap page's last byte */
    e_trap_site(t, in);
    e(t, 0xe7d00e20u | other << 16 | other << 12 | in->rt); /* LDRB other, [other, rt, LSR #28] */
    e_orr_imm(t, other, in->rt, DACR_GUEST_BITS);
    e_mcr_dacr(t, other);
    tr_give(t, other);
    return true;
}

static bool is_icache_op(const struct insn *in)
{
    return in->op == OP_MCR && in->crn == 7 && in->opc1 == 0 && /* ICIALLUIS; ICIALLU, ICIMVAU */
           ((in->crm == 1 && in->opc2 == 0) || (in->crm == 5 && in->opc2 <= 1));
}

/* The byte can be stored to while no translation could be out of date; the real I-cache, of user programs,
 * gets the rest. */
static bool tr_icache(struct tr *t, const struct insn *in)
{
    unsigned other;

    if (!SWITCH_ON(icache_gate))
        return false;
    other = tr_take(t, in);
    e_mvn_imm(t, other, ~WINDOW_ICACHE_GATE);
    e_trap_site(t, in);
    e(t, 0xe5c00000u | other << 16 | other << 12); /* STRB other, [other] */
    tr_give(t, other);
    e(t, (in->word & 0x0fffffffu) | 0xe0000000u);
    return true;
}

static bool tr_access(struct tr *t, const struct insn *in)
{
    if (in->coproc == 14 && (in->word & 0x0fef0fff) == TEEHBR && in->rt < SP && SWITCH_ON(inline_cp15)) {
        e(t, (in->word & 0x0fffffffu) |
                 0xe0000000u); /* the program's; nothing but ThumbEE code, which does not exist, reads it */
        return true;
    }
    if (in->coproc != 15 || in->rt == SP || in->rt == PC)
        return false;
    if (in->crn == 3 && in->opc1 == 0 && in->crm == 0 && in->opc2 == 0)
        return tr_dacr(t, in);
    if (!SWITCH_ON(inline_cp15))
        return false;
    if (is_icache_op(in))
        return tr_icache(t, in);
    if (runs_natively(in)) {
        e(t,
          (in->word & 0x0fffffffu) | 0xe0000000u); /* the Thumb encoding is the same but for the condition */
        return true;
    }
    for (unsigned i = 0; in->op == OP_MRC && i < ARRAY_SIZE(in_srf); i++)
        if (in_srf[i].crn == in->crn && in_srf[i].opc1 == in->opc1 && in_srf[i].crm == in->crm &&
            in_srf[i].opc2 == in->opc2) {
            e_mov_imm(t, in->rt, WINDOW_SRF);
            e_ldr(t, in->rt, in->rt, in_srf[i].slot);
            return true;
        }
    return false;
}

bool tr_cp15(struct tr *t, const struct insn *in, unsigned cond)
{
    unsigned start = t->count, skip = 0;

    if (t->state.big_endian)
        return false;
    if (cond != AL)
        skip = e_skip(t, cond ^ 1);
    if (!tr_access(t, in)) {
        t->count = start;
        return false;
    }
    if (cond != AL)
        e_land(t, skip);
    return true;
}
