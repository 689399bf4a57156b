/*
 * What the verifier's tests share: a unit of words in the making, where it lies, and the verifier's answer.
 * And the sequences that give single words their power (design 2.1), as the translator makes them.
 */
#ifndef VERIFIER_MACHINE_H
#define VERIFIER_MACHINE_H

#include "unit.h"

#include "cache/verifier.h"
#include "host/armv7.h"
#include "host/stubs.h"
#include "host/window.h"

#define UDF              0xe7f000f0u
#define TRAP_LAST        (WINDOW_TRAP_END - 1u)
#define MVN_TRAP_LAST(o) (0xe3e00400u | (o) << 12 | (~TRAP_LAST >> 24)) /* mvn o, #~TRAP_LAST */
#define SPAN             (PAGE_SIZE + 8192u)
#define FIRST            (WINDOW_CACHE + PAGE_SIZE) /* first code word of all */

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK failed: %s\n", file, line, what);
    abort();
}

static uint64_t seed = 0x9e3779b97f4a7c15;
static inline uint32_t random_word(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

/* ---- A unit in the making ---- */

static uint32_t words[2100];
static struct verifier_unit unit = {.words = words};
static unsigned bad;

static inline void start_at(uint32_t where)
{
    unit.where = CCA(where);
    unit.literal_count = 0;
    unit.big_endian = false;
    unit.word_count = 2; /* so that what a test adds is not at the unit's edge */
    words[0] = words[1] = 0xe320f000;
}
static inline void start(void) { start_at(FIRST + 0x100); }
static inline unsigned add(uint32_t w) { return words[unit.word_count] = w, unit.word_count++; }
static inline unsigned add_branch(unsigned cond, unsigned to)
{
    return add(0x0a000000u | cond << 28 | ((to - unit.word_count - 2) & 0xffffff));
}
static inline void add_branch_to(unsigned cond, uint32_t to)
{
    add(0x0a000000u | cond << 28 | ((to - (unit.where.a + unit.word_count * 4) - 8) >> 2 & 0xffffff));
}
static inline bool accepted(void) { return verifier_check(&unit, &bad); }

static inline bool accepts_word(uint32_t w)
{
    start();
    add(w);
    add(UDF);
    return accepted();
}

#define EXPECT_REFUSED_AT(at)                                                                                \
    do {                                                                                                     \
        EXPECT(!accepted());                                                                                 \
        EXPECT_EQ(bad, at);                                                                                  \
    } while (0)

/* The sequences, o = r12, n = r1; all return the offset of the first word. */
static inline unsigned add_dacr_write(void)
{
    unsigned first = add(MVN_TRAP_LAST(12u));

    add(0xe7dcce21); /* ldrb r12, [r12, r1, lsr #28] */
    add(0xe381c201); /* orr r12, r1, #0x10000000 */
    add(0xee03cf10); /* mcr p15, 0, r12, c3, c0, 0 */
    return first;
}

static inline unsigned add_mode_write(uint32_t region, uint32_t back)
{
    unsigned first = add(0xe3e0c600 | (~(region >> 20) & 0xff)); /* mvn r12, #~region: 0xfnnfffff */

    add(0xe7d3c611);        /* bfi r12, r1, #12, #8 */
    add(0xe55cc000 | back); /* ldrb r12, [r12, #-back] */
    add(0xe121f00c);        /* msr cpsr_c, r12 */
    return first;
}

static inline unsigned add_return(uint32_t with)
{
    unsigned first = add(0xe14fc000); /* mrs r12, spsr */

    add(0xe20cc0df);
    add(0xe33c0010);
    add(0xee16cf50);
    add(0x1a000001); /* to the UDF after the return */
    add(0xe50f0000 | ((unit.where.a + unit.word_count * 4 + 8 - WINDOW_CACHE) % SPAN - PAGE_SIZE + 4));
    add(with);
    add(UDF);
    return first;
}

#endif
