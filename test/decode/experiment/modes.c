/*
 * The host's side of the experiment in every mode: instances of each row, and what their runs prove.
 *
 *   modes emit N_A_ROW SEED words.bin
 *   modes derive words.bin outcomes.bin reviewed.txt result.json
 *
 * What is derived, for each row and each class that its words may have, comes from the runs alone:
 * *privileged* traps at PL0 and not at PL1; *critical* does not trap at PL0 and is sensitive; *innocuous* is
 * neither. Sensitive is what ends in another state at PL0 than in a mode of PL1, or in one such mode than in
 * another (behaviour), what changes system state at PL1 (control), or makes time pass (resource).
 */
#include "classify/verdict.h"
#include "decode/experiment/modes_host.h"
#include "decoder/decoder.h"
#include "ops.h"
#include "support/sample.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG       6000u       /* ticks of 24 MHz: a quarter of the timer's millisecond */
#define PSR_SYSTEM 0x000003dfu /* E, A, I, F, mode */

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

/* ---- what a run did ---- */

static const uint8_t banks[RUN_COUNT] = {0, OF_FIQ, OF_IRQ, OF_SVC, OF_ABT, OF_UND, 0, OF_SVC};
static const char *const run_names[RUN_COUNT] = {"User",  "FIQ",       "IRQ",    "SVC",
                                                 "Abort", "Undefined", "System", "SVC elsewhere"};
static const char *const sys_names[SYS_COUNT] = {
    "SCTLR",      "CPACR",    "TTBR0",    "TTBR1",    "TTBCR",  "DACR", "DFSR",    "IFSR",   "DFAR", "IFAR",
    "CONTEXTIDR", "TPIDRURW", "TPIDRURO", "TPIDRPRW", "CSSELR", "PAR",  "PMCNTEN", "PMSELR", "FPEXC"};

/* A run as seen by the program in it: independent of which bank its registers were in. */
struct effect {
    enum { RUNS, TRAPS_UNDEFINED, TRAPS_CALL, TRAPS_FETCH, ABORTS, INTERRUPTED } outcome;
    uint32_t pc; /* of the next instruction, if it runs */
    uint32_t regs[15];
    uint32_t psr;  /* afterwards, but for the mode it began in: bits that differ from the CPSR before */
    uint32_t spsr; /* the current mode's */
    bool lr_known, spsr_known;
    bool banks_changed, sys_changed, waited;
    uint32_t sys_mask; /* registers changed */
    uint32_t memory, vectors, fault;
};

static uint32_t end_bank(uint32_t end)
{
    switch (end) {
    case END_UNDEFINED: return OF_UND;
    case END_SVC: return OF_SVC;
    case END_INTERRUPT: return OF_IRQ;
    default: return OF_ABT;
    }
}

/* Address of the instruction that the exception was taken at (B1.8.3: preferred return addresses). */
static uint32_t end_pc(const struct modes_state *s)
{
    bool thumb = s->end_spsr & 0x20;

    switch (s->end) {
    case END_UNDEFINED:
    case END_SVC: return s->end_lr - (thumb ? 2 : 4);
    case END_DATA_ABORT: return s->end_lr - 8;
    default: return s->end_lr - 4;
    }
}

static const uint32_t *reg_of(const struct modes_state *s, unsigned bank, unsigned r)
{
    if (r < 8)
        return &s->r0_r7[r];
    if (r < 13)
        return bank == OF_FIQ ? &s->r8_fiq[r - 8] : &s->r8_usr[r - 8];
    return r == 13 ? &s->sp[bank] : &s->lr[bank];
}

/* The state of all banks before the run; the guest program's enter_state() in words. */
static void state_before(const struct modes_outcome *o, unsigned which, struct modes_state *s)
{
    unsigned bank = banks[which];

    *s = o->before;
    if (bank != OF_USR) {
        s->sp[bank] = o->before.sp[OF_USR];
        s->lr[bank] = o->before.lr[OF_USR];
        s->sp[OF_USR] = 0x50100000 + 0x2000 + 0x700;
        s->lr[OF_USR] = 0x60000000;
    }
    if (bank == OF_FIQ)
        for (unsigned i = 0; i < 5; i++) {
            s->r8_fiq[i] = o->before.r8_usr[i];
            s->r8_usr[i] = 0x0e00 + i;
        }
}

