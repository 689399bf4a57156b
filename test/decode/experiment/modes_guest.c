/*
 * Runs each word of modes_words.bin at PL0, in every mode of PL1 and at a second address, from the same
 * state, and writes what that made of the state to modes_outcomes.bin.
 *
 * At PL0 memory is mapped as a VMM that de-privileges kernels must map it: what the guest's kernel alone may
 * access is open to PL0, for the kernel is there.
 */
#include "bare.h"
#include "modes.h"

#define PAGE_TABLE    ((volatile uint32_t *)0x70100000)
#define CODE          0x70200000u /* physical; at CODE_HERE and CODE_THERE, read-only at both levels */
#define CODE_HERE     0x40000000u
#define CODE_THERE    0x44400000u
#define CODE_SIZE     0x4000u
#define SLOT          0x2000u /* offset of the instruction: all that its PC may reach by an offset is code */
#define TRAMPOLINE    0x3fe0u
#define MEMORY_KERNEL 0x50000000u
#define MEMORY_USER   0x50100000u
#define MEMORY_SIZE   0x4000u /* registers are in the middle of it */
#define BATCH         64

#define COUNTER         (*(volatile uint32_t *)0x1000005c) /* 24 MHz */
#define TIMER           ((volatile uint32_t *)0x10011000)  /* SP804, 1 MHz: load, value, control, clear */
#define GIC_CPU         ((volatile uint32_t *)0x1e000000)
#define GIC_DISTRIBUTOR ((volatile uint32_t *)0x1e001000)
#define TIMER_INTERRUPT 36u
#define TIMER_PERIOD    1000u /* microseconds: the interrupt that ends a WFI */

extern struct modes_state modes_state;
void run(uint32_t address);
uint32_t vector_sum(void);
void vector_fill(uint32_t seed);

static struct modes_word words[BATCH];
static struct modes_outcome outcomes[BATCH];
static uint32_t clean_sum;
static const uint8_t mode_numbers[RUN_COUNT] = {0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f, 0x13};

