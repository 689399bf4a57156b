/* Data processing in C: for instructions that read or write the PC and are not inlined. DDI 0406C A2.2.1,
 * A5.2. */
#include "emul/callout.h"
#include "ops.h"

struct operand {
    uint32_t value;
    bool carry;
};

static struct operand shifted(uint32_t x, unsigned type, unsigned n, bool carry)
{
    switch (type) {
    case SHIFT_LSL:
        if (n == 0)
            return (struct operand){x, carry};
        return (struct operand){n < 32 ? x << n : 0, n <= 32 && (x >> (32 - n) & 1)};
    case SHIFT_LSR:
        if (n == 0)
            return (struct operand){x, carry};
        return (struct operand){n < 32 ? x >> n : 0, n <= 32 && (x >> (n - 1) & 1)};
    case SHIFT_ASR:
        if (n == 0)
            return (struct operand){x, carry};
        if (n > 31)
            return (struct operand){(uint32_t)((int32_t)x >> 31), x >> 31};
        return (struct operand){(uint32_t)((int32_t)x >> n), x >> (n - 1) & 1};
    case SHIFT_ROR:
        if (n == 0)
            return (struct operand){x, carry};
        x = ror32(x, n);
        return (struct operand){x, x >> 31};
    default: /* RRX */ return (struct operand){x >> 1 | (uint32_t)carry << 31, x & 1};
    }
}

static uint32_t reg(const struct vcpu *v, unsigned n)
{
    return n == REG_PC ? v->r[15] + (v->cpsr & PSR_T ? 4 : 8) : v->r[n];
}

/* AddWithCarry (A2.2.1). */
static uint32_t add(uint32_t a, uint32_t b, bool c, uint32_t *nzcv)
{
    uint64_t wide = (uint64_t)a + b + c;
    uint32_t result = (uint32_t)wide;

    *nzcv = (wide >> 32 ? PSR_C : 0) | ((~(a ^ b) & (a ^ result)) >> 31 ? PSR_V : 0);
    return result;
}

enum alu_op { AND, EOR, SUB, RSB, ADD, ADC, SBC, RSC, TST, TEQ, CMP, CMN, ORR, MOV, BIC, MVN, ORN, NONE };

#define FORMS(op)                                                                                            \
    case OP_##op##_imm:                                                                                      \
    case OP_##op##_reg:                                                                                      \
    case OP_##op##_rsr: return op
static enum alu_op alu_op_of(unsigned op)
{
    switch (op) {
        FORMS(AND);
        FORMS(EOR);
        FORMS(SUB);
        FORMS(RSB);
        FORMS(ADD);
        FORMS(ADC);
        FORMS(SBC);
        FORMS(RSC);
        FORMS(TST);
        FORMS(TEQ);
        FORMS(CMP);
        FORMS(CMN);
        FORMS(ORR);
        FORMS(MOV);
        FORMS(BIC);
        FORMS(MVN);
    case OP_ORN_imm:
    case OP_ORN_reg: return ORN;
    case OP_SUBS_PC_LR: return SUB;
    default: return NONE;
    }
}

static uint32_t compute(enum alu_op k, uint32_t n, struct operand m, bool c, uint32_t old, uint32_t *nzcv)
{
    uint32_t result;

    *nzcv = (m.carry ? PSR_C : 0) | (old & PSR_V);
    switch (k) {
    case AND:
    case TST: result = n & m.value; break;
    case EOR:
    case TEQ: result = n ^ m.value; break;
    case SUB:
    case CMP: result = add(n, ~m.value, true, nzcv); break;
    case RSB: result = add(~n, m.value, true, nzcv); break;
    case ADD:
    case CMN: result = add(n, m.value, false, nzcv); break;
    case ADC: result = add(n, m.value, c, nzcv); break;
    case SBC: result = add(n, ~m.value, c, nzcv); break;
    case RSC: result = add(~n, m.value, c, nzcv); break;
    case ORR: result = n | m.value; break;
    case ORN: result = n | ~m.value; break;
    case BIC: result = n & ~m.value; break;
    case MVN: result = ~m.value; break;
    default: result = m.value; break;
    }
    *nzcv |= (result & PSR_N) | (result ? 0 : PSR_Z);
    return result;
}

static struct operand operand(const struct vcpu *v, const struct insn *in)
{
    bool c = v->cpsr & PSR_C;

    if (in->imm_form)
        return (struct operand){in->imm, in->imm_carry_valid ? in->imm >> 31 : c};
    if (in->ra != REG_NONE)
        return shifted(reg(v, in->rm), in->shift, reg(v, in->ra) & 0xff, c);
    return shifted(reg(v, in->rm), in->shift, in->amount, c);
}

bool alu_execute(struct vcpu *v, const struct insn *in)
{
    enum alu_op k = alu_op_of(in->op);
    uint32_t n, result, nzcv;

    if (in->op == OP_ADR) {
        n = reg(v, REG_PC) & ~3u;
        v->r[in->rd] = in->add ? n + in->imm : n - in->imm;
        return true;
    }
    if (k == NONE)
        return false;
    n = in->rn == REG_NONE ? 0 : reg(v, in->rn);
    result = compute(k, n, operand(v, in), v->cpsr & PSR_C, v->cpsr, &nzcv);
    if (in->op == OP_SUBS_PC_LR || (in->rd == REG_PC && in->s)) {
        callout_exception_return(v, result, v->spsr);
    } else if (in->rd == REG_PC) { /* ALUWritePC (A2.3.1): interworking in A32 only */
        callout_bx(v, in->thumb ? result | 1 : result);
    } else {
        if (in->rd != REG_NONE)
            v->r[in->rd] = result;
        if (in->s)
            v->cpsr = (v->cpsr & 0x0fffffff) | nzcv;
    }
    return true;
}
