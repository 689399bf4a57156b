#include "classify/count.h"
#include "classify/verdict.h"
#include "ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLASSES (CLASS_UNPREDICTABLE + 1u)
#define TALLIES 8192u

/* Instructions that are counted together. */
struct tally {
    unsigned long count;
    uint16_t op;
    uint8_t isa, class, sensitive, traps;
    bool spsr;
    const struct cp15_row *sysreg;
    uint8_t coproc, opc1, crn, crm, opc2; /* of a sysreg that does not exist */
};

static struct tally tallies[TALLIES];
static unsigned long by_class[CLASSES], by_isa[3];
static unsigned long *by_symbol; /* [symbol][class] */

static struct tally *find_tally(const struct tally *key)
{
    uint32_t hash =
        key->op * 31u + key->isa * 7u + key->class + (uint32_t)(key->sysreg - cp15_rows) * 131u + key->spsr;

    for (uint32_t n = hash % TALLIES;; n = (n + 1) % TALLIES) {
        struct tally *k = &tallies[n];

        if (!k->count) {
            *k = *key;
            return k;
        }
        if (k->op == key->op && k->isa == key->isa && k->class == key->class &&
            k->sensitive == key->sensitive && k->traps == key->traps && k->spsr == key->spsr &&
            k->sysreg == key->sysreg && k->coproc == key->coproc && k->opc1 == key->opc1 &&
            k->crn == key->crn && k->crm == key->crm && k->opc2 == key->opc2)
            return k;
    }
}

static unsigned count_one(const struct insn *in)
{
    struct tally key = {.op = in->op, .spsr = in->spsr};
    struct verdict v;

    verdict_find(in, &v);
    key.isa = !in->thumb ? ISA_A32 : in->size == 2 ? ISA_T16 : ISA_T32;
    key.class = v.class;
    key.sensitive = v.sensitive & (uint8_t)~SENSITIVE_LOCATION;
    key.traps = v.traps;
    key.sysreg = v.sysreg;
    if (v.no_sysreg) {
        key.coproc = in->coproc;
        key.opc1 = in->opc1;
        key.crn = in->crn;
        key.crm = in->crm;
        key.opc2 = in->opc2;
    }
    find_tally(&key)->count++;
    by_class[v.class]++;
    by_isa[key.isa]++;
    return v.class;
}

static const char *op_name(unsigned op)
{
    for (unsigned r = 0; r < decoder_row_count; r++)
        if (decoder_rows[r].op == op)
            return decoder_rows[r].name;
    return "UNDEFINED";
}

static const char *op_manual(unsigned op, unsigned isa)
{
    for (unsigned r = 0; r < decoder_row_count; r++)
        if (decoder_rows[r].op == op && decoder_rows[r].isa == isa)
            return decoder_rows[r].manual;
    return "";
}

static void print_string(const char *text)
{
    putchar('"');
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 32 || (unsigned char)*text > 126)
            printf("\\u%04x", (unsigned char)*text);
        else
            putchar(*text);
    putchar('"');
}

static void print_tally(const struct tally *k, bool first)
{
    static const char *const isas[] = {"A32", "T16", "T32"}, *const traps[] = {"never", "always", "maybe"};

    printf("%s\n  {\"instruction\": \"%s\", \"isa\": \"%s\", \"class\": \"%s\", \"sensitive\": \"%s\", "
           "\"traps\": \"%s\", \"manual\": \"%s\", \"spsr\": %s, ",
           first ? "" : ",", op_name(k->op), isas[k->isa], verdict_class_names[k->class],
           verdict_sensitivity_text(k->sensitive), traps[k->traps], op_manual(k->op, k->isa),
           k->spsr ? "true" : "false");
    if (k->sysreg)
        printf("\"register\": \"%s\", \"coprocessor\": %u, ", k->sysreg->name, k->sysreg->coproc);
    else if (k->coproc)
        printf("\"register\": \"p%u, %u, c%u, c%u, %u (none)\", \"coprocessor\": %u, ", k->coproc, k->opc1,
               k->crn, k->crm, k->opc2, k->coproc);
    printf("\"count\": %lu}", k->count);
}

static void print_classes(const unsigned long *counts)
{
    for (unsigned c = 0, n = 0; c < CLASSES; c++)
        if (counts[c])
            printf("%s\"%s\": %lu", n++ ? ", " : "", verdict_class_names[c], counts[c]);
}

