/*
 * The callouts: sensitive instructions in C, as DDI 0406C B9 and A8 describe them. Each `do_` function runs
 * one instruction whose condition holds and says where execution goes on.
 */
#include "emul/callout.h"

#include "emul/ldst.h"
#include "ops.h"

/* NEXT: the following instruction. BRANCHED: r[15] (and T, IT) are set. */
enum outcome { NEXT, BRANCHED };

static bool privileged(const struct vcpu *v) { return (v->cpsr & PSR_MODE) != MODE_USR; }
static bool has_spsr(const struct vcpu *v) { return vcpu_bank_of(v->cpsr) != BANK_USR; }

bool condition_holds(uint32_t cpsr, unsigned cond)
{
    bool n = cpsr & PSR_N, z = cpsr & PSR_Z, c = cpsr & PSR_C, o = cpsr & PSR_V, r;

    switch (cond >> 1) {
    case 0: r = z; break;
    case 1: r = c; break;
    case 2: r = n; break;
    case 3: r = o; break;
    case 4: r = c && !z; break;
    case 5: r = n == o; break;
    case 6: r = n == o && !z; break;
    default: return true;
    }
    return r != (cond & 1);
}

static void itstate_advance(struct vcpu *v)
{
    uint8_t it = psr_itstate(v->cpsr);

    v->cpsr = (v->cpsr & ~PSR_IT) | psr_it(it & 7 ? (uint8_t)((it & 0xe0) | (it << 1 & 0x1f)) : 0);
}

/* A branch is the last instruction of its IT block. */
static void leave_it_block(struct vcpu *v) { v->cpsr &= ~PSR_IT; }

void callout_bx(struct vcpu *v, uint32_t target)
{
    leave_it_block(v);
    v->cpsr = target & 1 ? v->cpsr | PSR_T : v->cpsr & ~PSR_T;
    v->r[15] = target & ~1u;
}

void callout_exception_return(struct vcpu *v, uint32_t pc, uint32_t cpsr)
{
    vcpu_set_cpsr(v, cpsr & ~PSR_J); /* there is no Jazelle or ThumbEE state to enter */
    v->r[15] = pc & (v->cpsr & PSR_T ? ~1u : ~3u);
    if (!(v->cpsr & PSR_T))
        v->cpsr &= ~PSR_IT;
}

static enum outcome undefined(struct vcpu *v)
{
    exc_undefined(v);
    return BRANCHED;
}

static enum outcome do_cps(struct vcpu *v, const struct insn *in)
{
    uint32_t aif = (in->mask & 4 ? PSR_A : 0) | (in->mask & 2 ? PSR_I : 0) | (in->mask & 1 ? PSR_F : 0);

    if (!privileged(v))
        return NEXT;
    if (in->imod == 2)
        v->cpsr &= ~aif;
    else if (in->imod == 3)
        v->cpsr |= aif;
    if (in->wback && vcpu_mode_valid(in->imm))
        vcpu_set_mode(v, in->imm);
    return NEXT;
}

static enum outcome do_mrs(struct vcpu *v, const struct insn *in)
{
    v->r[in->rd] = in->spsr ? v->spsr : v->cpsr & ~(PSR_IT | PSR_J | PSR_T);
    return NEXT;
}

static uint32_t msr_bits(unsigned mask)
{
    return (mask & 1 ? 0xffu : 0) | (mask & 2 ? 0xff00u : 0) | (mask & 4 ? 0xff0000u : 0) |
           (mask & 8 ? 0xff000000u : 0);
}

static enum outcome do_msr(struct vcpu *v, const struct insn *in)
{
    uint32_t value = in->imm_form ? in->imm : v->r[in->rn], bits = msr_bits(in->mask);

    if (in->spsr) {
        if (has_spsr(v))
            v->spsr = (v->spsr & ~bits) | (value & bits);
        return NEXT;
    }
    bits &= privileged(v) ? ~(PSR_IT | PSR_J | PSR_T) & ~0x00f00000u
                          : 0xf80f0000u; /* execution state is not MSR's */
    vcpu_set_cpsr(v, (v->cpsr & ~bits) | (value & bits));
    return NEXT;
}

