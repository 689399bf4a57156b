/*
 * Words of a row: each field zero, all ones, one of the registers that are special, or random.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "decoder/decoder.h"

uint32_t sample_random(void);
void sample_seed(uint64_t seed);
uint32_t sample_row(const struct decoder_row *row);

/*
 * Corners of a row: each of its fields in turn has each value, if it has at most 32, else 0, 1, its largest
 * and the one below; the other fields are as in sample_row(). `n` is less than the count.
 */
unsigned sample_corner_count(const struct decoder_row *row);
uint32_t sample_corner(const struct decoder_row *row, unsigned n);

#endif
