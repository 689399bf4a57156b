/*
 * The configuration block: what the packer (src/command) tells the VMM.
 *
 * It is the ELF section .config of the VMM, one page, which the packer overwrites in the
 * packed image; all words are little-endian. Kernel, device tree and initramfs are further
 * load segments at their guest physical addresses (the board file says which host
 * physical address that is). The block is input like any other: main() checks it.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "types.h"

#define IMAGE_MAGIC   0x54414d41u /* "AMAT" */
#define IMAGE_VERSION 3

struct image_config {
    uint32_t magic, version;
    uint32_t ram_size;   /* guest RAM, bytes, a multiple of 1 MiB */
    uint32_t entry;      /* GPA of the first guest instruction; bit 0: Thumb */
    uint32_t regs[4];    /* the guest's r0..r3 at entry */
    uint32_t switches;   /* a 1 turns a technique OFF: bits are enum vmm_switch (src/host/switches.h) */
    uint32_t timeout_ms; /* stop the guest after so much of the VMM's clock, status 124; 0: never */
    uint32_t flags;      /* IMAGE_STATS: print the counters as JSON when the guest ends */
    uint32_t budget;     /* VMM memory in bytes; 0: default */
    uint32_t ram_host;   /* HPA of guest RAM's first byte, a multiple of 1 MiB */
    uint32_t code_cache; /* of it, bytes of translated code; 0: a fixed share */
};
#define IMAGE_STATS 1u

extern struct image_config image_config;
/* A byte on the VMM's UART, from the packer's side: the guest has said its last word. The VMM ends as if it
 * had powered off. */
#define IMAGE_END 4u

#endif
