/*
 * A plugin of the emulator: which instructions were executed, and on whose behalf.
 *
 *     -plugin profile.so,out=FILE[,symbols=FILE,text=FILE[,counters=FILE[,memory=FILE]]][,cycles=FILE]
 *
 * With `symbols` (lines "ADDRESS NAME" of the VMM's functions, hexadecimal, bit 0 for Thumb, ascending) and
 * `text` (the VMM's code, its bytes from WINDOW_VMM on) the run is one of the VMM: words of the code cache
 * and of the stubs page are counted each by itself, the VMM by call path, all else is the guest's User code.
 * Without, it is native: words of the kernel's half are counted each by itself. A program's markers mov r10,
 * r10   (0xe1a0a00a)  start mov r11, r11   (0xe1a0b00b)  stop bound an interval. FILE gets a section for what
 * comes before the first marker (`boot`) and one for each interval: section boot | section interval user
 * COUNT                 | start COUNT: before the kernel or the VMM has its MMU on word ADDRESS WORD COUNT |
 * host word (or native kernel's) executed so often path NAME;NAME... COUNT CALLS counter NAME COUNT         |
 * by how much a counter of the VMM grew exits NAME COUNT INSTRUCTIONS | exits by the first counter of the
 * list that they moved, from stub to stub; | NAME:full those that saved the guest's whole state cycles MODEL
 * OWNER CAUSE COUNT | with `cycles`, the models' parameters: what they estimate, whose and why (cycles.h,
 *     event MODEL OWNER NAME COUNT   | cortex_a8/core.h); from the first interval on
 *
 * `counters` lists the VMM's counters, lines "OFFSET NAME": of a word in the board's RAM, hexadecimal. By its
 * first line, "OFFSET MAGIC OFFSET OFFSET", the RAM is found in our own address space: by a word that it
 * holds, and the counter of exits; the third offset is that of the VMM's image.
 *
 * `memory` gets, at the end, a copy of the VMM's memory, from the beginning of its image to the end of the
 * board's RAM.
 */
#include <stdlib.h>
#include <string.h>

#include "cycles.h"
#include "host/stubs.h"
#include "host/window.h"
#include "profile.h"
#include "qemu_plugin.h"

#define PUBLIC __attribute__((visibility("default")))
PUBLIC int qemu_plugin_version = 1;
PUBLIC int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

#define MARK_START       0xe1a0a00au
#define MARK_STOP        0xe1a0b00bu
#define KERNEL_BASE      0xbf000000u /* Linux: modules, then the kernel */
#define KUSER_BASE       0xffff0f60u /* Linux's helpers for programs, executed at PL0 ... */
#define KUSER_END        0xffff1000u
#define WINDOW_CACHE_END (WINDOW_CACHE + WINDOW_CACHE_MAX)

static struct counter user, start;
static int measuring, vmm_runs, native_runs;
static unsigned sections;
static FILE *out;
static char *memory_path;
static uint64_t plugin;

static void on_reset(uint64_t id);

void check(const void *p)
{
    if (!p) {
        perror("profile.so");
        exit(1);
    }
}

static void section_begin(void)
{
    counter_begin(&user);
    counter_begin(&start);
    words_begin();
    paths_begin();
    exits_begin();
    cycles_begin();
}

static void section_end(const char *kind)
{
    sections++;
    fprintf(out, "section %s\nuser %" PRIu64 "\nstart %" PRIu64 "\n", kind, counter_grown(&user),
            counter_grown(&start));
    words_write(out);
    paths_write(out);
    exits_end(out);
    cycles_write(out);
}

static void on_start(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    if (measuring)
        return;
    if (!sections)
        section_end("boot");
    if (cycles_wanted()) /* from here on: everything is translated again, with callbacks for each instruction
                          */
        qemu_plugin_reset(plugin, on_reset);
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

static void on_entry(unsigned int vcpu, void *name)
{
    (void)vcpu;
    exit_begins();
    path_entry(name);
}

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
        call(insn, path_return, (void *)(uintptr_t)a);
    if (s)
        call(insn, path_function, s->name);
    if (is_call(a, w))
        call(insn, path_call, (void *)(uintptr_t)(a + (uint32_t)qemu_plugin_insn_size(insn)));
    qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &vmm_count, 1);
}

static void on_full(unsigned int vcpu, void *data)
{
    (void)vcpu, (void)data;
    exit_is_full();
}

