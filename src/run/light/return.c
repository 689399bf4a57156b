/*
 * Light exception returns, to SVC mode in ARM state: MOVS PC, LR from another mode, LDM^ with the PC within
 * SVC mode.
 */
#include "run/light/light.h"

#include "device/bus.h"
#include "host/window.h"

/* Where to go on; 0: another mode or instruction set, or an interrupt comes first. */
static inline uint32_t target(uint32_t pc, uint32_t cpsr)
{
    if ((cpsr & (PSR_MODE | PSR_T | PSR_IT | PSR_J | PSR_E)) != MODE_SVC || pc & 3 ||
        (!(cpsr & PSR_I) && gic_irq_pending()))
        return 0;
    return light_find_block(GVA(pc), light_key(MODE_SVC, cpsr));
}

static inline void go(struct frame *f, uint32_t to, uint32_t cpsr, uint32_t lr)
{
    light_spill(f, lr);
    vcpu.cpsr = cpsr;
    f->psr = psr_real(cpsr);
    f->pc = to;
}

/* From ABT, UND or IRQ mode. */
enum light_outcome light_movs_pc_lr(struct frame *f, const struct light_site *s)
{
    uint32_t svc_lr = vcpu.bank[BANK_SVC].lr, sp = vcpu.bank[BANK_SVC].sp, lr = svc_lr,
             spsr = vcpu.bank[BANK_SVC].spsr, to;

    arm_svc_bank_swap(&sp, &lr, &spsr);
    to = target(lr, spsr);
    if (!to) {
        arm_svc_bank_swap(&sp, &lr, &spsr);
        return LIGHT_NO;
    }
    vcpu.bank[s->bank].sp = sp;
    vcpu.bank[s->bank].lr = lr;
    vcpu.bank[s->bank].spsr = spsr;
    go(f, to, spsr, svc_lr);
    return LIGHT_DONE;
}

/* r0-r12 of the list; the rest of it is at what is returned. */
static const uint32_t *load_low(struct frame *f, uint32_t list, const uint32_t *words)
{
    if ((list & 0x1fff) == 0x1fff) {
        __builtin_memcpy(f->r, words, sizeof f->r);
        return words + ARRAY_SIZE(f->r);
    }
    for (unsigned r = 0; r < 13; r++)
        if (list >> r & 1)
            f->r[r] = *words++;
    return words;
}

/* Within SVC mode: no bank changes, and SPSR stays. */
enum light_outcome light_ldm_return(struct frame *f, const struct light_site *s)
{
    uint32_t sp, lr, spsr, *base = s->rn == REG_SP ? &sp : &f->r[s->rn], at, to;
    const uint32_t *words;

    arm_svc_bank_read(&sp, &lr, &spsr);
    at = *base + s->offset;
    words = at & 3 || f->psr & PSR_E ? NULL : light_memory(f, at, s->size, false);
    if (!words)
        return LIGHT_NO;
    to = target(words[s->size / 4 - 1], spsr);
    if (!to)
        return LIGHT_NO;
    *base += (uint32_t)s->step;
    if (s->away & AWAY_LR)
        lr = arm_read_nmrr();
    if (s->away & AWAY_R12)
        f->r[12] = arm_read_ifar();
    words = load_low(f, s->list, words);
    if (s->list >> REG_SP & 1)
        sp = *words++;
    if (s->list >> REG_LR & 1)
        lr = *words;
    arm_svc_bank_write(sp, lr);
    go(f, to, spsr, lr);
    return LIGHT_DONE;
}
