/*
 * Thumb instructions as A32 code: what the text of a translation is, and that there is one. That it does the
 * same, test/lowering shows by execution.
 */
#define UNIT_MAIN
#include "unit.h"

#include "cache/verifier.h"
#include "dbt/a32.h"
#include "dbt/template.h"
#include "dbt/thumb.h"
#include "host/window.h"
#include "ops.h"
#include "support/sample.h"

#define GUEST_PC  0x8000u
#define TEXT_SIZE 512

unsigned vmm_switched_off;

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static struct tr tr;
static uint8_t mode = 0x1f;

/* A block before its first word. */
static void begin(bool big_endian)
{
    memset(&tr, 0, sizeof(tr));
    tr.pc = GVA(GUEST_PC);
    tr.where = CCA(WINDOW_CACHE + PAGE_SIZE);
    tr.state.thumb = true;
    tr.state.mode = mode;
    tr.state.big_endian = big_endian;
    tr.insns[tr.insn_count++].spilled = 0xff;
}

static bool translate(const struct insn *in, unsigned cond)
{
    bool ends;

    switch (in->class) {
    case CLASS_PC_RELATIVE: return tr_pc_relative(&tr, in, cond);
    case CLASS_CONTROL_FLOW: return tr_branch(&tr, in, cond, &ends);
    case CLASS_CRITICAL: return tr_psr(&tr, in, cond);
    default: return tr_thumb(&tr, in, cond);
    }
}

/* The names of the two words that save and restore, and literals by value, read better than what they are. */
static void word_text(unsigned k, char *text, size_t size)
{
    struct insn o;

    for (unsigned n = 0; n < tr.literal_use_count; n++)
        if (tr.literal_use[n].word == k) {
            snprintf(text, size, "ldr r%u, =%#x", tr.words[k] >> 12 & 15,
                     tr.literals[tr.literal_use[n].literal]);
            return;
        }
    if ((tr.words[k] & 0xffef0fff) == 0xee060f50) {
        snprintf(text, size, "%s r%u", bit(tr.words[k], 20) ? "unspill" : "spill", tr.words[k] >> 12 & 15);
        return;
    }
    decode_a32(tr.words[k], &o);
    disassemble(&o, k * 4, text, (int)size);
}

static void tr_text(char *text)
{
    char one[256];

    *text = 0;
    for (unsigned k = 0; k < tr.count; k++) {
        word_text(k, one, sizeof(one));
        if (strlen(text) + strlen(one) + 3 > TEXT_SIZE)
            return;
        sprintf(text + strlen(text), "%s%s", k ? "; " : "", one);
    }
}

static void expect_translation(int line, uint32_t word, unsigned cond, bool big_endian, const char *thumb,
                               const char *a32)
{
    char text[TEXT_SIZE];
    struct insn in;

    decode_thumb(word, word > 0xffff, &in);
    disassemble(&in, GUEST_PC, text, sizeof(text));
    if (strcmp(text, thumb)) {
        unit_test_failed = true;
        printf("%s:%d: %08x is '%s', not '%s'\n", __FILE__, line, word, text, thumb);
    }
    begin(big_endian);
    if (!translate(&in, cond)) {
        unit_test_failed = true;
        printf("%s:%d: '%s' is a callout\n", __FILE__, line, thumb);
        return;
    }
    tr_text(text);
    if (strcmp(text, a32)) {
        unit_test_failed = true;
        printf("%s:%d: '%s' becomes\n  '%s', not\n  '%s'\n", __FILE__, line, thumb, text, a32);
    }
}

#define EXPECT_TRANSLATION(word, thumb, a32) expect_translation(__LINE__, word, AL, false, thumb, a32)

TEST(immediates_that_a32_cannot_encode)
{
    EXPECT_TRANSLATION(0xf44f73ff, "mov r3, #510", "movw r3, #510");
    EXPECT_TRANSLATION(0xf04f13ab, "mov r3, #11206827", "ldr r3, =0xab00ab");
    EXPECT_TRANSLATION(0xf04f33ff, "mov r3, #4294967295", "mvn r3, #0");
    EXPECT_TRANSLATION(0xf06f13ab, "mvn r3, #11206827", "ldr r3, =0xff54ff54");
    EXPECT_TRANSLATION(0xf10413ab, "add r3, r4, #11206827", "add r3, r4, #171; add r3, r3, #11206656");
    EXPECT_TRANSLATION(0xf04423ab, "orr r3, r4, #2868947712", "orr r3, r4, #43776; orr r3, r3, #2868903936");
    EXPECT_TRANSLATION(0xf00423ab, "and r3, r4, #2868947712", "ldr r3, =0xab00ab00; and r3, r4, r3");
    EXPECT_TRANSLATION(0xf00333ab, "and r3, r3, #2880154539",
                       "spill r12; ldr r12, =0xabababab; and r3, r3, r12; unspill r12");
    EXPECT_TRANSLATION(0xf1a334ff, "sub r4, r3, #4294967295", "add r4, r3, #1");
    EXPECT_TRANSLATION(0xf1b33fff, "cmp r3, #4294967295", "cmn r3, #1");
    EXPECT_TRANSLATION(0xf143407f, "adc r0, r3, #4278190080", "adc r0, r3, #4278190080");
    EXPECT_TRANSLATION(0xf14330ff, "adc r0, r3, #4294967295", "sbc r0, r3, #0");
    EXPECT_TRANSLATION(0xf2013401, "addw r4, r1, #769", "add r4, r1, #1; add r4, r4, #768");
    EXPECT_TRANSLATION(0xf6ad7dff, "subw sp, sp, #4095", "sub sp, sp, #255; sub sp, sp, #3840");
    EXPECT_TRANSLATION(0xf1b31fab, "cmp r3, #11206827",
                       "spill r12; ldr r12, =0xab00ab; cmp r3, r12; unspill r12");
}

TEST(flags_of_logical_immediates)
{
    /* 00XY00XY leaves the carry alone, a rotated byte sets it: by a rotation of the constant that undoes one
     * in it. */
    EXPECT_TRANSLATION(0xf05f13ab, "movs r3, #11206827", "ldr r3, =0xab00ab; movs r3, r3");
    EXPECT_TRANSLATION(0xf45f73ff, "movs r3, #510", "movw r3, #1020; rors r3, r3, #1");
    EXPECT_TRANSLATION(0xf0136fff, "tst r3, #133693440",
                       "spill r12; ldr r12, =0xff00000; tst r3, r12, ror #1; unspill r12");
    EXPECT_TRANSLATION(0xf0134f7f, "tst r3, #4278190080", "tst r3, #4278190080");
    EXPECT_TRANSLATION(0xf4137fff, "tst r3, #510",
                       "spill r12; movw r12, #1020; tst r3, r12, ror #1; unspill r12");
    EXPECT_TRANSLATION(0xf4937fff, "teq r3, #510",
                       "spill r12; movw r12, #1020; teq r3, r12, ror #1; unspill r12");
    EXPECT_TRANSLATION(0xf41373ff, "ands r3, r3, #510",
                       "spill r12; movw r12, #1020; ands r3, r3, r12, ror #1; unspill r12");
    EXPECT_TRANSLATION(0xf43473ff, "bics r3, r4, #510", "movw r3, #1020; bics r3, r4, r3, ror #1");
}

TEST(or_not)
{
    EXPECT_TRANSLATION(0xea640305, "orn r3, r4, r5", "mvn r3, r5; orr r3, r4, r3");
    EXPECT_TRANSLATION(0xea730345, "orns r3, r3, r5, lsl #1",
                       "spill r12; mvns r12, r5, lsl #1; orrs r3, r3, r12; unspill r12");
    EXPECT_TRANSLATION(0xf06403ff, "orn r3, r4, #255", "mvn r3, #255; orr r3, r4, r3");
    EXPECT_TRANSLATION(0xf06433ff, "orn r3, r4, #4294967295", "orr r3, r4, #0");
    EXPECT_TRANSLATION(0xf07403ff, "orns r3, r4, #255", "mvns r3, #255; orrs r3, r4, r3");
    EXPECT_TRANSLATION(0xf47473ff, "orns r3, r4, #510",
                       "movw r3, #1020; mvns r3, r3, ror #1; orrs r3, r4, r3");
}

