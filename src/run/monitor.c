/*
 * The real local monitor for exclusives that are emulated (A3.4.1): set for the guest's own address, so that
 * its STREX there is attempted, aborts, and is emulated in turn. For that the VMM has a page there for a
 * moment.
 */
#include "run/run.h"

#include "emul/real.h"
#include "host/window_tables.h"

/* Where the VMM is: memory that it has anyway. Its devices are away for that moment as the guest's are. */
static bool is_own(gva_t va) { return va.a - WINDOW_VMM < WINDOW_DEVICES - WINDOW_VMM; }

static unsigned size_log2(unsigned size) { return (unsigned)__builtin_ctz(size); }

void monitor_set(gva_t va, unsigned size)
{
    if (!is_own(va))
        window_lend(va.a, true);
    real_load_exclusive(size_log2(size), va.a);
    if (!is_own(va))
        window_lend(va.a, false);
}

bool monitor_clear(gva_t va, unsigned size)
{
    bool was;

    if (!is_own(va))
        window_lend(va.a, true);
    was = real_store_exclusive(size_log2(size), va.a);
    if (!is_own(va))
        window_lend(va.a, false);
    return was;
}
