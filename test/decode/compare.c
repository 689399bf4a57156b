/*
 * Compare our decoder with others.
 *
 *   compare [--with capstone|objdump] [--words N_A_ROW] [--random N] [--seed N] [--row NAME]
 *           [--reviewed FILE] [--verbose] [--unpredictable] [--range a32|t32:FIRST-LAST]
 *
 * Status 1 if there is a disagreement that the reviewed list does not have.
 */
#include "decode/agreement.h"
#include "support/sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct agreement_options options = {.other = other_capstone, .words = 400, .random = 200000};

static struct {
    bool given;
    enum decoder_isa isa;
    uint64_t first, last;
} range;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static bool parse_range(const char *text)
{
    unsigned long first, last;

    if (strncmp(text, "a32:", 4) && strncmp(text, "t32:", 4))
        return false;
    if (sscanf(text + 4, "%lx-%lx", &first, &last) != 2 || first > last || last > 0xffffffff)
        return false;
    range.given = true;
    range.isa = *text == 'a' ? ISA_A32 : ISA_T32;
    range.first = first;
    range.last = last;
    return true;
}

static void parse(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";

        if (!strcmp(argv[i], "--verbose")) {
            options.verbose = true;
            continue;
        }
        if (!strcmp(argv[i], "--unpredictable")) {
            options.unpredictable = true;
            continue;
        }
        if (!strcmp(argv[i], "--with") && !strcmp(value, "capstone"))
            options.other = other_capstone;
        else if (!strcmp(argv[i], "--with") && !strcmp(value, "objdump"))
            options.other = other_objdump;
        else if (!strcmp(argv[i], "--words") && *value)
            options.words = (unsigned)strtoul(value, NULL, 0);
        else if (!strcmp(argv[i], "--random") && *value)
            options.random = (unsigned)strtoul(value, NULL, 0);
        else if (!strcmp(argv[i], "--seed") && *value)
            sample_seed(strtoull(value, NULL, 0));
        else if (!strcmp(argv[i], "--row") && *value)
            options.row = value;
        else if (!strcmp(argv[i], "--reviewed") && *value)
            options.reviewed = value;
        else if (strcmp(argv[i], "--range") || !parse_range(value)) {
            fprintf(stderr, "compare: what is %s %s?\n", argv[i], value);
            exit(2);
        }
        i++;
    }
}

int main(int argc, char **argv)
{
    parse(argc, argv);
    if (range.given)
        return agreement_check_range(&options, range.isa, range.first, range.last) != 0;
    return agreement_check(&options) != 0;
}
