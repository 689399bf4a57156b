/*
 * Light exits: the frequent ones, done with r0-r12, PC and PSR alone (frame.h). `vcpu` stays as the last full
 * exit left it, but for what a handler says; so the virtual mode is still told by sync.c's rule.
 *
 * A handler either does all of an exit, or changes nothing and says LIGHT_NO, or false: then it is a full
 * one.
 */
#ifndef LIGHT_H
#define LIGHT_H

#include "host/arm.h"
#include "run/guest_mmu.h"
#include "run/run.h"

enum light_outcome {
    LIGHT_NO,
    LIGHT_DONE,
    LIGHT_INTERRUPTED /* done, and the guest has to take an interrupt */
};

/* A UDF of the code cache whose callout is light. */
struct light_site {
    uint32_t host; /* of the word after it; 0: free */
    enum light_outcome (*run)(struct frame *f, const struct light_site *s); /* f->pc is the word after it */
    uint32_t *count;                                                        /* its class in run_stats */
    uint32_t offset;                                                        /* of a load or store from rn */
    uint16_t list;                                                          /* LDM: its registers */
    uint8_t rt, rn;          /* the instruction's registers; rn 13: SP */
    uint8_t bank;            /* of its block's mode */
    uint8_t away;            /* AWAY_ bits */
    uint8_t size;            /* bytes that are loaded or stored */
    int8_t step;             /* LDM: what write-back adds to the base */
    bool write;              /* a device access; CP15: the ASID, not TTBR0 */
    bool pair;               /* CP15: an ISB follows, and may be another such write */
    _Alignas(32) char end[]; /* indexing is a shift */
};

typedef enum light_outcome (*light_run)(struct frame *f, const struct light_site *s);

#define LIGHT_SITE_SETS 256u /* of two */
#define LIGHT_BLOCKS    128u
#define LIGHT_DACR_NONE 0u /* no real value: DACR_GUEST_BITS are set in each */

struct light {
    uint32_t dacr;       /* LIGHT_DACR_NONE: full exits only */
    uint32_t generation; /* of the code cache, that all of this speaks of */
    uint32_t blocks_at;  /* cache.unreached, while which is the same the blocks are right */
    struct light_block {
        uint32_t gva, key, host;
    } blocks[LIGHT_BLOCKS]; /* where blocks are that were found before */
    struct light_site sites[LIGHT_SITE_SETS][2];
};
extern struct light light;

/* consider.c. This callout will come again: if its kind is a light one, enter it. */
void light_consider(struct place at, const struct insn *in, uint32_t *count);
void light_consider_device(uint32_t host, uint32_t word);

/* sites.c */
/* At the end of each full exit: light ones are allowed now, or not; and whether what is known of blocks still
 * holds. */
void light_update(const struct frame *f, bool allowed);
/* The site whose UDF is the word before `host`; NULL: it is none. */
const struct light_site *light_site_at(uint32_t host);
struct light_site *
light_new_site(uint32_t host); /* where it goes: of two others, in place of the one that came last */
uint32_t light_look_up(gva_t gva, uint32_t key);

/* The first word of the block for that address and block_state_key, if it is there and reachable; 0
 * otherwise. */
static inline uint32_t light_find_block(gva_t gva, uint32_t key)
{
    const struct light_block *b = &light.blocks[gva.a >> 2 & (LIGHT_BLOCKS - 1)];

    return b->gva == gva.a && b->key == key && light.blocks_at == cache.unreached ? b->host
                                                                                  : light_look_up(gva, key);
}

/* block_state_key() of ARM code in that mode, little-endian, with the PSR's F. */
static inline uint32_t light_key(uint32_t mode, uint32_t cpsr) { return mode | (cpsr & PSR_F); }

/* r12 and LR, wherever the block to be entered wants them. */
static inline void light_spill(const struct frame *f, uint32_t lr)
{
    arm_write_ifar(f->r[12]);
    arm_write_nmrr(lr);
}

static inline void light_srf_write(unsigned slot, uint32_t value)
{
    *(volatile uint32_t *)(uintptr_t)(WINDOW_SRF + slot) = value;
}

/* memory.c. Guest RAM at va, as the real MMU has it now, for a load at PL0 or PL1; NULL: not there, or not
 * within a page. */
const void *light_memory(const struct frame *f, uint32_t va, uint32_t size, bool user);

/* exception.c. False: not now, or not so simple. */
bool light_inject_user_abort(struct frame *f, enum exception e, uint32_t va,
                             uint32_t fsr); /* an abort from User */
bool light_inject_svc_abort(struct frame *f, uint32_t va,
                            uint32_t fsr); /* of translated code in SVC mode, DABT */
bool light_undefined(struct frame *f);     /* UNDEFINED in User */

/* return.c: exception returns to SVC mode in ARM state */
enum light_outcome light_movs_pc_lr(struct frame *f, const struct light_site *s);
enum light_outcome light_ldm_return(struct frame *f, const struct light_site *s);

/* mmu.c: the operations of that name, where they need no more than this. */
enum light_outcome light_tlb_va(struct frame *f, const struct light_site *s);
enum light_outcome light_space(struct frame *f, const struct light_site *s); /* TTBR0, CONTEXTIDR */
enum light_outcome light_icache_all(struct frame *f, const struct light_site *s);
enum light_outcome light_tlb_asid(struct frame *f, const struct light_site *s);

/* device.c */
enum light_outcome light_device(struct frame *f, const struct light_site *s);

#endif
