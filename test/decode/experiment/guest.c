/*
 * Runs each word of words.bin twice in User mode on the bare RealView PB-A8, and writes what
 * happened to outcomes.bin. Registers and flags that the word is said not to read differ between
 * the two runs; all else, memory too, is the same.
 */
#include "bare.h"
#include "record.h"

#define TABLE       ((volatile uint32_t *)0x70100000)
#define SLOT        0x70280000u /* the word, and what comes after; User may read and execute */
#define MEMORY      0x7047c000u /* addresses in registers are in the middle of this */
#define MEMORY_SIZE 0x8000u
#define BATCH       4096

extern uint32_t state_registers[15], state_psr;
enum outcome run(uint32_t address, uint32_t psr);

static struct record records[BATCH];
static struct outcomes outcomes[BATCH];

/* Program and its data for PL1, the slot read-only and the memory writable at PL0; all else faults. */
static void mmu_start(void)
{
    uint32_t control;

    for (unsigned i = 0; i < 4096; i++)
        TABLE[i] = 0;
    TABLE[0x700] = 0x70000402;
    TABLE[0x701] = 0x70100402;
    TABLE[0x702] = 0x70200802;
    TABLE[0x704] = 0x70400c02;
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 0" : : "r"(0x70100000));
    __asm__ volatile("mcr p15, 0, %0, c2, c0, 2" : : "r"(0));
    __asm__ volatile("mcr p15, 0, %0, c3, c0, 0" : : "r"(1));
    __asm__ volatile("mcr p15, 0, %0, c8, c7, 0" : : "r"(0));
    __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(control));
    control = (control & ~2u) | 1; /* MMU on, unaligned accesses allowed */
    __asm__ volatile("dsb\n mcr p15, 0, %0, c1, c0, 0\n isb" : : "r"(control) : "memory");
}

static void fill_slot(const struct record *r)
{
    volatile uint16_t *slot = (volatile uint16_t *)SLOT;

    if (r->state == RECORD_A32) {
        *(volatile uint32_t *)SLOT = r->word;
        *(volatile uint32_t *)(SLOT + 4) = 0xef000001; /* svc 1 */
        return;
    }
    if (r->state == RECORD_T32)
        *slot++ = (uint16_t)(r->word >> 16);
    *slot++ = (uint16_t)r->word;
    *slot = 0xdf01;
}

static void fill_memory(void)
{
    for (uint32_t i = 0; i < MEMORY_SIZE; i += 4)
        *(volatile uint32_t *)(MEMORY + i) = i * 0x9e3779b9u;
}

static uint32_t sum_memory(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < MEMORY_SIZE; i += 4)
        sum = (sum << 5 | sum >> 27) ^ *(volatile uint32_t *)(MEMORY + i);
    return sum;
}

static uint32_t random_register(const struct record *r, unsigned reg)
{
    uint32_t low = random_word() & 0xff8;

    return r->offsets >> reg & 1 ? low : MEMORY + MEMORY_SIZE / 2 + low;
}

static void run_word(const struct record *r, struct outcomes *out)
{
    uint32_t before[2][15], after[2][15], psr[2], flags[2], sums[2];
    enum outcome result[2];

    for (unsigned reg = 0; reg < 15; reg++) {
        before[0][reg] = before[1][reg] = random_register(r, reg);
        while (!(r->reads >> reg & 1) && before[1][reg] == before[0][reg])
            before[1][reg] = random_register(r, reg);
    }
    flags[0] = random_word() & 15;
    flags[1] = flags[0] ^ (~r->flags_read & 15);
    fill_slot(r);
    for (unsigned i = 0; i < 2; i++) {
        memcpy(state_registers, before[i], sizeof(state_registers));
        fill_memory();
        result[i] = run(SLOT, flags[i] << 28 | (r->state == RECORD_A32 ? 0xd0 : 0xf0));
        memcpy(after[i], state_registers, sizeof(state_registers));
        psr[i] = state_psr >> 28;
        sums[i] = sum_memory();
    }
    *out = (struct outcomes){.first = (uint8_t)result[0], .second = (uint8_t)result[1]};
    for (unsigned reg = 0; reg < 15; reg++) {
        unsigned changed0 = after[0][reg] != before[0][reg], changed1 = after[1][reg] != before[1][reg];

        out->changed |= (uint16_t)((changed0 | changed1) << reg);
        out->different |= (uint16_t)((after[0][reg] != after[1][reg]) << reg);
    }
    out->mixed = out->changed & out->different;
    out->flags_changed = (uint8_t)((psr[0] ^ flags[0]) | (psr[1] ^ flags[1]));
    out->flags_different = (uint8_t)(psr[0] ^ psr[1]);
    out->flags_mixed = out->flags_changed & out->flags_different;
    out->memory_different = sums[0] != sums[1];
}

static void run_one(uint32_t i) { run_word(&records[i], &outcomes[i]); }

int main(void)
{
    bare_run(&(struct bare_job){"words.bin", "outcomes.bin", records, outcomes, sizeof(*records),
                                sizeof(*outcomes), BATCH, mmu_start, run_one});
    return 0;
}
