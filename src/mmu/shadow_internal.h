/*
 * What the parts of the shadow tables share. Private to src/mmu.
 *
 * A *space* is one real first-level table with its real ASID, which is its index: MASTER (0) holds the global
 * entries and nothing else, FLAT (1) is for the guest's MMU being off, the others each cache one (TTBR0,
 * ASID). Every live space's slot is the master's, unless it has something of its own there: a section with
 * nG, or a table it owns. So whatever a space has of its own can be taken away by writing the master's
 * descriptor over it.
 *
 * A *table* is a real second-level table, 1 KiB, owned by one space. Tables owned by MASTER hold global
 * entries only. An entry is removed or changed only together with a flush_*() that covers it; flush_commit()
 * ends each operation.
 */
#ifndef SHADOW_INTERNAL_H
#define SHADOW_INTERNAL_H

#include "mmu/descriptor.h"
#include "mmu/shadow.h"

#define MASTER        0u
#define FLAT          1u
#define FIRST_SPACE   2u
#define MAX_SPACES    256u /* indices are real ASIDs */
#define SLOTS         4096u
#define TABLE_ENTRIES 256u
#define NO_TABLE      0xffffu

#define REAL_DOMAIN_ALWAYS 14u /* DOMAIN_SHARED: Client whenever a guest runs */
#define DACR_FIELDS_LOW    0x55555555u

struct space {
    uint32_t *l1;
    uint32_t ttbr0;  /* with asid: the guest's, of a live space */
    uint16_t tables; /* first of those it owns, or NO_TABLE */
    uint8_t asid;
    uint8_t next;      /* in the ASID's bucket; 0 ends it */
    bool live;         /* in its bucket and in live_spaces; the first-level table is up to date */
    bool used;         /* for the clock: current since the hand went by */
    bool has_sections; /* may have nG sections */
};

#define TABLE_USED    1u    /* for the clock: filled since the hand went by */
#define TABLE_SPLIT   2u    /* has entries that are parts of a guest section */
#define TABLE_LARGE   4u    /* has entries that are parts of a guest large page */
#define TABLE_GLOBAL  8u    /* not MASTER's, but has global entries */
#define TABLE_PRIVATE L2_NG /* not MASTER's */
/* Entries 16n to 16n+15 may not be zero, n of va: of a free table too, for it is cleared when it is used
 * again. */
#define TABLE_LINE(va) (0x10000u << ((va).a >> 16 & 15))
#define TABLE_LINES    0xffff0000u

struct table {
    uint16_t next, prev; /* of the same owner; free: next only */
    uint16_t slot;
    uint8_t owner;
    uint32_t marks; /* TABLE_ */
};

/*
 * Two descriptors for one MiB, tables of the same Client domain, and what follows from their values and the
 * DACR's alone: so it holds whenever they are met again.
 */
struct mib {
    uint32_t l1, real, dacr; /* the guest's, the shadow's; real NO_DESCRIPTOR: free */
    const uint32_t *guest;   /* the guest's table */
    uint32_t *entries;       /* the shadow's */
    struct table *table;
    uint32_t unused[2];
};
#define NO_DESCRIPTOR 3u
#define MIBS          8u
#define MIB_SETS      8u /* spaces share them */

struct shadow {
    /* What a fault needs, at small offsets. */
    uint32_t *current_l1;     /* of space `current` */
    const uint32_t *guest_l1; /* TTBR0's table, if that is in RAM and `plain`; else NULL */
    uint32_t *table_words;    /* table i is at table_words + i * TABLE_ENTRIES */
    hpa_t table_host;
    struct table *tables;
    struct mib *mibs;          /* of `current`, by MiB: for the short way (shadow_page.c) */
    uint8_t *private_epoch;    /* by RAM page: when a private writable entry was made last */
    uint32_t (*page_hints)[2]; /* by RAM page */
    uint8_t epoch;             /* ends when all private entries are dropped; never 0 */
    bool plain;                /* nothing but TTBR0 steers the guest's walks: MMU on, no TTBCR, EE or AFE */
    bool anything;             /* filled since the last drop of everything */
    bool extraordinary;        /* anything in super or mixed */

    struct mmu_regs seen;      /* at the last shadow_switch() */
    struct shadow_regs loaded; /* given to the real MMU last */
    unsigned current;          /* space */
    unsigned space_count, space_hand;
    unsigned live_count;
    hpa_t l1_host; /* of spaces[0]; the others follow */
    unsigned table_count, table_hand;
    uint16_t free_tables;
    const uint32_t *window;
    const struct shadow_upcalls *up;
    uint16_t managed;                /* guest domains in which entries were filled as Manager */
    bool high_domains;               /* entries of guest domain 14 or 15 were filled */
    uint32_t (*section_hints)[2];    /* by RAM MiB */
    uint8_t *section_has_code;       /* by RAM MiB: may have protected pages */
    uint8_t bucket[256];             /* guest ASID -> first space */
    uint8_t live_spaces[MAX_SPACES]; /* without MASTER and FLAT, in order of making */
    uint8_t by_ttbr0[256];           /* bits 21:14 of it -> the space made last */
    uint32_t super[SLOTS / 16 / 32]; /* 16 MiB groups in which a supersection was shadowed */
    uint32_t mixed[SLOTS / 32];      /* slots in which a table with TABLE_GLOBAL was made */
    struct {
        enum { FLUSH_NONE, FLUSH_PAGES, FLUSH_SPACE, FLUSH_ALL } kind;
        uint32_t what; /* VA page | count - 1, or space */
    } owed; /* the one flush that the running operation owes; two different ones make it everything */
    struct mib mib_sets[MIB_SETS][MIBS];
    struct space spaces[MAX_SPACES];
};
extern struct shadow shadow;

