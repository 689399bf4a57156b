/*
 * A plugin of the emulator: which instructions were executed, and on whose behalf.
 *
 *     -plugin profile.so,out=FILE[,symbols=FILE,text=FILE[,counters=FILE[,memory=FILE]]]
 *
 * With `symbols` (lines "ADDRESS NAME" of the VMM's functions, hexadecimal, bit 0 for Thumb, ascending) and `text` (the
 * VMM's code, its bytes from WINDOW_VMM on) the run is one of the VMM: words of the code cache and of the stubs page are
 * counted each by itself, the VMM by call path, all else is the guest's User code. Without, it is native: words of the
 * kernel's half are counted each by itself. A program's markers
 *     mov r10, r10   (0xe1a0a00a)  start
 *     mov r11, r11   (0xe1a0b00b)  stop
 * bound an interval. FILE gets a section for what comes before the first marker (`boot`) and one for each interval:
 *     section boot | section interval
 *     user COUNT                 | start COUNT: before the kernel or the VMM has its MMU on
 *     word ADDRESS WORD COUNT    | host word (or native kernel's) executed so often
 *     path NAME;NAME... COUNT CALLS
 *     counter NAME COUNT         | by how much a counter of the VMM grew
 *     exits NAME COUNT INSTRUCTIONS | exits by the first counter of the list that they moved, from stub to stub
 *
 * `counters` lists the VMM's counters, lines "OFFSET NAME": of a word in the board's RAM, hexadecimal. By its first line,
 * "OFFSET MAGIC OFFSET OFFSET", the RAM is found in our own address space: by a word that it holds, and the counter of
 * exits; the third offset is that of the VMM's image.
 *
 * `memory` gets, at the end, a copy of the VMM's memory, from the beginning of its image to the end of the board's RAM.
 *
 * The plugin interface is declared here because Debian ships QEMU with plugins enabled but without the header
 * (version 1 of it: QEMU 4.2 to 8.2).
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/window.h"
#include "cache/stubs.h"

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;
typedef void (*vcpu_cb)(unsigned int vcpu, void *data);
enum { CB_NO_REGS };
enum { INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, vcpu_cb cb, int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *ptr, uint64_t imm);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*cb)(uint64_t, void *), void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc,
                                                               char **argv);

#define MARK_START 0xe1a0a00au
#define MARK_STOP 0xe1a0b00bu
#define KERNEL_BASE 0xbf000000u  /* Linux: modules, then the kernel */
#define KUSER_BASE 0xffff0f60u   /* Linux's helpers for programs, executed at PL0 ... */
#define KUSER_END 0xffff1000u
#define WINDOW_CACHE_END (WINDOW_CACHE + WINDOW_CACHE_MAX)

/* `count` only grows (the translated code adds to it); what it had when a section began is remembered. */
struct counter {
    uint64_t count, base;
};

struct word {
    struct counter n;
    uint32_t address, value;
};

struct node {
    struct counter n;
    struct counter calls;
    const char *name;
    struct node *parent, *child, *next;
};

struct symbol {
    uint32_t address;
    char *name;
};

static struct counter user, start;
static int measuring, vmm_runs, native_runs;
static unsigned sections;
static FILE *out;

static struct symbol *symbols;
static size_t symbol_count;

static void check(const void *p)
{
    if (!p) {
        perror("profile.so");
        exit(1);
    }
}

/* ---- words: a hash by address and value (a code cache's words change) ---- */

static struct word **words;
static size_t word_count, word_room;

static size_t word_hash(uint32_t address, uint32_t value)
{
    return (address / 4 * 2654435761u ^ value * 2246822519u) & (word_room - 1);
}

static void words_grow(void)
{
    struct word **old = words;
    size_t old_room = word_room;

    word_room = word_room ? 2 * word_room : 1 << 16;
    check(words = calloc(word_room, sizeof *words));
    for (size_t i = 0; i < old_room; i++)
        if (old[i]) {
            size_t h = word_hash(old[i]->address, old[i]->value);

            while (words[h])
                h = (h + 1) & (word_room - 1);
            words[h] = old[i];
        }
    free(old);
}

