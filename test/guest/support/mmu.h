/*
 * Short-descriptor tables (DDI 0406C B3.5): one first-level table and a pool of second-level ones.
 *
 * Attributes are given once, in M_ bits,
     and turned into the layout of the descriptor. After mmu_reset() RAM is
 * mapped flat (full access, Normal), so are the devices at 0x10000000-0x1fffffff (full access, Device, XN);
 * 0x20000000-0x6fffffff is for tests. Writers of live entries owe the TLB maintenance themselves.
 */
#ifndef GUEST_MMU_H
#define GUEST_MMU_H

#include "guest.h"

#define M_AP(n)     ((uint32_t)(n)) /* AP[2:0] */
#define M_XN        0x8u
#define M_NG        0x10u
#define M_S         0x20u
#define M_TEX(n)    ((uint32_t)(n) << 8)
#define M_C         0x800u
#define M_B         0x1000u
#define M_DOMAIN(n) ((uint32_t)(n) << 16)
#define M_NORMAL    (M_TEX(1) | M_C | M_B)
#define M_DEVICE    M_B
#define M_RW        (M_AP(3) | M_NORMAL)

#define MMU_L1_COUNT 4096
extern uint32_t mmu_l1[MMU_L1_COUNT];

void mmu_reset(void);
void mmu_map_section(uint32_t va, uint32_t pa, uint32_t attr);
void mmu_map_supersection(uint32_t va, uint32_t pa, uint32_t attr); /* 16 entries; attr's domain is ignored */
void mmu_map_large(uint32_t va, uint32_t pa, uint32_t attr);        /* 16 entries */
void mmu_map_small(uint32_t va, uint32_t pa, uint32_t attr);
void mmu_unmap_section(uint32_t va);
void mmu_unmap_page(uint32_t va);
uint32_t *mmu_l2_entry(uint32_t va, uint32_t domain); /* makes the second-level table if there is none */
void mmu_write(uint32_t *entry, uint32_t descriptor); /* and clean it to where walks look */

void mmu_on(void); /* TTBR0 = mmu_l1, TTBCR = 0, all domains Client if DACR is 0, ASID 0, TLB and caches
    clean */
void mmu_off(void);
static inline void tlb_flush(void)
{
    MCR15(0, 8, 7, 0, 0);
    DSB();
    ISB();
}
static inline void tlb_flush_va(uint32_t va, uint32_t asid)
{
    MCR15(0, 8, 7, 1, (va & ~0xfffu) | asid);
    DSB();
    ISB();
}
static inline void tlb_flush_asid(uint32_t asid)
{
    MCR15(0, 8, 7, 2, asid);
    DSB();
    ISB();
}
static inline void set_dacr(uint32_t v)
{
    MCR15(0, 3, 0, 0, v);
    ISB();
}
static inline void set_asid(uint32_t v)
{
    MCR15(0, 13, 0, 1, v);
    ISB();
}

/* A page of RAM for tests to map elsewhere: page n of 16, cleared by nobody. */
uint32_t test_page(unsigned n);

/* One access. 0: it went through; else the fault status register with bit 31 set. */
enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_EXEC, ACCESS_LDRT, ACCESS_STRT, ACCESS_COUNT };
extern volatile uint32_t probe_value;
/* loaded, or returned by the code; stored by ACCESS_STORE: probe_store_value */
extern volatile uint32_t probe_store_value;
uint32_t probe(enum access a, bool user, uint32_t va);
#define FAULT(fs)       (0x80000000u | ((fs)&0xf) | ((fs)&0x10) << 6)
#define FAULT_WRITE     0x800u
#define FAULT_DOMAIN(n) ((uint32_t)(n) << 4)
/* Fault status codes of the short format (table B3-23). */
#define FS_ALIGNMENT      0x01
#define FS_ACCESS_L1      0x03
#define FS_ACCESS_L2      0x06
#define FS_TRANSLATION_L1 0x05
#define FS_TRANSLATION_L2 0x07
#define FS_DOMAIN_L1      0x09
#define FS_DOMAIN_L2      0x0b
#define FS_PERMISSION_L1  0x0d
#define FS_PERMISSION_L2  0x0f
#define FS_DEBUG          0x02

#endif
