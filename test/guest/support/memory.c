/* The four functions that the compiler calls on its own, in the guest's instruction set; and code_sync(). */
#include "guest.h"

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void *
memcpy(void *restrict to, const void *restrict from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void *memmove(void *to, const void *from,
                                                                            size_t n)
{
    if ((uintptr_t)to <= (uintptr_t)from)
        return memcpy(to, from, n);
    while (n--)
        ((char *)to)[n] = ((const char *)from)[n];
    return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void *memset(void *to, int c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((char *)to)[i] = (char)c;
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i])
            return ((const uint8_t *)a)[i] - ((const uint8_t *)b)[i];
    return 0;
}

void code_sync(const void *start, size_t size)
{
    uint32_t first = (uint32_t)start & ~63u, end = (uint32_t)start + size;

    for (uint32_t a = first; a < end; a += 64)
        MCR15(0, 7, 11, 1, a); /* DCCMVAU */
    DSB();
    for (uint32_t a = first; a < end; a += 64)
        MCR15(0, 7, 5, 1, a); /* ICIMVAU */
    MCR15(0, 7, 5, 6, 0);     /* BPIALL */
    DSB();
    ISB();
}
