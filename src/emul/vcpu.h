/*
 * The virtual processor's architectural state, as handlers see it.
 *
 * A full exit brings it here from the real registers, when a handler asks for it (sync_in(), run/sync.c);
 * before the guest goes on sync_out() puts it back. Light exits (run/light/) leave it as the last full one
 * did. r[13], r[14] and spsr are those of the current mode; the other modes' wait in bank[]. r[15] is the
 * address of the instruction being handled (not +8); handlers advance it.
 */
#ifndef VCPU_H
#define VCPU_H

#include "host/armv7.h"
#include "mmu/shadow.h"
#include "types.h"

/* ITSTATE as A2.5.2 numbers its bits, and where it is in a PSR. */
static inline uint32_t psr_it(uint8_t itstate)
{
    return (uint32_t)(itstate & 0xfc) << 8 | (uint32_t)(itstate & 3) << 25;
}
static inline uint8_t psr_itstate(uint32_t psr) { return (uint8_t)((psr >> 8 & 0xfc) | (psr >> 25 & 3)); }

enum bank { BANK_USR, BANK_FIQ, BANK_IRQ, BANK_SVC, BANK_ABT, BANK_UND, BANK_COUNT };

/* Exceptions in vector order (B1.8.1): the offset is 4 x the value. */
enum exception { EXC_RESET, EXC_UND, EXC_SVC, EXC_PABT, EXC_DABT, EXC_HYP, EXC_IRQ, EXC_FIQ };

/*
 * CP15 state; mmu_regs holds what steers translation. CSSELR, TPIDRxxx, TEECR and TEEHBR live in the real
 * registers while a guest runs (real.h).
 */
struct cp15 {
    uint32_t cpacr, vbar, fcseidr;
    uint32_t dfsr, ifsr, dfar, ifar, par;
    uint32_t other[64]; /* debug and performance monitor, indexed as cp15.h says */
};

struct vcpu {
    uint32_t r[16];
    uint32_t cpsr; /* complete, virtual */
    uint32_t spsr; /* of the current mode; meaningless in USR and SYS */
    struct {
        uint32_t sp, lr, spsr;
    } bank[BANK_COUNT];
    uint32_t r8_fiq[5], r8_usr[5]; /* r8-r12 of whichever of FIQ / other modes is not current */
    struct mmu_regs mmu;
    struct cp15 cp15;
    bool cp15_changed; /* something in mmu or cp15 may have changed since the SRF's copies were made */
};
extern struct vcpu vcpu;

enum bank vcpu_bank_of(uint32_t mode); /* BANK_USR for SYS */
bool vcpu_mode_valid(uint32_t mode);
/* Change the current mode bits of cpsr, swapping banks. `mode` is valid. */
void vcpu_set_mode(struct vcpu *v, uint32_t mode);
/* Write the whole CPSR (exception return, restore): swaps banks; an invalid mode leaves the mode as it was.
 */
void vcpu_set_cpsr(struct vcpu *v, uint32_t cpsr);
/* Register n as mode `mode` has it; for LDM^/STM^, SRS, MRS banked views. */
uint32_t vcpu_get_reg(const struct vcpu *v, uint32_t mode, unsigned n);
void vcpu_set_reg(struct vcpu *v, uint32_t mode, unsigned n, uint32_t value);

/* The mode that an exception enters, and what it masks (B1.9.1 to B1.9.12). Constants where the exception is
 * one. */
static inline uint32_t exc_mode(enum exception e)
{
    switch (e) {
    case EXC_UND: return MODE_UND;
    case EXC_PABT:
    case EXC_DABT: return MODE_ABT;
    case EXC_IRQ: return MODE_IRQ;
    case EXC_FIQ: return MODE_FIQ;
    default: return MODE_SVC;
    }
}

static inline uint32_t exc_mask(enum exception e)
{
    switch (e) {
    case EXC_UND:
    case EXC_SVC: return PSR_I;
    case EXC_RESET:
    case EXC_FIQ: return PSR_A | PSR_I | PSR_F;
    default: return PSR_A | PSR_I;
    }
}

/* The CPSR that it enters its vector with, from the one before. */
static inline uint32_t exc_entry_cpsr(uint32_t cpsr, enum exception e, uint32_t sctlr)
{
    return (cpsr & ~(PSR_IT | PSR_J | PSR_T | PSR_E | PSR_MODE)) | exc_mask(e) | exc_mode(e) |
           (sctlr & SCTLR_TE ? PSR_T : 0) | (sctlr & SCTLR_EE ? PSR_E : 0);
}