/* The last symbol at or below the address; UINT32_MAX: none. Addresses ascend from call to call in a segment.
 */
static unsigned symbol_at(const struct symbol *symbols, unsigned count, uint32_t address)
{
    unsigned low = 0, high = count;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? low - 1 : UINT32_MAX;
}

/* Where the sensitive ones are. */
static void print_sites(const struct image *i)
{
    bool first = true;

    printf("\"sites\": [");
    for (unsigned n = 0; n < i->segment_count; n++) {
        const struct segment *s = &i->segments[n];

        for (uint32_t at = s->address; s->executable && at - s->address < s->size; at += 2) {
            struct insn in;
            struct verdict v;
            char text[128];

            if (!descent_decode_at(s, at, &in))
                continue;
            verdict_find(&in, &v);
            if (v.class != CLASS_CRITICAL && v.class != CLASS_PRIVILEGED)
                continue;
            disassemble(&in, at, text, sizeof(text));
            printf("%s\n  {\"address\": %u, \"word\": %u, \"class\": \"%s\", \"text\": \"%s\"}",
                   first ? "" : ",", at, in.word, verdict_class_names[v.class], text);
            first = false;
        }
    }
    printf("\n],\n");
}

static void print_coverage(const struct image *i)
{
    unsigned long code = 0, data = 0, unknown = 0;

    for (unsigned n = 0; n < i->segment_count; n++)
        for (uint32_t h = 0; i->segments[n].executable && h < i->segments[n].size / 2; h++) {
            uint8_t mark = i->segments[n].marks[h];

            *(mark == MARK_UNKNOWN ? &unknown : mark == MARK_DATA ? &data : &code) += 2;
        }
    printf("\"bytes\": {\"code\": %lu, \"data\": %lu, \"not reached\": %lu},\n", code, data, unknown);
    printf("\"roots\": {\"known\": %lu, \"symbols\": %lu, \"guessed\": %lu, \"refused\": %lu}, \"branch "
           "tables\": %lu,\n",
           descent_stats.roots[ROOT_STRONG], descent_stats.roots[ROOT_SYMBOL], descent_stats.roots[ROOT_WEAK],
           descent_stats.refused, descent_stats.tables);
}

static void count_all(const struct image *i, const struct symbol *symbols, unsigned symbol_count)
{
    for (unsigned n = 0; n < i->segment_count; n++) {
        const struct segment *s = &i->segments[n];

        for (uint32_t at = s->address; s->executable && at - s->address < s->size; at += 2) {
            struct insn in;
            unsigned class, symbol;

            if (!descent_decode_at(s, at, &in))
                continue;
            class = count_one(&in);
            symbol = symbol_at(symbols, symbol_count, at);
            if (symbol != UINT32_MAX && symbols[symbol].address >= s->address)
                by_symbol[symbol * CLASSES + class]++;
        }
    }
}

void count_print(const struct image *i, const struct symbol *symbols, unsigned symbol_count)
{
    bool first = true;

    by_symbol = calloc((symbol_count + 1) * CLASSES, sizeof(*by_symbol));
    CHECK(by_symbol);
    count_all(i, symbols, symbol_count);
    printf("{\n\"instructions\": {\"A32\": %lu, \"T16\": %lu, \"T32\": %lu},\n\"classes\": {",
           by_isa[ISA_A32], by_isa[ISA_T16], by_isa[ISA_T32]);
    print_classes(by_class);
    printf("},\n");
    print_coverage(i);
    printf("\"kinds\": [");
    for (unsigned k = 0; k < TALLIES; k++)
        if (tallies[k].count) {
            print_tally(&tallies[k], first);
            first = false;
        }
    printf("\n],\n");
    print_sites(i);
    printf("\"symbols\": [");
    first = true;
    for (unsigned s = 0; s < symbol_count; s++) {
        bool any = false;

        for (unsigned c = 0; c < CLASSES; c++)
            any |= by_symbol[s * CLASSES + c] != 0;
        if (!any)
            continue;
        printf("%s\n  {\"name\": ", first ? "" : ",");
        print_string(symbols[s].name);
        printf(", \"address\": %u, \"classes\": {", symbols[s].address);
        print_classes(&by_symbol[s * CLASSES]);
        printf("}}");
        first = false;
    }
    printf("\n]\n}\n");
    free(by_symbol);
}