static struct counter *word_counter(uint32_t address, uint32_t value)
{
    size_t h;

    if (2 * word_count >= word_room)
        words_grow();
    for (h = word_hash(address, value); words[h]; h = (h + 1) & (word_room - 1))
        if (words[h]->address == address && words[h]->value == value)
            return &words[h]->n;
    check(words[h] = calloc(1, sizeof **words));
    word_count++;
    words[h]->address = address;
    words[h]->value = value;
    return &words[h]->n;
}

/* ---- the VMM: a tree of call paths. A call pushes its return address, whose execution pops it; what begins a
        function names the frame, or, without a call before, replaces it (a tail call). ---- */

enum { DEPTH = 128 };
static struct node root = {.name = "vmm"};
static struct {
    uint32_t back;
    struct node *node; /* NULL: called, its function not known yet */
} stack[DEPTH] = {{0, &root}};
static unsigned top;
static struct node *current = &root;
static uint64_t vmm_count, vmm_seen;
static uint32_t text[(WINDOW_DEVICES - WINDOW_VMM) / 4];

static struct node *child(struct node *parent, const char *name)
{
    struct node *n;

    for (n = parent->child; n; n = n->next)
        if (n->name == name)
            return n;
    check(n = calloc(1, sizeof *n));
    n->name = name;
    n->parent = parent;
    n->next = parent->child;
    return parent->child = n;
}

static void attribute(struct node *next)
{
    current->n.count += vmm_count - vmm_seen;
    vmm_seen = vmm_count;
    current = next;
}

/* ---- the VMM's own counters, in the board's RAM ---- */

struct vmm_counter {
    uint32_t offset, seen; /* seen: when the last exit began */
    char *name;
    struct counter total;  /* by sections */
    struct counter exits, cost;
};
static struct vmm_counter *counters;
static size_t counter_count;
static uint32_t magic_offset, magic, exits_offset, image_offset, exits_seen;
static FILE *memory_out;
static const volatile uint8_t *ram;
static uint64_t stub_count, exit_from;

static uint32_t ram_word(uint32_t offset) { return *(const volatile uint32_t *)(ram + offset); }

static void counters_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char name[200];
    uint32_t offset;

    check(file);
    check(fscanf(file, "%" SCNx32 " %" SCNx32 " %" SCNx32 " %" SCNx32, &magic_offset, &magic, &exits_offset,
                 &image_offset) == 4
              ? file : NULL);
    while (fscanf(file, "%" SCNx32 " %199s", &offset, name) == 2) {
        check(counters = realloc(counters, (counter_count + 1) * sizeof *counters));
        counters[counter_count] = (struct vmm_counter){.offset = offset, .name = strdup(name)};
        counter_count++;
    }
    check(counters = realloc(counters, (counter_count + 1) * sizeof *counters)); /* one more, for exits that moved none */
    counters[counter_count] = (struct vmm_counter){.name = "uncounted"};
    fclose(file);
}

static int is_ram(unsigned long at)
{
    uint32_t exits;

    if (*(const uint32_t *)(at + magic_offset) != magic) /* the emulator's copy of the image has it too, but never runs */
        return 0;
    exits = *(const uint32_t *)(at + exits_offset);
    return exits && exits <= exits_seen;
}

/* Anonymous memory of our own process, readable and writable. */
static void ram_find(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    uint32_t last = magic_offset > exits_offset ? magic_offset : exits_offset;
    unsigned long from, to;
    char rights[8], line[512];

    check(maps);
    while (!ram && fgets(line, sizeof line, maps))
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) == 3 && !strncmp(rights, "rw", 2) && to - from > last + 8ul)
            for (unsigned long at = from; at + last + 8 <= to && !ram; at += 0x1000)
                if (is_ram(at))
                    ram = (const uint8_t *)at;
    fclose(maps);
    if (!ram) {
        fprintf(stderr, "profile.so: the board's RAM was not found\n");
        exit(1);
    }
}

