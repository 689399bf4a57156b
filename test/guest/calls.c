/* Proves: deep and mutual recursion, function pointers, computed jumps, unwinding over many frames, between
   A32 and T32: every return finds its caller. */
#include "guest.h"
#include <setjmp.h>

#define T32 __attribute__((noinline, target("thumb")))
#define A32 __attribute__((noinline, target("arm")))

static uint32_t odd_thumb(uint32_t n);
A32 static uint32_t even_arm(uint32_t n) { return n ? odd_thumb(n - 1) + 1 : 0; }
T32 static uint32_t odd_thumb(uint32_t n) { return n ? even_arm(n - 1) + 2 : 0; }

A32 static uint32_t ackermann(uint32_t m, uint32_t n)
{
    return !m ? n + 1 : !n ? ackermann(m - 1, 1) : ackermann(m - 1, ackermann(m, n - 1));
}

T32 static uint32_t fibonacci(uint32_t n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
A32 static uint32_t fibonacci_arm(uint32_t n)
{
    return n < 2 ? n : fibonacci_arm(n - 1) + fibonacci_arm(n - 2);
}

typedef uint32_t (*op_t)(uint32_t, uint32_t);
A32 static uint32_t op_add(uint32_t a, uint32_t b) { return a + b; }
T32 static uint32_t op_xor(uint32_t a, uint32_t b) { return a ^ b; }
A32 static uint32_t op_mul(uint32_t a, uint32_t b) { return a * b + 1; }
T32 static uint32_t op_rot(uint32_t a, uint32_t b) { return a << (b & 15) | a >> 1; }
static const op_t ops[] = {op_add, op_xor, op_mul, op_rot};

/* An interpreter: a switch the compiler makes a table of, and pointers. */
A32 static uint32_t interpret(const uint8_t *code, unsigned n)
{
    uint32_t a = 1;

    for (unsigned i = 0; i < n; i++)
        switch (code[i] & 15) {
        case 0: a += 3; break;
        case 1: a ^= 0x55; break;
        case 2: a *= 5; break;
        case 3: a = a << 3 | a >> 29; break;
        case 4: a -= i; break;
        case 5: a = ops[a & 3](a, i); break;
        case 6: a = ~a; break;
        case 7: a += fibonacci(5); break;
        case 8: a = op_rot(a, i); break;
        case 9: a >>= 1; break;
        default: a ^= code[i]; break;
        }
    return a;
}

#pragma GCC diagnostic ignored "-Winfinite-recursion" /* longjmp ends it */
static jmp_buf env;
T32 static void unwind(uint32_t n)
{
    if (!n)
        longjmp(env, 1234);
    if (n & 1)
        unwind(n - 1);
    else
        ((void (*)(uint32_t))unwind)(n - 1);
    __asm__ volatile("" ::: "memory");
}

static uint32_t everything(uint32_t arg)
{
    static uint8_t code[2000];
    volatile uint32_t h = arg * 0 + 0x811c9dc5u; /* setjmp() below */
    uint32_t seed = 3;

    h = (h ^ even_arm(300)) * 0x01000193u;
    h = (h ^ ackermann(2, 30)) * 0x01000193u;
    h = (h ^ fibonacci(16)) * 0x01000193u;
    h = (h ^ fibonacci_arm(16)) * 0x01000193u;
    for (unsigned i = 0; i < sizeof(code); i++) {
        seed = seed * 1664525 + 1013904223;
        code[i] = (uint8_t)(seed >> 24);
    }
    h = (h ^ interpret(code, sizeof(code))) * 0x01000193u;
    for (unsigned i = 0; i < 20; i++) {
        int r = setjmp(env);
        if (!r)
            unwind(i * 7);
        h = (h ^ (uint32_t)r) * 0x01000193u;
    }
    return h;
}

int main(void)
{
    check_eq("mutual recursion", even_arm(401), 401 / 2 * 3 + 1);
    check_eq("ackermann(2, 40)", ackermann(2, 40), 83);
    check_eq("fibonacci(18)", fibonacci(18), 2584);
    uint32_t pl1 = everything(0);
    print("%08x\n", (unsigned)pl1);
    check_eq("at PL0", run_user(MODE_USR | PSR_I | PSR_F, everything, 0), pl1);
    check_eq("in SYS mode", run_in_mode(MODE_SYS, everything, 0), pl1);
    check_eq("again", everything(0), pl1);
    return 0;
}
