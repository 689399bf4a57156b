/*
 * Estimated cycles: each instruction that is executed, with what it accessed, goes to models of the Cortex-A8
 * (bench/cortex_a8).
 *
 * What is known of an instruction before it is executed is kept in a `struct site`; the rest is known when
 * the next one begins: it was interrupted if that is a vector. Physical addresses of code follow from the
 * emulator's pointers: how far apart the two are is learnt from the first load of a literal in its own page.
 */
#include "cycles.h"

#include <stdlib.h>
#include <string.h>

#include "cortex_a8/core.h"
#include "host/window.h"
#include "profile.h"
#include "qemu_plugin.h"

#define LINUX_LINEAR 0xc0000000u /* Linux maps RAM linearly from here, by sections */
#define LINUX_GLOBAL 0xbf000000u /* modules, then the kernel: the same in all address spaces */
#define HIGH_VECTORS 0xffff0000u

static const char *const owner_names[] = {
#define X(name) #name,
    CYCLES_OWNERS(X)
#undef X
};
static const char *const place_names[] = {
#define X(name) #name,
    CYCLES_PLACES(X)
#undef X
};
enum {
#define X(name) PLACE_##name,
    CYCLES_PLACES(X)
#undef X
};
static const char *const cause_names[] = {
#define X(name) #name,
    A8_CAUSES(X)
#undef X
};
static const char *const event_names[] = {
#define X(name) #name,
    A8_EVENTS(X)
#undef X
};

struct site {
    uint32_t pc, word;
    uintptr_t host;
    uint8_t owner;
    bool thumb;
    struct a8_op op;
};

static struct {
    struct a8_core cores[MODELS_MAX];
    /* At the section's begin. */
    uint64_t counts[MODELS_MAX][OWNERS_MAX][CAUSES], events[MODELS_MAX][OWNERS_MAX][EVENTS];
    uint64_t tlb_misses[MODELS_MAX][PLACES_MAX];
    unsigned count;
    bool running;        /* instructions have our callbacks */
    struct a8_step step; /* what is executed now */
    const struct site *site;
    bool physical_known, linear_known;
    uint64_t physical, linear; /* to be added to a pointer, to be taken from a linear address */
    struct site **sites;
    size_t site_count, site_room;
} cycles;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "profile.so: %s:%d: CHECK(%s)\n", file, line, what);
    exit(1);
}

bool cycles_wanted(void) { return cycles.count && !cycles.running; }
bool cycles_run(void) { return cycles.running; }
void cycles_start(void) { cycles.running = true; }

void cycles_read(const char *path)
{
    struct a8_model models[MODELS_MAX];
    FILE *file = fopen(path, "r");
    const char *why;

    check(file);
    cycles.count = models_read(file, models, &why);
    fclose(file);
    if (!cycles.count) {
        fprintf(stderr, "profile.so: %s: %s\n", path, why);
        exit(1);
    }
    for (unsigned i = 0; i < cycles.count; i++)
        core_make(&cycles.cores[i], &models[i]);
}

/* ---- sites: by address, word and place in memory ---- */

static size_t site_hash(uint32_t pc, uint32_t word, uintptr_t host)
{
    return (pc / 2 * 2654435761u ^ word * 2246822519u ^ (size_t)(host >> 12) * 3266489917u) &
           (cycles.site_room - 1);
}

static void sites_grow(void)
{
    struct site **old = cycles.sites;
    size_t old_room = cycles.site_room;

    cycles.site_room = old_room ? 2 * old_room : 1 << 16;
    check(cycles.sites = calloc(cycles.site_room, sizeof *cycles.sites));
    for (size_t i = 0; i < old_room; i++)
        if (old[i]) {
            size_t h = site_hash(old[i]->pc, old[i]->word, old[i]->host);

            while (cycles.sites[h])
                h = (h + 1) & (cycles.site_room - 1);
            cycles.sites[h] = old[i];
        }
    free(old);
}

static struct site *site_find(uint32_t pc, uint32_t word, bool thumb, uintptr_t host, uint8_t owner)
{
    struct insn in;
    struct site *s;
    size_t h;