/* The VMM is the last thing in the board's RAM. */
static void memory_write(void)
{
    check(fwrite((const void *)(ram + image_offset), WINDOW_DEVICES - WINDOW_VMM, 1, memory_out) ? memory_out : NULL);
    fclose(memory_out);
}

/* The exit that ends here goes to the first counter of the list that it moved. */
static void exit_ends(void)
{
    struct vmm_counter *mover = NULL;
    uint64_t now = vmm_count + stub_count;

    if (!counter_count || exits_seen < 8) /* too early to know the RAM by its count of exits */
        return;
    if (!ram)
        ram_find();
    for (size_t i = 0; i < counter_count; i++) {
        struct vmm_counter *c = &counters[i];
        uint32_t value = ram_word(c->offset);

        if (value != c->seen && !mover)
            mover = c;
        c->total.count += (uint32_t)(value - c->seen);
        c->seen = value;
    }
    if (!mover)
        mover = &counters[counter_count];
    mover->exits.count++;
    mover->cost.count += now - exit_from;
    exit_from = now;
}

static void on_exit_begins(unsigned int vcpu, void *name)
{
    (void)vcpu;
    exit_ends();
    exits_seen++;
    top = 0;
    stack[0].node = child(&root, name);
    stack[0].node->calls.count++;
    attribute(stack[0].node);
}

static void on_call(unsigned int vcpu, void *back)
{
    (void)vcpu;
    if (top + 1 < DEPTH)
        top++;
    stack[top].back = (uint32_t)(uintptr_t)back;
    stack[top].node = NULL;
}

static void on_function(unsigned int vcpu, void *name)
{
    struct node *parent = top ? stack[top - 1].node : stack[0].node, *n = stack[top].node;

    (void)vcpu;
    if (n && n->name == name) /* a loop to its own beginning */
        return;
    n = child(parent ? parent : &root, name);
    n->calls.count++;
    if (!top) /* jumped to by a stub, which is never returned to */
        stack[top = 1].back = 0;
    stack[top].node = n;
    attribute(n);
}

static void on_return(unsigned int vcpu, void *back)
{
    (void)vcpu;
    for (unsigned i = top; i; i--)
        if (stack[i].back == (uint32_t)(uintptr_t)back) {
            top = i - 1;
            for (; i && !stack[i - 1].node; i--)
                ;
            attribute(i ? stack[i - 1].node : &root);
            return;
        }
}

