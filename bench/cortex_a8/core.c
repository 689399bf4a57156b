#include "core.h"

#include <string.h>

void core_make(struct a8_core *c, const struct a8_model *m)
{
    memset(c, 0, sizeof *c);
    c->m = *m;
    c->slots = 2;
    c->fetched_block = c->fetched_line = ~0u;
    predictor_make(&c->predictor, &c->m);
    memory_make(&c->memory, &c->m);
}

void core_free(struct a8_core *c)
{
    predictor_free(&c->predictor);
    memory_free(&c->memory);
}

static uint64_t later(uint64_t a, uint64_t b) { return a > b ? a : b; }

static void event(struct a8_core *c, const struct a8_step *s, enum a8_event e) { c->events[s->owner][e]++; }

/* ---- fetching ---- */

static void front_delay(struct a8_core *c, uint64_t until, enum a8_cause cause)
{
    if (until > c->front) {
        c->owed[cause] += until - c->front;
        c->owes = true;
        c->front = until;
    }
}

/* 8 bytes a cycle into a queue (DDI 0344K 1.3.1), which cannot run further ahead than it has room. */
static void fetch(struct a8_core *c, const struct a8_step *s)
{
    struct a8_wait w;
    uint64_t oldest = c->issued[(c->issue_at + QUEUE_MAX - c->m.p[A8_queue]) % QUEUE_MAX];

    if (s->pc >> 3 == c->fetched_block)
        return;
    if (oldest > c->front)
        c->front = oldest;
    front_delay(c, c->front + 1, CAUSE_issue);
    c->fetched_block = s->pc >> 3;
    if (s->pc >> 6 == c->fetched_line)
        return;
    c->fetched_line = s->pc >> 6;
    w = memory_fetch(&c->memory, c->front, s->pc, s->pa, &s->page);
    front_delay(c, c->front + w.tlb, CAUSE_tlb);
    front_delay(c, c->front + w.data, CAUSE_fetch);
    c->events[s->owner][EVENT_itlb_miss] += w.tlb_miss;
    c->events[s->owner][EVENT_l1i_miss] += w.l1_miss;
    c->events[s->owner][EVENT_l2_miss] += w.l2_miss;
}

static void refetch(struct a8_core *c, uint64_t from, enum a8_cause cause)
{
    front_delay(c, from, cause);
    c->fetched_block = c->fetched_line = ~0u;
    c->front--; /* its first 8 bytes come in that cycle, not in the next */
}

/* ---- issue ---- */

static uint64_t source_ready(uint64_t ready, unsigned stage) { return ready > stage ? ready - stage : 0; }

/* The first cycle in which all sources are there at the stages that need them. */
static uint64_t operands_ready(const struct a8_core *c, const struct a8_op *op)
{
    uint64_t at = 0;

    for (unsigned i = 0; i < op->needs; i++)
        at = later(at, source_ready(c->ready[op->need[i].r], op->need[i].stage));
    if (op->flags_need)
        at = later(at, source_ready(c->flags_ready, op->flags_need));
    return at;
}

/* DDI 0344K 16.3: may it issue beside what has issued in this cycle? */
static bool pairs(const struct a8_core *c, const struct a8_op *op)
{
    if (c->slots != 1 || op->serial || op->cycles > 1)
        return false;
    if (op->units & A8_MULTIPLY) /* pipeline 0 is taken */
        return false;
    if (op->units & c->last.units) /* one load or store, one branch */
        return false;
    if (op->vector && c->last.vector)
        return false;
    return !(op->writes & c->last.writes); /* not the same register in one cycle */
}

static uint64_t issue_cycle(const struct a8_core *c, const struct a8_op *op, uint64_t at)
{
    if (at <= c->cycle)
        return pairs(c, op) ? c->cycle : c->cycle + 1;
    return at;
}

/* The cycles from the last issue to this one: what of them was for `front` being late goes to its causes. */
static void account(struct a8_core *c, const struct a8_step *s, uint64_t without, uint64_t at)
{
    uint64_t *count = c->count[s->owner];
    uint64_t late = at - without;

    count[CAUSE_issue] += without - c->cycle;
    if (!c->owes)
        return;
    c->owes = false;
    for (int cause = CAUSES - 1; cause >= 0; cause--) {
        uint64_t part = c->owed[cause] < late ? c->owed[cause] : late;

        count[cause] += part;
        late -= part;
        c->owed[cause] = 0;
    }
    count[CAUSE_issue] += late;
}

