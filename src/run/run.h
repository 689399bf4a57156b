/*
 * The run loop: from an exit of the guest to its resumption. One function a cause, in exits.c; how the
 * guest goes on, in enter.c; interrupts, in interrupt.c; the guest's MMU, in guest_mmu.c.
 */
#ifndef RUN_H
#define RUN_H

#include "cache/cache.h"
#include "decoder/decoder.h"
#include "emul/vcpu.h"
#include "run/frame.h"
#include "run/psr.h"

/* Where in translated code an exit happened. */
struct place {
    struct block *block; /* NULL: not in a block */
    unsigned word;
    const struct insn_map *insn; /* the guest instruction */
    struct site *site;           /* what the VMM has to do there, or NULL */
};
#define place_nowhere ((struct place){0})
struct place place_of(uint32_t host); /* place.c */
struct place place_at(struct block *b, unsigned word);

/* What the VMM counts (design 7); printed as JSON with IMAGE_STATS. */
/* clang-format off */
#define RUN_COUNTERS(X) \
    X(exits) X(exit_und) X(exit_pabt) X(exit_dabt) X(exit_irq) \
    X(callouts) X(links) X(jump_misses) X(thumb_jumps) X(svc_exits) X(gate_traps) X(guest_und) \
    X(hidden_faults) X(device_accesses) X(device_sites) X(window_accesses) X(true_faults) X(fetch_faults) \
    X(translations) X(translated_insns) X(refused_blocks) X(interrupts) X(stop_points) X(gates_closed) \
    X(switches) X(tlb_ops) X(idles)
/* Callouts by what was emulated. */
#define RUN_CALLOUTS(X) \
    X(cps) X(mrs) X(msr) X(spsr) X(user_bank) X(eret) X(branch) X(pc_relative) X(dacr) X(tlb) X(ttbr_asid) \
    X(icache) X(dcache) X(cp15_other) X(wfi) X(smc) X(exception) X(other)
/* clang-format on */
struct run_stats {
#define X(name) uint32_t callout_##name;
    RUN_CALLOUTS(X)
#undef X
#define X(name) uint32_t name;
    RUN_COUNTERS(X)
#undef X
};
extern struct run_stats run_stats;

/* device_site.c: the load or store at `host` has hit a device; is this UDF such a site, and of which word? */
void device_site_make(uint32_t host, struct place at);
bool device_site_word(uint32_t host, uint32_t *word);

/* The guest's state between frame (real) and vcpu (virtual). In: the place gives PC, ITSTATE and where
 * registers wait. */
void sync_in(struct frame *f, struct place at);
void sync_in_away(struct frame *f,
                  unsigned away); /* at no place; AWAY_ bits. PC, T and ITSTATE are the caller's */
void sync_in_exit(struct frame *f, const struct block *b,
                  const struct site *s); /* at what follows a block: a SITE_EXIT or SITE_CONTINUE */
void sync_out(
    struct frame *f); /* everything but where to go: the first word of a block or of an instruction in it */
void sync_out_within(
    struct frame *f); /* the same, to go on within an instruction's words: its spill registers stay */
void sync_slots(void);
bool sync_is_user(const struct frame *f);

/* enter.c: go on at vcpu's PC: finds or makes the block; sets f->pc. Injects fetch faults and waiting
 * interrupts. */
void enter_guest(struct frame *f);
struct fetch_fault {
    gva_t va;
    uint32_t fsr; /* 0: none */
};
/* The block, translated if need be, whatever vcpu's state is. NULL: *fault says why. */
struct block *enter_find_at(gva_t pc, struct block_state state, struct fetch_fault *fault);
/* For vcpu's state, as translated code or the VMM enters it (AWAY_ bits); *faulted: an exception was injected
 * instead. */
struct block *enter_find_block(unsigned away, bool *faulted);
struct block_state enter_state(void); /* `away` as the VMM enters it */

/* interrupt.c, stop_points.c */
void interrupt_set_timeout(uint64_t ns); /* the guest is stopped then, with STATUS_TIMEOUT; 0: never */
void interrupt_program_timer(void);      /* the host's next interrupt, by all deadlines */
void interrupt_host(void);               /* serve the host's interrupt controller */
void interrupt_idle(void);               /* wait until something is pending */
void interrupt_gates(struct frame *f);   /* close or open the gates as needed before resuming */
/* Going on at `at`, in the middle of translated code, nothing synced: injects at a boundary, or arranges to
 * stop at the next. */
void interrupt_resume(struct frame *f, struct place at);
void interrupt_clear_stops(void);
bool interrupt_has_stops(void);
bool interrupt_stopped(struct frame *f, struct place at); /* this UDF was a stop point: handled */
/* If the block was dropped: the guest leaves it before its next instruction. `begun`: `at` is behind what
 * dropped it. */
void interrupt_leave(struct frame *f, struct place at, bool begun);

/* monitor.c: vcpu_upcalls of these names */
void monitor_set(gva_t va, unsigned size);
bool monitor_clear(gva_t va, unsigned size);

/* callouts.c: emulate `word`, an instruction of the block at `at`, and resume */
void run_callout(struct frame *f, struct place at, uint32_t word, unsigned size);

/* A host word that loads or stores: is its permission User mode's (A8.8.92: LDRT and friends)? Not in the
 * unconditional space. */
static inline bool is_unprivileged(uint32_t w)
{
    return w < 0xf0000000u &&
           ((w & 0x0d200000) == 0x04200000 ||              /* LDRT, LDRBT, STRT, STRBT */
            ((w & 0x0f200090) == 0x00200090 && w & 0x60)); /* LDRHT, LDRSBT, LDRSHT, STRHT */
}

/* LDREX, STREX and theirs, by size. */
static inline bool is_exclusive(uint32_t w) { return w < 0xf0000000u && (w & 0x0f800ff0) == 0x01800f90; }

/* exits.c */
_Noreturn void run_lost(const struct frame *f,
                        const char *what); /* an exit that no guest can cause: the VMM's mistake */

/* branch.c */
void branch_exit(struct frame *f, struct place at, struct site *s); /* a SITE_EXIT that is not linked */
void branch_miss(struct frame *f);     /* the jump map has no block for the target */
void branch_svc(struct frame *f);      /* SVC from User mode, the SVC slot being empty */
void branch_complete(struct frame *f); /* syncs in at the target of an indirect branch */
uint32_t branch_real_lr(
    const struct frame *f); /* the core's own LR in translated code, whatever a template has in it */

/* access.c */
void access_undefined(struct frame *f); /* a program's, UNDEFINED to the real core */
void access_emulate(struct frame *f, struct place at,
                    uint32_t word);        /* by the host instruction `word`, or a program's */
void access_from_nowhere(struct frame *f); /* a program's code, where there is no RAM */

#endif
