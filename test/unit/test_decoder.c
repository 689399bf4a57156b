/*
 * The decoder: fields, classes and effects of chosen words, and what must hold for every row.
 */
#define UNIT_MAIN
#include "unit.h"

#include "decoder/decoder.h"
#include "ops.h"
#include "support/sample.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static struct insn a32(uint32_t word)
{
    struct insn in;

    decode_a32(word, &in);
    return in;
}

static struct insn thumb(uint32_t word)
{
    struct insn in;

    decode_thumb(word, word > 0xffff, &in);
    return in;
}

static void expect_text(struct insn in, uint32_t pc, const char *text)
{
    char buffer[128];

    disassemble(&in, pc, buffer, sizeof(buffer));
    if (strcmp(buffer, text)) {
        printf("%08x: '%s', expected '%s'\n", in.word, buffer, text);
        unit_test_failed = true;
    }
}

TEST(immediates_are_expanded)
{
    EXPECT_EQ(a32(0xe3a004ff).imm, 0xff000000); /* mov r0, #0xff000000 */
    EXPECT(a32(0xe3a004ff).imm_carry_valid);
    EXPECT(!a32(0xe3a000ff).imm_carry_valid);
    EXPECT_EQ(a32(0xe3012234).imm, 0x1234); /* movw r2, #0x1234 */
    EXPECT_EQ(thumb(0xf04f10ff).imm, 0xff00ff);
    EXPECT_EQ(thumb(0xf04f20ff).imm, 0xff00ff00);
    EXPECT_EQ(thumb(0xf04f30ff).imm, 0xffffffff);
    EXPECT_EQ(thumb(0xf04f407f).imm, 0xff000000);
    EXPECT_EQ(thumb(0xf04f1000).class, CLASS_UNPREDICTABLE); /* 00XY00XY of zero */
    EXPECT_EQ(thumb(0xf64a32cd).imm, 0xabcd);                /* movw r2, #0xabcd */
    EXPECT_EQ(thumb(0xf2c87065).imm, 0x8765);                /* movt r0, #0x8765 */
}

TEST(bit_fields_have_a_lowest_bit_and_a_width)
{
    struct insn in = a32(0xe7df0112); /* bfi r0, r2, #2, #30 */

    EXPECT_EQ(in.op, OP_BFI);
    EXPECT_EQ(in.amount, 2);
    EXPECT_EQ(in.imm, 30);
    EXPECT_EQ(in.reads, 0x5);
    in = a32(0xe7e70451); /* ubfx r0, r1, #8, #8 */
    EXPECT_EQ(in.op, OP_UBFX);
    EXPECT_EQ(in.amount, 8);
    EXPECT_EQ(in.imm, 8);
    EXPECT_EQ(a32(0xe7c10112).class, CLASS_UNPREDICTABLE); /* msb below lsb */
}

TEST(shifts_are_one_operation)
{
    struct insn in = a32(0xe1a00021); /* lsr r0, r1, #32 */

    EXPECT_EQ(in.op, OP_MOV_reg);
    EXPECT_EQ(in.shift, SHIFT_LSR);
    EXPECT_EQ(in.amount, 32);
    in = a32(0xe1b00061); /* rrxs r0, r1 */
    EXPECT_EQ(in.shift, SHIFT_RRX);
    EXPECT_EQ(in.flags_read, FLAG_C);
    EXPECT_EQ(in.flags_sure, FLAG_N | FLAG_Z | FLAG_C);
    in = thumb(0x40c8); /* lsrs r0, r1 */
    EXPECT_EQ(in.op, OP_MOV_rsr);
    EXPECT_EQ(in.rm, 0);
    EXPECT_EQ(in.ra, 1);
    EXPECT_EQ(in.shift, SHIFT_LSR);
}

