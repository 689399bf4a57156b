/* What stands behind the rows of cp15_rows.c in the VMM. Here only the rows' names and access rights are
 * wanted. */
#include "emul/cp15.h"

#define UNUSED(handler)                                                                                      \
    void handler(struct vcpu *v, uint32_t arg, bool write, uint32_t *value)                                  \
    {                                                                                                        \
        (void)v, (void)arg, (void)write, (void)value;                                                        \
        CHECK(!"classifying executes nothing");                                                              \
    }

UNUSED(cp15_mmu_wrote)
UNUSED(cp15_cpacr_wrote)
UNUSED(cp15_isr)
UNUSED(cp15_tlb)
UNUSED(cp15_icache)
UNUSED(cp15_dcache)
UNUSED(cp15_translate)
UNUSED(cp15_oslar)
UNUSED(pmu_pmcr)
UNUSED(pmu_enable)
UNUSED(pmu_int_enable)
UNUSED(pmu_overflow)
UNUSED(pmu_swinc)
UNUSED(pmu_ccnt)
UNUSED(pmu_event_type)
UNUSED(pmu_event_count)
