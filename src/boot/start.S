/*
 * Entry from the boot loader: MMU off, at the physical address. Builds the first translation table (the
 * VMM's own sections and this page's, flat), turns the MMU on and continues in main() at the window's
 * addresses.
 */
#include "host/armv7.h"
#include "host/window.h"

    .syntax unified
    .arm
#define SECTION_VMM ((0x1 << 12) | (0x1 << 10) | (DOMAIN_VMM << 5) | 0xe) /* AP=001: PL1 only */

    .section .start, "ax"
    .global start
start:
    cpsid   aif, #0x13
    mrc     p15, 0, r0, c1, c0, 0
    bic     r0, r0, #0x1000         @ I, Z later
    bic     r0, r0, #0x0007         @ M, A, C
    mcr     p15, 0, r0, c1, c0, 0
    isb
    mov     r0, #0
    mcr     p15, 0, r0, c8, c7, 0   @ TLBIALL
    mcr     p15, 0, r0, c7, c5, 0   @ ICIALLU
    mcr     p15, 0, r0, c7, c5, 6   @ BPIALL
    dsb
    isb
    adr     r8, start
    ldr     r9, =start
    sub     r9, r8, r9              @ physical - virtual
    ldr     r4, =window_table
    ldr     r5, =tables_end
    add     r6, r4, r9
    add     r5, r5, r9
1:  cmp     r6, r5
    strlo   r0, [r6], #4
    blo     1b
    add     r4, r4, r9              @ the table's physical address
    ldr     r1, =SECTION_VMM
    ldr     r2, =WINDOW_VMM
    add     r3, r4, r2, lsr #18
    add     r2, r2, r9              @ physical
    mov     r5, #24                 @ MiB
2:  orr     r0, r2, r1
    str     r0, [r3], #4
    add     r2, r2, #0x100000
    subs    r5, r5, #1
    bne     2b
    lsr     r2, r8, #20             @ this code, flat, until main() removes it
    orr     r0, r1, r2, lsl #20
    str     r0, [r4, r2, lsl #2]
    dsb
    mov     r0, #0
    mcr     p15, 0, r0, c2, c0, 2   @ TTBCR.N = 0
    mcr     p15, 0, r4, c2, c0, 0   @ walks are non-cacheable (table_write_sync cleans)
    mcr     p15, 0, r0, c13, c0, 1
    ldr     r0, =DACR_VMM_BITS
    mcr     p15, 0, r0, c3, c0, 0
    mrc     p15, 0, r0, c1, c0, 0
    ldr     r1, =0x73003000         @ TE, AFE, TRE, EE, VE, V off (and I, to be set)
    bic     r0, r0, r1
    ldr     r1, =0x1805             @ I, Z, C, M
    orr     r0, r0, r1
    isb
    mcr     p15, 0, r0, c1, c0, 0
    isb
    ldr     pc, =high
high:
    ldr     r0, =tables_end
    ldr     r1, =image_end
    mov     r2, #0
3:  cmp     r0, r1
    strlo   r2, [r0], #4
    blo     3b
    cps     #MODE_UND                   @ the VMM lives in Undefined mode
    ldr     sp, =vmm_stack_top
    mov     r0, r9
    bl      main                    @ never returns
    b       .
    .ltorg
