/*
 * The translator: guest code of one page in, one unit for the code cache out.
 *
 * Pure: it reads guest code through `struct dbt_source` and writes nothing but its own buffers. The verifier
 * checks what it makes, so nothing here is trusted.
 */
#ifndef DBT_H
#define DBT_H

#include "cache/cache.h"

/* How much of the translator's skill is wanted: less where the verifier has refused it before (make.h). */
enum dbt_form {
    DBT_BLOCK,  /* as many instructions as go into a block */
    DBT_SINGLE, /* one */
    DBT_CALLOUT /* one, and the VMM emulates it, whatever it is: UDF, and branches of the block's own */
};

struct dbt_source {
    enum dbt_form form;
    gva_t pc; /* first instruction; its page is read through `page` */
    struct block_state state;
    const uint8_t *page; /* 4 KiB of guest code, word-aligned; NULL: all zeros (nothing is there) */
    /*
     * The word at an aligned address, if the guest can fetch from there and the translation will be dropped
     * when that word is written or mapped elsewhere. NULL: none can be had.
     */
    bool (*constant)(gva_t at, uint32_t *value);
    bool second_valid; /* a 32-bit Thumb instruction at the page's last halfword: its second half */
    uint16_t second;
};

/* Where the guest's CP15 values are that are read from the SRF: byte offset in it, or 0. Filled by src/emul.
 */
enum srf_slot {
    SRF_SCTLR = 0x100,
    SRF_TTBR0 = 0x104,
    SRF_TTBR1 = 0x108,
    SRF_TTBCR = 0x10c,
    SRF_DFSR = 0x110,
    SRF_IFSR = 0x114,
    SRF_DFAR = 0x118,
    SRF_IFAR = 0x11c,
    SRF_CONTEXTIDR = 0x120,
    SRF_VBAR = 0x124,
    SRF_PRRR = 0x128,
    SRF_NMRR = 0x12c,
};

enum dbt_verdict {
    DBT_DONE,
    DBT_STRADDLES, /* the first instruction continues on the next page: give `second` */
    DBT_TOO_LONG   /* one instruction does not fit: never, CHECKed by the tests */
};

/* `where`: address of the first word, as cache_reserve() gave it. The unit points into static buffers, valid
 * until the next call. */
enum dbt_verdict dbt_translate(const struct dbt_source *s, cca_t where, struct translation_unit *out);

/*
 * The DACR may be accessed inline: the guest has used only domains 0-13 and no Manager lately. Callouts
 * otherwise. A change needs cache_forget_dacr().
 */
extern bool dbt_dacr_inline;

/*
 * The jump map serves blocks of one state: only they may use it, and only they may have registers away. Which
 * states can be that one is decided here and nowhere else: those whose templates all know that registers may
 * be away.
 */
bool dbt_may_serve(struct block_state s);
/* From now on that state, or, of one that it may not be, ARM state with its mode and F. Flush the cache then.
 */
void dbt_serve(struct block_state s);
/* The state, `away` as its blocks are entered. */
struct block_state dbt_served(void);

/* The `away` of blocks that the VMM or the jump map enters: both where the map serves the state, for its
 * branches leave both so. */
uint8_t dbt_entry_away(struct block_state s);

#endif
