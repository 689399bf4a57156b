/*
 * Codec LM4549, behind the PL041: its registers, and how long samples take to sound. Nothing is heard.
 */
#ifndef LM4549_H
#define LM4549_H

#include "types.h"

void lm4549_reset(void);
uint16_t lm4549_read(unsigned index); /* index: 0..127 */
void lm4549_write(unsigned index, uint16_t value);
unsigned lm4549_take_samples(unsigned count); /* how many of them there was room for, a multiple of two */
void lm4549_expire(void);

#endif