/* Anything in a bank that is not the current one? What the exception itself writes is left out. */
static bool others_changed(const struct modes_state *b, const struct modes_state *a, unsigned bank)
{
    unsigned own = end_bank(a->end);

    for (unsigned n = 0; n < OF_COUNT; n++) {
        if (n != bank && (b->sp[n] != a->sp[n] || (n != own && b->lr[n] != a->lr[n])))
            return true;
        if (n != bank && n != own && n != OF_USR && b->spsr[n] != a->spsr[n])
            return true;
    }
    if (bank == OF_FIQ)
        return memcmp(b->r8_usr, a->r8_usr, sizeof(a->r8_usr)) != 0;
    return memcmp(b->r8_fiq, a->r8_fiq, sizeof(a->r8_fiq)) != 0;
}

static void effect_of(const struct modes_outcome *o, unsigned which, const struct insn *in, struct effect *e)
{
    const struct modes_state *a = &o->runs[which];
    unsigned bank = banks[which], own = end_bank(a->end);
    uint32_t cpsr = o->before.spsr[OF_USR] | (in->thumb ? 0x20 : 0);
    static const uint8_t modes[RUN_COUNT] = {0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f, 0x13};
    struct modes_state b;
    bool at_slot;

    memset(e, 0, sizeof(*e));
    state_before(o, which, &b);
    e->pc = end_pc(a);
    at_slot = e->pc == o->slot[which];
    e->outcome = a->end == END_DATA_ABORT  ? ABORTS
                 : a->end == END_INTERRUPT ? INTERRUPTED
                 : a->end == END_SVC       ? TRAPS_CALL
                 : !at_slot                ? RUNS
                 : a->end == END_UNDEFINED ? TRAPS_UNDEFINED
                                           : TRAPS_FETCH;
    for (unsigned r = 0; r < 15; r++)
        e->regs[r] = *reg_of(a, bank, r);
    e->lr_known = e->spsr_known = own != bank;
    e->psr = (a->end_spsr ^ cpsr ^ modes[which]) & ~0x0600fc00u; /* IT goes on with whatever follows */
    e->spsr = bank == OF_USR ? b.spsr[OF_SVC] : a->spsr[bank];
    e->banks_changed = others_changed(&b, a, bank);
    for (unsigned n = 0; n < SYS_COUNT; n++) {
        bool fault_register = n == SYS_DFSR || n == SYS_IFSR || n == SYS_DFAR || n == SYS_IFAR;

        if (a->sys[n] != o->before.sys[n] && !(fault_register && own == OF_ABT))
            e->sys_mask |= 1u << n;
    }
    e->sys_changed = e->sys_mask & ~(1u << SYS_TPIDRURW); /* that one is a program's own */
    e->memory = a->memory;
    e->vectors = a->vectors;
    e->fault = a->end == END_DATA_ABORT ? a->sys[SYS_DFAR] : 0;
    e->waited = a->ticks > LONG;
}

/* Names of what differs between two runs, for people; "" if nothing does. */
static const char *difference(const struct effect *x, const struct effect *y)
{
    static char text[32];

    if (x->outcome != y->outcome)
        return "outcome";
    if (x->outcome != RUNS && x->outcome != INTERRUPTED)
        return "";
    if (x->pc != y->pc)
        return "PC";
    for (unsigned r = 0; r < 15; r++)
        if (x->regs[r] != y->regs[r] && (r != 14 || (x->lr_known && y->lr_known))) {
            snprintf(text, sizeof(text), "r%u", r);
            return text;
        }
    if (x->psr != y->psr)
        return "PSR";
    if (x->spsr_known && y->spsr_known && x->spsr != y->spsr)
        return "SPSR";
    return x->memory != y->memory ? "memory" : x->vectors != y->vectors ? "vector registers" : "";
}

static bool depends_on_location(const struct modes_outcome *o, const struct effect *here,
                                const struct effect *there)
{
    struct effect moved = *there;
    uint32_t offset = o->slot[RUN_ELSEWHERE] - o->slot[RUN_SVC];

    if (here->outcome == ABORTS && there->outcome == ABORTS)
        return here->fault != there->fault;
    if (here->outcome != there->outcome)
        return true;
    if (moved.pc - offset == here->pc)
        moved.pc = here->pc;
    return *difference(here, &moved);
}

/* ---- what the runs of a row prove ---- */

enum derived { D_INNOCUOUS, D_TRAPS, D_PRIVILEGED, D_CRITICAL };
static const char *const derived_names[] = {"innocuous", "traps", "privileged", "critical"};

enum evidence { E_BEHAVIOUR = 1, E_MODES = 2, E_CONTROL = 4, E_RESOURCE = 8, E_LOCATION = 16 };
static const char *const evidence_names[] = {"PL0 differs", "modes differ", "control", "resource",
                                             "location"};

