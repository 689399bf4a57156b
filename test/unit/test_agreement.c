/*
 * A sample of the comparison with Capstone (test/decode/README.md has the rest of it).
 */
#if __has_include(<capstone/capstone.h>)

#define UNIT_MAIN
#include "unit.h"

#include "decode/agreement.c"
#include "decode/normalize.c"
#include "decode/other_capstone.c"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

/* The reviewed list, found from this file's own place. */
static const char *reviewed_path(void)
{
    static char path[1024];
    const char *folder = strstr(__FILE__, "unit/test_agreement.c");

    snprintf(path, sizeof(path), "%.*sdecode/reviewed_capstone.txt", (int)(folder - __FILE__), __FILE__);
    return path;
}

TEST(capstone_agrees)
{
    struct agreement_options sample = {
        .other = other_capstone, .words = 500, .random = 200000, .reviewed = reviewed_path()};

    EXPECT_EQ(agreement_check(&sample), 0);
}

#else
#error "capstone/capstone.h is missing: install libcapstone-dev"
#endif
