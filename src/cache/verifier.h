/*
 * The verifier: nothing enters the code cache that it has not accepted (design 2.1, invariant 3).
 *
 * It has its own decoder and shares no code with the translator: after reading this folder's verifier.c
 * nothing else need be trusted for invariants 1-3. See there for the rules.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include "types.h"

struct verifier_unit {
    const uint32_t *words;  /* code words, then literal words */
    unsigned word_count;    /* code: executable */
    unsigned literal_count; /* data: never executed, reachable only by PC-relative loads */
    cca_t where;            /* address of words[0] */
    bool big_endian;        /* it runs with CPSR.E set, so its loads reverse the bytes of words */
};

/* No branch leaves the block but the one through the jump map (cache/jump.h). */

/* True if safe; else *bad_word is the offset of the first word that is not. */
bool verifier_check(const struct verifier_unit *u, unsigned *bad_word);

/*
 * The translator's records are not trusted either. About the unit that verifier_check() accepted last:
 * may the VMM resume at this word; may it aim this branch at another block, and back at this stub?
 */
bool verifier_may_enter(const struct verifier_unit *u, unsigned word);
bool verifier_may_link(const struct verifier_unit *u, unsigned branch, unsigned stub);

#endif