struct group { /* a row's words of one class */
    unsigned count, evidence, sensitive, by_derived[D_CRITICAL + 1];
    struct modes_word word[D_CRITICAL + 1]; /* an example of each */
    struct modes_outcome *outcome[D_CRITICAL + 1];
};

#define CLASSES (CLASS_UNPREDICTABLE + 1u)
static struct group *groups; /* [row][class] */

static enum derived derive_one(const struct modes_outcome *o, const struct insn *in, unsigned *evidence)
{
    struct effect e[RUN_COUNT];
    bool traps, all_trap = true, aborted = true;

    *evidence = 0;
    for (unsigned n = 0; n < RUN_COUNT; n++) {
        effect_of(o, n, in, &e[n]);
        aborted &= e[n].outcome == ABORTS && (n == RUN_ELSEWHERE || e[n].fault == e[RUN_USR].fault);
        if (n != RUN_USR)
            all_trap &= e[n].outcome >= TRAPS_UNDEFINED && e[n].outcome <= TRAPS_FETCH;
    }
    traps = e[RUN_USR].outcome >= TRAPS_UNDEFINED && e[RUN_USR].outcome <= TRAPS_FETCH;
    if (depends_on_location(o, &e[RUN_SVC], &e[RUN_ELSEWHERE]))
        *evidence |= E_LOCATION;
    if (aborted) /* by the same address: the exceptions are memory's, not the instruction's */
        return D_INNOCUOUS;
    if (traps && all_trap)
        return D_TRAPS;
    for (unsigned n = RUN_FIQ; n <= RUN_SYS; n++) {
        if (*difference(&e[RUN_USR], &e[n]))
            *evidence |= E_BEHAVIOUR;
        if (*difference(&e[RUN_SVC], &e[n]))
            *evidence |= E_MODES;
        if (e[n].outcome != ABORTS && (e[n].psr & PSR_SYSTEM || e[n].banks_changed || e[n].sys_changed ||
                                       (banks[n] != OF_USR && e[n].spsr_known && e[n].spsr != 0x600001df)))
            *evidence |= E_CONTROL;
        if (e[n].waited)
            *evidence |= E_RESOURCE;
    }
    if (traps)
        return D_PRIVILEGED;
    return *evidence & ~(unsigned)E_LOCATION ? D_CRITICAL : D_INNOCUOUS;
}

/* What the table's class promises; traps are those of all levels. */
static enum derived promised(unsigned class)
{
    switch (class) {
    case CLASS_CRITICAL: return D_CRITICAL;
    case CLASS_PRIVILEGED: return D_PRIVILEGED;
    case CLASS_EXCEPTION:
    case CLASS_UNDEFINED: return D_TRAPS;
    default: return D_INNOCUOUS;
    }
}

/*
 * Ways of being sensitive that the runs show and the table does not claim; for those that are critical by
 * both, also claims that no run shows. Configuration is not compared: one machine shows the same everywhere.
 */
static unsigned unproven(const struct group *g, unsigned class, enum derived found)
{
    const unsigned compared = SENSITIVE_CONTROL | SENSITIVE_MODE | SENSITIVE_RESOURCE;
    unsigned shown = g->evidence & E_LOCATION ? SENSITIVE_LOCATION : 0, ways = 0;

    if (found == D_CRITICAL) {
        ways |= g->evidence & E_CONTROL ? SENSITIVE_CONTROL : 0;
        ways |= g->evidence & (E_MODES | E_BEHAVIOUR) ? SENSITIVE_MODE : 0;
        ways |= g->evidence & E_RESOURCE ? SENSITIVE_RESOURCE : 0;
    }
    if (found == D_CRITICAL && class == CLASS_CRITICAL)
        return ((ways ^ g->sensitive) & compared) | (shown & ~g->sensitive);
    return (ways | shown) & ~g->sensitive;
}

static char *reviewed;

static void read_reviewed(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t size;

    CHECK(file);
    reviewed = calloc(1, 1 << 18);
    CHECK(reviewed);
    size = fread(reviewed, 1, (1 << 18) - 1, file);
    CHECK(size < (1 << 18) - 1);
    fclose(file);
}

/* ROW ENCODING ISA CLASS DERIVED reason, the first three as shells match file names; the reason of such a
 * line, or NULL. */
static const char *find_reason(const char *row, const char *encoding, const char *isa, const char *class,
                               const char *found)
{
    static char reason[256];
    char f[5][64];
    int at;

    for (const char *line = reviewed; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        at = 0;
        if (*line != '#' &&
            sscanf(line, "%63s %63s %63s %63s %63s %n", f[0], f[1], f[2], f[3], f[4], &at) == 5 && at &&
            !fnmatch(f[0], row, 0) && !fnmatch(f[1], encoding, 0) && !fnmatch(f[2], isa, 0) &&
            !strcmp(f[3], class) && !strcmp(f[4], found)) {
            snprintf(reason, sizeof(reason), "%.*s", (int)strcspn(line + at, "\n"), line + at);
            return reason;
        }
    }
    return NULL;
}

