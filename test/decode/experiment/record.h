/*
 * What the host program and the bare-metal one exchange, little-endian, one record a word.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdint.h>

enum record_state { RECORD_A32, RECORD_T16, RECORD_T32 };

struct record {
    uint32_t word;
    uint16_t reads;     /* registers that both runs give the same value */
    uint16_t offsets;   /* registers that hold a small number, not an address */
    uint8_t state;      /* enum record_state */
    uint8_t flags_read; /* NZCV that both runs have the same */
    uint16_t zero;
};

enum outcome { OUTCOME_RUN, OUTCOME_UNDEFINED, OUTCOME_FETCH_ABORT, OUTCOME_DATA_ABORT, OUTCOME_OTHER };

/* The word was run twice; registers and flags that are not read had other values the second time. */
struct outcomes {
    uint8_t first, second;                               /* enum outcome */
    uint8_t flags_changed, flags_mixed, flags_different; /* as below */
    uint8_t memory_different;
    uint16_t changed; /* registers with another value afterwards than before, in either run */
    uint16_t mixed; /* neither left alone in both runs nor the same after both: more was read than is said */
    uint16_t different; /* not the same after both runs */
};

#endif
