/*
 * The guest's interrupt controller: what a kernel's driver relies on, case by case. Values are those that the
 * board's emulator gives (test/devices compares at random, too).
 */
#define UNIT_MAIN
#include "fake_host.h"

#include "device/gic.h"

#define CPU  0x1e000000u
#define DIST 0x1e001000u
#define IAR  (CPU + 0x0c)
#define EOIR (CPU + 0x10)
#define SGIR (DIST + 0xf00)

static void set_priority(unsigned irq, uint8_t priority) { bus_write(GPA(DIST + 0x400 + irq), priority, 1); }

static void gic_on(void)
{
    fake_reset();
    wr(DIST, 1);
    wr(CPU, 1);
    wr(CPU + 4, 0xff);
    for (unsigned i = 0; i < 3; i++)
        wr(DIST + 0x100 + i * 4, 0xffffffff);
    for (unsigned i = 0; i < 96; i++)
        set_priority(i, 0xa0);
}

TEST(identification_and_reset_values)
{
    fake_reset();
    EXPECT_EQ(rd(DIST + 4), 2); /* 96 interrupts, one CPU, no security extensions */
    EXPECT_EQ(rd(DIST + 8), 0x43b);
    EXPECT_EQ(rd(CPU + 0xfc), 0x1043b);
    EXPECT_EQ(rd(DIST + 0x100), 0xffff);
    EXPECT_EQ(rd(DIST + 0xc00), 0xaaaaaaaa);
    EXPECT_EQ(rd(DIST + 0xfe4), 0xb3);
    EXPECT_EQ(rd(CPU + 4), 0);
    EXPECT_EQ(rd(CPU + 0x14), 0xff);
    EXPECT_EQ(rd(IAR), 1023);
    EXPECT(!gic_irq_pending());
}

TEST(all_priority_bits_exist)
{
    gic_on();
    wr(DIST + 0x420, 0x12345678);
    EXPECT_EQ(rd(DIST + 0x420), 0x12345678);
    EXPECT_EQ(bus_read(GPA(DIST + 0x422), 1), 0x34);
}

TEST(targets_are_raz_on_one_cpu)
{
    gic_on();
    wr(DIST + 0x820, 0xffffffff);
    EXPECT_EQ(rd(DIST + 0x820), 0);
    EXPECT_EQ(rd(DIST + 0x800), 0);
    gic_set_line(36, true);
    EXPECT(gic_irq_pending());
}

TEST(a_level_is_delivered_and_comes_again_while_it_lasts)
{
    gic_on();
    gic_set_line(36, true);
    EXPECT(gic_irq_pending());
    EXPECT_EQ(rd(CPU + 0x18), 36);
    EXPECT_EQ(rd(IAR), 36);
    EXPECT(!gic_irq_pending()); /* active: not again */
    EXPECT_EQ(rd(DIST + 0x304), 1u << 4);
    wr(EOIR, 36);
    EXPECT_EQ(rd(IAR), 36);
    gic_set_line(36, false);
    wr(EOIR, 36);
    EXPECT(!gic_irq_pending());
    EXPECT_EQ(rd(IAR), 1023);
}

TEST(an_edge_is_latched_once)
{
    gic_on();
    wr(DIST + 0xc08, 0x200); /* 36: edge */
    gic_set_line(36, true);
    gic_set_line(36, false);
    EXPECT_EQ(rd(DIST + 0x204), 1u << 4);
    EXPECT_EQ(rd(IAR), 36);
    wr(EOIR, 36);
    EXPECT_EQ(rd(IAR), 1023);
}

TEST(software_sets_and_clears_pending)
{
    gic_on();
    wr(DIST + 0x208, 1u << 31); /* 95 */
    EXPECT_EQ(rd(CPU + 0x18), 95);
    wr(DIST + 0x288, 1u << 31);
    EXPECT(!gic_irq_pending());
    gic_set_line(36, true);
    wr(DIST + 0x284, 1u << 4); /* a level cannot be cleared */
    EXPECT(gic_irq_pending());
}

TEST(a_disabled_interrupt_waits)
{
    gic_on();
    wr(DIST + 0x184, 1u << 4);
    gic_set_line(36, true);
    EXPECT(!gic_irq_pending());
    EXPECT_EQ(rd(DIST + 0x204), 1u << 4);
    wr(DIST + 0x104, 1u << 4);
    EXPECT(gic_irq_pending());
    wr(DIST, 0);
    EXPECT(!gic_irq_pending());
    wr(DIST, 1);
    wr(CPU, 0);
    EXPECT(!gic_irq_pending());
}

TEST(lowest_priority_value_wins_then_lowest_number)
{
    gic_on();
    gic_set_line(60, true);
    gic_set_line(40, true);
    gic_set_line(50, true);
    set_priority(60, 0x20);
    EXPECT_EQ(rd(IAR), 60);
    EXPECT_EQ(rd(CPU + 0x14), 0x20);
    EXPECT_EQ(rd(IAR), 1023); /* the others do not preempt it */
    wr(EOIR, 60);
    gic_set_line(60, false);
    EXPECT_EQ(rd(IAR), 40);
}

