/* What the run loop needs of the host board's drivers. */
#ifndef HOST_H
#define HOST_H

#include "types.h"

void host_irq_serve(void); /* acknowledge and serve everything pending, without waiting */
void host_timer_program(
    uint64_t deadline); /* next host interrupt at that time at the latest (ns; UINT64_MAX: none needed) */
void host_wait(void);   /* WFI until any host interrupt is pending */
void host_set_timeout(uint64_t ns); /* guest_stopped() with STATUS_TIMEOUT then; 0: never */

#endif