/* The last symbol at or below; NULL: none. */
static const struct symbol *symbol_below(uint32_t address)
{
    size_t low = 0, high = symbol_count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if ((symbols[middle].address & ~1u) <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &symbols[low - 1] : NULL;
}

static const struct symbol *symbol_at(uint32_t address)
{
    const struct symbol *s = symbol_below(address);

    return s && (s->address & ~1u) == address ? s : NULL;
}

static void text_read(const char *path)
{
    FILE *file = fopen(path, "rb");

    check(file);
    check(fread(text, 4, sizeof text / 4, file) ? file : NULL);
    fclose(file);
}

/* BL, BLX; of Thumb (libgcc's functions) the first halfword is the lower one. */
static int is_call_arm(uint32_t w)
{
    return (w & 0x0f000000) == 0x0b000000 || (w & 0x0ffffff0) == 0x012fff30 || (w & 0xfe000000) == 0xfa000000;
}

static int is_call_thumb(uint32_t w)
{
    return (w & 0xd000f800) == 0xd000f000 || (w & 0xd001f800) == 0xc000f000 || (w & 0xffffff87) == 0x4780;
}

static int is_call(uint32_t a, uint32_t w)
{
    const struct symbol *s = symbol_below(a);

    return s && s->address & 1 ? is_call_thumb(w) : is_call_arm(w);
}

/* May a call have returned here? It need not be certain: on_return() looks for the address on the stack. */
static int follows_call(uint32_t a)
{
    uint16_t before[2];

    if (a < WINDOW_VMM + 4)
        return 0;
    memcpy(before, (const char *)text + (a - WINDOW_VMM) - 4, 4);
    return is_call_arm(before[0] | (uint32_t)before[1] << 16) || is_call_thumb(before[0] | (uint32_t)before[1] << 16) ||
           is_call_thumb(before[1]);
}

static void symbols_read(const char *path)
{
    FILE *file = fopen(path, "r");
    char name[200];
    uint32_t address;

    check(file);
    while (fscanf(file, "%" SCNx32 " %199s", &address, name) == 2) {
        check(symbols = realloc(symbols, (symbol_count + 1) * sizeof *symbols));
        symbols[symbol_count].address = address;
        check(symbols[symbol_count++].name = strdup(name));
    }
    fclose(file);
}

/* ---- sections ---- */

static void begin(struct counter *c) { c->base = c->count; }
static uint64_t grown(const struct counter *c) { return c->count - c->base; }

static void node_begin(struct node *n)
{
    begin(&n->n);
    begin(&n->calls);
    for (n = n->child; n; n = n->next)
        node_begin(n);
}

static void section_begin(void)
{
    attribute(current);
    if (vmm_runs)
        exit_ends();
    begin(&user);
    begin(&start);
    for (size_t i = 0; i < word_room; i++)
        if (words[i])
            begin(&words[i]->n);
    node_begin(&root);
    for (size_t i = 0; i <= counter_count && counters; i++) {
        begin(&counters[i].total);
        begin(&counters[i].exits);
        begin(&counters[i].cost);
    }
}

static void node_write(const struct node *n, const char *path)
{
    char here[4096];

    snprintf(here, sizeof here, "%s%s%s", path, *path ? ";" : "", n->name);
    if (grown(&n->n) || grown(&n->calls))
        fprintf(out, "path %s %" PRIu64 " %" PRIu64 "\n", here, grown(&n->n), grown(&n->calls));
    for (n = n->child; n; n = n->next)
        node_write(n, here);
}

static void section_end(const char *kind)
{
    attribute(current);
    if (vmm_runs)
        exit_ends();
    sections++;
    fprintf(out, "section %s\nuser %" PRIu64 "\nstart %" PRIu64 "\n", kind, grown(&user), grown(&start));
    for (size_t i = 0; i < word_room; i++)
        if (words[i] && grown(&words[i]->n))
            fprintf(out, "word %08" PRIx32 " %08" PRIx32 " %" PRIu64 "\n", words[i]->address, words[i]->value,
                    grown(&words[i]->n));
    node_write(&root, "");
    for (size_t i = 0; i <= counter_count && counters; i++) {
        if (grown(&counters[i].total))
            fprintf(out, "counter %s %" PRIu64 "\n", counters[i].name, grown(&counters[i].total));
        if (grown(&counters[i].exits))
            fprintf(out, "exits %s %" PRIu64 " %" PRIu64 "\n", counters[i].name, grown(&counters[i].exits),
                    grown(&counters[i].cost));
    }
}

static void on_start(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    if (measuring)
        return;
    if (!sections)
        section_end("boot");
    section_begin();
    measuring = 1;
}

static void on_stop(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    if (measuring)
        section_end("interval");
    measuring = 0;
}

/* ---- what to count where ---- */

static void count(struct qemu_plugin_insn *insn, struct counter *c)
{
    qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &c->count, 1);
}

static void call(struct qemu_plugin_insn *insn, vcpu_cb cb, const void *data)
{
    qemu_plugin_register_vcpu_insn_exec_cb(insn, cb, CB_NO_REGS, (void *)data);
}

