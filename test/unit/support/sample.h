/*
 * Words of a row: each field zero, all ones, one of the registers that are special, or random.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "decoder/decoder.h"

uint32_t sample_random(void);
void sample_seed(uint64_t seed);
uint32_t sample_row(const struct decoder_row *row);

#endif
