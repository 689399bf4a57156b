/*
 * Light exits: the frequent ones, done with r0-r12, PC and PSR alone (frame.h). `vcpu` stays as the last full exit left
 * it, but for what a handler says; so the virtual mode is still told by sync.c's rule.
 *
 * A handler either does all of an exit, or changes nothing and returns false: then it is a full one.
 */
#ifndef LIGHT_H
#define LIGHT_H

#include "boot/run.h"

/* A UDF of the code cache whose callout is light. */
struct light_site {
    uint32_t host;   /* of the word after it; 0: free */
    bool (*run)(struct frame *f, const struct light_site *s); /* f->pc is the word after it */
    uint32_t *count; /* its class in run_stats */
    uint8_t rt;      /* the instruction's register */
    uint8_t mode;    /* of its block */
    uint8_t rn;      /* a device access: STR or LDR rt, [rn, #offset] */
    bool write;
    uint8_t size;
    uint32_t offset;
};

/* This callout will come again: if its kind is a light one, enter it. */
void light_consider(struct place at, const struct insn *in, uint32_t *count);
void light_consider_device(uint32_t host, uint32_t word);
/* At the end of each full exit: whether light ones are allowed now, and whether what is known of blocks still holds. */
void light_update(const struct frame *f);

/* The block for that address and block_state_key, if it is there and reachable; NULL otherwise. */
struct block *light_find_block(gva_t gva, uint32_t key);

/* light_exception.c. False: not now, or not so simple. */
bool light_inject_abort(struct frame *f, enum exception e, uint32_t va, uint32_t fsr); /* from User */
bool light_movs_pc_lr(struct frame *f, const struct light_site *s);

/* guest_mmu.c: the operations of that name, where they need no more than this. */
bool light_tlb_va(struct frame *f, const struct light_site *s);
bool light_ttbr0(struct frame *f, const struct light_site *s);
bool light_contextidr(struct frame *f, const struct light_site *s);
bool light_icache_all(struct frame *f, const struct light_site *s);
bool light_tlb_asid(struct frame *f, const struct light_site *s);

/* light_device.c */
bool light_device(struct frame *f, const struct light_site *s);
void light_device_forget(void);         /* TLB maintenance of everything, or of tables' format */
extern uint32_t light_device_slots; /* a bit for each of 32 slots of pages that are known; all: sections are */
static inline void light_device_forget_va(gva_t va)
{
    if (light_device_slots >> (va.a >> 12 & 31) & 1)
        light_device_forget();
}

#endif
