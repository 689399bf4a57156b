/* Program flow prediction (DDI 0344K chapter 5): branch target buffer, global history, return stack. */
#ifndef PREDICT_H
#define PREDICT_H

#include "parameters.h"
#include "timing.h"

struct a8_target {
    uint32_t from, to;
    uint8_t branch, valid;
};

struct a8_predictor {
    struct a8_target *targets; /* two ways */
    uint8_t *history;          /* two-bit counters */
    uint32_t sets, counters, bits, recent, victim;
    uint32_t stack[64];
    unsigned depth, top, held;
};

void predictor_make(struct a8_predictor *p, const struct a8_model *m);
void predictor_free(struct a8_predictor *p);

/* The branch at `from` goes on at `next`. Was that foreseen? Learns from it. */
bool predictor_branch(struct a8_predictor *p, uint32_t from, const struct a8_op *op, bool conditional,
                      bool taken, uint32_t next);

#endif
