/*
 * Work whose time on real Cortex-A8 boards is published, for the cycle model (checks.py, docs/cycles.md):
 * latencies and bandwidths as lmbench takes them, chains of dependent operations.
 *
 *     check OPERATION COUNT
 *
 * A latency's operation is one load; a bandwidth's is a KiB; a chain's is one instruction of it.
 */
#include <string.h>

#include "measure.h"

enum { MIB = 1 << 20, STRIDE = 128 };

static char *from, *to;
static volatile unsigned sink;

/* Loads that each wait for the one before, over so many KiB, downwards as lmbench's. */
static void chase(unsigned kib, unsigned n)
{
    unsigned size = kib << 10;
    char **p = (char **)(from + size - STRIDE);

    for (unsigned at = STRIDE; at < size; at += STRIDE)
        *(char **)(from + at) = from + at - STRIDE;
    *(char **)from = from + size - STRIDE;
    for (unsigned i = 0; i < 2 * size / STRIDE; i++) /* warm */
        p = (char **)*p;
    measure_start();
    for (unsigned i = 0; i < n; i += 16)
        __asm__ volatile(".rept 16\n ldr %0, [%0]\n .endr" : "+r"(p) : : "memory");
    sink = (unsigned)p;
}

static void latency_16k(unsigned n) { chase(16, n); }
static void latency_128k(unsigned n) { chase(125, n); }
static void latency_1m(unsigned n) { chase(1000, n); }

/* Each word of the line that lmbench's bw_mem rd, wr and cp touch: every fourth. n: KiB. */
static void read_8m(unsigned n)
{
    unsigned sum = 0;

    measure_start();
    for (unsigned i = 0; i < n; i++)
        for (unsigned at = 0; at < 1024; at += 16)
            sum += *(volatile unsigned *)(from + (i % 8192 << 10) + at);
    sink = sum;
}

static void write_8m(unsigned n)
{
    measure_start();
    for (unsigned i = 0; i < n; i += 8192)
        memset(from, (int)i, 8 * MIB);
}

static void copy_8m(unsigned n)
{
    measure_start();
    for (unsigned i = 0; i < n; i += 8192)
        for (unsigned at = 0; at < 8 * MIB; at += 32)
            __asm__ volatile("ldm %0, {r2-r9}\n stm %1, {r2-r9}"
                             :
                             : "r"(from + at), "r"(to + at)
                             : "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "memory");
}

#define CHAIN(name, instruction)                                                                             \
    static void name(unsigned n)                                                                             \
    {                                                                                                        \
        measure_start();                                                                                     \
        for (unsigned i = 0; i < n; i += 16)                                                                 \
            __asm__ volatile(".rept 16\n " instruction "\n .endr" : : : "r0", "r1", "d0", "d1", "cc");       \
    }
CHAIN(add_chain, "add r0, r0, r1")
CHAIN(multiply_chain, "mul r0, r1, r0")
CHAIN(float_multiply_chain, "vmul.f32 s0, s2, s0")
CHAIN(double_multiply_chain, "vmul.f64 d0, d1, d0")

static const struct {
    const char *name;
    void (*run)(unsigned n);
} checks[] = {
    {"latency_16k", latency_16k},
    {"latency_128k", latency_128k},
    {"latency_1m", latency_1m},
    {"read_8m", read_8m},
    {"write_8m", write_8m},
    {"copy_8m", copy_8m},
    {"add", add_chain},
    {"multiply", multiply_chain},
    {"float_multiply", float_multiply_chain},
    {"double_multiply", double_multiply_chain},
};

int main(int argc, char **argv)
{
    must(argc == 3 && (from = aligned_alloc(4096, 8 * MIB)) && (to = aligned_alloc(4096, 8 * MIB)), "check");
    memset(from, 0, 8 * MIB);
    memset(to, 0, 8 * MIB);
    for (unsigned i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (!strcmp(argv[1], checks[i].name)) {
            checks[i].run((unsigned)atoi(argv[2]));
            measure_stop(argv[1], (unsigned)atoi(argv[2]));
            return 0;
        }
    return 2;
}