static void describe(const struct modes_outcome *o, unsigned which, const struct insn *in, char *text,
                     size_t size)
{
    static const char *const outcomes[] = {
        "runs", "Undefined Instruction", "Supervisor Call", "Prefetch Abort", "Data Abort", "runs, then IRQ"};
    struct effect e;
    struct modes_state b;
    size_t n;

    effect_of(o, which, in, &e);
    state_before(o, which, &b);
    n = (size_t)snprintf(text, size, "%s", outcomes[e.outcome]);
    if (e.outcome != RUNS && e.outcome != INTERRUPTED)
        return;
    for (unsigned r = 0; r < 15; r++)
        if (e.regs[r] != *reg_of(&b, banks[which], r) && (r != 14 || e.lr_known))
            n += (size_t)snprintf(text + n, size - n, "; r%u = %#x", r, e.regs[r]);
    if (e.pc != o->slot[which] + in->size)
        n += (size_t)snprintf(text + n, size - n, "; goes on at %#x", e.pc);
    if (e.psr & PSR_SYSTEM)
        n += (size_t)snprintf(text + n, size - n, "; CPSR's system bits change by %#x", e.psr & PSR_SYSTEM);
    if (e.psr & ~PSR_SYSTEM & ~0x20u)
        n += (size_t)snprintf(text + n, size - n, "; flags change");
    if (banks[which] != OF_USR && e.spsr_known && e.spsr != 0x600001df)
        n += (size_t)snprintf(text + n, size - n, "; SPSR = %#x", e.spsr);
    if (e.banks_changed)
        n += (size_t)snprintf(text + n, size - n, "; other modes' registers change");
    for (unsigned s = 0; s < SYS_COUNT; s++)
        if (e.sys_mask >> s & 1)
            n += (size_t)snprintf(text + n, size - n, "; %s = %#x", sys_names[s], o->runs[which].sys[s]);
    if (e.memory != o->before.memory)
        n += (size_t)snprintf(text + n, size - n, "; memory changes");
    if (e.vectors != o->before.vectors)
        n += (size_t)snprintf(text + n, size - n, "; vector registers change");
    if (e.waited)
        n += (size_t)snprintf(text + n, size - n, "; waits for the interrupt");
    if (n == strlen(outcomes[e.outcome]))
        snprintf(text + n, size - n, "; no effect");
}

static void print_group(FILE *json, const struct decoder_row *row, unsigned class, const struct group *g,
                        enum derived found, const char *reason, bool first)
{
    static const char *const isas[] = {"A32", "T16", "T32"};
    const struct modes_word *w = &g->word[found];
    struct insn in;
    char text[512];

    fprintf(
        json,
        "%s\n{\"row\": \"%s\", \"encoding\": \"%s\", \"isa\": \"%s\", \"manual\": \"%s\", \"class\": \"%s\", "
        "\"sensitive\": \"%s\", \"derived\": \"%s\", \"instances\": %u, \"evidence\": [",
        first ? "" : ",", row->name, row->encoding, isas[row->isa], row->manual, verdict_class_names[class],
        verdict_sensitivity_text(g->sensitive), derived_names[found], g->count);
    for (unsigned n = 0, k = 0; n < ARRAY_SIZE(evidence_names); n++)
        if (g->evidence >> n & 1)
            fprintf(json, "%s\"%s\"", k++ ? ", " : "", evidence_names[n]);
    fprintf(json, "], \"as\": {");
    for (unsigned d = D_INNOCUOUS, k = 0; d <= D_CRITICAL; d++)
        if (g->by_derived[d])
            fprintf(json, "%s\"%s\": %u", k++ ? ", " : "", derived_names[d], g->by_derived[d]);
    fprintf(json, "}, \"explained\": ");
    fprintf(json, reason ? "\"%s\"" : "null", reason);
    modes_decode(w, &in);
    disassemble(&in, 0x40002000, text, sizeof(text));
    fprintf(json, ", \"word\": %u, \"text\": \"%s\", \"memory\": \"%s\", \"runs\": {", w->word, text,
            w->kernel ? "kernel" : "user");
    for (unsigned n = 0; n < RUN_COUNT; n++) {
        describe(g->outcome[found], n, &in, text, sizeof(text));
        fprintf(json, "%s\"%s\": \"%s\"", n ? ", " : "", run_names[n], text);
    }
    fprintf(json, "}}");
}

