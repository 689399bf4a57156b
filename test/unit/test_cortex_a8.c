/*
 * The model of the Cortex-A8 (bench/cortex_a8): sequences whose cycles the manual tells, DDI 0344K chapter
 * 16, and the predictor, caches and TLBs by what chapters 5 to 8 say of their sizes.
 */
#define UNIT_MAIN
#include "unit.h"

#include "cortex_a8/core.h"
#include "decoder/decoder.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK(%s)\n", file, line, what);
    abort();
}

static const struct a8_model manual = {
    "manual",
    {
        [A8_mispredict] = 13,
        [A8_queue] = 12,
        [A8_btb_entries] = 512,
        [A8_history_entries] = 4096,
        [A8_history_bits] = 10,
        [A8_return_stack] = 8,
        [A8_l1i_kib] = 16,
        [A8_l1d_kib] = 16,
        [A8_l2_kib] = 256,
        [A8_load_l2] = 8,
        [A8_fetch_l2] = 10,
        [A8_memory] = 100,
        [A8_line_transfer] = 32,
        [A8_store_l2] = 2,
        [A8_store_entries] = 4,
        [A8_tlb_entries] = 32,
        [A8_tlb_walk] = 24,
        [A8_unaligned] = 8,
        [A8_device] = 50,
        [A8_exception_entry] = 20,
        [A8_exception_return] = 15,
        [A8_cp15_read] = 20,
        [A8_cp15_write] = 30,
        [A8_tlb_op] = 40,
        [A8_cache_op] = 20,
        [A8_isb] = 16,
        [A8_dsb] = 12,
        [A8_dmb] = 10,
        [A8_psr_read] = 4,
        [A8_psr_write] = 8,
        [A8_vector_to_core] = 20,
        [A8_vector_queue] = 16,
        [A8_spill] = 30,
        [A8_window_page] = 12,
    },
};

/* A core, and the instruction that was begun. */
static struct a8_core core;
static struct a8_op op;
static uint64_t began;

static void core_begin(const struct a8_model *m)
{
    core_free(&core);
    core_make(&core, m);
}

static struct a8_step step(uint32_t pc, uint32_t word)
{
    struct insn in;

    decode_a32(word, &in);
    timing_of(&in, &op);
    return (struct a8_step){.op = &op, .pc = pc, .next = pc + 4, .pa = pc, .page = {pc, pc, 20, true, false}};
}

/* Code is in the caches and in the queue: only issue takes time from here. */
static void code_is_there(uint32_t from, uint32_t bytes)
{
    for (uint32_t at = from; at < from + bytes; at += 4) {
        struct a8_step s = step(at, 0xe320f000); /* nop */

        core_step(&core, &s);
    }
    core.front = core.cycle += 100;
    core.front -= 20;
    core.slots = 2;
    memset(core.owed, 0, sizeof core.owed);
    core.fetched_block = ~0u;
    began = core.cycle;
}

/* The cycle in which it issues, counted from 1 as in the manual's examples. */
static unsigned issues(uint32_t pc, uint32_t word, uint32_t next)
{
    struct a8_step s = step(pc, word);

    s.next = next;
    core_step(&core, &s);
    return (unsigned)(core.issued[(core.issue_at - 1) % QUEUE_MAX] - began);
}

/* Of a straight sequence. */
static void expect_cycles(const uint32_t *words, const unsigned *cycles, unsigned count)
{
    core_begin(&manual);
    code_is_there(0x8000, 4 * count);
    for (unsigned i = 0; i < count; i++) {
        unsigned at = issues(0x8000 + 4 * i, words[i], 0x8004 + 4 * i);

        if (at != cycles[i]) {
            printf("%08x issues in cycle %u, expected %u\n", words[i], at, cycles[i]);
            unit_test_failed = true;
        }
    }
}
#define SEQUENCE(...) static const uint32_t words[] = {__VA_ARGS__}
#define IN_CYCLES(...)                                                                                       \
    static const unsigned cycles[] = {__VA_ARGS__};                                                          \
    _Static_assert(sizeof words == sizeof cycles, "a cycle an instruction");                                 \
    expect_cycles(words, cycles, sizeof words / sizeof words[0])

