/*
 * An interval that is measured: by the guest's clock, and, for a plugin of the emulator (plugin/), between
 * two instructions that do nothing. A32 programs only.
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct timespec measure_from;

static inline void must(int ok, const char *what)
{
    if (!ok) {
        perror(what);
        exit(1);
    }
}

static inline void measure_start(void)
{
    clock_gettime(CLOCK_MONOTONIC, &measure_from);
    __asm__ volatile("mov r10, r10" ::: "memory");
}

/* Prints "NAME COUNT NANOSECONDS": the whole interval's, of so many operations. */
static inline void measure_stop(const char *name, unsigned count)
{
    struct timespec to;

    __asm__ volatile("mov r11, r11" ::: "memory");
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%s %u %lld\n", name, count,
           (to.tv_sec - measure_from.tv_sec) * 1000000000ll + to.tv_nsec - measure_from.tv_nsec);
    fflush(stdout);
}

#endif