    if (2 * cycles.site_count >= cycles.site_room)
        sites_grow();
    for (h = site_hash(pc, word, host); (s = cycles.sites[h]); h = (h + 1) & (cycles.site_room - 1))
        if (s->pc == pc && s->word == word && s->thumb == thumb && s->host == host && s->owner == owner)
            return s;
    check(s = cycles.sites[h] = calloc(1, sizeof *s));
    cycles.site_count++;
    *s = (struct site){.pc = pc, .word = word, .host = host, .owner = owner, .thumb = thumb};
    if (!thumb)
        decode_a32(word, &in);
    else if (decode_is_wide((uint16_t)word)) /* in memory the first half is the lower one */
        decode_thumb(word << 16 | word >> 16, true, &in);
    else
        decode_thumb(word, false, &in);
    timing_of(&in, &s->op);
    return s;
}

/* ---- addresses ---- */

/* What is mapped by sections: RAM in the guest's kernel, and the VMM's own memory. */
static bool is_large(uint32_t va, uint64_t pa)
{
    if (symbols_known() &&
        ((va >= WINDOW_VMM && va < WINDOW_DEVICES) || (va >= WINDOW_LINEAR && va < WINDOW_SRF)))
        return true;
    return cycles.linear_known && va >= LINUX_LINEAR && va - pa == cycles.linear;
}

static struct a8_page page_of(uint32_t va, uint64_t pa)
{
    bool window = symbols_known() && va >= WINDOW_SRF && va < WINDOW_VMM;

    return (struct a8_page){va, pa, is_large(va, pa) ? 20 : 12, va >= LINUX_GLOBAL, window};
}

/* Natively all is the guest's. A gate is written, the code around it only read. */
static uint8_t place_of(uint32_t va, bool store)
{
    if (!symbols_known() || va < WINDOW_LINEAR || va >= WINDOW_END)
        return PLACE_guest;
    if (va >= WINDOW_VMM || va < WINDOW_SRF)
        return PLACE_vmm;
    if (va >= WINDOW_JUMP)
        return PLACE_jump_map;
    if (va >= WINDOW_CACHE && va < WINDOW_CACHE + WINDOW_CACHE_MAX)
        return store ? PLACE_gate : PLACE_code;
    return PLACE_window;
}

static void learn(uint32_t va, uint64_t pa)
{
    const struct site *s = cycles.site;

    if (!cycles.physical_known && s && va >> 12 == s->pc >> 12) {
        cycles.physical = pa - (va - s->pc) - (uint64_t)s->host;
        cycles.physical_known = true;
    }
    if (!cycles.linear_known && va >> 24 == LINUX_LINEAR >> 24) {
        cycles.linear = va - pa;
        cycles.linear_known = true;
    }
}

/* ---- execution ---- */

/* Of the guest, or the VMM's; zero: a bare machine's. */
static bool is_vector(uint32_t a)
{
    uint32_t base = a & ~0x1cu;

    return base == HIGH_VECTORS || base == WINDOW_VECTORS || base == 0;
}

static void step_end(uint32_t next)
{
    struct a8_step *step = &cycles.step;
    bool straight = next == step->pc + step->op->size;

    step->next = next;
    step->exception = !straight && (is_vector(next) || !step->op->writes_pc);
    for (unsigned i = 0; i < cycles.count; i++)
        core_step(&cycles.cores[i], step);
}

static void on_insn(unsigned int vcpu, void *data)
{
    const struct site *s = data;
    struct a8_step *step = &cycles.step;

    (void)vcpu;
    /* The emulator begins an instruction again that turns out to access a device. */
    if (step->op && !(cycles.site == s && !step->op->writes_pc))
        step_end(s->pc);
    cycles.site = s;
    step->op = &s->op;
    step->pc = s->pc;
    step->pa = s->host + cycles.physical;
    step->page = page_of(s->pc, step->pa);
    step->owner = s->owner;
    step->accesses = 0;
}

