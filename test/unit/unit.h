/*
 * Host unit tests: TEST() registers itself; one file of a test program defines UNIT_MAIN before including
 * this.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct unit_test {
    const char *name;
    void (*run)(void);
    struct unit_test *next;
};
extern struct unit_test *unit_tests, **unit_last;
extern bool unit_test_failed;

#define TEST(test_name)                                                                                      \
    static void test_##test_name(void);                                                                      \
    __attribute__((constructor)) static void register_##test_name(void)                                      \
    {                                                                                                        \
        static struct unit_test self = {#test_name, test_##test_name, NULL};                                 \
        *unit_last = &self;                                                                                  \
        unit_last = &self.next;                                                                              \
    }                                                                                                        \
    static void test_##test_name(void)

#define EXPECT(x)                                                                                            \
    do {                                                                                                     \
        if (!(x)) {                                                                                          \
            unit_test_failed = true;                                                                         \
            printf("%s:%d: %s\n", __FILE__, __LINE__, #x);                                                   \
        }                                                                                                    \
    } while (0)

#define EXPECT_EQ(a, b)                                                                                      \
    do {                                                                                                     \
        unsigned long long a_ = (unsigned long long)(a), b_ = (unsigned long long)(b);                       \
        if (a_ != b_) {                                                                                      \
            unit_test_failed = true;                                                                         \
            printf("%s:%d: %s is %#llx, expected %s = %#llx\n", __FILE__, __LINE__, #a, a_, #b, b_);         \
        }                                                                                                    \
    } while (0)

#ifdef UNIT_MAIN
struct unit_test *unit_tests, **unit_last = &unit_tests;
bool unit_test_failed;

/* Optional argument: run only tests whose name contains it. */
int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0;

    for (struct unit_test *t = unit_tests; t; t = t->next) {
        if (argc > 1 && !strstr(t->name, argv[1]))
            continue;
        unit_test_failed = false;
        t->run();
        if (unit_test_failed) {
            printf("FAILED: %s\n", t->name);
            failed++;
        } else {
            passed++;
        }
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed ? 1 : 0;
}
#endif

#endif