/* The exception's vector now (B1.8.1). */
uint32_t exc_vector(const struct vcpu *v, enum exception e);
/* Take an exception (B1.9): sets LR and SPSR of its mode, CPSR, PC at the vector (SCTLR.V, VBAR, TE, EE).
 * `lr` is the value for LR. */
void exc_take(struct vcpu *v, enum exception e, uint32_t lr);
/* The common cases, from r[15] = the instruction's address. */
void exc_undefined(struct vcpu *v);
void exc_svc(struct vcpu *v); /* r[15] still at the SVC itself; size from CPSR.T */
void exc_svc_sized(struct vcpu *v, unsigned insn_size);
void exc_prefetch_abort(struct vcpu *v, gva_t far, uint32_t fsr);
void exc_data_abort(struct vcpu *v, gva_t far, uint32_t fsr); /* fsr with WnR */
void exc_breakpoint(struct vcpu *v);                          /* BKPT */
void exc_irq(struct vcpu *v);                                 /* r[15]: the next instruction to execute */
void exc_fiq(struct vcpu *v);

/* Guest memory accesses by the VMM on the guest's behalf, with all checks (translation, permission,
   alignment), devices included. False: the abort was injected (exc_data_abort) and the caller returns at
   once. `size` 1, 2, 4; little- or big-endian as CPSR.E. */
bool mem_read(struct vcpu *v, gva_t va, unsigned size, bool privileged, uint32_t *value);
bool mem_write(struct vcpu *v, gva_t va, unsigned size, bool privileged, uint32_t value);

/* A bus master's accesses, of 1, 2, 4 bytes: to RAM, else to a device. By mem.c. */
uint32_t mem_read_physical(gpa_t gpa, unsigned size);
void mem_write_physical(gpa_t gpa, unsigned size, uint32_t value);

struct insn;
/*
 * Emulate any A32 or T32 load or store: single, dual, multiple, exclusive, unprivileged, user bank, VFP and
 * Advanced SIMD. The condition has passed. True: registers, write-back and memory are updated, and the caller
 * advances r[15], unless *branched: a load to the PC has set r[15] and CPSR.T. False: an exception was
 * injected; UNDEFINED, if it is no load or store (or one that returns from exceptions: LDM^ with PC, RFE, SRS
 * are the callout's).
 */
bool ldst_emulate(struct vcpu *v, const struct insn *in, bool *branched);

/* MCR/MRC/MCRR/MRRC/LDC/STC/CDP of p14 and p15, per table; injects UNDEFINED where the Cortex-A8 does. r[15]
 * advances in the caller. */
bool cp15_access(struct vcpu *v, const struct insn *in);
/* Whether that would not be UNDEFINED now. */
bool cp15_is_accessible(const struct vcpu *v, const struct insn *in);
void cp15_reset(struct vcpu *v);

/*
 * What the processor's instructions do beyond the processor: to the shadow tables, the code cache, real
 * registers, the bus and the machine. Given at start by the run loop.
 */
struct vcpu_upcalls {
    void (*mmu_changed)(struct vcpu *v); /* after any change in v->mmu */
    void (*tlb_all)(void);
    void (*tlb_asid)(uint8_t asid);
    void (*tlb_va)(gva_t va, uint8_t asid);
    void (*tlb_va_all)(gva_t va); /* whatever the ASID */
    void (*icache_all)(void);
    void (*icache_va)(gva_t va);
    void (*dcache)(unsigned crm, unsigned opc2, uint32_t value); /* by set/way or address */
    void (*vfp_access_changed)(struct vcpu *v);                  /* CPACR: the real one follows */
    bool (*irq_pending)(void);                                   /* the interrupt controller's outputs */
    bool (*fiq_pending)(void);
    uint32_t (*device_read)(gpa_t gpa, unsigned size); /* not RAM */
    void (*device_write)(gpa_t gpa, uint32_t value, unsigned size);
    /* The real local monitor, set for that guest address, of so many bytes. Clear: was it set? */
    void (*monitor_set)(gva_t va, unsigned size);
    bool (*monitor_clear)(gva_t va, unsigned size);
    void (*wait_for_interrupt)(void);
    void (*power_off)(void) __attribute__((noreturn));
    void (*reset)(void) __attribute__((noreturn));
};
extern const struct vcpu_upcalls *vcpu_up;

#endif
