/*
 * The performance monitor (C12): a cycle counter at one count a nanosecond, as QEMU's, and four event
 * counters that know software increments. On the yardstick none counts (pmu_counts).
 */
#include "board/board.h"
#include "emul/cp15.h"

#define PMCR_E          1u
#define PMCR_P          2u
#define PMCR_C          4u
#define PMCR_D          8u /* every 64th cycle */
#define PMCR_WRITABLE   0xf9u
#define COUNTERS        4
#define CYCLE           (1u << 31)
#define COUNTER_MASK    (CYCLE | ((1u << COUNTERS) - 1))
#define EVTYPER_MASK    0xfe00ffff
#define CCFILTR_MASK    0xfc000000
#define CCFILTR_VISIBLE 0xf8000000

bool pmu_counts;

static bool counting(const struct vcpu *v, uint32_t counter)
{
    return pmu_counts && v->cp15.other[OTHER_PMCR] & PMCR_E && v->cp15.other[OTHER_PMCNTEN] & counter;
}

/* Bring the cycle counter up to now; before whatever looks at it or changes how it runs. */
static void settle(struct vcpu *v)
{
    uint32_t *o = v->cp15.other;
    uint64_t now = pmu_counts ? board_now_ns() : 0;
    uint64_t since = o[OTHER_CCNT_SINCE] | (uint64_t)o[OTHER_CCNT_SINCE + 1] << 32;
    uint64_t counts = counting(v, CYCLE) ? (now - since) >> (o[OTHER_PMCR] & PMCR_D ? 6 : 0) : 0;

    if (o[OTHER_PMCR] & PMCR_D && counting(v, CYCLE))
        now = since + (counts << 6);
    if ((counts + o[OTHER_CCNT]) >> 32)
        o[OTHER_PMOVSR] |= CYCLE;
    o[OTHER_CCNT] += counts;
    o[OTHER_CCNT_SINCE] = now;
    o[OTHER_CCNT_SINCE + 1] = now >> 32;
}

void pmu_pmcr(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    uint32_t *o = v->cp15.other;

    (void)arg;
    if (!write) {
        *value = o[OTHER_PMCR];
        return;
    }
    settle(v);
    if (*value & PMCR_C)
        o[OTHER_CCNT] = 0;
    if (*value & PMCR_P)
        for (unsigned i = 0; i < COUNTERS; i++)
            o[OTHER_PMEVCNTR + i] = 0;
    o[OTHER_PMCR] = (o[OTHER_PMCR] & ~PMCR_WRITABLE) | (*value & PMCR_WRITABLE);
}

/* A pair of set and clear registers that show the same bits. */
static void set_or_clear(uint32_t *bits, bool clear, bool write, uint32_t *value)
{
    if (!write)
        *value = *bits;
    else if (clear)
        *bits &= ~*value;
    else
        *bits |= *value & COUNTER_MASK;
}

void pmu_enable(struct vcpu *v, uint32_t clear, bool write, uint32_t *value)
{
    settle(v);
    set_or_clear(&v->cp15.other[OTHER_PMCNTEN], clear, write, value);
}

void pmu_int_enable(struct vcpu *v, uint32_t clear, bool write, uint32_t *value)
{
    set_or_clear(&v->cp15.other[OTHER_PMINTEN], clear, write, value);
}

void pmu_overflow(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    (void)arg;
    settle(v);
    set_or_clear(&v->cp15.other[OTHER_PMOVSR], true, write, value);
}

void pmu_swinc(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    uint32_t *o = v->cp15.other;

    (void)arg, (void)write;
    for (unsigned i = 0; i < COUNTERS; i++) {
        bool software = (o[OTHER_PMEVTYPER + i] & 0xff) == 0;

        if (*value >> i & 1 && counting(v, 1u << i) && software && ++o[OTHER_PMEVCNTR + i] == 0)
            o[OTHER_PMOVSR] |= 1u << i;
    }
}

void pmu_ccnt(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)
{
    (void)arg;
    settle(v);
    if (write)
        v->cp15.other[OTHER_CCNT] = *value;
    else
        *value = v->cp15.other[OTHER_CCNT];
}

void pmu_event_type(struct vcpu *v, uint32_t which, bool write, uint32_t *value)
{
    uint32_t *o = v->cp15.other, mask = which == PMU_CCFILTR ? CCFILTR_VISIBLE : CCFILTR_MASK;
    unsigned n = which == PMU_SELECTED ? o[OTHER_PMSELR] : which;

    if (n == PMU_CCFILTR) {
        if (write)
            o[OTHER_PMCCFILTR] = (o[OTHER_PMCCFILTR] & ~mask) | (*value & mask);
        else
            *value = o[OTHER_PMCCFILTR] & mask;
    } else if (n < COUNTERS) {
        if (write)
            o[OTHER_PMEVTYPER + n] = *value & EVTYPER_MASK;
        else
            *value = o[OTHER_PMEVTYPER + n];
    }
}

void pmu_event_count(struct vcpu *v, uint32_t which, bool write, uint32_t *value)
{
    uint32_t *o = v->cp15.other;
    unsigned n = which == PMU_SELECTED ? o[OTHER_PMSELR] : which;

    if (n >= COUNTERS)
        return; /* reads as zero */
    if (write)
        o[OTHER_PMEVCNTR + n] = *value;
    else
        *value = o[OTHER_PMEVCNTR + n];
}