TEST(equal_priority_lowest_number)
{
    gic_on();
    gic_set_line(50, true);
    gic_set_line(40, true);
    EXPECT_EQ(rd(IAR), 40);
}

TEST(preemption_nests)
{
    gic_on();
    set_priority(40, 0x80);
    set_priority(41, 0x40);
    gic_set_line(40, true);
    EXPECT_EQ(rd(IAR), 40);
    gic_set_line(41, true);
    EXPECT(gic_irq_pending());
    EXPECT_EQ(rd(IAR), 41);
    EXPECT_EQ(rd(CPU + 0x14), 0x40);
    gic_set_line(41, false);
    wr(EOIR, 41);
    EXPECT_EQ(rd(CPU + 0x14), 0x80);
    gic_set_line(40, false);
    wr(EOIR, 40);
    EXPECT_EQ(rd(CPU + 0x14), 0xff);
    EXPECT_EQ(rd(DIST + 0x304), 0);
}

TEST(bpr_groups_priorities)
{
    gic_on();
    wr(CPU + 8, 3); /* groups of 16 */
    set_priority(40, 0x88);
    set_priority(41, 0x81); /* the same group */
    gic_set_line(40, true);
    EXPECT_EQ(rd(IAR), 40);
    EXPECT_EQ(rd(CPU + 0x14), 0x80);
    gic_set_line(41, true);
    EXPECT(!gic_irq_pending());
    set_priority(41, 0x7f);
    EXPECT(gic_irq_pending());
    wr(CPU + 8, 0xff);
    EXPECT_EQ(rd(CPU + 8), 7);
}

TEST(priority_mask_is_exclusive)
{
    gic_on();
    gic_set_line(40, true);
    wr(CPU + 4, 0xa0);
    EXPECT(!gic_irq_pending());
    wr(CPU + 4, 0xa1);
    EXPECT(gic_irq_pending());
}

TEST(sgi_to_self)
{
    gic_on();
    wr(SGIR, 0x02000003); /* to the requester */
    EXPECT_EQ(rd(IAR), 3);
    wr(EOIR, 3);
    wr(SGIR, 0x00010004); /* to CPU 0 */
    EXPECT_EQ(rd(IAR), 4);
    wr(EOIR, 4);
    wr(SGIR, 0x00020005); /* to CPU 1 */
    wr(SGIR, 0x01010005); /* to all but me */
    EXPECT_EQ(rd(IAR), 1023);
    wr(DIST + 0x180, 0xffff); /* SGIs cannot be disabled, */
    EXPECT_EQ(rd(DIST + 0x100), 0xffffffff);
    wr(DIST + 0x200, 0xffff); /* nor set pending here */
    EXPECT_EQ(rd(IAR), 1023);
}

TEST(hostile_numbers)
{
    gic_on();
    gic_set_line(96, true);
    gic_set_line(~0u, true);
    for (uint32_t i = 0; i < 1024; i++)
        wr(EOIR, i);
    wr(EOIR, 0xffffffff);
    for (uint32_t offset = 0; offset < 0x1000; offset++) {
        for (unsigned size = 1; size <= 4; size *= 2) {
            bus_write(GPA(DIST + offset), 0xffffffff, size);
            bus_write(GPA(CPU + offset), 0xffffffff, size);
            bus_read(GPA(DIST + offset), size);
            bus_read(GPA(CPU + offset), size);
        }
    }
    EXPECT(!gic_fiq_pending());
}

/* Last: a direct line is one for good. */
TEST(direct_lines)
{
    gic_direct_line(50, NULL);
    gic_on();
    fake_direct_changes = 0;
    fake_spare_level = true;
    EXPECT(!gic_irq_pending()); /* nobody has said so, nor looked */
    gic_set_line(50, true);
    EXPECT(gic_irq_pending());
    fake_spare_level = false;
    EXPECT(!gic_irq_pending());
    fake_spare_level = true;
    EXPECT_EQ(rd(DIST + 0x204), 1u << 18); /* the guest's look asks, both ways */
    fake_spare_level = false;
    EXPECT_EQ(rd(DIST + 0x204), 0);
    fake_spare_level = true;
    EXPECT_EQ(rd(IAR), 50);
    wr(EOIR, 50);
    EXPECT(gic_irq_pending()); /* still high */
    EXPECT_EQ(rd(IAR), 50);
    fake_spare_level = false;
    wr(EOIR, 50);
    EXPECT(!gic_irq_pending());
    wr(DIST + 0xc0c, 0x20); /* edge-triggered */
    wr(DIST + 0xc0c, 0x20);
    EXPECT_EQ(fake_direct_changes, 1);
    wr(DIST + 0xc0c, 0xa0); /* another's */
    EXPECT_EQ(fake_direct_changes, 1);
    wr(DIST + 0xc0c, 0);
    EXPECT_EQ(fake_direct_changes, 2);
}
