/* Guest memory as the real MMU has it (light.h). */
#include "host/arm.h"
#include "host/window.h"
#include "run/light/light.h"

/*
 * The real MMU translates by what the guest's DACR allows. The window, where that is the VMM's, is not the
 * guest's; nor is all real memory. Entries of 16 MB (PAR.SS) are none of the shadow tables'.
 */
const void *light_memory(const struct frame *f, uint32_t va, uint32_t size, bool user)
{
    uint32_t par, offset;

    if ((va & PAGE_MASK) + size > PAGE_SIZE || window_holds(va))
        return NULL;
    arm_write_dacr(f->dacr | DACR_VMM_BITS);
    arm_isb();
    if (user)
        arm_write_ats1cur(va);
    else
        arm_write_ats1cpr(va);
    arm_isb();
    par = arm_read_par();
    arm_write_dacr(DACR_VMM_BITS);
    arm_isb();
    offset = (par & ~PAGE_MASK) - guest_memory.host.a;
    return par & 3 || offset >= guest_memory.size ? NULL : guest_memory.linear + offset + (va & PAGE_MASK);
}
