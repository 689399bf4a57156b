/*
 * Finding the code in an image: by recursive descent from roots, so that literal pools, tables and padding
 * are not counted; or, where mapping symbols ($a, $t, $d) say what is code, by them.
 *
 * A walk of one function is tried first and kept only if it holds: it meets no UNDEFINED word and leaves no
 * executable segment, but behind a call (which may be one that never returns), where it is cut off.
 */
#ifndef DESCENT_H
#define DESCENT_H

#include "decoder/decoder.h"

struct segment {
    uint32_t address, size; /* bytes; whole halfwords */
    const uint8_t *bytes;
    bool executable;
    uint8_t *marks; /* one a halfword, enum mark; of executable ones */
};

enum mark { MARK_UNKNOWN, MARK_A32, MARK_T16, MARK_T32, MARK_INSIDE, MARK_DATA };

struct image {
    struct segment *segments;
    unsigned segment_count;
};

/* Known to be code (entries, calls); a function by its symbol; or only looking like one: ever stricter
 * trials. */
enum root_kind { ROOT_STRONG, ROOT_SYMBOL, ROOT_WEAK, ROOT_KINDS };

struct descent_stats {
    unsigned long roots[ROOT_KINDS], refused;
    unsigned long tables; /* of branches */
};
extern struct descent_stats descent_stats;

struct segment *descent_find_segment(const struct image *i, uint32_t address);
/* True if there is an instruction at the address, marked as such. */
bool descent_decode_at(const struct segment *s, uint32_t address, struct insn *out);

/* Bit 0 of the address is the Thumb state. */
void descent_root(uint32_t address, enum root_kind kind);
/* All that the roots lead to; then addresses in data and literals, and last what lies between known code. */
void descent_run(struct image *i, bool guess);

/* Mapping symbols: everything of this span is code of that state, or data. */
void descent_span(struct image *i, uint32_t address, uint32_t end, enum mark state);

#endif
