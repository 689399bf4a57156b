/*
 * What entry.S saves at an exit and restores at resume. Usable from assembly. It is in the SRF's page, for an
 * exit can reach nothing else of the VMM's before it has registers to do so with: what is in it counts from
 * an exit to its resumption.
 */
#ifndef FRAME_H
#define FRAME_H

#include "host/window.h"

#define FRAME        (WINDOW_SRF + 0x800)
#define FRAME_R      12
#define FRAME_KIND   64
#define FRAME_SP_USR 68
#define FRAME_SP_SVC 76
#define FRAME_SPILL  88

#define EXIT_UND       0
#define EXIT_PABT      1
#define EXIT_DABT      2
#define EXIT_IRQ       3
#define EXIT_RESUME    4 /* a light exit is done but for an interrupt that came */
#define EXIT_VMM_FAULT 8 /* or that: in the VMM itself */

#ifndef __ASSEMBLER__
#include "types.h"

struct frame {
    uint32_t dacr;
    uint32_t psr; /* real */
    uint32_t pc; /* at an exit: the exception's LR. At resume: where to go (code cache, or guest User code) */
    uint32_t r[13];
    uint32_t kind; /* from here on: saved and restored by full exits only */
    uint32_t sp_usr, lr_usr;
    uint32_t sp_svc, lr_svc, spsr_svc;
    uint32_t spill; /* the real IFAR */
    uint32_t nmrr;
};
#define frame_now ((struct frame *)FRAME)
_Static_assert(offsetof(struct frame, r) == FRAME_R && offsetof(struct frame, kind) == FRAME_KIND &&
                   offsetof(struct frame, sp_usr) == FRAME_SP_USR &&
                   offsetof(struct frame, sp_svc) == FRAME_SP_SVC &&
                   offsetof(struct frame, spill) == FRAME_SPILL,
               "entry.S");

/* A light exit (light.c): only dacr, psr, pc and r[] are saved. They return to the guest, or go on as a full
 * exit. */
void vmm_und(struct frame *f, uint32_t dacr, uint32_t pc, uint32_t psr); /* f's own, at hand */
void vmm_pabt(struct frame *f);
void vmm_dabt(struct frame *f);
_Noreturn void exit_full(uint32_t kind); /* saves the rest and calls vmm_exit() */
void vmm_exit(struct frame *f);
_Noreturn void guest_resume(void);
#endif

#endif
