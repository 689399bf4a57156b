/* The guest's RAM (mmu/guest_memory.h). */
#include "mmu/guest_memory.h"

struct guest_memory guest_memory;
