/* Proves: ordinary compiled code (newlib's printf, malloc, qsort, strtod, setjmp, string functions) runs at
   PL1 with MMU and caches on. */
#include "mmu.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char end[];
static char *brk_now = end;
void *_sbrk(ptrdiff_t n);
int _write(int fd, const char *p, int n);
int _read(int fd, char *p, int n);
int _close(int fd);
int _lseek(int fd, int offset, int whence);
int _fstat(int fd, void *st);
int _isatty(int fd);
int _kill(int pid, int sig);
int _getpid(void);
_Noreturn void _exit(int status);

void *_sbrk(ptrdiff_t n)
{
    char *old = brk_now;

    brk_now += n;
    return old;
}

int _write(int fd, const char *p, int n)
{
    (void)fd;
    for (int i = 0; i < n; i++)
        console_put(p[i]);
    return n;
}

int _read(int fd, char *p, int n)
{
    (void)fd, (void)p, (void)n;
    return 0;
}
int _close(int fd)
{
    (void)fd;
    return -1;
}
int _lseek(int fd, int offset, int whence)
{
    (void)fd, (void)offset, (void)whence;
    return 0;
}
int _fstat(int fd, void *st)
{
    (void)fd, (void)st;
    return -1;
}
int _isatty(int fd)
{
    (void)fd;
    return 1;
}
int _kill(int pid, int sig)
{
    (void)pid, (void)sig;
    return -1;
}
int _getpid(void) { return 1; }
void _exit(int status)
{
    (void)status;
    guest_exit();
}

static int by_value(const void *a, const void *b)
{
    return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b;
}

static jmp_buf env;
#pragma GCC diagnostic ignored "-Winfinite-recursion" /* longjmp ends it */
static void deep(int n)
{
    if (!n)
        longjmp(env, 42);
    deep(n - 1);
}

int main(void)
{
    char line[128];
    bool good = true;

    mmu_reset();
    mmu_on();
    snprintf(line, sizeof(line), "%d %s %08lx %5.3f %g %lld", -42, "str", 0xbeefUL, 3.14159, 1e-10,
             1234567890123LL);
    check("snprintf", !strcmp(line, "-42 str 0000beef 3.142 1e-10 1234567890123"));
    printf("%s\n", line);
    int *v = malloc(3000 * sizeof(*v));
    srand(7);
    for (int i = 0; i < 3000; i++)
        v[i] = rand();
    qsort(v, 3000, sizeof(*v), by_value);
    for (int i = 1; i < 3000; i++)
        good &= v[i - 1] <= v[i];
    check("qsort of 3000", good);
    free(v);
    char *heap[64];
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 64; i++) {
            heap[i] = malloc((size_t)(i * 37 % 500 + 1));
            memset(heap[i], i, (size_t)(i * 37 % 500 + 1));
        }
        for (int i = 0; i < 64; i++) {
            good &= heap[i][i * 37 % 500] == i;
            free(heap[i]);
        }
    }
    check("malloc, free", good);
    check("strtod", strtod("2.5e3", NULL) == 2500.0);
    check("double arithmetic", (int)(1.0 / 3.0 * 3e6 + 0.5) == 1000000);
    int r = setjmp(env);
    if (!r)
        deep(20);
    check("setjmp, longjmp", r == 42);
    unsigned long long product = 1;
    for (unsigned i = 1; i <= 20; i++)
        product *= i;
    check("64-bit division",
          product / 121645100408832000ULL == 20 && product % 1000007 == 2432902008176640000ULL % 1000007);
    check("string functions",
          strlen("hello") == 5 && strstr("haystack needle", "needle") && !strncmp("abcd", "abce", 3));
    return 0;
}
