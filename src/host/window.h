/*
 * The VMM's window in the guest's virtual address space, and its domains (design 2.1, 2.2).
 *
 * Usable from assembly. Two kinds of memory: the guest-reachable part (domain DOMAIN_SHARED: SRF, stubs, jump
 * map, code cache; all but the SRF and the gates read-only at PL1, nothing at PL0) and the VMM's own
 * (domain DOMAIN_VMM, No-access whenever a guest runs).
 */
#ifndef WINDOW_H
#define WINDOW_H

#define WINDOW_LINEAR_MAX 0x18000000 /* guest RAM's linear map ends where the window begins: 384 MiB */
#define WINDOW_BASE       0xf5000000
#define WINDOW_LINEAR     (WINDOW_BASE - WINDOW_LINEAR_MAX) /* VMM only */
#define WINDOW_SRF        WINDOW_BASE                       /* one page, read-write at PL1 */
#define WINDOW_ICACHE_GATE                                                                                   \
    (WINDOW_BASE + 0xfffff) /* a byte that can be stored to while I-cache maintenance has nothing to do */
#define WINDOW_CACHE     (WINDOW_BASE + 0x100000) /* code cache with its gate pages */
#define WINDOW_CACHE_MAX 0xe00000
#define WINDOW_TRAP_END                                                                                      \
    (WINDOW_BASE + 0x1000000) /* the page below is readable, the MiB above is nothing: trapping loads */
#define WINDOW_PSR                                                                                           \
    (WINDOW_TRAP_END + 0x100000) /* a MiB for each virtual mode and F: what MSR CPSR_c puts in CPSR[7:0] */
#define WINDOW_PSR_STATES 12
#define WINDOW_VECTORS                                                                                       \
    (WINDOW_BASE + 0x1fff000) /* vectors and stubs, one page; its last 256 bytes are the jump map's */
#define WINDOW_JUMP         (WINDOW_BASE + 0x2000000) /* the jump map: regions of 16 MiB, sparse */
#define WINDOW_JUMP_REGIONS 4
#define WINDOW_VMM          (WINDOW_BASE + 0x6000000) /* VMM text, data, heap: at most 24 MiB from here */
#define WINDOW_DEVICES      (WINDOW_BASE + 0x7800000) /* host devices, first MiB each */
#define WINDOW_END          (WINDOW_BASE + 0x7a00000)

/*
 * Of a state's MiB in WINDOW_PSR two pages are there, numbered by the values of CPSR[7:0] that only the
 * guest's I bit tells apart: the one with I clear as long as the gates are open. A page's last byte is what
 * real SVC mode gets for it, the byte before that what System mode gets.
 */
#define WINDOW_PSR_LAST_SVC 0xfff
#define WINDOW_PSR_LAST_SYS 0xffe

#define DOMAIN_SHARED    14
#define DOMAIN_VMM       15
#define DACR_GUEST_BITS  0x10000000 /* shared: Client, VMM: No access */
#define DACR_VMM_BITS    0x50000000 /* both Client */
#define DACR_WINDOW_MASK 0xf0000000

/* The code cache: a gate page, then 8 KiB of code, again and again (dbt/emit.h tells what for). */
#define CACHE_PAIR      8192u
#define CACHE_GATE_SPAN (CACHE_PAIR + 4096u)

#ifndef __ASSEMBLER__
#include <stdint.h>

/* The virtual modes (host/armv7.h) that translated code runs in; their states are numbered in this order,
 * each with F clear and set. */
#define WINDOW_PSR_MODES                                                                                     \
    {                                                                                                        \
        MODE_SVC, MODE_SYS, MODE_IRQ, MODE_ABT, MODE_UND, MODE_FIQ                                           \
    }
/* Not the guest's, whatever its tables have there. */
static inline int window_holds(uint32_t va) { return va - WINDOW_LINEAR < WINDOW_END - WINDOW_LINEAR; }
static inline uint32_t window_psr(uint32_t state, uint32_t value)
{
    return WINDOW_PSR + (state << 20) + (value << 12);
}

#endif

#endif
