/*
 * GIC (IHI 0048A with the implementation choices of the PB-A8's controller).
 *
 * One bit an interrupt in words of 32. Invariants: bits outside the implemented interrupts stay clear;
 * live, best and irq agree with the rest of the state after every call from outside.
 */
#include "device/gic.h"

#include "device/bus.h"
#include "device/primecell.h"

#define WORDS         (GIC_IRQ_COUNT / 32)
#define SGI_COUNT     16u
#define SGI_MASK      0xffffu /* of word 0 */
#define SPURIOUS      1023u
#define IDLE_PRIORITY 0x100u
#define APR_WORDS     4
#define DIRECT_MAX    4u

static struct gic {
    bool dist_on, cpu_on;
    uint32_t enabled[WORDS], latched[WORDS], active[WORDS], level[WORDS], edge[WORDS];
    uint32_t live[WORDS]; /* enabled, pending and not active */
    uint8_t priority[GIC_IRQ_COUNT];
    uint8_t sgi_sources[SGI_COUNT]; /* a bit a CPU that sent it; latched while any is set */
    uint8_t pmr, bpr;
    uint32_t apr[APR_WORDS]; /* a bit for each active preemption level */
    uint32_t running;        /* group priority of the innermost active interrupt, or IDLE_PRIORITY */
    uint32_t best;           /* highest priority pending interrupt, or SPURIOUS */
    bool irq;
} gic;

/* Lines that move unseen; reset keeps them. */
static struct {
    struct {
        unsigned irq;
        const struct board_spare *spare;
    } line[DIRECT_MAX];
    unsigned count;
} direct;

static uint32_t pending_word(unsigned w) { return gic.latched[w] | (gic.level[w] & ~gic.edge[w]); }

/* BPR 0 still splits off one bit: 128 preemption levels. */
static uint32_t group_priority(unsigned irq) { return gic.priority[irq] & ~0u << ((gic.bpr & 7) + 1); }

/* After a change that leaves live[] as it was. */
static void update(void)
{
    uint32_t best = SPURIOUS, best_priority = IDLE_PRIORITY;

    gic.irq = false;
    gic.best = SPURIOUS;
    if (!(gic.live[0] | gic.live[1] | gic.live[2]) || !gic.dist_on || !gic.cpu_on)
        return;
    for (unsigned w = 0; w < WORDS; w++) {
        for (uint32_t left = gic.live[w]; left; left &= left - 1) {
            unsigned irq = w * 32 + (unsigned)__builtin_ctz(left);

            if (gic.priority[irq] < best_priority) {
                best_priority = gic.priority[irq];
                best = irq;
            }
        }
    }
    if (best_priority >= gic.pmr)
        return;
    gic.best = best;
    gic.irq = best_priority < gic.running;
}

/* After a change in word w of the bitmaps. */
static void update_word(unsigned w)
{
    gic.live[w] = gic.enabled[w] & pending_word(w) & ~gic.active[w];
    update();
}

void gic_direct_line(unsigned irq, const struct board_spare *spare)
{
    CHECK(direct.count < DIRECT_MAX && irq < GIC_IRQ_COUNT);
    direct.line[direct.count].irq = irq;
    direct.line[direct.count++].spare = spare;
}

bool gic_is_edge_triggered(unsigned irq) { return gic.edge[irq / 32] >> (irq & 31) & 1; }

/* Before the guest looks at the GIC, or changes it. */
static void ask_direct_lines(void)
{
    for (unsigned i = 0; i < direct.count; i++)
        gic_set_line(direct.line[i].irq, board_spare_level(direct.line[i].spare));
}

/* A line that was high may have fallen unseen; one that rises is told. */
bool gic_irq_pending(void)
{
    if (gic.irq && direct.count)
        ask_direct_lines();
    return gic.irq;
}

bool gic_fiq_pending(void) { return false; }

void gic_set_line(unsigned irq, bool level)
{
    unsigned w = irq / 32;
    uint32_t m = 1u << (irq & 31);

    if (irq >= GIC_IRQ_COUNT || level == !!(gic.level[w] & m))
        return;
    if (level) {
        gic.level[w] |= m;
        gic.latched[w] |= m & gic.edge[w];
    } else {
        gic.level[w] &= ~m;
    }
    update_word(w);
}

