/*
 * The stubs page: exception vectors, entry into and exit from the VMM.
 *
 * The page is readable and executable while a guest runs, the VMM's data are not: an entry first saves
 * registers in `frame`, in the SRF's page (which the guest may write, but not while this runs: interrupts are
 * masked and there is one core), then opens the VMM's domain.
 */
#include "run/frame.h"
#include "host/armv7.h"
#include "host/window.h"
#include "host/stubs.h"

    .syntax unified
    .arm
    .section .stubs, "ax"
stubs:
    udf     #0                      @ reset: never
    b       entry_und
    b       entry_svc
    b       entry_pabt
    b       entry_dabt
    udf     #0
    b       entry_irq
    udf     #0                      @ FIQ: never, the VMM's interrupt controllers have none

    .org    STUB_SVC_SLOT - WINDOW_VECTORS - 4
entry_svc:                          @ from User only
    msr     cpsr_c, #0x53           @ F set: the guest's I bit (SVC masks IRQ); the real I clear
    .global stub_svc_slot
stub_svc_slot:
    udf     #0                      @ or B to the guest's vector
    .org    STUB_MISS - WINDOW_VECTORS
    udf     #0


/*
 * Exits begin light: r0-r12, PC, PSR and DACR go into `frame`, all else stays in the registers. The C handler
 * returns (resume), or calls exit_full(), which saves the rest and forgets the handler. ABT's and IRQ's SP is
 * always at the frame's r0, UND's is while a guest runs.
 */
    .macro  save
    stmia   sp, {r0-r12}
    mrc     p15, 0, r1, c3, c0, 0
    mrs     r3, spsr
    mov     r2, #DACR_VMM_BITS
    mcr     p15, 0, r2, c3, c0, 0
    isb
    stmdb   sp, {r1, r3, lr}
    sub     r0, sp, #FRAME_R
    .endm

entry_und:
    save
    mov     r2, lr
    ldr     sp, =vmm_stack_top
    adr     lr, resume
    ldr     pc, =vmm_und            @ frame, DACR, PC, PSR
entry_pabt:
    save
    cps     #MODE_UND
    ldr     sp, =vmm_stack_top
    adr     lr, resume
    ldr     pc, =vmm_pabt
entry_dabt:
    save
    cps     #MODE_UND
    ldr     sp, =vmm_stack_top
    adr     lr, resume
    ldr     pc, =vmm_dabt
entry_irq:
    save
    cps     #MODE_UND
    mov     r0, #EXIT_IRQ
    .global exit_full
exit_full:
    ldr     r2, =FRAME
    ldr     r3, [r2, #4]            @ psr
    and     r3, r3, #0x1f
    cmp     r3, #MODE_USR               @ User, SVC or SYS: a guest. Anything else is the VMM's own fault
    cmpne   r3, #MODE_SVC
    cmpne   r3, #MODE_SYS
    orrne   r0, r0, #EXIT_VMM_FAULT
    str     r0, [r2, #FRAME_KIND]
    add     r1, r2, #FRAME_SP_USR
    stmia   r1, {sp, lr}^
    cps     #MODE_SVC
    mov     r4, sp
    mov     r5, lr
    mrs     r6, spsr
    cps     #MODE_UND
    mrc     p15, 0, r7, c6, c0, 2   @ the spill registers
    mrc     p15, 0, r8, c10, c2, 1
    add     r1, r2, #FRAME_SP_SVC
    stmia   r1, {r4-r8}
    ldr     sp, =vmm_stack_top
    mov     r0, r2
    ldr     r1, =vmm_exit
    blx     r1

    .global guest_resume
guest_resume:                       @ everything from `frame`
    ldr     r2, =FRAME
    add     r1, r2, #FRAME_SP_SVC
    ldmia   r1, {r4-r8}
    mcr     p15, 0, r7, c6, c0, 2
    mcr     p15, 0, r8, c10, c2, 1
    cps     #MODE_SVC
    mov     sp, r4
    mov     lr, r5
    msr     spsr_cxsf, r6
    cps     #MODE_UND
    add     r1, r2, #FRAME_SP_USR
    ldmia   r1, {sp, lr}^
resume:
    ldr     sp, =FRAME + FRAME_R
    ldmdb   sp, {r0, r3, lr}        @ DACR, PSR, PC
    msr     spsr_cxsf, r3
    mcr     p15, 0, r0, c3, c0, 0
    isb
    ldmia   sp, {r0-r12}
    movs    pc, lr
    .ltorg

    .org    WINDOW_JUMP - 256 - WINDOW_VECTORS
    .space  256                     @ of the jump map (cache/jump.h)

    .section .bss
    .balign 8
vmm_stack:
    .space  16384
    .global vmm_stack_top
vmm_stack_top:
