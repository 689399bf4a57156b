/*
 * Work that stays in User mode: a VMM that runs programs untouched adds nothing but its part of the timer
 * ticks.
 *
 *     processor PERCENT [KERNEL...]
 *
 * Each kernel checks itself: its result must be that of its first round, which is not measured.
 */
#include <arm_neon.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "measure.h"

/* ---- records, strings, calls: Dhrystone's mixture ---- */

struct record {
    struct record *next;
    int kind, number;
    char text[32];
};

static struct record one, two;

static __attribute__((noinline)) int compare_texts(const char *a, const char *b)
{
    return strcmp(a, b) > 0 ? 7 : strlen(a) > 10;
}

static __attribute__((noinline)) void change(struct record *r, int by)
{
    struct record *n = r->next;

    *n = *r;
    n->number += by;
    n->next = r;
    if (n->kind == r->kind)
        n->kind = (by & 3) == 2 ? 1 : 0;
    r->number = n->number * 3 % 97;
}

static uint32_t run_records(void)
{
    uint32_t sum = 0;

    one = (struct record){&two, 0, 5, "an ordinary string, the first"};
    two = (struct record){&one, 1, 6, "an ordinary string, the 2nd"};
    for (int i = 0; i < 20000; i++) {
        change(i & 1 ? &two : &one, i);
        sum += (uint32_t)compare_texts(one.text, two.text) + (uint32_t)two.number;
        one.text[i % 20] = (char)('a' + i % 26);
    }
    return sum;
}

/* ---- a list, a matrix, a state machine, a checksum: CoreMark's mixture ---- */

enum { LIST = 200, SIDE = 24 };

static uint16_t crc16(uint16_t crc, uint32_t value)
{
    for (int i = 0; i < 16; i++, value >>= 1)
        crc = (uint16_t)((crc ^ value) & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
    return crc;
}

static uint32_t sort_list(uint32_t seed)
{
    static struct node {
        struct node *next;
        uint32_t value;
    } nodes[LIST];
    struct node *head = NULL;

    for (int i = 0; i < LIST; i++) {
        struct node **at = &head;

        seed = seed * 1664525 + 1013904223;
        nodes[i].value = seed >> 16;
        while (*at && (*at)->value < nodes[i].value)
            at = &(*at)->next;
        nodes[i].next = *at;
        *at = &nodes[i];
    }
    return head->value * 31 + head->next->value;
}

static uint32_t multiply(uint32_t seed)
{
    static int32_t a[SIDE][SIDE], b[SIDE][SIDE];
    int32_t sum = 0;

    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++) {
            a[i][k] = (int32_t)(seed + (uint32_t)(i * k)) % 100;
            b[i][k] = (int32_t)(seed ^ (uint32_t)(i + k)) % 100;
        }
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++) {
            int32_t dot = 0;

            for (int j = 0; j < SIDE; j++)
                dot += a[i][j] * b[j][k];
            sum ^= dot + (dot >> 3);
        }
    return (uint32_t)sum;
}

static uint32_t scan(void)
{
    static const char text[] = "5012,0x7f3a,-87.35e+3,T0.3e-1F,+122,.5,--1,1e,0xg,77";
    uint32_t counts[5] = {0};
    int state = 0;

    for (const char *p = text; *p; p++) {
        switch (state) {
        case 0: state = *p == '-' || *p == '+' ? 1 : *p >= '0' && *p <= '9' ? 2 : *p == ',' ? 0 : 4; break;
        case 1: state = *p >= '0' && *p <= '9' ? 2 : *p == '.' ? 3 : 4; break;
        case 2: state = *p == '.' ? 3 : *p == ',' ? 0 : *p >= '0' && *p <= '9' ? 2 : 4; break;
        case 3: state = *p == ',' ? 0 : *p >= '0' && *p <= '9' ? 3 : 4; break;
        default: state = *p == ',' ? 0 : 4;
        }
        counts[state]++;
    }
    return counts[0] + 3 * counts[2] + 7 * counts[3] + 11 * counts[4];
}

