/*
 * What the two halves of the disassembler share.
 */
#ifndef TEXT_H
#define TEXT_H

#include "decoder/decoder.h"

struct text {
    char *at, *end;
    const struct insn *in;
    const struct decoder_row *row;
    uint32_t pc;
    bool
        nameless; /* an operand is none that has a name: such words are UNPREDICTABLE, and have no assembly */
};

__attribute__((format(printf, 2, 3))) void text_put(struct text *t, const char *format, ...);
void text_put_register(struct text *t, uint8_t reg);
/* An operand by its name; NULL: it has none. */
void text_put_name(struct text *t, const char *name);

/* A field of the row's diagram that struct insn has no member for; 0 if there is none. */
unsigned text_field(const struct text *t, char letter);
bool text_has_field(const struct text *t, char letter);

/* The operand of `%` and `letter`; `force` is d, q or s where the assembly says which register, else 0. */
void text_put_vector_operand(struct text *t, char letter, char force);
void text_put_vector_list(struct text *t);

#endif
