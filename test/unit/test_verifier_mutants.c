/* Mutants of translations: those that the verifier accepts are harmless by the oracle. */
#define UNIT_MAIN
#include "verifier_oracle.h"
#include "verifier_translations.h"

static unsigned mutants, survivors;

static void try_mutant(const char *what, unsigned word, uint32_t value)
{
    uint32_t old = words[word];
    const char *harm;

    words[word] = value;
    mutants++;
    if (accepted()) {
        survivors++;
        harm = harm_of_unit(12);
        if (harm) {
            printf("%s, E %u: %08x for %08x at word %u: %s\n", what, unit.big_endian, value, old, word, harm);
            unit_test_failed = true;
        }
    }
    words[word] = old;
}

static void try_mutants_of(const char *what)
{
    for (unsigned w = 0; w < unit.word_count; w++) {
        uint32_t word = words[w];

        for (unsigned b = 0; b < 32; b++)
            try_mutant(what, w, word ^ 1u << b);
        for (unsigned k = 0; k < 8; k++) {
            try_mutant(what, w, random_word());
            try_mutant(what, w, words[random_word() % unit.word_count]);
            try_mutant(what, w, word ^ 1u << random_word() % 32 ^ 1u << random_word() % 32);
        }
    }
}

/* With E set as well, whatever state the unit was made for. */
static void try_all_mutants(const char *what)
{
    for (unsigned big_endian = 0; big_endian < 2; big_endian++) {
        unit.big_endian = big_endian;
        try_mutant(what, 0, words[0]); /* none */
        try_mutants_of(what);
    }
}

TEST(accepted_mutants_are_harmless)
{
    static const uint32_t spots[] = {FIRST, FIRST + 4096 - 9 * 4, FIRST + 4096 - 10 * 4};
    static const uint32_t constants[] = {0xe3a01051, 0xe3a010c1, 0xe3a01101,
                                         0xe3e01000}; /* 0x51; Manager; window; -1 */

    everything_inline();
    mutants = survivors = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
        for (unsigned p = 0; p < ARRAY_SIZE(spots); p++) {
            uint32_t guest[] = {samples[i].word, 0xe0800001, 0x1a000002, 0xe12fff1e};

            translate(spots[p], p == 2 ? SYS_STATE : SVC_STATE, guest, 4, 0);
            if (!accepted() || harm_of_unit(50)) {
                printf("%s: as made: %s\n", samples[i].text, harm_of_unit(50));
                unit_test_failed = true;
                continue;
            }
            try_all_mutants(samples[i].text);
        }
    for (unsigned i = 0; i < ARRAY_SIZE(constants); i++) {
        uint32_t guest[] = {constants[i], 0xee031f10, 0xe0800001, 0xe12fff1e};

        translate(FIRST, SVC_STATE, guest, 4, 0);
        EXPECT(accepted() && !harm_of_unit(50));
        try_all_mutants("mov r1, #n; mcr p15, 0, r1, c3, c0, 0");
    }
    printf("%u mutants, %u accepted\n", mutants, survivors);
    EXPECT(mutants > 100000 && survivors > mutants / 10);
}
