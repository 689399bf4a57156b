/*
 * Numbers of the architecture that more than one part of the VMM needs (DDI 0406C): the PSR's fields, modes,
 * SCTLR. Usable from assembly. Fault status: mmu/walk.h. The verifier has its own.
 */
#ifndef ARMV7_H
#define ARMV7_H

/* B1.3.1: modes, as in PSR[4:0]. */
#define MODE_USR 0x10
#define MODE_FIQ 0x11
#define MODE_IRQ 0x12
#define MODE_SVC 0x13
#define MODE_ABT 0x17
#define MODE_UND 0x1b
#define MODE_SYS 0x1f

#ifndef __ASSEMBLER__
/* B1.3.3 */
#define PSR_N    (1u << 31)
#define PSR_Z    (1u << 30)
#define PSR_C    (1u << 29)
#define PSR_V    (1u << 28)
#define PSR_Q    (1u << 27)
#define PSR_J    (1u << 24)
#define PSR_GE   0x000f0000u
#define PSR_IT   0x0600fc00u
#define PSR_E    (1u << 9)
#define PSR_A    (1u << 8)
#define PSR_I    (1u << 7)
#define PSR_F    (1u << 6)
#define PSR_T    (1u << 5)
#define PSR_MODE 0x1fu

/* B4.1.130 */
#define SCTLR_M   (1u << 0)
#define SCTLR_A   (1u << 1)
#define SCTLR_I   (1u << 12)
#define SCTLR_V   (1u << 13)
#define SCTLR_EE  (1u << 25)
#define SCTLR_TRE (1u << 28)
#define SCTLR_AFE (1u << 29)
#define SCTLR_TE  (1u << 30)
#endif

#endif