/* Example 16-6, as far as it is not about the return that it begins with. */
TEST(the_manuals_scheduling_example)
{
    static const struct {
        uint32_t pc, word, next;
        unsigned cycle;
    } rows[] = {
        {0xee8, 0xe3a03003, 0xeec, 1},  /* MOV r3, #3 */
        {0xeec, 0xe3a00000, 0xef0, 1},  /* MOV r0, #0 */
        {0xef0, 0x05813000, 0xef4, 2},  /* STREQ r3, [r1]: r3 is not needed until E3 */
        {0xef4, 0xe3520004, 0xef8, 2},  /* CMP r2, #4 */
        {0xef8, 0x979ff102, 0xf2c, 3},  /* LDRLS pc, [pc, r2, LSL #2]: two cycles */
        {0xf2c, 0xe3a00001, 0xf30, 4},  /* MOV r0, #1, beside its second */
        {0xf30, 0xea000000, 0xf38, 5},  /* B */
        {0xf38, 0xe5810000, 0xf3c, 5},  /* STR r0, [r1] */
        {0xf3c, 0xe49df004, 0x17c, 6},  /* LDR pc, [sp], #4 */
        {0x17c, 0xe284200c, 0x180, 7},  /* ADD r2, r4, #12 */
        {0x180, 0xe5960004, 0x184, 8},  /* LDR r0, [r6, #4] */
        {0x184, 0xe3a0100a, 0x188, 8},  /* MOV r1, #10 */
        {0x188, 0xe5900000, 0x18c, 11}, /* LDR r0, [r0]: produced in E3, required in E1 */
        {0x18c, 0xe5840000, 0x190, 12}, /* STR r0, [r4]: one load or store a cycle */
    };
    struct a8_model m = manual;

    m.p[A8_mispredict] = 0; /* the example's branches are predicted */
    core_begin(&m);
    code_is_there(0x140, 0xf40 - 0x140);
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned cycle;

        if (rows[i].pc != 0xee8)
            core.front = core.cycle > 20 ? core.cycle - 20 : 0;
        cycle = issues(rows[i].pc, rows[i].word, rows[i].next);
        if (cycle != rows[i].cycle) {
            printf("%08x issues in cycle %u, expected %u\n", rows[i].word, cycle, rows[i].cycle);
            unit_test_failed = true;
        }
    }
}

TEST(two_of_data_processing_a_cycle)
{
    SEQUENCE(0xe0800001, 0xe0822003, 0xe0844005, 0xe0866007); /* ADDs of other registers */
    IN_CYCLES(1, 1, 2, 2);
}

TEST(a_result_is_there_in_the_next_cycle)
{
    SEQUENCE(0xe0800001, 0xe0802003, 0xe0822003); /* ADD r0, r0, r1; ADD r2, r0, r3; ADD r2, r2, r3 */
    IN_CYCLES(1, 2, 3);
}

TEST(a_move_pairs_with_who_needs_it)
{
    SEQUENCE(0xe3a00001, 0xe0802003); /* MOV r0, #1; ADD r2, r0, r3 */
    IN_CYCLES(1, 1);
}

TEST(the_shifter_needs_its_operand_a_stage_earlier)
{
    SEQUENCE(0xe0800001, 0xe0832100); /* ADD r0, r0, r1; ADD r2, r3, r0, LSL #2 */
    IN_CYCLES(1, 3);
}

TEST(load_to_use)
{
    SEQUENCE(0xe5900000, 0xe0802003, 0xe5911000, 0xe5911000); /* LDR r0; ADD of it; LDR r1, [r1] twice */
    IN_CYCLES(1, 3, 3, 6);
}

TEST(one_load_or_store_a_cycle)
{
    SEQUENCE(0xe5965000, 0xe5887000, 0xe1a0900a); /* Table 16-15: LDR r5, [r6]; STR r7, [r8]; MOV r9, r10 */
    IN_CYCLES(1, 2, 2);
}

TEST(multiplications_go_to_pipeline_0)
{
    SEQUENCE(0xe0821003, 0xe0040695, 0xe0070998); /* ADD r1, r2, r3; MUL r4, r5, r6; MUL r7, r8, r9 */
    IN_CYCLES(1, 2, 4);
}

