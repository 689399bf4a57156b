/*
 * The translator's output as the verifier gets it: samples of guest words of each class that has a template,
 * and the places where code pages make a difference.
 */
#ifndef VERIFIER_TRANSLATIONS_H
#define VERIFIER_TRANSLATIONS_H

#include "verifier_machine.h"

#include "dbt/dbt.h"
#include "host/switches.h"

unsigned vmm_switched_off;

static _Alignas(4) uint8_t page[PAGE_SIZE];
static struct translation_unit made;
static enum dbt_form form;

static inline void everything_inline(void)
{
    dbt_dacr_inline = true;
    dbt_serve((struct block_state){.mode = 0x13});
}

static inline void translate(uint32_t where, struct block_state state, const uint32_t *guest, unsigned count,
                             unsigned skip)
{
    struct dbt_source s = {.form = form, .pc = GVA(0xc0008000 + skip), .state = state, .page = page};

    memcpy(page + skip, guest, count * 4);
    EXPECT_EQ(dbt_translate(&s, CCA(where), &made), DBT_DONE);
    memcpy(words, made.words, (made.word_count + made.literal_count) * 4);
    unit = (struct verifier_unit){words, made.word_count, made.literal_count, CCA(where), state.big_endian};
}

#define SVC_STATE ((struct block_state){.mode = 0x13})
#define SYS_STATE ((struct block_state){.mode = 0x1f})
#define IRQ_STATE ((struct block_state){.mode = 0x12, .fiq_masked = true})

