/*
 * The code cache: blocks of translated code, how they are found, linked, and when they stop being valid.
 *
 * A block is host A32 code for guest code at (GVA, state) in one guest page. Blocks are bump-allocated in
 * executable memory which the guest can read but not write (the VMM writes through its own mapping); when a
 * store fills, everything is flushed. Blocks of one (guest virtual page, guest physical page) hang on a code
 * page; a code page is active while the guest's tables map it so. Only blocks of active code pages are
 * reachable: from a chained exit, from the jump map, or from the SVC slot.
 *
 * Validity is the I-cache's (design 4): blocks of a RAM page go at the guest's I-cache maintenance if the
 * page was written since.
 */
#ifndef CACHE_H
#define CACHE_H

#include "types.h"

/*
 * Two of the guest's registers may be away while translated code runs: r12 in the real IFAR, LR in the real
 * NMRR (design 3.8). The core's own r12 or LR is then anything, and free for templates.
 */
#define AWAY_R12  1u
#define AWAY_LR   2u
#define AWAY_BOTH 3u

/* The state a block was translated for; beside the address it is the block's identity. */
struct block_state {
    uint8_t mode;    /* guest mode, five bits (never User) */
    uint8_t itstate; /* 0 but for blocks that begin inside an IT block */
    uint8_t away;    /* AWAY_ bits: where the block's first word expects r12 and LR */
    bool thumb, big_endian, fiq_masked;
};

/* What of it is the guest's: all but `away`. */
static inline uint32_t block_state_key(struct block_state s)
{
    return (uint32_t)s.mode | (uint32_t)s.thumb << 5 | (uint32_t)s.fiq_masked << 6 |
           (uint32_t)s.big_endian << 7 | (uint32_t)s.itstate << 8;
}

/* Its parts that others ask for. */
static inline uint32_t block_key_mode(uint32_t key) { return key & 0x1f; }
static inline bool block_key_is_thumb(uint32_t key) { return key >> 5 & 1; }
static inline bool block_key_fiq_masked(uint32_t key) { return key >> 6 & 1; }
static inline uint32_t block_key_psr(uint32_t key)
{
    return key & 0x7f;
} /* mode, T and F, where a PSR has them */
static inline uint8_t block_key_itstate(uint32_t key) { return (uint8_t)(key >> 8); }
static inline uint32_t block_key_without_it(uint32_t key) { return key & 0xff; }
static inline uint32_t block_key_with_it(uint32_t key, uint8_t itstate)
{
    return block_key_without_it(key) | (uint32_t)itstate << 8;
}

static inline struct block_state block_state_of(uint32_t key, uint8_t itstate, uint8_t away)
{
    return (struct block_state){.mode = key & 0x1f,
                                .itstate = itstate,
                                .away = away,
                                .thumb = key >> 5 & 1,
                                .big_endian = key >> 7 & 1,
                                .fiq_masked = key >> 6 & 1};
}

enum site_kind {
    SITE_CALLOUT,  /* UDF: emulate the guest instruction `data`, state as at its start */
    SITE_CONTINUE, /* UDF: the next instruction is at `data`, with ITSTATE `size` */
    SITE_EXIT, /* branch to `data` (GVA): `word` branches to the stub UDF at `stub`, or straight to the target
                  block */
};

struct block;

/* A place in a block at which the VMM has something to do. Offsets are words from the block's first word. */
struct site {
    uint16_t word; /* callout: the UDF. Exit: the branch */
    uint16_t
        stub; /* exit: its UDF. Callout: a word of the instruction it belongs to (the branch to a late one) */
    uint8_t kind;
    uint8_t size; /* callout: bytes of the guest instruction. Continue: ITSTATE */
    uint8_t away; /* exit, continue: AWAY_ bits there */
    uint32_t data;
    struct block *target; /* exit: linked to */
    struct block *from;
    struct site *next_in; /* exits linked to the same block */
};

/*
 * One guest instruction of a block: where its host code begins. Words that bring a register back before it
 * have rows of their own, for the same instruction: at every row's first word the guest is between two
 * instructions.
 */
struct insn_map {
    uint16_t word;        /* first host word, from the block's first word */
    uint16_t offset : 14; /* guest address - block's */
    uint16_t
        away : 2; /* AWAY_ bits from the first word to the next row's: the values there are the guest's */
    uint8_t itstate;
    uint8_t spilled; /* core register (0-14) whose guest value is in the real IFAR after the instruction's
                        first word; with SPILLED_PAIR, and the next one's in NMRR. SPILLED_NONE: none */
};

#define SPILLED_NONE 0xff
#define SPILLED_PAIR 0x40

struct code_page;

struct block {
    gva_t gva;
    uint32_t key;        /* block_state_key */
    uint8_t away;        /* AWAY_ bits at its first word */
    cca_t host;          /* first word */
    uint16_t word_count; /* code; literals follow */
    uint16_t literal_count;
    uint16_t insn_count, site_count;
    uint16_t guest_size; /* bytes of guest code */
    bool valid, in_jump_map;
    bool dacr;              /* as translation_unit's */
    struct insn_map *insns; /* insn_count of them, ascending */
    struct site *sites;     /* ascending by word */
    struct site *in;        /* exits linked to this block */
    struct code_page *page;
    struct block *hash_next, *page_next;
    struct block
        *reader_next; /* of the blocks that go when their constant's page is written or mapped elsewhere */
};

/* What the translator hands over; copied. */
struct translation_unit {
    gva_t gva;
    struct block_state state;
    const uint32_t *words; /* code, then literals */
    unsigned word_count, literal_count;
    const struct insn_map *insns;
    unsigned insn_count;
    const struct site *sites;
    unsigned site_count;
    uint16_t guest_size;
    bool dacr;           /* it accesses the DACR: the translation is one for the present dbt_dacr_inline */
    bool reads_constant; /* it is right only while the guest's word at `constant` stays what it is */
    gva_t constant;
};

