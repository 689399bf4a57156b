/* The guest's DACR, which translated code may write itself (design 3.3, 3.9). */
#ifndef DACR_H
#define DACR_H

#include "run/frame.h"

#define DACR_MANAGERS 0xaaaaaaaau /* a bit of each domain's field that Client and No access lack */

/* Such a value was written: do its accesses go inline from now on? */
void dacr_consider(uint32_t value);
void dacr_set(uint32_t real); /* translated code has written this one, without Manager */
/* Translated code may have written the real DACR. True: what it reads is wrong now. */
bool dacr_note(struct frame *f);
/* Drops translations in domains that were accessible and are not. */
void dacr_revalidate(uint32_t before, uint32_t now);

#endif