static inline bool slot_is_window(unsigned slot) { return shadow.window[slot]; }
static inline bool is_table(uint32_t l1) { return (l1 & L1_TYPE) == L1_TABLE; }
static inline bool is_section(uint32_t l1) { return (l1 & L1_TYPE) == L1_SECTION; }
static inline unsigned table_index(uint32_t l1) { return ((l1 & L1_TABLE_MASK) - shadow.table_host.a) >> 10; }
static inline uint32_t *table_entries(unsigned table) { return shadow.table_words + table * TABLE_ENTRIES; }

/* What this space itself, and not the master, has in a slot. */
static inline bool owns_table(unsigned space, uint32_t l1)
{
    return is_table(l1) && shadow.tables[table_index(l1)].owner == space;
}
static inline bool owns_section(unsigned space, uint32_t l1)
{
    return is_section(l1) && (space == MASTER || (l1 & L1_NG));
}

static inline bool bitmap_test(const uint32_t *map, unsigned n) { return map[n / 32] >> n % 32 & 1; }
static inline void bitmap_set(uint32_t *map, unsigned n) { map[n / 32] |= 1u << n % 32; }

static inline void note_extraordinary(uint32_t *map, unsigned n)
{
    shadow.extraordinary = true;
    bitmap_set(map, n);
}

/* shadow_space.c */
void flush_entry(unsigned space, gva_t va);                 /* one entry of this space; MASTER: global */
void flush_pages(unsigned space, gva_t va, unsigned count); /* so many such entries */
void flush_space(unsigned space);                           /* all of its own; MASTER: everything */
void flush_table(unsigned table);                           /* whatever is in it */
void flush_all(void);
void flush_commit(void);
void space_write_slot(unsigned space, unsigned slot,
                      uint32_t l1); /* MASTER's: also where the spaces follow it */
/* The non-zero ones of 16 descriptors, into slots of that space that are empty. */
void space_write_group(unsigned space, unsigned first_slot, const uint32_t *l1);
void slot_drop(unsigned space, unsigned slot);     /* what it owns there */
unsigned space_find(uint32_t ttbr0, uint8_t asid); /* MASTER if there is none */
unsigned space_make(uint32_t ttbr0, uint8_t asid); /* evicts; never the current one */
void space_empty(unsigned space);
void space_load(unsigned space); /* make it current, tell the real MMU */
/* The space's own table in that slot, with this real domain; made if there is none, in place of what was
 * there. */
unsigned table_get(unsigned space, unsigned slot, unsigned real_domain);
void table_drop(unsigned table);
void drop_everything(bool flat_too);

/* shadow_fill.c */
void fill_fault(const struct mmu_regs *m, gva_t va, const struct translation *t,
                const struct walk_path *path);
/* A page that direct_page() names. False: it does not, or the mapping is not a plain one. */
bool fill_direct(const struct mmu_regs *m, gva_t va, const struct translation *t,
                 const struct walk_path *path);
/* The table for an entry at va, marked with what is going to be in it (TABLE_ bits). */
unsigned fill_table_for(const struct mmu_regs *m, gva_t va, unsigned domain, bool ng, uint32_t marks,
                        unsigned *owner);

/* shadow_page.c */
enum quick { QUICK_UNDECIDED, QUICK_FILLED, QUICK_TRUE_FAULT };
enum quick fill_quick(const struct mmu_regs *m, gva_t va, enum access access, bool privileged, uint32_t *fsr);
void fill_small(const struct mmu_regs *m, gva_t va, const struct translation *t,
                const struct walk_path *path);
/* One page, as an entry of that owner's table; `hit`: it may have been there. The caller cleans the entry. */
void fill_page(uint32_t *entry, uint32_t attrs, uint32_t off, unsigned owner, gva_t va, bool hit);
void fill_put(uint32_t *entry, uint32_t value, unsigned owner, gva_t va);
void fill_after_drop(gva_t va);

/* shadow_protect.c */
static inline bool page_protected(uint32_t ram_page)
{
    return (guest_memory.page_flags[ram_page] & (PAGE_HAS_CODE | PAGE_DIRTY)) == PAGE_HAS_CODE;
}
bool section_has_protected(uint32_t ram_section);
void hint_page_slow(uint32_t ram_page, uint32_t hint);
void hint_section(uint32_t ram_section, unsigned space, unsigned slot);

/* A writable entry for the page is being made: with nG, or global (in MASTER's table or a space's own). */
static inline void hint_page(uint32_t ram_page, uint32_t attrs, unsigned space, uint32_t va)
{
    uint32_t hint = (va & ~PAGE_MASK) | space << 1 | 1;

    if (attrs & L2_NG)
        shadow.private_epoch[ram_page] = shadow.epoch;
    else if (shadow.page_hints[ram_page][0] != hint)
        hint_page_slow(ram_page, hint);
}

#endif
