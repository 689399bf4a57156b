/*
 * The guest's translation tables, walked as VMSAv7 (short descriptors) says: DDI 0406C B3.
 * Pure: reads guest memory, changes nothing, and is host-testable.
 */
#ifndef WALK_H
#define WALK_H

#include "mmu/fault.h"
#include "mmu/guest_memory.h"
#include "types.h"

/* The guest's own values of the registers that steer translation. */
struct mmu_regs {
    uint32_t sctlr; /* M, A, TRE, AFE, EE used here */
    uint32_t ttbr0, ttbr1, ttbcr, dacr;
    uint32_t prrr, nmrr, contextidr;
};

enum access { ACCESS_READ, ACCESS_WRITE, ACCESS_FETCH };

struct translation {
    gpa_t gpa;         /* of the address asked for */
    uint8_t size_log2; /* 12, 16, 20, 24 */
    uint8_t domain;
    uint8_t ap; /* AP[2:0]; AFE's simplified model already expanded */
    bool xn, ng, s, manager;
    uint8_t tex_cb; /* TEX:C:B, 5 bits; like s, as in the descriptor: see mmu_memory_type() */
};

/* Fault status (FS), B3.13.3, short-descriptor: value of DFSR/IFSR bits [10,3:0], and domain. */
enum {
    FS_ALIGNMENT = 0x01,
    FS_ICACHE = 0x04,
    FS_TRANSLATION_SECTION = 0x05,
    FS_TRANSLATION_PAGE = 0x07,
    FS_ACCESS_SECTION = 0x03,
    FS_ACCESS_PAGE = 0x06,
    FS_DOMAIN_SECTION = 0x09,
    FS_DOMAIN_PAGE = 0x0b,
    FS_PERMISSION_SECTION = 0x0d,
    FS_PERMISSION_PAGE = 0x0f,
    FS_DEBUG = 0x02,
    FS_EXTERNAL = 0x08,
    FS_EXTERNAL_WALK_1 = 0x0c,
    FS_EXTERNAL_WALK_2 = 0x0e,
};

/* Under TEX remap (B3.8.3): makes t->tex_cb and t->s what they would be without it. Few want to know. */
void mmu_memory_type(const struct mmu_regs *m, struct translation *t);

/*
 * Translate. True: *out filled. False: *fsr holds FS in bits [10,3:0] and the domain in [7:4] exactly as the
 * DFSR would (WnR, bit 11, set for writes; IFSR users mask). MMU off: flat, B3.2.1.
 * `privileged`: PL1 (LDRT and friends pass false).
 */
bool mmu_walk(const struct mmu_regs *m, gva_t va, enum access access, bool privileged,
              struct translation *out, uint32_t *fsr);

#endif
