/* What entry.S saves at an exit and restores at resume. Usable from assembly. */
#ifndef FRAME_H
#define FRAME_H

#define FRAME_SP_USR 52
#define FRAME_SP_SVC 60
#define FRAME_PC 72
#define FRAME_PSR 76
#define FRAME_DACR 80
#define FRAME_KIND 84
#define FRAME_SPILL 88

#define EXIT_UND 0
#define EXIT_PABT 1
#define EXIT_DABT 2
#define EXIT_IRQ 3
#define EXIT_VMM_FAULT 4

#ifndef __ASSEMBLER__
#include "types.h"

struct frame {
    uint32_t r[13];
    uint32_t sp_usr, lr_usr;
    uint32_t sp_svc, lr_svc, spsr_svc;
    uint32_t pc;    /* at an exit: the exception's LR. At resume: where to go (code cache, or guest User code) */
    uint32_t psr;   /* real */
    uint32_t dacr;
    uint32_t kind;
    uint32_t spill; /* the real IFAR */
    uint32_t nmrr;
};
extern struct frame frame;
_Static_assert(offsetof(struct frame, sp_usr) == FRAME_SP_USR && offsetof(struct frame, sp_svc) == FRAME_SP_SVC &&
               offsetof(struct frame, pc) == FRAME_PC && offsetof(struct frame, spill) == FRAME_SPILL, "entry.S");

void vmm_exit(struct frame *f);
_Noreturn void guest_resume(void);
#endif

#endif