/* Multiplications that wait for each other take 6 cycles: lmbench's int mul on an AM3358 says 6.06. */
TEST(a_product_is_there_at_e5)
{
    SEQUENCE(0xe0000091, 0xe0000091, 0xe0800001); /* MUL r0, r1, r0 twice; ADD r0, r0, r1 */
    IN_CYCLES(1, 7, 12);
}

TEST(load_multiple)
{
    SEQUENCE(0xe1a01002, 0xe89300f0, 0xe088900a, 0xe0866007); /* Table 16-15, and r6 + r7 */
    IN_CYCLES(1, 2, 4, 6);
}

TEST(the_same_destination_does_not_pair)
{
    SEQUENCE(0x01a01002, 0x11a01003, 0xe5965000); /* MOVEQ r1, r2; MOVNE r1, r3; LDR r5, [r6] */
    IN_CYCLES(1, 2, 2);
}

TEST(flags_and_conditions)
{
    SEQUENCE(0xe3500000, 0x0a000000, 0xe3510000, 0x03a02001); /* CMP; BEQ; CMP; MOVEQ */
    IN_CYCLES(1, 1, 2, 3);
}

static struct a8_access word_at(uint32_t va, bool store)
{
    return (struct a8_access){
        .va = va, .pa = va, .size = 4, .store = store, .page = {va, va, 20, true, false}};
}

TEST(loads_that_miss)
{
    struct a8_step s;
    uint64_t before;

    core_begin(&manual);
    code_is_there(0x8000, 64);
    for (int i = 0; i < 4; i++) { /* a walk, then from memory; from L1; and after 128 KiB more, from L2 */
        static const unsigned cycles[] = {24 + 8 + 100, 0, 0, 8};
        uint32_t va = 0x100000;

        for (uint32_t more = 0x200000; i == 3 && more < 0x220000; more += 64) {
            s = step(0x8000, 0xe5900000);
            s.accesses = 1;
            s.access[0] = word_at(more, false);
            core_step(&core, &s);
        }
        s = step(0x8004, 0xe5900000);
        s.accesses = 1;
        s.access[0] = word_at(va, false);
        core.cycle += 1000;
        core.slots = 2;
        before = core.count[0][CAUSE_data] + core.count[0][CAUSE_tlb];
        core_step(&core, &s);
        EXPECT_EQ(core.count[0][CAUSE_data] + core.count[0][CAUSE_tlb] - before, cycles[i]);
    }
}

/* Misses of the second of two rounds over so many pages, or over so many of one section. */
static unsigned tlb_misses(unsigned pages, uint8_t shift)
{
    struct a8_memory m;
    unsigned misses = 0;

    memory_make(&m, &manual);
    for (unsigned i = 0; i < 2 * pages; i++) {
        uint32_t va = (i % pages) << 12;
        struct a8_wait w = memory_load(&m, 0, va, va, &(struct a8_page){va, va, shift, false, false});

        misses += w.tlb_miss && i >= pages;
    }
    memory_free(&m);
    return misses;
}

TEST(a_tlb_has_32_entries)
{
    EXPECT_EQ(tlb_misses(32, 12), 0u);
    EXPECT_EQ(tlb_misses(33, 12), 33u); /* in turn: each has gone when it is wanted */
    EXPECT_EQ(tlb_misses(33, 20), 0u);
}

TEST(tlb_maintenance_spares_global_entries_of_one_space)
{
    struct a8_page own = {0x8000, 0x8000, 12, false, false}, all = {0xc0000000, 0, 20, true, false};
    struct a8_memory m;

    memory_make(&m, &manual);
    for (int global_too = 0; global_too < 2; global_too++) {
        memory_load(&m, 0, 0x8000, 0x8000, &own);
        memory_load(&m, 0, 0xc0000000, 0, &all);
        memory_tlb_clear(&m, global_too);
        EXPECT_EQ(memory_load(&m, 0, 0xc0000000, 0, &all).tlb_miss, global_too);
        EXPECT(memory_load(&m, 0, 0x8000, 0x8000, &own).tlb_miss);
    }
    memory_free(&m);
}

/* The VMM's shared pages are as large as the model says; its spill registers and jumps are told from others.
 */