static void on_access(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *data)
{
    struct qemu_plugin_hwaddr *at;
    struct a8_step *step = &cycles.step;
    struct a8_access *a;
    uint32_t va = (uint32_t)vaddr;
    uint64_t pa;
    bool io;

    (void)vcpu, (void)data;
    if (step->accesses == ACCESSES_MAX || !(at = qemu_plugin_get_hwaddr(info, vaddr)))
        return;
    io = qemu_plugin_hwaddr_is_io(at);
    pa = io ? 0 : qemu_plugin_hwaddr_phys_addr(at);
    if (!io)
        learn(va, pa);
    a = &step->access[step->accesses++];
    *a = (struct a8_access){.va = va,
                            .pa = pa,
                            .size = (uint8_t)(1u << qemu_plugin_mem_size_shift(info)),
                            .store = qemu_plugin_mem_is_store(info),
                            .device = io,
                            .page = page_of(va, pa)};
    a->place = place_of(va, a->store);
}

void cycles_insn(struct qemu_plugin_insn *insn, uint32_t pc, uint32_t word, bool thumb,
                 enum cycles_owner owner)
{
    struct site *s = site_find(pc, word, thumb, (uintptr_t)qemu_plugin_insn_haddr(insn), owner);

    qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, CB_NO_REGS, s);
    qemu_plugin_register_vcpu_mem_cb(insn, on_access, CB_NO_REGS, MEM_READ_WRITE, s);
}

/* ---- which instruction set ---- */

/* All of a block's are of one. Only a block of four-byte words alone leaves room for doubt: then it is Thumb
   if all could be and one of them is no A32 instruction. */
bool cycles_is_thumb(const struct qemu_plugin_tb *tb)
{
    bool could_be = true, must_be = false;
    struct insn in;

    for (size_t i = 0, n = qemu_plugin_tb_n_insns(tb); i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint32_t word;

        if (qemu_plugin_insn_size(insn) == 2 || qemu_plugin_insn_vaddr(insn) & 2)
            return true;
        memcpy(&word, qemu_plugin_insn_data(insn), 4);
        could_be &= decode_is_wide((uint16_t)word);
        decode_a32(word, &in);
        must_be |= in.class == CLASS_UNDEFINED || in.class == CLASS_UNPREDICTABLE;
    }
    return could_be && must_be;
}

/* ---- sections ---- */

void cycles_begin(void)
{
    for (unsigned i = 0; i < cycles.count; i++) {
        memcpy(cycles.counts[i], cycles.cores[i].count, sizeof cycles.counts[i]);
        memcpy(cycles.events[i], cycles.cores[i].events, sizeof cycles.events[i]);
        memcpy(cycles.tlb_misses[i], cycles.cores[i].tlb_misses, sizeof cycles.tlb_misses[i]);
    }
}

static void model_write(FILE *out, unsigned i)
{
    const struct a8_core *c = &cycles.cores[i];

    for (unsigned place = 0; place < ARRAY_SIZE(place_names); place++)
        if (c->tlb_misses[place] != cycles.tlb_misses[i][place])
            fprintf(out, "event %s all dtlb_miss_%s %" PRIu64 "\n", c->m.name, place_names[place],
                    c->tlb_misses[place] - cycles.tlb_misses[i][place]);
    for (unsigned owner = 0; owner < ARRAY_SIZE(owner_names); owner++) {
        for (unsigned k = 0; k < CAUSES; k++)
            if (c->count[owner][k] != cycles.counts[i][owner][k])
                fprintf(out, "cycles %s %s %s %" PRIu64 "\n", c->m.name, owner_names[owner], cause_names[k],
                        c->count[owner][k] - cycles.counts[i][owner][k]);
        for (unsigned k = 0; k < EVENTS; k++)
            if (c->events[owner][k] != cycles.events[i][owner][k])
                fprintf(out, "event %s %s %s %" PRIu64 "\n", c->m.name, owner_names[owner], event_names[k],
                        c->events[owner][k] - cycles.events[i][owner][k]);
    }
}

void cycles_write(FILE *out)
{
    for (unsigned i = 0; cycles.running && i < cycles.count; i++)
        model_write(out, i);
}