static void stall(struct a8_core *c, const struct a8_step *s, uint64_t cycles, enum a8_cause cause)
{
    c->count[s->owner][cause] += cycles;
    c->cycle += cycles;
    if (cycles)
        c->slots = 2;
}

static void results(struct a8_core *c, const struct a8_op *op, uint64_t at, uint64_t replayed)
{
    for (unsigned i = 0; i < op->results; i++)
        c->ready[op->result[i].r] = at + op->result[i].stage + 1 + replayed;
    if (op->flags_ready)
        c->flags_ready = at + op->flags_ready + 1;
}

/* What drains the pipeline: it waits for all before it, and nothing is issued until it is done. */
static uint64_t serial_cost(const struct a8_core *c, const struct a8_op *op)
{
    static const uint8_t costs[] = {
        [SERIAL_CP15_READ] = A8_cp15_read,
        [SERIAL_CP15_WRITE] = A8_cp15_write,
        [SERIAL_TLB] = A8_tlb_op,
        [SERIAL_CACHE] = A8_cache_op,
        [SERIAL_ISB] = A8_isb,
        [SERIAL_DSB] = A8_dsb,
        [SERIAL_DMB] = A8_dmb,
        [SERIAL_PSR_READ] = A8_psr_read,
        [SERIAL_PSR_WRITE] = A8_psr_write,
        [SERIAL_SPILL] = A8_spill,
    };
    uint64_t drained = memory_drained(&c->memory), cost = c->m.p[costs[op->serial]];

    if (op->serial == SERIAL_DSB && drained > c->cycle + cost)
        return drained - c->cycle;
    return cost;
}

static void serialize(struct a8_core *c, const struct a8_step *s)
{
    const struct a8_op *op = s->op;
    uint64_t cost = serial_cost(c, op);

    event(c, s, EVENT_cp15_reads + op->serial - SERIAL_CP15_READ); /* in one order */
    stall(c, s, cost ? cost - 1 : 0, CAUSE_system);
    c->slots = 2;
    for (int r = 0; r < 15; r++)
        if (op->writes >> r & 1)
            c->ready[r] = c->cycle;
    if (op->tlb_all)
        memory_tlb_clear(&c->memory, true);
}

/* ---- data ---- */

/* A vector load that misses waits in the NEON unit; the core goes on. */
static uint64_t access_wait(struct a8_core *c, const struct a8_step *s, const struct a8_access *a)
{
    const struct a8_op *op = s->op;
    uint32_t crossing = a->store ? 7 : 15;
    struct a8_wait w;

    if (a->device) {
        event(c, s, EVENT_devices);
        stall(c, s, c->m.p[A8_device], CAUSE_data);
        return c->m.p[A8_device];
    }
    w = a->store ? memory_store(&c->memory, c->cycle, a->va, a->pa, &a->page)
                 : memory_load(&c->memory, c->cycle, a->va, a->pa, &a->page);
    c->events[s->owner][EVENT_dtlb_miss] += w.tlb_miss;
    c->tlb_misses[a->place] += w.tlb_miss;
    c->events[s->owner][EVENT_store_stalls] += a->store && w.data;
    c->events[s->owner][EVENT_l1d_miss] += w.l1_miss && !a->store;
    c->events[s->owner][EVENT_l2_miss] += w.l2_miss && !a->store;
    if (a->va & (a->size - 1u) && ((a->va & crossing) + a->size) > crossing + 1) {
        event(c, s, EVENT_unaligned);
        w.data += c->m.p[A8_unaligned];
    }
    stall(c, s, w.tlb, CAUSE_tlb);
    if (op->vector == VECTOR_MEMORY && !a->store) {
        c->vector_cycle = later(c->vector_cycle, c->cycle) + w.data;
        return w.tlb;
    }
    stall(c, s, w.data, CAUSE_data);
    return w.tlb + w.data;
}

