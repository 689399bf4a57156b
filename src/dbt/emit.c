/* Emitters that keep records: exits, callouts, literals, gates. */
#include "dbt/emit.h"

static struct site *add_site(struct tr *t, enum site_kind kind, unsigned word)
{
    if (t->site_count == ARRAY_SIZE(t->sites)) {
        t->overflow = true;
        return &t->sites[0];
    }
    t->sites[t->site_count] = (struct site){.kind = kind, .word = (uint16_t)word, .stub = (uint16_t)word};
    return &t->sites[t->site_count++];
}

void e_ldr_literal(struct tr *t, unsigned cond, unsigned d, uint32_t value)
{
    unsigned i;

    for (i = 0; i < t->literal_count && t->literals[i] != value; i++)
        ;
    if (i == ARRAY_SIZE(t->literals) || t->literal_use_count == ARRAY_SIZE(t->literal_use)) {
        t->overflow = true;
        return;
    }
    if (i == t->literal_count)
        t->literals[t->literal_count++] = value;
    t->literal_use[t->literal_use_count].word = (uint16_t)t->count;
    t->literal_use[t->literal_use_count++].literal = (uint16_t)i;
    e(t, 0x059f0000u | cond << 28 | d << 12);
}

static uint32_t branch_offset(unsigned from, unsigned to) { return (to - from - 2) & 0x00ffffffu; }

void e_exit(struct tr *t, unsigned cond, uint32_t target)
{
    struct site *s = add_site(t, SITE_EXIT, t->count);

    s->data = target;
    s->away = (uint8_t)(t->away | t->kept);
    e(t, A32_B | cond << 28);
}

unsigned e_skip(struct tr *t, unsigned cond)
{
    e(t, A32_B | cond << 28);
    return t->count - 1;
}

void e_land(struct tr *t, unsigned word)
{
    t->words[word] = (t->words[word] & 0xff000000u) | branch_offset(word, t->count);
}

/*
 * Gates: every 8 KiB of code has a gate page below it, and the next one's above; STR Rt, [PC, #imm12] reaches
 * one of them from every word but two in the middle, from where NOPs move the store on.
 */
void e_gate(struct tr *t, const struct insn *in)
{
    for (;;) {
        uint32_t offset =
            (t->where.a + t->count * 4 - WINDOW_CACHE) % CACHE_GATE_SPAN - PAGE_SIZE; /* in the pair */
        uint32_t pc = offset + 8;

        if (pc <= 4088) { /* down to the last word of the gate page below, at -4 */
            e_trap_site(t, in);
            e(t, 0xe50f0000u | (pc + 4));
            return;
        }
        if (pc <= CACHE_PAIR && CACHE_PAIR - pc <= 4092) { /* up to the first word of the next one */
            e_trap_site(t, in);
            e(t, 0xe58f0000u | (CACHE_PAIR - pc));
            return;
        }
        if (pc > CACHE_PAIR) { /* the last word of the pair: its PC is already in the gate page */
            e_trap_site(t, in);
            e(t, 0xe58f0000u);
            return;
        }
        e_nop(t);
        if (t->overflow)
            return;
    }
}

void e_trap_site(struct tr *t, const struct insn *in)
{
    struct site *s = add_site(t, SITE_CALLOUT, t->count);

    s->data = in->word;
    s->size = in->size;
}

void e_callout(struct tr *t, const struct insn *in)
{
    e_trap_site(t, in);
    e_udf(t);
}

void e_continue(struct tr *t)
{
    struct site *s = add_site(t, SITE_CONTINUE, t->count);

    s->data = t->pc.a;
    s->size = t->itstate;
    s->away = t->away;
    e_udf(t);
}

void e_late_callout(struct tr *t, unsigned cond, const struct insn *in)
{
    if (t->late_count == ARRAY_SIZE(t->late)) {
        t->overflow = true;
        return;
    }
    t->late_insn[t->late_count] = in->word;
    t->late_size[t->late_count] = in->size;
    t->late[t->late_count++] = (uint16_t)t->count;
    e(t, A32_B | cond << 28);
}

void e_finish(struct tr *t)
{
    unsigned exits = t->site_count;

    for (unsigned i = 0; i < t->late_count; i++) {
        struct site *s = add_site(t, SITE_CALLOUT, t->count);

        s->stub = t->late[i];
        s->data = t->late_insn[i];
        s->size = t->late_size[i];
        e_land(t, t->late[i]);
        e_udf(t);
    }
    for (unsigned i = 0; i < exits; i++)
        if (t->sites[i].kind == SITE_EXIT) {
            t->sites[i].stub = (uint16_t)t->count;
            e_land(t, t->sites[i].word);
            e_udf(t);
        }
    for (unsigned i = 0; i < t->literal_use_count; i++) {
        unsigned word = t->literal_use[i].word, at = t->count + t->literal_use[i].literal;

        t->words[word] |=
            1u << 23 | (at - word - 2) * 4; /* at > word + 1: a block ends with a branch or UDF */
    }
    for (unsigned i = 0; i < t->literal_count; i++)
        t->words[t->count + i] = t->literals[i];
}