/* The way of the guest's SVC, which is none into the VMM. */
static int is_svc(uint32_t a)
{
    const struct symbol *s = symbol_below(a);

    return a == WINDOW_VECTORS + 8 ||
           (s && (!strcmp(s->name, "entry_svc") || !strcmp(s->name, "stub_svc_slot")));
}

static void count_stub(struct qemu_plugin_insn *insn, uint32_t a, uint32_t w)
{
    const struct symbol *s = symbol_at(a);

    if (s && !strncmp(s->name, "entry_", 6) && strcmp(s->name, "entry_svc"))
        call(insn, on_entry, s->name);
    if (s && !strcmp(s->name, "exit_full"))
        call(insn, on_full, NULL);
    if (is_call(a, w))
        call(insn, path_call, (void *)(uintptr_t)(a + (uint32_t)qemu_plugin_insn_size(insn)));
    count(insn, word_counter(a, w));
    if (!is_svc(a))
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, &stub_count, 1);
}

static bool is_kernel(uint32_t a) { return a >= KERNEL_BASE && !(a >= KUSER_BASE && a < KUSER_END); }

static bool is_jump(uint32_t w)
{
    return w == JUMP_BASE || w == JUMP_BYTE || w == JUMP_SLOT || w == JUMP_LOAD;
}

static enum cycles_owner owner_of(uint32_t a, uint32_t w)
{
    if (!symbols_known())
        return is_kernel(a) ? OWNER_kernel : native_runs ? OWNER_user : OWNER_start;
    if (a >= WINDOW_VMM && a < WINDOW_DEVICES)
        return OWNER_vmm;
    if (a >= WINDOW_VECTORS && a < WINDOW_JUMP)
        return is_svc(a) ? OWNER_svc : OWNER_stubs;
    if (a >= WINDOW_CACHE && a < WINDOW_CACHE_END)
        return is_jump(w) ? OWNER_jumps : OWNER_cache;
    return vmm_runs ? OWNER_user : OWNER_start;
}

static uint32_t word_of(const struct qemu_plugin_insn *insn)
{
    size_t size = qemu_plugin_insn_size(insn);
    uint32_t w = 0;

    memcpy(&w, qemu_plugin_insn_data(insn), size < 4 ? size : 4);
    return size < 4 ? w & 0xffff : w;
}

static void on_insn(struct qemu_plugin_insn *insn)
{
    uint32_t a = (uint32_t)qemu_plugin_insn_vaddr(insn), w = word_of(insn);

    if (!symbols_known()) {
        if (is_kernel(a)) {
            native_runs = 1;
            count(insn, word_counter(a, w));
        } else {
            count_user(insn, w, native_runs);
        }
    } else if (a >= WINDOW_VMM && a < WINDOW_DEVICES) {
        count_vmm(insn, a, w);
    } else if (a >= WINDOW_VECTORS && a < WINDOW_JUMP) {
        count_stub(insn, a, w);
    } else if (a >= WINDOW_CACHE && a < WINDOW_CACHE_END) {
        count(insn, word_counter(a, w));
    } else {
        count_user(insn, w, vmm_runs);
    }
}

/* The markers' callbacks come first: an interval's cycles begin with its marker. */
static void on_translate(uint64_t id, struct qemu_plugin_tb *tb)
{
    bool thumb = cycles_run() && cycles_is_thumb(tb);

    (void)id;
    for (size_t i = 0, n = qemu_plugin_tb_n_insns(tb); i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint32_t a = (uint32_t)qemu_plugin_insn_vaddr(insn), w = word_of(insn);

        on_insn(insn);
        if (cycles_run())
            cycles_insn(insn, a, w, thumb, owner_of(a, w));
    }
}

static void on_exit_of_emulator(uint64_t id, void *data)
{
    (void)id, (void)data;
    if (measuring)
        section_end("interval");
    else if (!sections)
        section_end("boot");
    if (memory_path)
        memory_write(memory_path);
    fprintf(out, "end\n");
    fclose(out);
}

static void callbacks(uint64_t id)
{
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_of_emulator, NULL);
}

static void on_reset(uint64_t id)
{
    cycles_start();
    callbacks(id);
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
            check(memory_path = strdup(argv[i] + 7));
        else if (!strncmp(argv[i], "cycles=", 7))
            cycles_read(argv[i] + 7);
    }
    if (!out) {
        fprintf(stderr, "profile.so: out=FILE is missing\n");
        return 1;
    }
    plugin = id;
    callbacks(id);
    return 0;
}