static uint32_t run_core(void)
{
    uint16_t crc = 0;

    for (uint32_t i = 0; i < 10; i++) {
        crc = crc16(crc, sort_list(i));
        crc = crc16(crc, multiply(i));
        for (int k = 0; k < 10; k++)
            crc = crc16(crc, scan());
    }
    return crc;
}

/* ---- double precision: bodies that attract each other ---- */

static uint32_t run_vfp(void)
{
    double x[4][3] = {{0, 0, 0}, {1, 0, .1}, {0, 1.3, 0}, {-1.7, .2, .3}}, v[4][3] = {{0}};
    static const double mass[4] = {10, .1, .2, .1};
    uint32_t word;
    float result;

    for (int step = 0; step < 2000; step++) {
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++) {
                double d[3], square = 1e-3;

                if (i == k)
                    continue;
                for (int c = 0; c < 3; c++) {
                    d[c] = x[k][c] - x[i][c];
                    square += d[c] * d[c];
                }
                for (int c = 0; c < 3; c++)
                    v[i][c] += d[c] * mass[k] / (square * sqrt(square)) * 1e-3;
            }
        for (int i = 0; i < 4; i++)
            for (int c = 0; c < 3; c++)
                x[i][c] += v[i][c] * 1e-3;
    }
    result = (float)(x[1][0] + x[2][1] + x[3][2]);
    memcpy(&word, &result, sizeof word);
    return word;
}

/* ---- Advanced SIMD: a filter over 16-bit samples, a scaled sum of floats ---- */

static uint32_t run_neon(void)
{
    enum { SAMPLES = 4096 };
    static int16_t in[SAMPLES + 8];
    static float floats[SAMPLES];
    int32x4_t sum = vdupq_n_s32(0);
    float32x4_t total = vdupq_n_f32(0);
    uint32_t word;
    float f;

    for (int i = 0; i < SAMPLES + 8; i++)
        in[i] = (int16_t)(i * 7919);
    for (int i = 0; i < SAMPLES; i++)
        floats[i] = (float)(i % 100);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < SAMPLES; i += 4) {
            int32x4_t taps = vmull_s16(vld1_s16(in + i), vdup_n_s16(3));

            taps = vmlal_s16(taps, vld1_s16(in + i + 1), vdup_n_s16(-5));
            taps = vmlal_s16(taps, vld1_s16(in + i + 2), vdup_n_s16(7));
            sum = vaddq_s32(sum, vshrq_n_s32(taps, 4));
        }
        for (int i = 0; i < SAMPLES; i += 4)
            total = vmlaq_n_f32(total, vld1q_f32(floats + i), .25f);
    }
    f = vgetq_lane_f32(total, 0) + vgetq_lane_f32(total, 3);
    memcpy(&word, &f, sizeof word);
    return word ^ (uint32_t)vgetq_lane_s32(sum, 1);
}

static const struct {
    const char *name;
    unsigned count;
    uint32_t (*run)(void);
} kernels[] = {
    {"records", 16, run_records},
    {"core", 24, run_core},
    {"vfp", 16, run_vfp},
    {"neon", 40, run_neon},
};

int main(int argc, char **argv)
{
    unsigned percent = argc > 1 ? (unsigned)atoi(argv[1]) : 0, done = 0;

    for (unsigned i = 0; percent && i < sizeof kernels / sizeof kernels[0]; i++) {
        unsigned n = kernels[i].count * percent / 100 + !(kernels[i].count * percent / 100);
        int wanted = argc == 2;
        uint32_t expected;

        for (int k = 2; k < argc; k++)
            wanted |= !strcmp(argv[k], kernels[i].name);
        if (!wanted)
            continue;
        expected = kernels[i].run();
        measure_start();
        for (unsigned k = 0; k < n; k++)
            if (kernels[i].run() != expected) {
                fprintf(stderr, "%s: a round's result differs from the first's\n", kernels[i].name);
                return 1;
            }
        measure_stop(kernels[i].name, n);
        done++;
    }
    return done ? 0 : 2;
}
