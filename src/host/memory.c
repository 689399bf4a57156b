/* Where the VMM was loaded (host/memory.h). */
#include "host/memory.h"

uint32_t memory_offset;
