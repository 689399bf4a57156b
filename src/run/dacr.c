/* The guest's DACR: translated code writes it, or callouts do (run/dacr.h). */
#include "run/dacr.h"

#include "cache/cache.h"
#include "dbt/dbt.h"
#include "host/window.h"
#include "run/guest_mmu.h"

#define DACR_PLAIN_WRITES                                                                                    \
    16u /* so many without domains 14, 15 or Manager before the DACR goes inline again */

static struct {
    unsigned plain_writes, patience;
} dacr = {.patience = DACR_PLAIN_WRITES};

/* A domain that became No access may hold code; one that was may have had faults, which are never kept. */
void dacr_revalidate(uint32_t before, uint32_t now)
{
    for (unsigned d = 0; d < 32; d += 2)
        if ((before >> d & 1) && !(now >> d & 1)) {
            cache_revalidate(guest_mapped, false);
            return;
        }
}

/*
 * Inline DACR accesses are back after many plain writes, or gone after one that is not: the templates change.
 * A guest that goes back and forth is left with callouts for longer each time.
 */
void dacr_consider(uint32_t value)
{
    bool plain = !(value & (DACR_WINDOW_MASK | DACR_MANAGERS));

    dacr.plain_writes = plain ? dacr.plain_writes + 1 : 0;
    if (dbt_dacr_inline ? plain : dacr.plain_writes < dacr.patience)
        return;
    dbt_dacr_inline = plain;
    if (!plain && dacr.patience < DACR_PLAIN_WRITES << 8)
        dacr.patience *= 2;
    cache_forget_dacr();
}

void dacr_set(uint32_t value)
{
    guest_mmu.real.dacr = value;
    vcpu.mmu.dacr = guest_mmu.known.dacr = value & ~DACR_WINDOW_MASK;
}

bool dacr_note(struct frame *f)
{
    if (f->dacr == guest_mmu.real.dacr)
        return false;
    dacr_set(f->dacr);
    if (vcpu.mmu.dacr & DACR_MANAGERS) { /* Manager, written inline: the tables must be told, and real reads
                                          are not the guest's */
        dacr_consider(vcpu.mmu.dacr);
        guest_mmu_changed(&vcpu);
        return true;
    }
    return false;
}