TEST(branches_have_signed_offsets)
{
    EXPECT_EQ(a32(0xeafffffe).imm, (uint32_t)-8);
    EXPECT_EQ(a32(0xfb000001).imm, 6); /* blx: H is bit 1 */
    EXPECT_EQ(thumb(0xe7fe).imm, (uint32_t)-4);
    EXPECT_EQ(thumb(0xd0fe).cond, 0);
    EXPECT_EQ(thumb(0xf47faffe).imm, (uint32_t)-4); /* bne.w . */
    EXPECT_EQ(thumb(0xf47faffe).cond, 1);
    EXPECT_EQ(thumb(0xf7fffffe).imm, (uint32_t)-4); /* bl . */
    EXPECT_EQ(thumb(0xf7fffffe).op, OP_BL_imm);
    EXPECT_EQ(thumb(0xf000e82a).op, OP_BLX_imm);
    EXPECT_EQ(thumb(0xf000e82a).imm, 0x54);
    EXPECT_EQ(thumb(0xf000e82b).class, CLASS_UNDEFINED); /* H = 1 */
    EXPECT_EQ(thumb(0xbb08).imm, 0x42);                  /* cbnz r0 */
    EXPECT_EQ(thumb(0xbb08).mask, 1);
    EXPECT_EQ(a32(0xeb000000).sure, 0xc000);
    EXPECT_EQ(a32(0x0b000000).sure, 0);
    EXPECT_EQ(a32(0x0b000000).flags_read, FLAG_Z);
}

TEST(writing_the_pc_is_control_flow_and_with_flags_an_exception_return)
{
    EXPECT_EQ(a32(0xe1a0f00e).class, CLASS_CONTROL_FLOW);
    EXPECT_EQ(a32(0xe59ff004).class, CLASS_CONTROL_FLOW);
    EXPECT_EQ(a32(0xe8bd8010).class, CLASS_CONTROL_FLOW);
    EXPECT_EQ(a32(0xe1b0f00e).class, CLASS_CRITICAL);
    EXPECT_EQ(a32(0xe25ef004).class, CLASS_CRITICAL);
    EXPECT_EQ(a32(0xe8fd8000).op, OP_LDM_eret);
    EXPECT_EQ(a32(0xe8fd8000).list, 0x8000);
    EXPECT_EQ(a32(0xe8fd8000).class, CLASS_CRITICAL);
    EXPECT_EQ(thumb(0xf3de8f04).op, OP_SUBS_PC_LR);
    EXPECT_EQ(thumb(0xf3de8f04).class, CLASS_CRITICAL);
    EXPECT_EQ(thumb(0x4687).class, CLASS_CONTROL_FLOW); /* mov pc, r0 */
    EXPECT_EQ(thumb(0xbd00).class, CLASS_CONTROL_FLOW); /* pop {pc} */
    EXPECT_EQ(thumb(0xe8dff000).class, CLASS_CONTROL_FLOW);
}

TEST(reading_the_pc_is_pc_relative)
{
    EXPECT_EQ(a32(0xe28f0004).class, CLASS_PC_RELATIVE);
    EXPECT_EQ(a32(0xe59f0004).op, OP_LDR_lit);
    EXPECT_EQ(a32(0xe59f0004).class, CLASS_PC_RELATIVE);
    EXPECT_EQ(a32(0xe58df000).class, CLASS_PC_RELATIVE); /* str pc, [sp] */
    EXPECT_EQ(a32(0xf5dff000).class, CLASS_PC_RELATIVE); /* pld [pc] */
    EXPECT_EQ(a32(0xed9f0b00).class, CLASS_PC_RELATIVE); /* vldr d0, [pc] */
    EXPECT_EQ(thumb(0xa001).op, OP_ADR);
    EXPECT_EQ(thumb(0xf2af0054).add, false);
    EXPECT_EQ(thumb(0x4802).rn, 15);
    EXPECT_EQ(thumb(0xf85f0008).imm, 8);
    EXPECT_EQ(thumb(0xf85f0008).add, false);
}

