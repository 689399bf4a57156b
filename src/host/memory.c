/* Where the VMM was loaded (host/memory.h). */
#include "host/memory.h"

#include "host/owner.h"

uint32_t memory_offset HOST_BSS;