/* Memory given at start. `code` is the VMM's view of it; a guest runs it at WINDOW_CACHE, a gate page before
 * each 8 KiB (host/window.h). */
struct cache_memory {
    uint32_t *code;
    uint32_t code_size; /* bytes, a multiple of 8 KiB, at most 10 MiB */
    void *meta;
    uint32_t meta_size;
};

struct cache_stats {
    uint32_t blocks, flushes, links, unlinks, pages_dropped, pages_deactivated, insns, words, verified;
};
extern struct cache_stats cache_stats;

struct cache {
    /* First, for gdb_armature.py and the profiler read them: blocks by ascending host address, downwards from
       the end of the metadata. */
    struct block **index_top;
    uint32_t block_count;
    uint32_t generation; /* grows at every whole flush: block pointers of an older one are dead */
    uint32_t unreached;  /* grows whenever a block of this generation stops being reachable */
    struct cache_memory mem;
    uint32_t code_used; /* words */
    uint32_t meta_used; /* bytes, from the start */
    struct block *hash[8192];
    struct block *svc_target;
};
extern struct cache cache;

void cache_init(struct cache_memory m);
void cache_flush(void);

/* Where the next block's first word will be, if it takes up to `words` words; templates depend on it (gates).
 */
bool cache_reserve(unsigned words, cca_t *where);

/*
 * The code page for (gva page, gpa page); made and activated (another active one of the same gva page is
 * deactivated). `size_log2`: of the mapping, a small page's (12) to a supersection's (24). `global`: it is.
 * NULL: out of metadata, flush and try again.
 */
struct code_page *cache_activate(gva_t gva, gpa_t gpa, unsigned size_log2, bool global);
/* The active code page of this address, or NULL. Its guest physical page. */
struct code_page *cache_active(gva_t gva);
bool cache_active_near(gva_t gva); /* any in that MiB, or in a supersection in those 16? */
gpa_t cache_page_gpa(const struct code_page *p);

/* NULL: not translated yet. */
struct block *cache_find(const struct code_page *p, gva_t gva, struct block_state s);
struct block *cache_find_key(const struct code_page *p, gva_t gva, uint32_t key, unsigned away);
struct block *cache_find_active(gva_t gva, uint32_t key,
                                unsigned away); /* in the active page of that address, if there is one */

/* Writes to this page are seen at once: it has code, and was not written since. */
bool cache_page_watched(const struct code_page *p);
/* The block goes when this page, active now, is written, or is no longer active. */
void cache_reads(struct block *b, struct code_page *p);

enum cache_verdict { CACHE_ADDED, CACHE_FULL, CACHE_REFUSED };
/* Verify and enter a block at the address cache_reserve() gave. REFUSED: *bad_word is the offset of the word.
 */
enum cache_verdict cache_add(struct code_page *p, const struct translation_unit *u, struct block **out,
                             unsigned *bad_word);

/* Linking. `site` is an exit of a valid block. */
void cache_link(struct site *site, struct block *to);
/* Those exits of a new block whose targets are there already. */
void cache_link_exits(struct block *b);
/* The SVC slot (one, VMM-made) branches to this block; NULL: back to the VMM. */
void cache_link_svc(struct block *to);
struct block *cache_svc_target(void);
/* Take the block's exits back to their stubs (interrupt wanted at the next boundary) . */
void cache_unlink_exits(struct block *b);

/* Who owns this code-cache address: NULL if nobody. *word is its offset in the block. */
struct block *cache_owner(cca_t a, unsigned *word);
struct site *cache_site_at(struct block *b,
                           unsigned word); /* callout UDF, exit branch or stub at this word */
const struct insn_map *cache_insn_at(const struct block *b, unsigned word);

/* Control may go on inside the block: it is valid and its page active. */
bool cache_resumable(const struct block *b);
/* Never find this block again (it may still run to its end). */
void cache_forget(struct block *b);
void cache_forget_dacr(void); /* nor any that accesses the DACR */
/* Indirect branches to its address lead to it from now on. It expects both registers away. */
void cache_enter_jump_map(struct block *b);

/* One-shot change of a word of a valid block (stop points); returns the old one. */
uint32_t cache_patch(struct block *b, unsigned word, uint32_t value);
uint32_t cache_peek(const struct block *b, unsigned word);

/* A RAM page that has translations was written for the first time since. (Its marks are set already.) */
void cache_page_dirty(uint32_t ram_page);

/* I-cache maintenance by the guest. */
void cache_icache_all(void);
void cache_icache_page(uint32_t ram_page);
bool cache_icache_clean(void); /* neither would drop anything */
/* The guest's I-cache is off: the first write to a page drops its translations, the one that runs too
 * (cache_resumable()). */
void cache_set_coherent(bool coherent);
bool cache_coherent(void);

/*
 * The guest's tables may have changed: ask again for each active code page (only non-global ones if so); or
 * for those of the mapping that this address is in, for a TLB has a section as one entry. The answer is the
 * mapping's size, log2, or 0: none, or to elsewhere. It is not asked for each page of a mapping.
 */
typedef unsigned (*cache_check)(gva_t gva, gpa_t gpa);
void cache_revalidate(cache_check still_mapped, bool non_global_only);
void cache_revalidate_va(cache_check still_mapped, gva_t gva);
/* Of so many pages within a MiB, none active: would the latter do anything? */
bool cache_any_remapped(cache_check still_mapped, gva_t gva, unsigned count);
bool cache_has_non_global(void); /* an active code page may be */

#endif