TEST(what_a_design_could_be)
{
    for (uint32_t shift = 12; shift <= 16; shift += 4) {
        struct a8_model m = manual;
        struct a8_memory s;
        struct a8_page first = {0xf7000000, 0, 12, true, true}, second = {0xf7001000, 0x5000, 12, true, true};

        m.p[A8_window_page] = shift;
        memory_make(&s, &m);
        EXPECT(memory_load(&s, 0, first.virtual, 0, &first).tlb_miss);
        EXPECT_EQ(memory_load(&s, 0, second.virtual, 0x5000, &second).tlb_miss, shift == 12);
        memory_free(&s);
    }
    step(0, 0xee06cf50); /* MCR IFAR, r12 */
    EXPECT_EQ(op.serial, SERIAL_SPILL);
    step(0, 0xee1aef32); /* MRC NMRR, lr */
    EXPECT_EQ(op.serial, SERIAL_SPILL);
    step(0, 0xee1d0f70); /* MRC TPIDRURO, r0 */
    EXPECT_EQ(op.serial, SERIAL_CP15_READ);
    step(0, 0xe89c8000); /* LDM r12, {pc} */
    EXPECT(op.jump_map);
    step(0, 0xe8bd8000); /* LDM sp!, {pc} */
    EXPECT(!op.jump_map);
}

/* A stream that just fits: no miss in the second round. */
TEST(an_l1_cache_holds_what_fits)
{
    struct a8_memory m;
    unsigned misses = 0;

    memory_make(&m, &manual);
    for (int round = 0; round < 2; round++)
        for (uint32_t va = 0; va < 16384; va += 64) {
            struct a8_wait w = memory_load(&m, 0, va, va, &(struct a8_page){va, va, 20, true, false});

            misses += w.l1_miss;
            EXPECT(!round || !w.l1_miss);
        }
    EXPECT_EQ(misses, 16384 / 64);
    memory_free(&m);
}

static bool predicted(struct a8_predictor *p, uint32_t from, uint32_t word, bool taken, uint32_t next)
{
    struct insn in;
    struct a8_op o;

    decode_a32(word, &in);
    timing_of(&in, &o);
    return predictor_branch(p, from, &o, o.conditional, taken, taken ? next : from + 4);
}

TEST(branches_are_learnt)
{
    struct a8_predictor p;

    predictor_make(&p, &manual);
    EXPECT(!predicted(&p, 0x1000, 0xea000000, true, 0x2000)); /* B, the first time */
    EXPECT(predicted(&p, 0x1000, 0xea000000, true, 0x2000));
    EXPECT(predicted(&p, 0x1100, 0x0a000000, false, 0));      /* BEQ, unknown and not taken */
    EXPECT(!predicted(&p, 0x1200, 0xe12fff33, true, 0x3000)); /* BLX r3 */
    EXPECT(predicted(&p, 0x1200, 0xe12fff33, true, 0x3000));
    EXPECT(!predicted(&p, 0x1200, 0xe12fff33, true, 0x3100)); /* goes elsewhere */
    predictor_free(&p);
}

TEST(a_loops_branch_is_taken_by_its_history)
{
    struct a8_predictor p;
    unsigned wrong = 0;

    predictor_make(&p, &manual);
    for (int round = 0; round < 200; round++)
        for (int i = 0; i < 5; i++)
            wrong += !predicted(&p, 0x1000, 0x1a000000, i < 4, 0x0f00) && round >= 100;
    EXPECT_EQ(wrong, 0u); /* five branches are less than the history */
    predictor_free(&p);
}

/* One function called from many places: by BX lr and POP {pc}, and by what a VMM's jump map does. */
TEST(returns_come_from_the_return_stack)
{
    static const struct {
        uint32_t word;
        bool foreseen;
    } returns[] = {
        {0xe12fff1e, true},  {0xe8bd8010, true},  {0xe49df004, true}, /* BX lr; POP {r4, pc}; POP {pc} */
        {0xe89c8000, false}, {0xe12fff13, false},                     /* LDM r12, {pc}; BX r3 */
    };

    for (unsigned k = 0; k < sizeof returns / sizeof returns[0]; k++) {
        struct a8_predictor p;
        unsigned right = 0;

        predictor_make(&p, &manual);
        for (int round = 0; round < 4; round++)
            for (uint32_t site = 0x1000; site < 0x1100; site += 0x40) {
                predicted(&p, site, 0xeb000000, true, 0x8000); /* BL */
                right += predicted(&p, 0x8010, returns[k].word, true, site + 4);
            }
        EXPECT_EQ(right, returns[k].foreseen ? 15u : 0u); /* the buffer does not know the first */
        predictor_free(&p);
    }
}

