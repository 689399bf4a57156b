/*
 * Modes and their banked registers (DDI 0406C B1.3).
 *
 * Invariant: r[] and spsr are the current mode's; the banks of all others are in bank[], r8_fiq and r8_usr.
 */
#include "emul/vcpu.h"

#include <string.h>

struct vcpu vcpu;
const struct vcpu_upcalls *vcpu_up;

enum bank vcpu_bank_of(uint32_t mode)
{
    switch (mode & PSR_MODE) {
    case MODE_FIQ: return BANK_FIQ;
    case MODE_IRQ: return BANK_IRQ;
    case MODE_SVC: return BANK_SVC;
    case MODE_ABT: return BANK_ABT;
    case MODE_UND: return BANK_UND;
    default: return BANK_USR;
    }
}

/* Monitor and Hyp modes do not exist: the guest machine has neither extension. */
bool vcpu_mode_valid(uint32_t mode)
{
    return vcpu_bank_of(mode) != BANK_USR || mode == MODE_USR || mode == MODE_SYS;
}

static void swap_fiq_high(struct vcpu *v, const uint32_t *in, uint32_t *out)
{
    memcpy(out, &v->r[8], sizeof(v->r8_fiq));
    memcpy(&v->r[8], in, sizeof(v->r8_fiq));
}

void vcpu_set_mode(struct vcpu *v, uint32_t mode)
{
    enum bank old = vcpu_bank_of(v->cpsr), new = vcpu_bank_of(mode);

    v->cpsr = (v->cpsr & ~PSR_MODE) | (mode & PSR_MODE);
    if (old == new)
        return;
    v->bank[old].sp = v->r[13];
    v->bank[old].lr = v->r[14];
    v->bank[old].spsr = v->spsr;
    v->r[13] = v->bank[new].sp;
    v->r[14] = v->bank[new].lr;
    v->spsr = v->bank[new].spsr;
    if (old == BANK_FIQ)
        swap_fiq_high(v, v->r8_usr, v->r8_fiq);
    else if (new == BANK_FIQ)
        swap_fiq_high(v, v->r8_fiq, v->r8_usr);
}

void vcpu_set_cpsr(struct vcpu *v, uint32_t cpsr)
{
    uint32_t mode = cpsr & PSR_MODE;

    if (vcpu_mode_valid(mode))
        vcpu_set_mode(v, mode);
    v->cpsr = (cpsr & ~PSR_MODE) | (v->cpsr & PSR_MODE);
}

/* Where register n of `mode` lives now. */
static uint32_t *reg_slot(struct vcpu *v, uint32_t mode, unsigned n)
{
    enum bank want = vcpu_bank_of(mode), now = vcpu_bank_of(v->cpsr);

    if (n >= 8 && n <= 12 && (want == BANK_FIQ) != (now == BANK_FIQ))
        return want == BANK_FIQ ? &v->r8_fiq[n - 8] : &v->r8_usr[n - 8];
    if ((n == 13 || n == 14) && want != now)
        return n == 13 ? &v->bank[want].sp : &v->bank[want].lr;
    return &v->r[n & 15];
}

uint32_t vcpu_get_reg(const struct vcpu *v, uint32_t mode, unsigned n)
{
    return *reg_slot((struct vcpu *)v, mode, n);
}

void vcpu_set_reg(struct vcpu *v, uint32_t mode, unsigned n, uint32_t value)
{
    *reg_slot(v, mode, n) = value;
}