TEST(loads_and_stores_of_halves)
{
    EXPECT_TRANSLATION(0xf8b33101, "ldrh r3, [r3, #257]", "spill r3; add r3, r3, #256; ldrh r3, [r3, #1]");
    EXPECT_TRANSLATION(0xf8b3e101, "ldrh lr, [r3, #257]",
                       "spill r12; add r12, r3, #256; ldrh lr, [r12, #1]; unspill r12");
    EXPECT_TRANSLATION(0xf8a34fff, "strh r4, [r3, #4095]",
                       "spill r12; add r12, r3, #3840; strh r4, [r12, #255]; unspill r12");
    EXPECT_TRANSLATION(0xf9134015, "ldrsb r4, [r3, r5, lsl #1]",
                       "spill r4; add r4, r3, r5, lsl #1; ldrsb r4, [r4]");
    EXPECT_TRANSLATION(0xf9344034, "ldrsh r4, [r4, r4, lsl #3]",
                       "spill r4; add r4, r4, r4, lsl #3; ldrsh r4, [r4]");
    EXPECT_TRANSLATION(0xf8234015, "strh r4, [r3, r5, lsl #1]",
                       "spill r12; add r12, r3, r5, lsl #1; strh r4, [r12]; unspill r12");
    EXPECT_TRANSLATION(0xf8334d04, "ldrh r4, [r3, #-4]!", "ldrh r4, [r3, #-4]!");
}

TEST(pairs)
{
    EXPECT_TRANSLATION(0xe9d34502, "ldrd r4, r5, [r3, #8]", "ldrd r4, r5, [r3, #8]");
    EXPECT_TRANSLATION(0xe9f34541, "ldrd r4, r5, [r3, #260]!",
                       "spill r12; movw r12, #260; ldrd r4, r5, [r3, r12]!; unspill r12");
    EXPECT_TRANSLATION(0xe9d31200, "ldrd r1, r2, [r3]", "ldm r3, {r1, r2}");
    EXPECT_TRANSLATION(0xe9d32100, "ldrd r2, r1, [r3]",
                       "ldm r3, {r1, r2}; eor r2, r2, r1; eor r1, r2, r1; eor r2, r2, r1");
    EXPECT_TRANSLATION(0xe9d31302, "ldrd r1, r3, [r3, #8]", "spill r3; add r3, r3, #8; ldm r3, {r1, r3}");
    EXPECT_TRANSLATION(0xe9531502, "ldrd r1, r5, [r3, #-8]", "spill r1; sub r1, r3, #8; ldm r1, {r1, r5}");
    EXPECT_TRANSLATION(0xe8f31502, "ldrd r1, r5, [r3], #8", "ldm r3, {r1, r5}; add r3, r3, #8");
    EXPECT_TRANSLATION(0xe9f31502, "ldrd r1, r5, [r3, #8]!",
                       "spill r1; add r1, r3, #8; ldm r1, {r1, r5}; add r3, r3, #8");
    EXPECT_TRANSLATION(0xe9c31502, "strd r1, r5, [r3, #8]",
                       "spill r12; add r12, r3, #8; stm r12, {r1, r5}; unspill r12");
    EXPECT_TRANSLATION(0xe9c35102, "strd r5, r1, [r3, #8]",
                       "spill r12; add r12, r3, #8; stm r12, {r5}; stmib r12, {r1}; unspill r12");
    EXPECT_TRANSLATION(0xe8e31502, "strd r1, r5, [r3], #8", "stm r3, {r1, r5}; add r3, r3, #8");
}

TEST(exclusives)
{
    EXPECT_TRANSLATION(0xe8534f00, "ldrex r4, [r3]", "ldrex r4, [r3]");
    EXPECT_TRANSLATION(0xe8534f01, "ldrex r4, [r3, #4]", "spill r4; add r4, r3, #4; ldrex r4, [r4]");
    EXPECT_TRANSLATION(0xe8434501, "strex r5, r4, [r3, #4]",
                       "spill r12; add r12, r3, #4; strex r5, r4, [r12]; unspill r12");
    EXPECT_TRANSLATION(0xe8d3457f, "ldrexd r4, r5, [r3]", "ldrexd r4, r5, [r3]");
    EXPECT_TRANSLATION(0xe8d3547f, "ldrexd r5, r4, [r3]",
                       "ldrexd r4, r5, [r3]; eor r4, r4, r5; eor r5, r4, r5; eor r4, r4, r5");
    EXPECT_TRANSLATION(0xe8d3167f, "ldrexd r1, r6, [r3]",
                       "spill r0; ldrexd r0, r1, [r3]; mov r6, r1; mov r1, r0; unspill r0");
    EXPECT_TRANSLATION(0xe8c34672, "strexd r2, r4, r6, [r3]",
                       "spill r5; mov r5, r6; strexd r2, r4, r5, [r3]; unspill r5");
    EXPECT_TRANSLATION(
        0xe8c31672, "strexd r2, r1, r6, [r3]",
        "spill r4; mcr p15, #0, r5, c10, c2, #1; mov r4, r1; mov r5, r6; strexd r2, r4, r5, [r3]; "
        "unspill r4; mrc p15, #0, r5, c10, c2, #1");
}

TEST(unprivileged)
{
    EXPECT_TRANSLATION(0xf8534e00, "ldrt r4, [r3]", "ldrt r4, [r3], #0");
    EXPECT_TRANSLATION(0xf8534e08, "ldrt r4, [r3, #8]",
                       "spill r12; add r12, r3, #8; ldrt r4, [r12], #0; unspill r12");
    EXPECT_TRANSLATION(0xf8333e00, "ldrht r3, [r3]",
                       "spill r12; add r12, r3, #0; ldrht r3, [r12], #0; unspill r12");
    EXPECT_TRANSLATION(0xf8034e08, "strbt r4, [r3, #8]",
                       "spill r12; add r12, r3, #8; strbt r4, [r12], #0; unspill r12");
}

TEST(status_registers)
{
    mode = 0x13;
    EXPECT_TRANSLATION(0xf3ef8400, "mrs r4, apsr", "mrs r4, apsr; bfi r4, r4, #1, #7; eor r4, r4, #52");
    EXPECT_TRANSLATION(0xf3ff8400, "mrs r4, spsr", "mrs r4, spsr");
    EXPECT_TRANSLATION(0xf3948900, "msr spsr_fc, r4", "msr spsr_fc, r4");
    EXPECT_TRANSLATION(0xf3848800, "msr apsr_nzcvq, r4", "msr apsr_nzcvq, r4");
    EXPECT_TRANSLATION(0xb672, "cpsid i", "cpsid f");
    mode = 0x1f;
}

TEST(pc_relative)
{
    EXPECT_TRANSLATION(0x4c01, "ldr r4, [pc, #4]", "ldr r4, =0x8008; ldr r4, [r4]");
    EXPECT_TRANSLATION(0xf85f4ffd, "ldr r4, [pc, #-4093]", "spill r4; ldr r4, =0x7007; ldr r4, [r4]");
    EXPECT_TRANSLATION(0xe9df4502, "ldrd r4, r5, [pc, #8]", "ldr r4, =0x800c; ldrd r4, r5, [r4]");
    EXPECT_TRANSLATION(
        0xe9df5402, "ldrd r5, r4, [pc, #8]",
        "spill r4; movw r4, #32780; ldm r4, {r4, r5}; eor r5, r5, r4; eor r4, r5, r4; eor r5, r5, r4");
    EXPECT_TRANSLATION(0xed9f1b02, "vldr d1, [pc, #8]",
                       "spill r12; movw r12, #32780; vldr d1, [r12]; unspill r12");
    EXPECT_TRANSLATION(0xed1f1a02, "vldr s2, [pc, #-8]",
                       "spill r12; movw r12, #32764; vldr s2, [r12]; unspill r12");
    EXPECT_TRANSLATION(0x447c, "add r4, r4, pc", "spill r12; movw r12, #32772; add r4, r4, r12; unspill r12");
    EXPECT_TRANSLATION(0x467c, "mov r4, pc", "ldr r4, =0x8004");
    EXPECT_TRANSLATION(0xa401, "adr r4, #4", "ldr r4, =0x8008");
    EXPECT_TRANSLATION(0xf89ff001, "pld [pc, #1]", "nop");
}

TEST(hints_that_a32_lacks)
{
    EXPECT_TRANSLATION(0xbf80, "hint #8", "nop");
    EXPECT_TRANSLATION(0xf8b3f004, "pldw [r3, #4]", "nop");
    EXPECT_TRANSLATION(0xf893f004, "pld [r3, #4]", "pld [r3, #4]");
}

