/*
 * What all PrimeCells have in common: eight identification bytes, one a word, at 0xfe0.
 */
#ifndef PRIMECELL_H
#define PRIMECELL_H

#include "types.h"

#define PRIMECELL_ID_OFFSET 0xfe0u
#define PRIMECELL_LAST_ID                                                                                    \
    0xffcu /* in some of the yardstick's models nothing is in this word's other bytes                        \
            */
#define PRIMECELL_CELL_ID 0xb105f00du

/* `peripheral_id` packs PeriphID3..0, as the manuals do; PCellID is the same in all. */
static inline uint32_t primecell_id(uint32_t peripheral_id, uint32_t offset)
{
    unsigned shift = (offset - PRIMECELL_ID_OFFSET) / 4 % 4 * 8;

    return (offset < PRIMECELL_ID_OFFSET + 16 ? peripheral_id : PRIMECELL_CELL_ID) >> shift & 0xff;
}

#endif