static void set_sgi_sources(unsigned irq, uint32_t sources)
{
    gic.sgi_sources[irq] = (uint8_t)sources;
    if (sources)
        gic.latched[0] |= 1u << irq;
    else
        gic.latched[0] &= ~(1u << irq);
}

/* --- CPU interface --- */

/* The innermost level from word `w` of apr[] on; there is none before. */
static void find_running(unsigned w)
{
    gic.running = IDLE_PRIORITY;
    for (; w < APR_WORDS; w++) {
        if (gic.apr[w]) {
            gic.running = (w * 32 + (unsigned)__builtin_ctz(gic.apr[w])) << 1;
            return;
        }
    }
}

static uint32_t acknowledge(void)
{
    unsigned irq = gic.best, w = irq / 32;
    uint32_t m = 1u << (irq & 31), group, source = 0;

    if (irq == SPURIOUS)
        return SPURIOUS;
    if (gic.priority[irq] >= gic.running)
        return SPURIOUS;
    group = group_priority(irq);
    gic.apr[group >> 6] |= 1u << (group >> 1 & 31);
    gic.running = group;
    gic.active[w] |= m;
    if (irq < SGI_COUNT) {
        source = (unsigned)__builtin_ctz(gic.sgi_sources[irq]);
        set_sgi_sources(irq, gic.sgi_sources[irq] & ~(1u << source));
    } else {
        gic.latched[w] &= ~m;
    }
    update_word(w);
    return irq | source << 10;
}

static void end_of_interrupt(uint32_t irq)
{
    if (irq >= GIC_IRQ_COUNT || gic.running == IDLE_PRIORITY)
        return;
    gic.apr[gic.running >> 6] &= ~(1u << (gic.running >> 1 & 31));
    find_running(gic.running >> 6);
    gic.active[irq / 32] &= ~(1u << (irq & 31));
    update_word(irq / 32);
}

uint32_t gic_cpu_read(void *state, uint32_t offset, unsigned size)
{
    (void)state;
    (void)size;
    ask_direct_lines();
    switch (offset) {
    case 0x00: return gic.cpu_on;
    case 0x04: return gic.pmr;
    case 0x08: return gic.bpr;
    case 0x0c: return acknowledge();
    case 0x14: return gic.running > 0xff ? 0xff : gic.running;
    case 0x18: return gic.best;
    case 0xfc: return 0x0001043b;
    default: return 0;
    }
}

void gic_cpu_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    (void)size;
    ask_direct_lines();
    switch (offset) {
    case 0x00: gic.cpu_on = value & 1; break;
    case 0x04: gic.pmr = (uint8_t)value; break;
    case 0x08: gic.bpr = value & 7; break;
    case 0x10: end_of_interrupt(value & 0x3ff); return;
    default: return;
    }
    update();
}

/* --- Distributor: byte by byte, as its registers may be accessed --- */

static const uint8_t dist_id[12] = {0x04, 0, 0, 0, 0x90, 0xb3, 0x1b, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

/* The byte at `offset` of a bitmap that starts at offset 0 of its bank. */
static uint8_t bitmap_byte(const uint32_t *words, uint32_t offset)
{
    return offset < WORDS * 4 ? (uint8_t)(words[offset / 4] >> (offset % 4 * 8)) : 0;
}

static uint8_t config_byte(uint32_t offset)
{
    uint8_t r = 0;

    if (offset >= GIC_IRQ_COUNT / 4)
        return 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned irq = offset * 4 + i;

        if (gic_is_edge_triggered(irq))
            r |= (uint8_t)(2u << (i * 2));
    }
    return r;
}

static uint8_t dist_read_byte(uint32_t offset)
{
    uint32_t word[WORDS];

    switch (offset >> 7) {
    case 0x000 >> 7:
        switch (offset) {
        case 0x00: return gic.dist_on;
        case 0x04: return GIC_IRQ_COUNT / 32 - 1;
        case 0x08: return 0x3b;
        case 0x09: return 0x04;
        default: return 0;
        }
    case 0x100 >> 7:
    case 0x180 >> 7: return bitmap_byte(gic.enabled, offset & 0x7f);
    case 0x200 >> 7:
    case 0x280 >> 7:
        for (unsigned w = 0; w < WORDS; w++)
            word[w] = pending_word(w);
        return bitmap_byte(word, offset & 0x7f);
    case 0x300 >> 7: return bitmap_byte(gic.active, offset & 0x7f);
    case 0x400 >> 7: return offset - 0x400 < GIC_IRQ_COUNT ? gic.priority[offset - 0x400] : 0;
    case 0xc00 >> 7: return config_byte(offset - 0xc00);
    case 0xf00 >> 7: return offset >= 0xf10 && offset < 0xf30 ? gic.sgi_sources[offset & 0xf] : 0;
    case 0xf80 >> 7: return offset >= 0xfd0 && !(offset & 3) ? dist_id[(offset - 0xfd0) / 4] : 0;
    default: return 0; /* ITARGETSR is RAZ/WI on one CPU */
    }
}