static enum outcome do_setend(struct vcpu *v, const struct insn *in)
{
    v->cpsr = in->imm ? v->cpsr | PSR_E : v->cpsr & ~PSR_E;
    return NEXT;
}

static enum outcome do_load_store(struct vcpu *v, const struct insn *in)
{
    bool branched = false;

    if (!ldst_emulate(v, in, &branched))
        return BRANCHED;
    if (branched)
        leave_it_block(v);
    return branched ? BRANCHED : NEXT;
}

/* First address of a block transfer of `count` words (A8.8.57). */
static uint32_t block_start(const struct insn *in, uint32_t base, unsigned count)
{
    uint32_t low = in->add ? base : base - 4 * count;

    return in->add == in->index ? low + 4 : low;
}

static enum outcome do_ldm_eret(struct vcpu *v, const struct insn *in)
{
    unsigned count = (unsigned)__builtin_popcount(in->list);
    uint32_t base = v->r[in->rn], at = block_start(in, base, count), loaded[16];
    const uint32_t *words = mem_words(v, GVA(at), count);

    if (!has_spsr(v))
        return undefined(v);
    for (unsigned r = 0; r < 16; r++)
        if (in->list >> r & 1) {
            if (words)
                loaded[r] = *words++;
            else if (!mem_load(v, GVA(at), 4, MEM_ALIGNED, &loaded[r]))
                return BRANCHED;
            at += 4;
        }
    for (unsigned r = 0; r < 15; r++)
        if (in->list >> r & 1)
            v->r[r] = loaded[r];
    if (in->wback && !(in->list >> in->rn & 1))
        v->r[in->rn] = in->add ? base + 4 * count : base - 4 * count;
    callout_exception_return(v, loaded[15], v->spsr);
    return BRANCHED;
}

static enum outcome do_rfe(struct vcpu *v, const struct insn *in)
{
    uint32_t base = v->r[in->rn], at = block_start(in, base, 2), pc, psr;

    if (!privileged(v))
        return undefined(v);
    if (!mem_load(v, GVA(at), 4, MEM_ALIGNED, &pc) || !mem_load(v, GVA(at + 4), 4, MEM_ALIGNED, &psr))
        return BRANCHED;
    if (in->wback)
        v->r[in->rn] = in->add ? base + 8 : base - 8;
    callout_exception_return(v, pc, psr);
    return BRANCHED;
}

static enum outcome do_srs(struct vcpu *v, const struct insn *in)
{
    uint32_t mode = in->imm, base, at;

    if (!has_spsr(v) || !vcpu_mode_valid(mode))
        return undefined(v);
    base = vcpu_get_reg(v, mode, 13);
    at = block_start(in, base, 2);
    if (!mem_store(v, GVA(at), 4, MEM_ALIGNED, v->r[14]) ||
        !mem_store(v, GVA(at + 4), 4, MEM_ALIGNED, v->spsr))
        return BRANCHED;
    if (in->wback)
        vcpu_set_reg(v, mode, 13, in->add ? base + 8 : base - 8);
    return NEXT;
}

static enum outcome do_svc(struct vcpu *v, const struct insn *in)
{
    itstate_advance(v); /* SPSR is that of the next instruction (B1.9.4) */
    exc_svc_sized(v, in->size);
    return BRANCHED;
}

static enum outcome do_branch(struct vcpu *v, const struct insn *in)
{
    uint32_t pc = v->r[15] + (in->thumb ? 4 : 8);

    if (in->op == OP_BL_imm || in->op == OP_BLX_imm)
        v->r[14] = (v->r[15] + in->size) | in->thumb;
    leave_it_block(v);
    if (in->op == OP_BLX_imm) {
        v->cpsr ^= PSR_T;
        v->r[15] = in->thumb ? (pc & ~3u) + in->imm : pc + in->imm;
    } else {
        v->r[15] = pc + in->imm;
    }
    return BRANCHED;
}