TEST(sensitive_instructions_are_critical_or_privileged)
{
    static const struct {
        uint32_t word;
        uint16_t op;
        uint8_t class;
    } rows[] = {
        {0xe10f0000, OP_MRS, CLASS_CRITICAL},        {0xe14f0000, OP_MRS, CLASS_CRITICAL},
        {0xe121f000, OP_MSR_reg, CLASS_CRITICAL},    {0xe128f000, OP_MSR_reg, CLASS_INNOCUOUS},
        {0xe168f000, OP_MSR_reg, CLASS_CRITICAL},    {0xe321f0d3, OP_MSR_imm, CLASS_CRITICAL},
        {0xf10c0080, OP_CPS, CLASS_CRITICAL},        {0xf1020013, OP_CPS, CLASS_CRITICAL},
        {0xf1010200, OP_SETEND, CLASS_CRITICAL},     {0xf8bd0a00, OP_RFE, CLASS_CRITICAL},
        {0xf96d0513, OP_SRS, CLASS_CRITICAL},        {0xe8dd6000, OP_LDM_user, CLASS_CRITICAL},
        {0xe8cd6000, OP_STM_user, CLASS_CRITICAL},   {0xe4b10004, OP_LDRT, CLASS_CRITICAL},
        {0xe6a10002, OP_STRT, CLASS_CRITICAL},       {0xe0f100b2, OP_LDRHT, CLASS_CRITICAL},
        {0xe320f003, OP_WFI, CLASS_CRITICAL},        {0xe320f000, OP_NOP, CLASS_INNOCUOUS},
        {0xe320f002, OP_WFE, CLASS_INNOCUOUS},       {0xe320f014, OP_HINT, CLASS_INNOCUOUS},
        {0xee110f10, OP_MRC, CLASS_PRIVILEGED},      {0xee010f10, OP_MCR, CLASS_PRIVILEGED},
        {0xec510f02, OP_MRRC, CLASS_PRIVILEGED},     {0xed905e00, OP_LDC, CLASS_PRIVILEGED},
        {0xee110010, OP_MRC, CLASS_UNDEFINED},       {0xfe110f10, OP_MRC2, CLASS_UNDEFINED},
        {0xeef10a10, OP_VMRS, CLASS_INNOCUOUS},      {0xeef80a10, OP_VMRS, CLASS_PRIVILEGED},
        {0xeee80a10, OP_VMSR, CLASS_PRIVILEGED},     {0xe1600070, OP_SMC, CLASS_EXCEPTION},
        {0xef000001, OP_SVC, CLASS_EXCEPTION},       {0xe7f001f0, OP_UDF, CLASS_EXCEPTION},
        {0xe1200070, OP_BKPT, CLASS_EXCEPTION},      {0xe1400070, OP_HVC, CLASS_UNDEFINED},
        {0xe710f211, OP_SDIV, CLASS_UNDEFINED},      {0xe1000200, OP_MRS_bank, CLASS_UNDEFINED},
        {0xf511f000, OP_PLDW_imm, CLASS_UNDEFINED},  {0xf5d1f000, OP_PLD_imm, CLASS_INNOCUOUS},
        {0xf57ff04f, OP_DSB, CLASS_INNOCUOUS},       {0xe0500090, OP_UNDEFINED, CLASS_UNDEFINED},
        {0xff000000, OP_UNDEFINED, CLASS_UNDEFINED},
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        struct insn in = a32(rows[i].word);

        if (in.op != rows[i].op || in.class != rows[i].class)
            printf("%08x: op %u class %u\n", in.word, in.op, in.class);
        EXPECT(in.op == rows[i].op && in.class == rows[i].class);
    }
}

TEST(the_same_in_thumb)
{
    EXPECT_EQ(thumb(0xb672).op, OP_CPS);
    EXPECT_EQ(thumb(0xb672).imod, 3);
    EXPECT_EQ(thumb(0xb672).mask, 2);
    EXPECT_EQ(thumb(0xf3af8553).imod, 2);
    EXPECT_EQ(thumb(0xf3af8553).imm, 19);
    EXPECT(thumb(0xf3af8553).wback);
    EXPECT_EQ(thumb(0xf3ef8000).op, OP_MRS);
    EXPECT_EQ(thumb(0xf3808100).mask, 1);
    EXPECT_EQ(thumb(0xf3808800).class, CLASS_INNOCUOUS);
    EXPECT_EQ(thumb(0xbf30).op, OP_WFI);
    EXPECT_EQ(thumb(0xbf04).op, OP_IT);
    EXPECT_EQ(thumb(0xbf04).mask, 4);
    EXPECT_EQ(thumb(0xdf01).op, OP_SVC);
    EXPECT_EQ(thumb(0xde01).op, OP_UDF);
    EXPECT_EQ(thumb(0xf7f08000).op, OP_SMC);
    EXPECT_EQ(thumb(0xf8510e04).op, OP_LDRT);
    EXPECT_EQ(thumb(0xf8510e04).class, CLASS_CRITICAL);
    EXPECT(thumb(0xf8510e04).index && !thumb(0xf8510e04).wback);
    EXPECT_EQ(thumb(0xee110f10).op, OP_MRC);
    EXPECT_EQ(thumb(0xe99dc000).op, OP_RFE);
    EXPECT(thumb(0xe99dc000).add && !thumb(0xe99dc000).index);
}

