/* The verifier accepts what the translator makes: of samples of every class, and of any words. */
#define UNIT_MAIN
#include "verifier_translations.h"

#include "decoder/decoder.h"

static void expect_accepted(const char *what)
{
    if (!accepted()) {
        printf("refused: %s: word %u of %u: %08x\n", what, bad, unit.word_count, words[bad]);
        unit_test_failed = true;
        return;
    }
    for (unsigned i = 0; i < made.site_count; i++)
        if (made.sites[i].kind == SITE_EXIT &&
            !verifier_may_link(&unit, made.sites[i].word, made.sites[i].stub)) {
            printf("not linkable: %s: exit at word %u\n", what, made.sites[i].word);
            unit_test_failed = true;
        }
    for (unsigned i = 0; i < made.insn_count; i++)
        if (!verifier_may_enter(&unit, made.insns[i].word)) {
            printf("not enterable: %s: instruction at word %u\n", what, made.insns[i].word);
            unit_test_failed = true;
        }
}

static const uint32_t places[] = {
    FIRST, /* gate below, near */
    FIRST + 4096 - 12 * 4,
    FIRST + 4096 - 11 * 4,
    FIRST + 4096 - 10 * 4,
    FIRST + 4096 - 9 * 4, /* around the middle: */
    FIRST + 4096 - 8 * 4,
    FIRST + 4096 - 7 * 4,
    FIRST + 4096 - 6 * 4,
    FIRST + 4096 - 5 * 4, /* gate stores need a NOP */
    FIRST + 4096 - 4 * 4,
    FIRST + 4096 + 64,
    FIRST + SPAN * 7 + 8192 - 128,
};

TEST(templates_are_accepted)
{
    static const struct block_state states[] = {
        SVC_STATE,
        SYS_STATE,
        IRQ_STATE,
        {.mode = 0x11, .fiq_masked = true},
        {.mode = 0x13, .fiq_masked = true},
        {.mode = 0x17},
        {.mode = 0x1b},
        {.mode = 0x13, .big_endian = true},
    };

    everything_inline();
    for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
        for (unsigned s = 0; s < ARRAY_SIZE(states); s++)
            for (unsigned p = 0; p < ARRAY_SIZE(places); p++) {
                uint32_t guest[] = {samples[i].word, 0xeafffffe};

                translate(places[p], states[s], guest, 2, 0);
                expect_accepted(samples[i].text);
            }
}

/* A random word of a random row of the decoder's tables, often with telling registers. */
static uint32_t word_of_row(unsigned isa)
{
    static const uint8_t regs[] = {0, 1, 2, 11, 12, 13, 14, 15};
    const struct decoder_row *r;
    uint32_t w = random_word();

    do
        r = &decoder_rows[random_word() % decoder_row_count];
    while (r->isa != isa);
    if (isa != ISA_T16 && random_word() & 1)
        for (unsigned at = 0; at < 20; at += at == 0 ? 8 : 4)
            w = (w & ~(15u << at)) | (uint32_t)regs[random_word() % ARRAY_SIZE(regs)] << at;
    if (isa == ISA_A32 && random_word() & 1)
        w = (w & 0x0fffffff) | 0xe0000000;
    return (w & ~r->mask) | r->value;
}

static bool fits(void)
{
    return (unit.where.a - WINDOW_CACHE) % SPAN + (unit.word_count + unit.literal_count) * 4 <= SPAN;
}

/* Whatever the guest's words are, the translator's answer to them must pass. */
static void try_rows(struct block_state state, unsigned isa, unsigned rounds)
{
    unsigned tried = 0, refused = 0;

    everything_inline();
    dbt_serve(state);
    for (unsigned n = 0; n < rounds && refused < 20; n++) {
        uint32_t guest[3], w;
        uint8_t code[16];
        unsigned size = 0;
        bool before = unit_test_failed;
        char text[80];

        if (state.thumb && random_word() & 1)
            state.itstate = (uint8_t)random_word(); /* reserved ones too */
        form = random_word() % 4 ? DBT_BLOCK : DBT_CALLOUT;
        for (unsigned i = 0; i < 3; i++) {
            w = guest[i] = word_of_row(isa == ISA_A32 ? ISA_A32 : random_word() & 1 ? ISA_T16 : ISA_T32);
            if (isa == ISA_A32 || w >> 16) {
                if (isa != ISA_A32)
                    w = w << 16 | w >> 16;
                memcpy(code + size, &w, 4);
                size += 4;
            } else {
                memcpy(code + size, &w, 2);
                size += 2;
            }
        }
        memset(code + size, 0, sizeof code - size);
        translate(FIRST + (random_word() % 2048) * 4, state, (const uint32_t *)(const void *)code, 4, 0);
        if (!fits())
            continue;
        tried++;
        snprintf(text, sizeof text, "guest %08x %08x %08x, state %x", guest[0], guest[1], guest[2],
                 block_state_key(state));
        unit_test_failed = false;
        expect_accepted(text);
        refused += unit_test_failed;
        unit_test_failed |= before;
    }
    form = DBT_BLOCK;
    EXPECT(tried > rounds / 2);
}

TEST(blocks_of_any_arm_words_are_accepted)
{
    try_rows(SVC_STATE, ISA_A32, 150000);
    try_rows(SYS_STATE, ISA_A32, 50000);
    try_rows(IRQ_STATE, ISA_A32, 50000);
}

TEST(blocks_of_any_thumb_words_are_accepted)
{
    try_rows((struct block_state){.mode = 0x13, .thumb = true}, ISA_T32, 150000);
    try_rows((struct block_state){.mode = 0x1f, .thumb = true, .itstate = 0x0b}, ISA_T32, 50000);
    try_rows((struct block_state){.mode = 0x12, .thumb = true, .fiq_masked = true}, ISA_T32, 50000);
}
