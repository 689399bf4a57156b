/* The VMM's own memory: where it is physically. */
#ifndef HOST_MEMORY_H
#define HOST_MEMORY_H

#include "types.h"

extern uint32_t memory_offset; /* physical - virtual, as start.S found it */

static inline hpa_t memory_physical(const void *p) { return HPA((uint32_t)(uintptr_t)p + memory_offset); }
static inline void *memory_virtual(hpa_t a) { return (void *)(uintptr_t)(a.a - memory_offset); }

#endif
