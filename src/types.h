/*
 * Address types and the two failure macros that all modules share.
 *
 * Addresses are one-member structs so that a guest address can never be
 * dereferenced, or one kind passed for another, by mistake.
 */
#ifndef TYPES_H
#define TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t a;
} gva_t; /* guest virtual */
typedef struct {
    uint32_t a;
} gpa_t; /* guest physical */
typedef struct {
    uint32_t a;
} hpa_t; /* host physical */
typedef struct {
    uint32_t a;
} cca_t; /* code cache: a virtual address inside the window */

#define GVA(x) ((gva_t){(x)})
#define GPA(x) ((gpa_t){(x)})
#define HPA(x) ((hpa_t){(x)})
#define CCA(x) ((cca_t){(x)})

#define PAGE_SIZE    4096u
#define PAGE_MASK    (PAGE_SIZE - 1)
#define SECTION_SIZE 0x100000u

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* One of our own bugs: unreachable from any guest input. Host tests and the VMM each define it. */
_Noreturn void check_failed(const char *file, int line, const char *what);
#define CHECK(x) ((x) ? (void)0 : check_failed(__FILE__, __LINE__, #x))

static inline uint32_t bits(uint32_t word, unsigned high, unsigned low)
{
    return word >> low & (0xffffffffu >> (31 - (high - low)));
}

static inline uint32_t bit(uint32_t word, unsigned n) { return word >> n & 1; }

static inline uint32_t ror32(uint32_t word, unsigned n)
{
    return n & 31 ? word >> (n & 31) | word << (32 - (n & 31)) : word;
}

static inline int32_t sign_extend(uint32_t word, unsigned width)
{
    return (int32_t)(word << (32 - width)) >> (32 - width);
}

#endif