#define CP15_READ(opc1, crn, crm, opc2)                                                                      \
    ({                                                                                                       \
        uint32_t v;                                                                                          \
        __asm__ volatile("mrc p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 : "=r"(v));                  \
        v;                                                                                                   \
    })
#define CP15_WRITE(opc1, crn, crm, opc2, v)                                                                  \
    __asm__ volatile("mcr p15, " #opc1 ", %0, c" #crn ", c" #crm ", " #opc2 "\n isb" : : "r"(v) : "memory")

/* The system registers that an instance may change, or that show that it did. */
#define SYSTEM_REGISTERS(X)                                                                                  \
    X(SYS_SCTLR, 0, 1, 0, 0)                                                                                 \
    X(SYS_CPACR, 0, 1, 0, 2)                                                                                 \
    X(SYS_TTBR0, 0, 2, 0, 0)                                                                                 \
    X(SYS_TTBR1, 0, 2, 0, 1)                                                                                 \
    X(SYS_TTBCR, 0, 2, 0, 2)                                                                                 \
    X(SYS_DACR, 0, 3, 0, 0)                                                                                  \
    X(SYS_DFSR, 0, 5, 0, 0)                                                                                  \
    X(SYS_IFSR, 0, 5, 0, 1)                                                                                  \
    X(SYS_DFAR, 0, 6, 0, 0)                                                                                  \
    X(SYS_IFAR, 0, 6, 0, 2)                                                                                  \
    X(SYS_CONTEXTIDR, 0, 13, 0, 1)                                                                           \
    X(SYS_TPIDRURW, 0, 13, 0, 2)                                                                             \
    X(SYS_TPIDRURO, 0, 13, 0, 3)                                                                             \
    X(SYS_TPIDRPRW, 0, 13, 0, 4) X(SYS_CSSELR, 2, 0, 0, 0) X(SYS_PAR, 0, 7, 4, 0) X(SYS_PMSELR, 0, 9, 12, 5)

static uint32_t baseline[SYS_COUNT];

static void system_read(uint32_t sys[SYS_COUNT])
{
#define X(name, opc1, crn, crm, opc2) sys[name] = CP15_READ(opc1, crn, crm, opc2);
    SYSTEM_REGISTERS(X)
#undef X
    sys[SYS_PMCNTEN] = CP15_READ(0, 9, 12, 1);
    __asm__ volatile(".fpu neon\n vmrs %0, fpexc" : "=r"(sys[SYS_FPEXC]));
}

static void system_restore(const uint32_t now[SYS_COUNT])
{
#define X(name, opc1, crn, crm, opc2)                                                                        \
    if (now[name] != baseline[name])                                                                         \
        CP15_WRITE(opc1, crn, crm, opc2, baseline[name]);
    SYSTEM_REGISTERS(X)
#undef X
    if (now[SYS_PMCNTEN] != baseline[SYS_PMCNTEN])
        CP15_WRITE(0, 9, 12, 2, 0xffffffff);
    __asm__ volatile(".fpu neon\n vmsr fpexc, %0" : : "r"(baseline[SYS_FPEXC]));
}

/* Sections, read and write at PL1, with what else is said; domain 0. */
static void map(uint32_t va, uint32_t pa, uint32_t access) { PAGE_TABLE[va >> 20] = pa | 2 | access; }

enum { PL1_ONLY = 1 << 10, EVERYBODY = 3 << 10, NO_EXECUTE = 1 << 4, CACHED = 3 << 2 };

/* Small pages, for nothing may be near: read-only at both levels, executable, cached. */
static void map_code(uint32_t va, uint32_t pa, uint32_t table)
{
    for (unsigned i = 0; i < 256; i++)
        ((volatile uint32_t *)table)[i] = i < CODE_SIZE / 4096 ? (pa + i * 4096) | 0x23e : 0;
    PAGE_TABLE[va >> 20] = table | 1;
}

static void mmu_start(void)
{
    for (unsigned i = 0; i < 4096; i++)
        PAGE_TABLE[i] = 0;
    map(0x70000000, 0x70000000, PL1_ONLY | CACHED);
    map(0x70100000, 0x70100000, PL1_ONLY | NO_EXECUTE | CACHED);
    map(0x70200000, 0x70200000, PL1_ONLY | NO_EXECUTE | CACHED); /* to write the code by */
    map(0x70300000, 0x70300000, PL1_ONLY | NO_EXECUTE | CACHED);
    map(0x10000000, 0x10000000, PL1_ONLY | NO_EXECUTE);
    map(0x1e000000, 0x1e000000, PL1_ONLY | NO_EXECUTE);
    map_code(CODE_HERE, CODE, 0x70108000);
    map_code(CODE_THERE, CODE + 0x100000, 0x70108400);
    map(MEMORY_KERNEL, 0x70400000, PL1_ONLY | NO_EXECUTE | CACHED);
    map(MEMORY_USER, 0x70500000, EVERYBODY | NO_EXECUTE | CACHED);
    CP15_WRITE(0, 2, 0, 0, 0x70100000);
    CP15_WRITE(0, 2, 0, 2, 0);
    CP15_WRITE(0, 3, 0, 0, 1);
    CP15_WRITE(0, 8, 7, 0, 0);
    CP15_WRITE(0, 1, 0, 0, (CP15_READ(0, 1, 0, 0) & ~2u) | 1); /* MMU on, unaligned accesses allowed */
}

/* The guest's own rights, or what is made of them for a kernel at PL0. */
static void map_kernel_memory(int open_to_pl0)
{
    map(MEMORY_KERNEL, 0x70400000, (open_to_pl0 ? EVERYBODY : PL1_ONLY) | NO_EXECUTE | CACHED);
    CP15_WRITE(0, 8, 7, 0, 0);
}

static void interrupt_start(void)
{
    GIC_DISTRIBUTOR[0] = 1;
    GIC_DISTRIBUTOR[0x100 / 4 + TIMER_INTERRUPT / 32] = 1u << TIMER_INTERRUPT % 32;
    ((volatile uint8_t *)GIC_DISTRIBUTOR)[0x800 + TIMER_INTERRUPT] = 1;
    GIC_CPU[1] = 0xff;
    GIC_CPU[0] = 1;
}

static void timer_start(void)
{
    TIMER[2] = 0;
    TIMER[0] = TIMER_PERIOD;
    TIMER[2] = 0xa3; /* enabled, with interrupt, 32 bits, one shot */
}

static void timer_stop(void)
{
    TIMER[2] = 0;
    TIMER[3] = 0;
}

/* UDF everywhere, each with another number, and at the second address others than at the first. */
static void fill_code(int thumb)
{
    for (uint32_t at = 0; at < CODE_SIZE; at += 4)
        for (uint32_t there = 0; there < 2; there++) {
            uint32_t n = at / 4 + there * 0x55;
            uint32_t word = thumb ? 0xde00de00 | (n & 0xff) | (n * 7 & 0xff) << 16
                                  : 0xe7f000f0 | (n & 15) | (n >> 4 & 0xfff) << 8;

            *(volatile uint32_t *)(CODE + there * 0x100000 + at) = word;
        }
    for (uint32_t there = 0; there < 2; there++) { /* to User mode, and on to the address in the third word */
        volatile uint32_t *to_user = (volatile uint32_t *)(CODE + there * 0x100000 + TRAMPOLINE);

        to_user[0] = 0xf1020010; /* CPS #0x10 */
        to_user[1] = 0xe51ff004; /* LDR pc, [pc, #-4] */
    }
}

/* Puts the word there; gives back what it covers. */
static uint32_t exchange(uint32_t physical, uint32_t state, uint32_t word)
{
    volatile uint16_t *slot = (volatile uint16_t *)physical;
    uint32_t old = *(volatile uint32_t *)physical;

    if (state == MODES_A32)
        *(volatile uint32_t *)physical = word;
    else if (state == MODES_T16)
        slot[0] = (uint16_t)word;
    else {
        slot[0] = (uint16_t)(word >> 16);
        slot[1] = (uint16_t)word;
    }
    CP15_WRITE(0, 7, 5, 0, 0);
    return old;
}

/* Each word can be a PSR of System mode with interrupts masked, or an address at which nothing is. */
static void fill_memory(void)
{
    for (uint32_t i = 0; i < MEMORY_SIZE; i += 4) {
        uint32_t word = ((i + 4) * 0x9e3779b9u & 0x780f0000) | 0x800001df;

        *(volatile uint32_t *)(MEMORY_KERNEL + i) = *(volatile uint32_t *)(MEMORY_USER + i) = word;
    }
}

static uint32_t sum_memory(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < MEMORY_SIZE; i += 16) {
        const volatile uint32_t *a = (volatile uint32_t *)(MEMORY_KERNEL + i),
                                *b = (volatile uint32_t *)(MEMORY_USER + i);

        sum = (sum << 5 | sum >> 27) ^ (a[0] + 3 * a[1] + 5 * a[2] + 7 * a[3]);
        sum = (sum << 5 | sum >> 27) ^ (b[0] + 3 * b[1] + 5 * b[2] + 7 * b[3]);
    }
    return sum;
}

static uint32_t random_register(const struct modes_word *w, unsigned reg)
{
    uint32_t low = random_word() & 0x7f8;

    if (w->preset == reg)
        return w->value;
    return w->offsets >> reg & 1 ? low : (w->kernel ? MEMORY_KERNEL : MEMORY_USER) + MEMORY_SIZE / 2 + low;
}

/* What is the same in every run. The current mode's registers are in r0_r7, r8_usr, sp[OF_USR] and
 * lr[OF_USR]. */
static void choose_state(const struct modes_word *w, struct modes_state *s)
{
    memset(s, 0, sizeof(*s));
    for (unsigned r = 0; r < 15; r++) {
        uint32_t value = random_register(w, r);

        if (r < 8)
            s->r0_r7[r] = value;
        else if (r < 13)
            s->r8_usr[r - 8] = value;
        else
            *(r == 13 ? s->sp : s->lr) = value;
    }
    for (unsigned i = 0; i < 5; i++)
        s->r8_fiq[i] = 0x0f00 + i;
    for (unsigned bank = 1; bank < OF_COUNT; bank++) {
        s->sp[bank] = (w->kernel ? MEMORY_KERNEL : MEMORY_USER) + MEMORY_SIZE / 2 + 0x800 + bank * 0x100;
        s->lr[bank] = 0x60000000 + bank * 0x100;
        s->spsr[bank] = 0x600001df; /* System mode, Z and C, masked */
    }
    s->spsr[OF_USR] = (random_word() & 0xf80f0000) | (uint32_t)w->masks << 6;
}

/* The chosen state, with the current mode's registers where that mode has them. */
static void enter_state(const struct modes_state *chosen, unsigned which)
{
    static const uint8_t banks[RUN_COUNT] = {0, OF_FIQ, OF_IRQ, OF_SVC, OF_ABT, OF_UND, 0, OF_SVC};
    unsigned bank = banks[which];

    modes_state = *chosen;
    if (bank != OF_USR) {
        modes_state.sp[bank] = chosen->sp[OF_USR];
        modes_state.lr[bank] = chosen->lr[OF_USR];
        modes_state.sp[OF_USR] = MEMORY_USER + MEMORY_SIZE / 2 + 0x700;
        modes_state.lr[OF_USR] = 0x60000000;
    }
    if (bank == OF_FIQ)
        for (unsigned i = 0; i < 5; i++) {
            modes_state.r8_fiq[i] = chosen->r8_usr[i];
            modes_state.r8_usr[i] = 0x0e00 + i;
        }
    modes_state.spsr[OF_USR] |= which == RUN_USR ? 0x1f : mode_numbers[which];
}

static void run_once(const struct modes_word *w, struct modes_outcome *out, unsigned which)
{
    uint32_t there = which == RUN_ELSEWHERE, physical = CODE + there * 0x100000;
    uint32_t code = there ? CODE_THERE : CODE_HERE, address = code + SLOT, entry;
    uint32_t covered = exchange(physical + SLOT, w->state, w->word),
             covered_next = *(volatile uint32_t *)(physical + SLOT + 4);
    struct modes_state *after = &out->runs[which];

    out->slot[which] = address;
    entry = address | (w->state != MODES_A32);
    if (which == RUN_USR) {
        ((volatile uint32_t *)(physical + TRAMPOLINE))[2] = entry;
        entry = code + TRAMPOLINE;
    }
    map_kernel_memory(which == RUN_USR);
    vector_fill(w->word);
    enter_state(&out->before, which);
    timer_start();
    uint32_t ticks = COUNTER;
    run(entry);
    ticks = COUNTER - ticks;
    timer_stop();
    *after = modes_state;
    after->ticks = ticks;
    system_read(after->sys);
    system_restore(after->sys);
    after->vectors = vector_sum();
    after->memory = sum_memory();
    if (after->memory != clean_sum)
        fill_memory();
    *(volatile uint32_t *)(physical + SLOT) = covered;
    *(volatile uint32_t *)(physical + SLOT + 4) = covered_next;
}

static void run_word(const struct modes_word *w, struct modes_outcome *out)
{
    static unsigned filled = 2;

    if (filled != (w->state != MODES_A32)) {
        filled = w->state != MODES_A32;
        fill_code((int)filled);
    }
    choose_state(w, &out->before);
    memcpy(out->before.sys, baseline, sizeof(baseline));
    out->before.memory = clean_sum;
    vector_fill(w->word);
    out->before.vectors = vector_sum();
    for (unsigned which = 0; which < RUN_COUNT; which++)
        run_once(w, out, which);
}

static void run_one(uint32_t i) { run_word(&words[i], &outcomes[i]); }

static void begin(void)
{
    mmu_start();
    interrupt_start();
    system_read(baseline);
    fill_memory();
    clean_sum = sum_memory();
}

int main(void)
{
    bare_run(&(struct bare_job){"modes_words.bin", "modes_outcomes.bin", words, outcomes, sizeof(*words),
                                sizeof(*outcomes), BATCH, begin, run_one});
    return 0;
}
