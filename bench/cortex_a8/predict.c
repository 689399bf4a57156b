#include "predict.h"

#include <stdlib.h>
#include <string.h>

void predictor_make(struct a8_predictor *p, const struct a8_model *m)
{
    *p = (struct a8_predictor){.sets = m->p[A8_btb_entries] / 2,
                               .counters = m->p[A8_history_entries],
                               .bits = m->p[A8_history_bits],
                               .depth = m->p[A8_return_stack]};
    p->targets = calloc(2 * p->sets, sizeof *p->targets);
    p->history = malloc(p->counters);
    memset(p->history, 1, p->counters); /* weakly not taken */
}

void predictor_free(struct a8_predictor *p)
{
    free(p->targets);
    free(p->history);
}

static struct a8_target *target_find(struct a8_predictor *p, uint32_t from)
{
    struct a8_target *set = &p->targets[2 * ((from >> 2) % p->sets)];

    for (int way = 0; way < 2; way++)
        if (set[way].valid && set[way].from == from)
            return &set[way];
    return NULL;
}

static void target_learn(struct a8_predictor *p, uint32_t from, uint32_t to, uint8_t branch)
{
    struct a8_target *t = target_find(p, from), *set = &p->targets[2 * ((from >> 2) % p->sets)];

    if (!t)
        t = !set[0].valid ? &set[0] : !set[1].valid ? &set[1] : &set[p->victim++ & 1];
    *t = (struct a8_target){from, to, branch, 1};
}

/* By the last branches and the address's lowest bits. */
static uint8_t *counter_of(struct a8_predictor *p, uint32_t from)
{
    return &p->history[(p->recent << 2 ^ from >> 2) % p->counters];
}

static void history_learn(struct a8_predictor *p, uint8_t *counter, bool taken)
{
    if (taken)
        *counter += *counter < 3;
    else
        *counter -= *counter > 0;
    p->recent = (p->recent << 1 | taken) & ((1u << p->bits) - 1);
}

static void stack_push(struct a8_predictor *p, uint32_t address)
{
    if (!p->depth)
        return;
    p->top = (p->top + 1) % p->depth;
    p->stack[p->top] = address;
    p->held += p->held < p->depth;
}

/* 1: no address is in instruction memory there. */
static uint32_t stack_pop(struct a8_predictor *p)
{
    uint32_t address = p->held ? p->stack[p->top] : 1;

    if (p->held) {
        p->top = (p->top + p->depth - 1) % p->depth;
        p->held--;
    }
    return address;
}

/* A branch that the buffer does not know goes on as one not taken; so does one that its history says is not.
 */
bool predictor_branch(struct a8_predictor *p, uint32_t from, const struct a8_op *op, bool conditional,
                      bool taken, uint32_t next)
{
    struct a8_target *known = target_find(p, from);
    uint8_t *counter = conditional ? counter_of(p, from) : NULL;
    bool foreseen_taken = known && (!counter || *counter >= 2);
    uint32_t foreseen = known ? known->to : 0;

    if (op->branch == BRANCH_RETURN && taken) {
        uint32_t top = stack_pop(p);

        if (known)
            foreseen = top;
    }
    if (op->branch == BRANCH_CALL && taken)
        stack_push(p, from + op->size);
    if (counter)
        history_learn(p, counter, taken);
    if (taken)
        target_learn(p, from, next, op->branch);
    return foreseen_taken == taken && (!taken || foreseen == next);
}