static void count_user(struct qemu_plugin_insn *insn, uint32_t w, int started)
{
    if (w == MARK_START)
        call(insn, on_start, NULL);
    else if (w == MARK_STOP)
        call(insn, on_stop, NULL);
    count(insn, started ? &user : &start);
}

static void count_vmm(struct qemu_plugin_insn *insn, uint32_t a, uint32_t w)
{
    const struct symbol *s = symbol_at(a);

    vmm_runs = 1;
    if (follows_call(a))
        call(insn, on_return, (void *)(uintptr_t)a);
    if (s)
        call(insn, on_function, s->name);
    if (is_call(a, w))
        call(insn, on_call, (void *)(uintptr_t)(a + (uint32_t)qemu_plugin_insn_size(insn)));
    qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &vmm_count, 1);
}

/* The way of the guest's SVC, which is none into the VMM. */
static int is_svc(uint32_t a)
{
    const struct symbol *s = symbol_below(a);

    return a == WINDOW_VECTORS + 8 || (s && (!strcmp(s->name, "entry_svc") || !strcmp(s->name, "stub_svc_slot")));
}

static void count_stub(struct qemu_plugin_insn *insn, uint32_t a, uint32_t w)
{
    const struct symbol *s = symbol_at(a);

    if (s && !strncmp(s->name, "entry_", 6) && strcmp(s->name, "entry_svc"))
        call(insn, on_exit_begins, s->name);
    if (is_call(a, w))
        call(insn, on_call, (void *)(uintptr_t)(a + (uint32_t)qemu_plugin_insn_size(insn)));
    count(insn, word_counter(a, w));
    if (a - STUB_FUNNEL >= STUB_FUNNEL_SIZE && !is_svc(a))
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &stub_count, 1);
}

static void on_insn(struct qemu_plugin_insn *insn)
{
    uint32_t a = (uint32_t)qemu_plugin_insn_vaddr(insn), w = 0;
    size_t size = qemu_plugin_insn_size(insn);

    memcpy(&w, qemu_plugin_insn_data(insn), size < 4 ? size : 4);
    if (size < 4)
        w &= 0xffff;
    if (!symbols) {
        if (a >= KERNEL_BASE && !(a >= KUSER_BASE && a < KUSER_END)) {
            native_runs = 1;
            count(insn, word_counter(a, w));
        } else {
            count_user(insn, w, native_runs);
        }
    } else if (a >= WINDOW_VMM && a < WINDOW_DEVICES) {
        count_vmm(insn, a, w);
    } else if (a >= WINDOW_VECTORS && a < WINDOW_JUMP1) {
        count_stub(insn, a, w);
    } else if (a >= WINDOW_CACHE && a < WINDOW_CACHE_END) {
        count(insn, word_counter(a, w));
    } else {
        count_user(insn, w, vmm_runs);
    }
}

static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0, n = qemu_plugin_tb_n_insns(tb); i < n; i++)
        on_insn(qemu_plugin_tb_get_insn(tb, i));
}

static void on_exit_of_emulator(uint64_t id, void *data)
{
    (void)id, (void)data;
    if (measuring)
        section_end("interval");
    else if (!sections)
        section_end("boot");
    if (memory_out && ram)
        memory_write();
    fprintf(out, "end\n");
    fclose(out);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "out=", 4))
            check(out = fopen(argv[i] + 4, "w"));
        else if (!strncmp(argv[i], "symbols=", 8))
            symbols_read(argv[i] + 8);
        else if (!strncmp(argv[i], "text=", 5))
            text_read(argv[i] + 5);
        else if (!strncmp(argv[i], "counters=", 9))
            counters_read(argv[i] + 9);
        else if (!strncmp(argv[i], "memory=", 7))
            check(memory_out = fopen(argv[i] + 7, "wb"));
    }
    if (!out) {
        fprintf(stderr, "profile.so: out=FILE is missing\n");
        return 1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_of_emulator, NULL);
    return 0;
}