TEST(thumb_memory_hints_are_no_operations)
{
    EXPECT_EQ(thumb(0xf9b1f002).class, CLASS_INNOCUOUS); /* unallocated */
    EXPECT_EQ(thumb(0xf931fc81).class, CLASS_INNOCUOUS);
    EXPECT_EQ(thumb(0xf93df00a).class, CLASS_INNOCUOUS);
    EXPECT_EQ(thumb(0xf93ff002).class, CLASS_PC_RELATIVE);
    EXPECT_EQ(thumb(0xf891f004).op, OP_PLD_imm);
    EXPECT_EQ(thumb(0xf991f004).op, OP_PLI_imm);
    EXPECT_EQ(thumb(0xf8b1f004).op, OP_PLDW_imm);
}

TEST(effects_of_memory_instructions)
{
    struct insn in = a32(0xe4b1e004); /* ldrt lr, [r1], #4 */

    EXPECT_EQ(in.writes, 0x4002);
    EXPECT_EQ(in.reads, 0x2);
    EXPECT(in.wback && !in.index && in.add);
    in = a32(0xe1c120d0); /* ldrd r2, r3, [r1] */
    EXPECT_EQ(in.rt2, 3);
    EXPECT_EQ(in.sure, 0xc);
    in = a32(0xe92d4010); /* push {r4, lr} */
    EXPECT_EQ(in.reads, 0x6010);
    EXPECT_EQ(in.writes, 0x2000);
    in = a32(0xe8dd6000); /* ldm sp, {sp, lr}^: the user bank's */
    EXPECT_EQ(in.sure, 0);
    EXPECT_EQ(in.writes, 0x6000);
    in = thumb(0xb510);
    EXPECT_EQ(in.op, OP_STM);
    EXPECT_EQ(in.list, 0x4010);
    EXPECT(in.index && !in.add && in.wback);
    in = thumb(0xc807); /* ldm r0, {r0-r2}: no write-back, the base is loaded */
    EXPECT(!in.wback);
    EXPECT_EQ(in.sure, 7);
    in = a32(0xf421070d); /* vld1.8 {d0}, [r1]! */
    EXPECT_EQ(in.writes, 2);
    in = a32(0xf4210702); /* vld1.8 {d0}, [r1], r2 */
    EXPECT_EQ(in.reads, 6);
    in = a32(0xf421070f);
    EXPECT_EQ(in.writes, 0);
    EXPECT_EQ(a32(0xec410b10).reads, 3); /* vmov d0, r0, r1 */
    EXPECT_EQ(a32(0xec510b10).writes, 3);
    EXPECT_EQ(a32(0xe1821f93).reads, 0xc); /* strex r1, r3, [r2] */
    EXPECT_EQ(a32(0xe1821f93).writes, 2);
}

TEST(effects_on_flags)
{
    EXPECT_EQ(a32(0xe2900001).flags_sure, 15);              /* adds */
    EXPECT_EQ(a32(0xe2b00001).flags_read, FLAG_C);          /* adcs */
    EXPECT_EQ(a32(0xe2100001).flags_sure, FLAG_N | FLAG_Z); /* ands: C stays */
    EXPECT_EQ(a32(0xe2100001).flags_written, FLAG_N | FLAG_Z | FLAG_C);
    EXPECT_EQ(a32(0xe2100102).flags_sure, FLAG_N | FLAG_Z | FLAG_C);
    EXPECT_EQ(a32(0xe0100211).flags_sure, FLAG_N | FLAG_Z); /* by register: perhaps by 0 */
    EXPECT_EQ(a32(0x02900001).flags_sure, 0);
    EXPECT_EQ(a32(0x02900001).flags_written, 15);
    EXPECT_EQ(a32(0xee17ff7a).flags_sure, 15); /* mrc p15, 0, apsr_nzcv, ... */
    EXPECT_EQ(a32(0xee17ff7a).writes, 0);
    EXPECT_EQ(a32(0xeef1fa10).flags_sure, 15); /* vmrs apsr_nzcv, fpscr */
    EXPECT_EQ(a32(0xe10f0000).flags_read, 15);
    EXPECT_EQ(a32(0xe14f0000).flags_read, 0);    /* mrs r0, spsr */
    EXPECT_EQ(a32(0xe121f000).flags_written, 0); /* msr cpsr_c */
    EXPECT_EQ(a32(0xe129f000).flags_written, 15);
    EXPECT_EQ(a32(0xe3110001).writes, 0);
    EXPECT(a32(0xe3110001).s);
}

