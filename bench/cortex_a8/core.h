/*
 * A Cortex-A8: takes the instructions that were executed, one after another, with what they accessed, and
 * says in which cycle each would have issued. In order, two a cycle where the manual allows it (DDI 0344K
 * chapter 16).
 *
 * Each cycle has a cause, and belongs to the owner that its instruction was given by the caller.
 */
#ifndef CORE_H
#define CORE_H

#include "memory.h"
#include "predict.h"
#include "timing.h"

/* issue: the instructions themselves, what they wait for from each other, and fetching without a miss. */
#define A8_CAUSES(X) X(issue) X(mispredict) X(fetch) X(data) X(tlb) X(system) X(exception)
/* clang-format off */
#define A8_EVENTS(X)                                                                                         \
    X(instructions)                                                                                          \
    X(pairs)                                                                                                 \
    X(branches)                                                                                              \
    X(mispredict_direct)                                                                                     \
    X(mispredict_call)                                                                                       \
    X(mispredict_indirect)                                                                                   \
    X(mispredict_return)                                                                                     \
    X(l1i_miss)                                                                                              \
    X(l1d_miss)                                                                                              \
    X(l2_miss)                                                                                               \
    X(itlb_miss)                                                                                             \
    X(dtlb_miss)                                                                                             \
    X(exceptions)                                                                                            \
    X(cp15_reads) X(cp15_writes) X(tlb_ops) X(cache_ops) X(isbs) X(dsbs) X(dmbs) X(psr_reads) X(psr_writes)  \
    X(spills) X(devices) X(unaligned) X(store_stalls)
/* clang-format on */
enum a8_cause {
#define X(name) CAUSE_##name,
    A8_CAUSES(X)
#undef X
        CAUSES
};
enum a8_event {
#define X(name) EVENT_##name,
    A8_EVENTS(X)
#undef X
        EVENTS
};

enum { PLACES_MAX = 8, OWNERS_MAX = 8, ACCESSES_MAX = 40, QUEUE_MAX = 32 };

struct a8_access {
    uint32_t va;
    uint64_t pa;
    uint8_t size, place; /* place: of the caller's kinds */
    bool store, device;
    struct a8_page page;
};

struct a8_step {
    const struct a8_op *op;
    uint32_t pc, next; /* next: of the instruction that was executed after it */
    uint64_t pa;       /* of pc */
    struct a8_page page;
    uint8_t owner;
    bool exception; /* next is a vector: it was interrupted, or raised an exception */
    unsigned accesses;
    struct a8_access access[ACCESSES_MAX];
};

struct a8_core {
    struct a8_model m;
    struct a8_predictor predictor;
    struct a8_memory memory;
    uint64_t cycle; /* the last issue was in; `slots` of it are taken */
    unsigned slots;
    struct {
        uint8_t units, vector;
        uint16_t writes;
    } last;                     /* of what issued last */
    uint64_t front;             /* when the next instruction is there to be issued */
    uint64_t owed[CAUSES];      /* why `front` is as late as it is */
    bool owes;                  /* any of it */
    uint64_t issued[QUEUE_MAX]; /* of the last instructions */
    unsigned issue_at;
    uint32_t fetched_block, fetched_line;
    uint64_t ready[16], flags_ready;
    uint64_t vector_cycle, vector_ready[32];
    unsigned it_left;
    uint64_t tlb_misses[PLACES_MAX]; /* of data, by place */
    uint64_t count[OWNERS_MAX][CAUSES], events[OWNERS_MAX][EVENTS];
};

void core_make(struct a8_core *c, const struct a8_model *m);
void core_free(struct a8_core *c);
void core_step(struct a8_core *c, const struct a8_step *s);

#endif