/* One word of each class that has a template, and what they combine with. */
static const struct {
    uint32_t word;
    const char *text;
} samples[] = {
    {0xf1080080, "cpsie i"},
    {0xf10c0080, "cpsid i"},
    {0xf1080180, "cpsie ai"},
    {0xf10c0100, "cpsid a"},
    {0xf10c00c0, "cpsid if"},
    {0xf1020013, "cps #19"},
    {0xe10f3000, "mrs r3, cpsr"},
    {0x010f3000, "mrseq r3, cpsr"},
    {0xe14f3000, "mrs r3, spsr"},
    {0xe121f003, "msr cpsr_c, r3"},
    {0x1121f003, "msrne cpsr_c, r3"},
    {0xe129f003, "msr cpsr_fc, r3"},
    {0xe128f003, "msr cpsr_f, r3"},
    {0xe12ff003, "msr cpsr_fsxc, r3"},
    {0xe321f013, "msr cpsr_c, #0x13"},
    {0xe321f093, "msr cpsr_c, #0x93"},
    {0xe321f0d2, "msr cpsr_c, #0xd2"},
    {0xe32cf203, "msr cpsr_fs, #0x30000000"},
    {0xe16ff003, "msr spsr_fsxc, r3"},
    {0xe169f003, "msr spsr_fc, r3"},
    {0xe36ff010, "msr spsr_fsxc, #0x10"},
    {0xee131f10, "mrc p15, 0, r1, c3, c0, 0"},
    {0xee031f10, "mcr p15, 0, r1, c3, c0, 0"},
    {0x0e031f10, "mcreq p15, 0, r1, c3, c0, 0"},
    {0xee03cf10, "mcr p15, 0, r12, c3, c0, 0"},
    {0xee110f10, "mrc p15, 0, r0, c1, c0, 0"},
    {0xee1d0f90, "mrc p15, 0, r0, c13, c0, 4"},
    {0xee0d0f90, "mcr p15, 0, r0, c13, c0, 4"},
    {0xee100f10, "mrc p15, 0, r0, c0, c0, 0"},
    {0xee070f3a, "mcr p15, 0, r0, c7, c10, 1"},
    {0xee070f15, "mcr p15, 0, r0, c7, c5, 0"},
    {0xee400f10, "mcr p15, 2, r0, c0, c0, 0"},
    {0xee1ccf10, "mrc p15, 0, r12, c12, c0, 0"},
    {0x1e160f50, "mrcne p15, 0, r0, c6, c0, 2"},
    {0xe8d07fff, "ldm r0, {r0-lr}^"},
    {0xe94d7fff, "stmdb sp, {r0-lr}^"},
    {0xe4b10004, "ldrt r0, [r1], #4"},
    {0xe4a10004, "strt r0, [r1], #4"},
    {0xe0f100b2, "ldrht r0, [r1], #2"},
    {0xe59f1008, "ldr r1, [pc, #8]"},
    {0x059f1008, "ldreq r1, [pc, #8]"},
    {0xe55f1003, "ldrb r1, [pc, #-3]"},
    {0xe28f0f40, "adr r0, +0x100"},
    {0xe24f0f40, "adr r0, -0x100"},
    {0xe08f0001, "add r0, pc, r1"},
    {0xe1a0000f, "mov r0, pc"},
    {0xe79f0101, "ldr r0, [pc, r1, lsl #2]"},
    {0xe58f0010, "str r0, [pc, #16]"},
    {0xe1cf00d8, "ldrd r0, r1, [pc, #8]"},
    {0xed9f0b02, "vldr d0, [pc, #8]"},
    {0xf5dff010, "pld [pc, #16]"},
    {0xe58df004, "str pc, [sp, #4]"},
    {0xea000010, "b"},
    {0x0a000010, "beq"},
    {0xeb000010, "bl"},
    {0x1b000010, "blne"},
    {0xfa000010, "blx"},
    {0xe12fff1e, "bx lr"},
    {0x112fff1e, "bxne lr"},
    {0xe12fff13, "bx r3"},
    {0xe12fff33, "blx r3"},
    {0xe12fff3e, "blx lr"},
    {0x012fff33, "blxeq r3"},
    {0xe1a0f00e, "mov pc, lr"},
    {0xe1a0f003, "mov pc, r3"},
    {0xe08ff103, "add pc, pc, r3, lsl #2"},
    {0xe79ff103, "ldr pc, [pc, r3, lsl #2]"},
    {0x979ff103, "ldrls pc, [pc, r3, lsl #2]"},
    {0xe59ff004, "ldr pc, [pc, #4]"},
    {0xe49df004, "pop {pc}"},
    {0xe8bd8010, "pop {r4, pc}"},
    {0x08bd8010, "popeq {r4, pc}"},
    {0xe8bdc010, "pop {r4, lr, pc}"},
    {0xe89da830, "ldm sp, {r4, r5, fp, sp, pc}"},
    {0xe24ff004, "sub pc, pc, #4"},
    {0xe3a0f000, "mov pc, #0"},
    {0xe1b0f00e, "movs pc, lr"},
    {0xe25ef004, "subs pc, lr, #4"},
    {0x025ef004, "subseq pc, lr, #4"},
    {0xe8fd8000, "ldm sp!, {pc}^"},
    {0xf8bd0a00, "rfeia sp!"},
    {0xf96d0513, "srsdb sp!, #19"},
    {0xef000000, "svc"},
    {0xe1200070, "bkpt"},
    {0xe1600070, "smc"},
    {0xe320f003, "wfi"},
    {0xe320f002, "wfe"},
    {0xe320f000, "nop"},
    {0xf57ff01f, "clrex"},
    {0xf57ff05f, "dmb"},
    {0xf1010200, "setend be"},
    {0xe1912f9f, "ldrex r2, [r1]"},
    {0xe1813f92, "strex r3, r2, [r1]"},
    {0xe1010092, "swp r0, r2, [r1]"},
    {0xeef1fa10, "vmrs apsr_nzcv, fpscr"},
    {0xeee81a10, "vmsr fpexc, r1"},
    {0xeef71a10, "vmrs r1, mvfr0"},
    {0xecb00b20, "vldmia r0!, {d0-d15}"},
    {0xe7f000f0, "udf #0"},
    {0xe7ffffff, "udf"},
    {0xe0000291, "mul r0, r1, r2"},
};

#endif