TEST(unpredictable_words)
{
    static const uint32_t words[] = {
        0xe5b11004,
        /* ldr r1, [r1, #4]! */ 0xe8b00003, /* ldm r0!, {r0, r1} */
        0xe8900000,
        /* no registers */ 0xe00f0291, /* mul with pc */
        0xe1a0f011,
        /* mov pc, r1, lsl r0 */ 0xe1c110d0, /* ldrd r1 */
        0xe1811f93,
        /* strex r1, r3, [r1] */ 0xe0821392, /* umull r1, r2, r2, r3 is fine: see below */
        0xe10f0010 & ~0x10u,
    };

    for (unsigned i = 0; i < 7; i++)
        EXPECT_EQ(a32(words[i]).class, CLASS_UNPREDICTABLE);
    EXPECT_EQ(a32(words[7]).class, CLASS_INNOCUOUS);
    EXPECT_EQ(a32(words[8]).class, CLASS_CRITICAL);
    EXPECT_EQ(thumb(0xf84d1d04).class, CLASS_INNOCUOUS);
    EXPECT_EQ(thumb(0xf8411d04).class, CLASS_UNPREDICTABLE); /* str r1, [r1, #-4]! */
    EXPECT_EQ(thumb(0xe8900001).class, CLASS_UNPREDICTABLE); /* one register */
    EXPECT_EQ(thumb(0xea4f0d01).class, CLASS_INNOCUOUS);     /* mov.w sp, r1 */
    EXPECT_EQ(thumb(0xea010d02).class, CLASS_UNPREDICTABLE); /* and.w sp, r1, r2 */
}

TEST(text_is_ual)
{
    expect_text(a32(0xe0810102), 0, "add r0, r1, r2, lsl #2");
    expect_text(a32(0xe1a00211), 0, "lsl r0, r1, r2");
    expect_text(a32(0xe92d4010), 0, "push {r4, lr}");
    expect_text(a32(0xe51f0008), 0, "ldr r0, [pc, #-8]");
    expect_text(a32(0x1a000002), 0x8000, "bne #0x8010");
    expect_text(a32(0xee110f10), 0, "mrc p15, #0, r0, c1, c0, #0");
    expect_text(a32(0xf10c0080), 0, "cpsid i");
    expect_text(a32(0xe129f000), 0, "msr cpsr_fc, r0");
    expect_text(a32(0xe3e004ff), 0, "mvn r0, #4278190080");
    expect_text(a32(0xf2200844), 0, "vadd.i32 q0, q0, q2");
    expect_text(a32(0xee310b02), 0, "vadd.f64 d0, d1, d2");
    expect_text(a32(0xed2d8b04), 0, "vpush {d8, d9}");
    expect_text(thumb(0xbf04), 0, "itt eq");
    expect_text(thumb(0xbb08), 0x100, "cbnz r0, #0x146");
    expect_text(thumb(0xe8dff010), 0, "tbh [pc, r0, lsl #1]");
    expect_text(a32(0xffffffff), 0, ".inst 0xffffffff");
}

/* Samples of each row decode to it or to one that wins over it, and their effects are in order. */
static void expect_names(struct insn in)
{
    char text[128];

    if (in.class == CLASS_UNDEFINED)
        return;
    disassemble(&in, 0x8000, text, sizeof(text));
    if (!*text || strchr(text, '?')) {
        printf("%08x: '%s'\n", in.word, text);
        unit_test_failed = true;
    }
}

