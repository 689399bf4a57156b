/*
 * Light exits: the frequent ones, done with r0-r12, PC and PSR alone (frame.h). `vcpu` stays as the last full
 * exit left it, but for what a handler says; so the virtual mode is still told by sync.c's rule.
 *
 * A handler either does all of an exit, or changes nothing and returns false: then it is a full one.
 */
#ifndef LIGHT_H
#define LIGHT_H

#include "host/arm.h"
#include "run/guest_mmu.h"
#include "run/run.h"

/* A UDF of the code cache whose callout is light. */
struct light_site {
    uint32_t host;                                            /* of the word after it; 0: free */
    bool (*run)(struct frame *f, const struct light_site *s); /* f->pc is the word after it */
    uint32_t *count;                                          /* its class in run_stats */
    uint32_t offset;                                          /* of a load or store from rn */
    uint16_t list;                                            /* LDM: its registers */
    uint8_t rt, rn;                                           /* the instruction's registers; rn 13: SP */
    uint8_t bank;                                             /* of its block's mode */
    uint8_t away;                                             /* AWAY_ bits */
    uint8_t size;                                             /* bytes that are loaded or stored */
    int8_t step;                                              /* LDM: what write-back adds to the base */
    bool write;                                               /* a device access; CP15: the ASID, not TTBR0 */
    bool pair;               /* CP15: an ISB follows, and may be another such write */
    _Alignas(32) char end[]; /* indexing is a shift */
};

/* This callout will come again: if its kind is a light one, enter it. */
void light_consider(struct place at, const struct insn *in, uint32_t *count);
void light_consider_device(uint32_t host, uint32_t word);
/* At the end of each full exit: whether light ones are allowed now, and whether what is known of blocks still
 * holds. */
void light_update(const struct frame *f);
/* The site whose UDF is the word before `host`; NULL: it is none. */
const struct light_site *light_site_at(uint32_t host);

/* Where blocks are that were found before; good while cache.unreached is what it was. */
#define LIGHT_BLOCKS 128u
struct light_block {
    uint32_t gva, key, host;
};
extern struct light_block light_blocks[LIGHT_BLOCKS];
extern uint32_t light_blocks_at; /* cache.unreached */
uint32_t light_look_up(gva_t gva, uint32_t key);

/* The first word of the block for that address and block_state_key, if it is there and reachable; 0
 * otherwise. */
static inline uint32_t light_find_block(gva_t gva, uint32_t key)
{
    const struct light_block *b = &light_blocks[gva.a >> 2 & (LIGHT_BLOCKS - 1)];

    return b->gva == gva.a && b->key == key && light_blocks_at == cache.unreached ? b->host
                                                                                  : light_look_up(gva, key);
}

static inline uint32_t light_key(uint32_t mode, uint32_t cpsr) { return mode | (cpsr & PSR_F); }

/* r12 and LR, wherever the block to be entered wants them. */
static inline void light_spill(const struct frame *f, uint32_t lr)
{
    arm_write_ifar(f->r[12]);
    arm_write_nmrr(lr);
}

/* Guest RAM at va, as the real MMU has it now, for a load at PL0 or PL1; NULL: not there, or not within a
 * page. */
const void *light_memory(const struct frame *f, uint32_t va, uint32_t size, bool user);

/* light_exception.c. False: not now, or not so simple. */
bool light_inject_user_abort(struct frame *f, enum exception e, uint32_t va,
                             uint32_t fsr); /* an abort from User */
bool light_inject_svc_abort(struct frame *f, uint32_t va,
                            uint32_t fsr); /* of translated code in SVC mode, DABT */
bool light_undefined(struct frame *f);     /* UNDEFINED in User */

/* light_return.c: exception returns to SVC mode in ARM state */
bool light_movs_pc_lr(struct frame *f, const struct light_site *s);
bool light_ldm_return(struct frame *f, const struct light_site *s);

/* guest_mmu.c: the operations of that name, where they need no more than this. */
bool light_tlb_va(struct frame *f, const struct light_site *s);
bool light_space(struct frame *f, const struct light_site *s); /* TTBR0, CONTEXTIDR */
bool light_icache_all(struct frame *f, const struct light_site *s);
bool light_tlb_asid(struct frame *f, const struct light_site *s);

/* light_device.c */
bool light_device(struct frame *f, const struct light_site *s);
void light_device_forget(void); /* TLB maintenance of everything, or of tables' format */
extern uint32_t
    light_device_slots; /* a bit for each of 32 slots of pages that are known; all: sections are */
static inline void light_device_forget_va(gva_t va)
{
    if (light_device_slots >> (va.a >> 12 & 31) & 1)
        light_device_forget();
}
void light_device_forget_mib(gva_t va);
static inline void light_device_forget_pages(gva_t va, unsigned count) /* within one MiB */
{
    if (count == 1)
        light_device_forget_va(va);
    else if (light_device_slots)
        light_device_forget_mib(va);
}

#endif