TEST(compare_and_branch_keeps_the_flags)
{
    begin(false);
    expect_translation(
        __LINE__, 0xb114, AL, false, "cbz r4, #0x8008",
        "spill r12; mrs r12, apsr; teq r4, #0; bne #0x1c; msr apsr_nzcvq, r12; unspill r12; b #0x20; "
        "msr apsr_nzcvq, r12; unspill r12");
    EXPECT_EQ(tr.site_count, 1);
    EXPECT_EQ(tr.sites[0].data, 0x8008);
}

TEST(conditions)
{
    expect_translation(__LINE__, 0x1888, NE, false, "adds r0, r1, r2", "addsne r0, r1, r2");
    expect_translation(__LINE__, 0xf3bf8f5f, NE, false, "dmb sy", "beq #0x8; dmb sy");
    expect_translation(__LINE__, 0xef020154, NE, false, "vand q0, q1, q2", "beq #0x8; vand q0, q1, q2");
    expect_translation(__LINE__, 0xee300a81, NE, false, "vadd.f32 s0, s1, s2", "vaddne.f32 s0, s1, s2");
    expect_translation(__LINE__, 0xf8b33101, GT, false, "ldrh r3, [r3, #257]",
                       "ble #0x10; spill r3; add r3, r3, #256; ldrh r3, [r3, #1]");
    expect_translation(__LINE__, 0xf45f73ff, EQ, false, "movs r3, #510",
                       "bne #0xc; movw r3, #1020; rors r3, r3, #1");
}

TEST(big_endian_guests_get_no_literals)
{
    expect_translation(__LINE__, 0xf04f13ab, AL, true, "mov r3, #11206827", "movw r3, #171; movt r3, #171");
}

/* A word that A32 has as well must read as it did, but for the width in the mnemonic. */
static bool reads_the_same(const struct insn *in, char *thumb)
{
    char a32[TEXT_SIZE];
    uint32_t w;

    if (!a32_encode(in, &w) || in->op == OP_HINT ||
        ((in->op == OP_STM || in->op == OP_LDM) && !(in->list & (in->list - 1))))
        return true; /* another instruction or several; a NOP; PUSH {r}, POP {r}: STMDB SP!, {r} */
    if (!strncmp(thumb, "addw", 4) || !strncmp(thumb, "subw", 4))
        memmove(thumb + 3, thumb + 4, strlen(thumb + 3));
    tr_text(a32);
    return !strcmp(a32, thumb);
}

/* What the verifier would see of a block with this instruction. */
static bool accepted(void)
{
    struct verifier_unit u = {.words = tr.words, .where = tr.where};
    unsigned bad;

    e_udf(&tr);
    e_finish(&tr);
    u.word_count = tr.count;
    u.literal_count = tr.literal_count;
    return !tr.overflow && verifier_check(&u, &bad);
}

static unsigned checked;

static void complain(uint32_t word, const char *text, const char *what)
{
    unit_test_failed = true;
    printf("%08x '%s' %s\n", word, text, what);
}

static void check_word(uint32_t word, bool wide)
{
    char text[TEXT_SIZE];
    struct insn in;
    unsigned cond = sample_random() % 14;

    decode_thumb(word, wide, &in);
    if (in.class != CLASS_INNOCUOUS || in.op == OP_IT)
        return;
    checked++;
    disassemble(&in, 0, text, sizeof(text));
    begin(false);
    if (!translate(&in, AL))
        complain(word, text, "is a callout");
    else if (!reads_the_same(&in, text))
        complain(word, text, "reads otherwise in A32");
    else if (!accepted())
        complain(word, text, "is refused by the verifier");
    begin(cond & 1);
    if (!translate(&in, cond))
        complain(word, text, "is a callout under a condition");
    else if (!accepted())
        complain(word, text, "is refused by the verifier under a condition");
}

TEST(every_t16_word_has_a_translation)
{
    checked = 0;
    for (uint32_t word = 0; word < 0xe800; word++)
        check_word(word, false);
    EXPECT(checked > 45000);
}

TEST(every_t32_row_has_a_translation)
{
    checked = 0;
    for (unsigned i = 0; i < decoder_row_count; i++)
        for (unsigned k = 0; decoder_rows[i].isa == ISA_T32 && k < 400; k++)
            check_word(sample_row(&decoder_rows[i]), true);
    EXPECT(checked > 80000);
}