uint32_t gic_dist_read(void *state, uint32_t offset, unsigned size)
{
    uint32_t r = 0;

    (void)state;
    ask_direct_lines();
    for (unsigned i = 0; i < size; i++)
        r |= (uint32_t)dist_read_byte(offset + i) << (i * 8);
    return r;
}

static bool is_direct(unsigned irq)
{
    for (unsigned i = 0; i < direct.count; i++)
        if (direct.line[i].irq == irq)
            return true;
    return false;
}

static void set_config_byte(uint32_t offset, uint32_t value)
{
    if (offset < 4 || offset >= GIC_IRQ_COUNT / 4)
        return; /* SGIs are edge-triggered for good */
    for (unsigned i = 0; i < 4; i++) {
        unsigned irq = offset * 4 + i;
        uint32_t m = 1u << (irq & 31);
        bool edge = value >> (i * 2) & 2;

        if (edge != gic_is_edge_triggered(irq) && is_direct(irq))
            bus.up->direct_changed();
        if (edge)
            gic.edge[irq / 32] |= m;
        else
            gic.edge[irq / 32] &= ~m;
    }
}

static void dist_write_byte(uint32_t offset, uint32_t value)
{
    uint32_t in_bank = offset & 0x7f, w = in_bank / 4, m = value << (in_bank % 4 * 8);

    if (offset == 0) {
        gic.dist_on = value & 1;
        return;
    }
    if (offset >= 0x400 && offset < 0x400 + GIC_IRQ_COUNT) {
        gic.priority[offset - 0x400] = (uint8_t)value;
        return;
    }
    if (offset >= 0xc00 && offset < 0xd00) {
        set_config_byte(offset - 0xc00, value);
        return;
    }
    if (offset >= 0xf10 && offset < 0xf30) { /* CPENDSGIR, SPENDSGIR */
        uint32_t sources = gic.sgi_sources[offset & 0xf];

        set_sgi_sources(offset & 0xf, offset < 0xf20 ? sources & ~value : sources | value);
        return;
    }
    if (offset >= 0x400 || w >= WORDS)
        return;
    if (w == 0)
        m &= ~SGI_MASK; /* SGIs are always enabled, and made pending only by SGIR */
    switch (offset >> 7) {
    case 0x100 >> 7: gic.enabled[w] |= m; break;
    case 0x180 >> 7: gic.enabled[w] &= ~m; break;
    case 0x200 >> 7: gic.latched[w] |= m; break;
    case 0x280 >> 7: gic.latched[w] &= ~m; break;
    }
}

/* SGIR (4.3.13): the only target there is CPU 0, which filter 1, "all but me", leaves out. The reserved
   filter 3 sends. */
static void send_sgi(uint32_t value)
{
    unsigned filter = value >> 24 & 3;

    if (filter >= 2 || (filter == 0 && value >> 16 & 1))
        set_sgi_sources(value & 0xf, gic.sgi_sources[value & 0xf] | 1);
}

void gic_dist_write(void *state, uint32_t offset, uint32_t value, unsigned size)
{
    (void)state;
    ask_direct_lines();
    if (offset == 0xf00 && size == 4)
        send_sgi(value);
    else
        for (unsigned i = 0; i < size; i++)
            dist_write_byte(offset + i, value >> (i * 8) & 0xff);
    for (unsigned w = 0; w < WORDS; w++)
        update_word(w);
}

void gic_reset(void *state)
{
    (void)state;
    gic = (struct gic){.running = IDLE_PRIORITY, .best = SPURIOUS};
    gic.enabled[0] = SGI_MASK;
    gic.edge[0] = SGI_MASK;
}