static uint64_t data(struct a8_core *c, const struct a8_step *s)
{
    uint64_t wait = 0;

    for (unsigned i = 0; i < s->accesses; i++)
        wait += access_wait(c, s, &s->access[i]);
    return wait;
}

/* ---- the NEON unit ---- */

/* It takes instructions from a queue behind the core's pipeline; what it gives to the core comes late
 * (16.5.2). */
static void vector(struct a8_core *c, const struct a8_step *s)
{
    const struct a8_op *op = s->op;
    uint64_t at = later(c->vector_cycle, c->cycle);

    for (uint32_t left = op->vector_need; left; left &= left - 1)
        at = later(at, c->vector_ready[__builtin_ctz(left)]);
    for (uint32_t left = op->vector_ready; left; left &= left - 1)
        c->vector_ready[__builtin_ctz(left)] = at + op->latency;
    c->vector_cycle = at + op->occupancy;
    if (op->vector == VECTOR_TO_CORE)
        stall(c, s, at + c->m.p[A8_vector_to_core] - c->cycle, CAUSE_issue);
    else if (c->vector_cycle > c->cycle + c->m.p[A8_vector_queue])
        stall(c, s, c->vector_cycle - c->cycle - c->m.p[A8_vector_queue], CAUSE_issue);
}

/* ---- control flow ---- */

static void mispredicted(struct a8_core *c, const struct a8_step *s)
{
    static const uint8_t events[] = {
        [BRANCH_DIRECT] = EVENT_mispredict_direct,
        [BRANCH_CALL] = EVENT_mispredict_call,
        [BRANCH_INDIRECT] = EVENT_mispredict_indirect,
        [BRANCH_RETURN] = EVENT_mispredict_return,
    };

    event(c, s, events[s->op->branch]);
    refetch(c, c->cycle + c->m.p[A8_mispredict], CAUSE_mispredict);
}

static void branch(struct a8_core *c, const struct a8_step *s)
{
    bool taken = s->next != s->pc + s->op->size;
    bool conditional = s->op->conditional || c->it_left;

    if (s->op->branch == BRANCH_UNPREDICTED) {
        if (taken)
            refetch(c, c->cycle + c->m.p[A8_exception_return], CAUSE_exception);
        return;
    }
    event(c, s, EVENT_branches);
    if (!predictor_branch(&c->predictor, s->pc, s->op, conditional, taken, s->next) &&
        !(s->op->jump_map && c->m.p[A8_map_predicted]))
        mispredicted(c, s);
    else if (taken) {
        front_delay(c, c->front + c->m.p[A8_taken_bubble], CAUSE_issue);
        c->fetched_block = ~0u;
    }
}

static void control(struct a8_core *c, const struct a8_step *s)
{
    if (s->exception) {
        event(c, s, EVENT_exceptions);
        refetch(c, c->cycle + c->m.p[A8_exception_entry], CAUSE_exception);
    } else if (s->op->branch != BRANCH_NONE) {
        branch(c, s);
    } else if (s->op->serial == SERIAL_ISB) {
        c->fetched_block = c->fetched_line = ~0u;
    }
}

void core_step(struct a8_core *c, const struct a8_step *s)
{
    const struct a8_op *op = s->op;
    uint64_t ready = operands_ready(c, op), without, at, replayed;

    fetch(c, s);
    without = issue_cycle(c, op, ready);
    at = issue_cycle(c, op, later(ready, c->front));
    account(c, s, without, at);
    event(c, s, EVENT_instructions);
    c->events[s->owner][EVENT_pairs] += at == c->cycle;
    c->slots = at == c->cycle ? 2 : 1;
    c->cycle = at + op->cycles - 1u;
    c->count[s->owner][CAUSE_issue] += op->cycles - 1u;
    c->last.units = op->units;
    c->last.vector = op->vector;
    c->last.writes = op->writes;
    c->issued[c->issue_at++ % QUEUE_MAX] = at;
    replayed = data(c, s);
    results(c, op, at, replayed);
    if (op->serial)
        serialize(c, s);
    if (op->vector)
        vector(c, s);
    control(c, s);
    c->it_left -= c->it_left > 0;
    if (op->it)
        c->it_left = op->it;
}
