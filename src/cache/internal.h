/* Between cache.c and page.c only. */
#ifndef CACHE_INTERNAL_H
#define CACHE_INTERNAL_H

#include "cache/cache.h"

void *meta_alloc(size_t size);       /* NULL: full */
void block_unreach(struct block *b); /* no way leads to it any more, but it stays valid */
void block_drop(struct block *b);    /* unreachable and forgotten */
void page_adopt(struct code_page *p, struct block *b);
void pages_reset(void);  /* forget all pages (their memory is gone) */
void pages_forget(void); /* clear the marks of their RAM pages first */

#endif