TEST(the_return_stack_is_eight_deep)
{
    struct a8_predictor p;
    unsigned right = 0;

    predictor_make(&p, &manual);
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 10; i++)
            predicted(&p, 0x1000 + i * 0x104, 0xeb000000, true, 0x1104 + i * 0x104);
        for (uint32_t i = 10; i-- > 0;)
            right += predicted(&p, 0x2108 + i * 0x104, 0xe12fff1e, true, 0x1004 + i * 0x104) && round;
    }
    EXPECT_EQ(right, 8u);
    predictor_free(&p);
}

TEST(the_buffer_forgets_beyond_512_branches)
{
    struct a8_predictor p;
    unsigned right[2] = {0, 0};

    for (unsigned k = 0; k < 2; k++) {
        predictor_make(&p, &manual);
        for (int round = 0; round < 2; round++)
            for (uint32_t i = 0; i < 512u << k; i++)
                right[k] += predicted(&p, 0x1000 + 4 * i, 0xea000000, true, 0x9000);
        predictor_free(&p);
    }
    EXPECT_EQ(right[0], 512u);
    EXPECT(right[1] < 512);
}

TEST(a_misprediction_costs_the_pipelines_length)
{
    core_begin(&manual);
    code_is_there(0x8000, 128);
    EXPECT_EQ(issues(0x8000, 0xea000000, 0x8020), 1u);
    EXPECT_EQ(issues(0x8020, 0xe3a00000, 0x8024), 14u);
    EXPECT_EQ(core.count[0][CAUSE_mispredict], 13u); /* it would have been beside the branch */
}

TEST(exceptions_and_coprocessor_15)
{
    struct a8_step s;

    core_begin(&manual);
    code_is_there(0x8000, 128);
    EXPECT_EQ(issues(0x8000, 0xee1d0f70, 0x8004), 1u); /* MRC p15, 0, r0, c13, c0, 3 */
    EXPECT_EQ(issues(0x8004, 0xe0800001, 0x8008), 21u);
    EXPECT_EQ(core.count[0][CAUSE_system], 19u);
    s = step(0x8008, 0xef000000); /* SVC */
    s.next = 0xffff0008;
    s.exception = true;
    core_step(&core, &s);
    EXPECT_EQ(issues(0x8010, 0xe0800001, 0x8014), 41u); /* SVC in 21, beside ADD */
    EXPECT_EQ(core.events[0][EVENT_exceptions], 1u);
}

TEST(stores_wait_only_for_room)
{
    struct a8_step s;

    core_begin(&manual);
    code_is_there(0x8000, 64);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t va = 0x100000 + 16 * i;

        s = step(0x8000 + i % 2 * 4, 0xe5801000); /* STR r1, [r0] */
        s.accesses = 1;
        s.access[0] = word_at(va, true);
        core_step(&core, &s);
        if (i == 3)
            EXPECT_EQ(core.count[0][CAUSE_data], 0u);
    }
    EXPECT(core.count[0][CAUSE_data] > 200 && core.count[0][CAUSE_data] < 300); /* 16 bytes in two cycles */
}

TEST(a_table_of_parameters_is_whole)
{
    struct a8_model models[MODELS_MAX];
    char text[4096] = "models low high\n";
    const char *why;
    FILE *file;

    for (int skip = 0; skip < 2; skip++) {
        text[16] = 0;
#define X(name)                                                                                              \
    if (!skip || strcmp(#name, "memory"))                                                                    \
        strcat(text, #name " 1 2\n");
        PARAMETERS(X)
#undef X
        file = fmemopen(text, strlen(text), "r");
        EXPECT_EQ(models_read(file, models, &why), skip ? 0u : 2u);
        fclose(file);
    }
    EXPECT(!strcmp(models[1].name, "high"));
    EXPECT_EQ(models[1].p[A8_memory], 2u);
}
