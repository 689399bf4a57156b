/* How a guest's run ends. */
#ifndef END_H
#define END_H

#include "host/stop.h"

extern const struct stop_ends guest_ends;
_Noreturn void guest_power_off(void);
_Noreturn void guest_reset(void); /* its machine starts again: all of the board, for there is one guest */

#endif
