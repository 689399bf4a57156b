/*
 * The parameters of the model: one table, bench/cortex_a8.toml, tells each one's values, source and reason. A
 * model is one column of it. The plugin gets the table as lines: "models NAME...", then "PARAMETER VALUE..."
 * of all of them.
 */
#ifndef PARAMETERS_H
#define PARAMETERS_H

#include <stdint.h>
#include <stdio.h>

/* clang-format off */
#define PARAMETERS(X)                                                                                        \
    X(mispredict)                                                                                            \
    X(taken_bubble)                                                                                          \
    X(queue)                                                                                                 \
    X(btb_entries)                                                                                           \
    X(history_entries)                                                                                       \
    X(history_bits)                                                                                          \
    X(return_stack)                                                                                          \
    X(l1i_kib)                                                                                               \
    X(l1d_kib)                                                                                               \
    X(l2_kib)                                                                                                \
    X(load_l2)                                                                                               \
    X(fetch_l2)                                                                                              \
    X(memory)                                                                                                \
    X(line_transfer) X(store_l2) X(store_entries) X(tlb_entries) X(tlb_walk) X(unaligned) X(device)          \
    X(exception_entry) X(exception_return) X(cp15_read) X(cp15_write) X(tlb_op) X(cache_op) X(isb)           \
    X(dsb) X(dmb) X(psr_read) X(psr_write) X(vector_to_core) X(vector_queue) X(spill) X(window_page)         \
    X(map_predicted)
/* clang-format on */

enum parameter {
#define X(name) A8_##name,
    PARAMETERS(X)
#undef X
        PARAMETER_COUNT
};

enum { MODELS_MAX = 12 };

struct a8_model {
    char name[32];
    uint32_t p[PARAMETER_COUNT];
};

/* The number of models in the file; 0 if it is no table of all parameters: `why` then says what is wrong. */
unsigned models_read(FILE *file, struct a8_model models[MODELS_MAX], const char **why);

#endif
