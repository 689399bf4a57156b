/* Between cache.c and page.c only. */
#ifndef CACHE_INTERNAL_H
#define CACHE_INTERNAL_H

#include "cache/cache.h"

/* Not static, for gdb_armature.py reads them: link-time optimization leaves debuggers externals only. */
extern struct block **cache_index_top;
extern uint32_t cache_block_count;

void *meta_alloc(size_t size);       /* NULL: full */
void block_unreach(struct block *b); /* no way leads to it any more, but it stays valid */
void block_drop(struct block *b);    /* unreachable and forgotten */
void page_adopt(struct code_page *p, struct block *b);
void pages_reset(void);  /* forget all pages (their memory is gone) */
void pages_forget(void); /* clear the marks of their RAM pages first */

#endif
