/* A guest: made from the configuration, and what its parts ask of one another. */
#ifndef GUEST_H
#define GUEST_H

#include "vm/image.h"

/* All of the VMM that is about this guest, ready for its first instruction. Stops with a line if that cannot
 * be. */
void guest_make(const struct image_config *c);

#endif
