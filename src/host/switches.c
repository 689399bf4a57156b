/* The techniques that are off (host/switches.h). */
#include "host/switches.h"

unsigned vmm_switched_off;
