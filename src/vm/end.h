/* How a guest's run ends. */
#ifndef END_H
#define END_H

#include "host/stop.h"
#include "types.h"

extern const struct stop_ends guest_ends;
void guest_hear(uint8_t byte); /* on the VMM's console: IMAGE_END */
_Noreturn void guest_power_off(void);
_Noreturn void guest_reset(void); /* its machine starts again: all of the board, for there is one guest */

#endif