/* What has no name has no assembly, and is shown as a word. */
TEST(text_has_no_question_mark)
{
    expect_text(a32(0xa068f8df), 0, ".inst 0xa068f8df"); /* LDRD of the PC and what follows it */
    expect_text(a32(0xe1070200), 0, ".inst 0xe1070200"); /* MRS of a banked register that there is not */
    for (unsigned i = 0; i < decoder_row_count; i++) {
        const struct decoder_row *row = &decoder_rows[i];
        unsigned corners = sample_corner_count(row);

        for (unsigned n = 0; n < corners + 500; n++) {
            uint32_t word = n < corners ? sample_corner(row, n) : sample_row(row);

            expect_names(row->isa == ISA_A32 ? a32(word) : thumb(word));
        }
    }
    for (uint32_t word = 0; word < 0xe800; word++)
        expect_names(thumb(word));
    for (unsigned n = 0; n < 200000; n++) {
        uint32_t word = sample_random();

        expect_names(a32(word));
        if (decode_is_wide((uint16_t)(word >> 16)))
            expect_names(thumb(word));
    }
}

TEST(every_row_is_reached_and_consistent)
{
    for (unsigned r = 0; r < decoder_row_count; r++) {
        const struct decoder_row *row = &decoder_rows[r];
        unsigned reached = 0;

        for (unsigned i = 0; i < 300; i++) {
            uint32_t word = sample_row(row);
            struct insn in;

            if (row->isa == ISA_A32)
                decode_a32(word, &in);
            else
                decode_thumb(word, row->isa == ISA_T32, &in);
            reached += in.row == r;
            EXPECT(in.row < decoder_row_count);
            EXPECT_EQ(in.word & decoder_rows[in.row].mask, decoder_rows[in.row].value);
            EXPECT_EQ(in.sure & ~in.writes, 0);
            EXPECT_EQ(in.flags_sure & ~in.flags_written, 0);
            EXPECT(in.op < OP_COUNT && in.op != OP_UNDEFINED);
            EXPECT(in.cond == COND_AL || !in.sure);
            if (in.class == CLASS_INNOCUOUS)
                EXPECT_EQ((in.reads | in.writes) & 0x8000, 0);
        }
        if (!reached)
            printf("%s %s is never reached\n", row->name, row->encoding);
        EXPECT(reached);
    }
}

TEST(samples_reach_each_corner)
{
    for (unsigned r = 0; r < decoder_row_count; r++) {
        const struct decoder_row *row = &decoder_rows[r];
        uint32_t ones = 0, zeros = 0, all = row->isa == ISA_T16 ? 0xffff : 0xffffffff;

        for (unsigned n = 0; n < sample_corner_count(row); n++) {
            uint32_t word = sample_corner(row, n);

            EXPECT_EQ(word & row->mask, row->value);
            ones |= word;
            zeros |= ~word;
        }
        EXPECT_EQ((ones | row->mask) & all, all);
        EXPECT_EQ((zeros | row->mask) & all, all);
    }
}

static void expect_same(const struct insn *a, const struct insn *b)
{
    EXPECT(a->word == b->word && a->op == b->op && a->row == b->row && a->class == b->class &&
           a->cond == b->cond && a->imm == b->imm && a->size == b->size && a->rd == b->rd && a->rn == b->rn &&
           a->rm == b->rm && a->rt == b->rt && a->list == b->list && a->s == b->s && a->reads == b->reads &&
           a->writes == b->writes && a->sure == b->sure && a->flags_read == b->flags_read &&
           a->flags_written == b->flags_written && a->flags_sure == b->flags_sure && a->thumb == b->thumb);
}

TEST(what_is_remembered_is_what_is_decoded)
{
    uint32_t word = 1;

    for (unsigned i = 0; i < 2000000; i++) {
        struct insn in;

        word = word * 1664525 + 1013904223;
        for (unsigned branch = 0; branch < 2; branch++) {
            uint32_t w = branch ? (word & 0xf1ffffff) | 0x0a000000 : word >> 3;

            decode_a32(w, &in);
            expect_same(decode_a32_again(w), &in);
        }
    }
}
