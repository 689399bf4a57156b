/* PSCI 0.2 (DEN 0022), 32-bit calls: power, for guests that ask by SMC. */
#include "emul/callout.h"

void psci_call(struct vcpu *v)
{
    enum {
        VERSION = 0x84000000u,
        CPU_SUSPEND,
        CPU_OFF,
        CPU_ON,
        AFFINITY_INFO,
        MIGRATE,
        MIGRATE_INFO_TYPE,
        MIGRATE_INFO_UP_CPU,
        SYSTEM_OFF,
        SYSTEM_RESET
    };
    const uint32_t not_supported = (uint32_t)-1, invalid_parameters = (uint32_t)-2, already_on = (uint32_t)-4;

    switch (v->r[0]) {
    case VERSION: v->r[0] = 0x00000002; break;
    case CPU_SUSPEND: /* standby: like WFI */
        vcpu_up->wait_for_interrupt();
        v->r[0] = 0;
        break;
    case CPU_ON: v->r[0] = v->r[1] & 0xffffff ? invalid_parameters : already_on; break;
    case AFFINITY_INFO: v->r[0] = v->r[1] & 0xffffff ? invalid_parameters : 0; break;
    case MIGRATE_INFO_TYPE:
        v->r[0] = 2; /* no Trusted OS to migrate */
        break;
    case CPU_OFF: /* the only CPU: nothing will ever wake it */
    case SYSTEM_OFF: vcpu_up->power_off();
    case SYSTEM_RESET: vcpu_up->reset();
    default: v->r[0] = not_supported; break;
    }
}