static enum outcome do_bx(struct vcpu *v, const struct insn *in)
{
    uint32_t target = in->rm == REG_PC ? v->r[15] + (in->thumb ? 4 : 8) : v->r[in->rm];

    if (in->op == OP_BLX_reg)
        v->r[14] = (v->r[15] + in->size) | in->thumb;
    callout_bx(v, target);
    return BRANCHED;
}

static enum outcome do_cbz(struct vcpu *v, const struct insn *in)
{
    if ((v->r[in->rn] == 0) == !in->mask) {
        v->r[15] += 4 + in->imm;
        return BRANCHED;
    }
    return NEXT;
}

/* TBB, TBH (mask is 1). */
static enum outcome do_tbb(struct vcpu *v, const struct insn *in)
{
    uint32_t base = in->rn == REG_PC ? v->r[15] + 4 : v->r[in->rn], offset;

    if (!mem_read(v, GVA(base + (v->r[in->rm] << in->mask)), 1u << in->mask, privileged(v), &offset))
        return BRANCHED;
    leave_it_block(v);
    v->r[15] += 4 + 2 * offset;
    return BRANCHED;
}

static enum outcome do_smc(struct vcpu *v)
{
    if (!privileged(v))
        return undefined(v);
    psci_call(v);
    return NEXT;
}

static enum outcome do_wfi(struct vcpu *v)
{
    if (privileged(v))
        vcpu_up->wait_for_interrupt();
    return NEXT;
}

static enum outcome execute(struct vcpu *v, const struct insn *in)
{
    /* First of all: the word is of a row, and so has an op, even if one of its fields makes it UNDEFINED. */
    if (in->class == CLASS_UNDEFINED)
        return undefined(v);
    switch (in->op) {
    case OP_CPS: return do_cps(v, in);
    case OP_MRS: return do_mrs(v, in);
    case OP_MSR_imm:
    case OP_MSR_reg: return do_msr(v, in);
    case OP_SETEND: return do_setend(v, in);
    case OP_LDM_eret: return do_ldm_eret(v, in);
    case OP_RFE: return do_rfe(v, in);
    case OP_SRS: return do_srs(v, in);
    case OP_SVC: return do_svc(v, in);
    case OP_BKPT: exc_breakpoint(v); return BRANCHED;
    case OP_SMC: return do_smc(v);
    case OP_WFI: return do_wfi(v);
    case OP_B:
    case OP_BL_imm:
    case OP_BLX_imm: return do_branch(v, in);
    case OP_BX:
    case OP_BXJ:
    case OP_BLX_reg: return do_bx(v, in);
    case OP_CBZ: return do_cbz(v, in);
    case OP_TBB: return do_tbb(v, in);
    case OP_MCR:
    case OP_MRC:
    case OP_MCRR:
    case OP_MRRC:
    case OP_CDP:
    case OP_LDC:
    case OP_STC: return cp15_access(v, in) ? NEXT : BRANCHED;
    default: break;
    }
    if (in->class == CLASS_EXCEPTION)
        return undefined(v);
    if (in->class != CLASS_UNPREDICTABLE && alu_execute(v, in))
        return in->writes >> REG_PC & 1 ? BRANCHED : NEXT;
    /* UNPREDICTABLE loads and stores (LDRT r0, [r0], LDM with its base) do what cores and their emulators
     * agree on. */
    return do_load_store(v, in);
}

void callout_execute(struct vcpu *v, const struct insn *in)
{
    unsigned it = psr_itstate(v->cpsr), cond = v->cpsr & PSR_T && it & 0xf ? it >> 4 : in->cond;

    if (in->op == OP_BKPT)
        cond = COND_AL; /* B1.9.7: unconditional even in an IT block */
    if (condition_holds(v->cpsr, cond) && execute(v, in) == BRANCHED)
        return;
    v->r[15] += in->size;
    if (v->cpsr & PSR_T)
        itstate_advance(v);
}