/*
 * Do the checks bite? Each class that promises something else, given to a row whose runs agree with it: how
 * many would pass, because the reviewed list excuses too much. classes.c sees those.
 */
static unsigned count_excused(const struct decoder_row *row, const char *isa, unsigned class,
                              enum derived found, unsigned *tried)
{
    unsigned excused = 0;

    for (unsigned other = 0; other < CLASS_UNPREDICTABLE && found == promised(class); other++) {
        if (promised(other) == found)
            continue;
        ++*tried;
        excused += find_reason(row->name, row->encoding, isa, verdict_class_names[other],
                               derived_names[found]) != NULL;
    }
    return excused;
}

static int derive(const char *words, const char *results, const char *list, const char *json_path)
{
    FILE *in_file = fopen(words, "rb"), *out_file = fopen(results, "rb"), *json = fopen(json_path, "w");
    static const char *const isas[] = {"A32", "T16", "T32"};
    unsigned long count = 0, rows = 0, agreed = 0, explained = 0, open = 0;
    static struct modes_outcome o;
    struct modes_word w;
    unsigned tried = 0, excused = 0;
    bool first = true;

    CHECK(in_file && out_file && json);
    read_reviewed(list);
    groups = calloc(decoder_row_count * CLASSES, sizeof(*groups));
    CHECK(groups);
    while (fread(&w, sizeof(w), 1, in_file) == 1) {
        struct insn in;
        struct verdict v;
        struct group *g;
        unsigned evidence;
        enum derived d;

        if (fread(&o, sizeof(o), 1, out_file) != 1) {
            printf("word %lu, %08x: the machine did not come back\n", count, w.word);
            return 1;
        }
        count++;
        modes_decode(&w, &in);
        verdict_find(&in, &v);
        g = &groups[in.row * CLASSES + v.class];
        d = derive_one(&o, &in, &evidence);
        g->count++;
        g->evidence |= evidence;
        g->sensitive |= v.sensitive;
        if (!g->by_derived[d]++) {
            g->word[d] = w;
            g->outcome[d] = malloc(sizeof(o));
            CHECK(g->outcome[d]);
            *g->outcome[d] = o;
        }
    }
    fprintf(json, "[");
    for (unsigned r = 0; r < decoder_row_count; r++)
        for (unsigned class = 0; class < CLASSES; class ++) {
            struct group *g = &groups[r * CLASSES + class];
            const struct decoder_row *row = &decoder_rows[r];
            enum derived found = D_CRITICAL;
            const char *reason = NULL;

            if (!g->count)
                continue;
            while (found > D_INNOCUOUS && !g->by_derived[found])
                found--;
            rows++;
            excused += count_excused(row, isas[row->isa], class, found, &tried);
            if (found == promised(class))
                agreed++;
            else if ((reason = find_reason(row->name, row->encoding, isas[row->isa],
                                           verdict_class_names[class], derived_names[found])))
                explained++;
            else {
                open++;
                printf("%s %s %s %s %s: %08x (%u instances)\n", row->name, row->encoding, isas[row->isa],
                       verdict_class_names[class], derived_names[found], g->word[found].word, g->count);
            }
            if (unproven(g, class, found)) {
                open++;
                printf("%s %s %s %s: the table says %s-sensitive, the runs do not agree about %s\n",
                       row->name, row->encoding, isas[row->isa], verdict_class_names[class],
                       strdup(verdict_sensitivity_text(g->sensitive)),
                       verdict_sensitivity_text(unproven(g, class, found)));
            }
            print_group(json, row, class, g, found, reason, first);
            first = false;
        }
    fprintf(json, "\n]\n");
    CHECK(!fclose(json));
    printf("%u of %u wrong classes, each given to a row in turn, would be seen here\n", tried - excused,
           tried);
    printf("%lu instances of %lu rows and classes: %lu as the table says, %lu explained, %lu open\n", count,
           rows, agreed, explained, open);
    return open != 0;
}

int main(int argc, char **argv)
{
    if (argc == 5 && !strcmp(argv[1], "emit")) {
        sample_seed(strtoull(argv[3], NULL, 0));
        modes_emit((unsigned)strtoul(argv[2], NULL, 0), argv[4]);
        return 0;
    }
    if (argc == 6 && !strcmp(argv[1], "derive"))
        return derive(argv[2], argv[3], argv[4], argv[5]);
    fprintf(stderr, "usage: modes emit N_A_ROW SEED words.bin | modes derive words.bin outcomes.bin "
                    "reviewed.txt out.json\n");
    return 2;
}
