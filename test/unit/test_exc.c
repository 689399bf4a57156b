/* Modes, banks and exception entry, against B1.8 and B1.9. */
#define UNIT_MAIN
#include "unit.h"

#include "emul/vcpu.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static struct vcpu fresh(uint32_t cpsr)
{
    struct vcpu v;

    memset(&v, 0, sizeof(v));
    v.cpsr = cpsr;
    for (unsigned i = 0; i < 15; i++)
        v.r[i] = 0x100 + i;
    for (unsigned b = 0; b < BANK_COUNT; b++) {
        v.bank[b].sp = 0x1000 * (b + 1);
        v.bank[b].lr = 0x1000 * (b + 1) + 1;
        v.bank[b].spsr = 0x1000 * (b + 1) + 2;
    }
    for (unsigned i = 0; i < 5; i++) {
        v.r8_fiq[i] = 0xf00 + i;
        v.r8_usr[i] = 0xdead;
    }
    v.r[15] = 0x8000;
    return v;
}

TEST(mode_switch_swaps_sp_lr_spsr)
{
    struct vcpu v = fresh(MODE_SVC);

    v.spsr = 0x55;
    vcpu_set_mode(&v, MODE_IRQ);
    EXPECT_EQ(v.r[13], 0x1000 * (BANK_IRQ + 1));
    EXPECT_EQ(v.r[14], 0x1000 * (BANK_IRQ + 1) + 1);
    EXPECT_EQ(v.spsr, 0x1000 * (BANK_IRQ + 1) + 2);
    EXPECT_EQ(v.bank[BANK_SVC].sp, 0x10d);
    EXPECT_EQ(v.bank[BANK_SVC].lr, 0x10e);
    EXPECT_EQ(v.bank[BANK_SVC].spsr, 0x55);
    EXPECT_EQ(v.r[8], 0x108);
    EXPECT_EQ(v.cpsr, MODE_IRQ);
}

TEST(fiq_has_its_own_r8_to_r12)
{
    struct vcpu v = fresh(MODE_SYS);

    vcpu_set_mode(&v, MODE_FIQ);
    for (unsigned i = 0; i < 5; i++) {
        EXPECT_EQ(v.r[8 + i], 0xf00 + i);
        EXPECT_EQ(v.r8_usr[i], 0x108 + i);
        EXPECT_EQ(vcpu_get_reg(&v, MODE_USR, 8 + i), 0x108 + i);
        EXPECT_EQ(vcpu_get_reg(&v, MODE_ABT, 8 + i), 0x108 + i);
        EXPECT_EQ(vcpu_get_reg(&v, MODE_FIQ, 8 + i), 0xf00 + i);
    }
    v.r[12] = 77;
    vcpu_set_mode(&v, MODE_UND);
    EXPECT_EQ(v.r[12], 0x10c);
    EXPECT_EQ(vcpu_get_reg(&v, MODE_FIQ, 12), 77);
}

TEST(every_pair_of_modes_round_trips)
{
    static const uint8_t modes[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

    for (unsigned a = 0; a < ARRAY_SIZE(modes); a++)
        for (unsigned b = 0; b < ARRAY_SIZE(modes); b++) {
            struct vcpu v = fresh(modes[a]), old = v;

            vcpu_set_mode(&v, modes[b]);
            for (unsigned n = 0; n < 16; n++)
                EXPECT_EQ(vcpu_get_reg(&v, modes[a], n), old.r[n]);
            vcpu_set_mode(&v, modes[a]);
            EXPECT(!memcmp(v.r, old.r, sizeof(v.r)));
            EXPECT_EQ(v.cpsr, old.cpsr);
        }
}

TEST(user_and_system_share_a_bank)
{
    struct vcpu v = fresh(MODE_SYS);

    vcpu_set_mode(&v, MODE_USR);
    EXPECT_EQ(v.r[13], 0x10d);
    vcpu_set_mode(&v, MODE_SVC);
    EXPECT_EQ(vcpu_get_reg(&v, MODE_SYS, 13), 0x10d);
    vcpu_set_reg(&v, MODE_USR, 14, 99);
    vcpu_set_mode(&v, MODE_SYS);
    EXPECT_EQ(v.r[14], 99);
}

TEST(an_invalid_mode_is_not_entered)
{
    struct vcpu v = fresh(MODE_SVC);

    EXPECT(!vcpu_mode_valid(0x16)); /* Monitor */
    EXPECT(!vcpu_mode_valid(0x1a)); /* Hyp */
    EXPECT(!vcpu_mode_valid(0x00));
    vcpu_set_cpsr(&v, PSR_N | PSR_I | 0x16);
    EXPECT_EQ(v.cpsr, PSR_N | PSR_I | MODE_SVC);
    EXPECT_EQ(v.r[13], 0x10d);
}

TEST(undefined_from_user_arm_and_thumb)
{
    struct vcpu v = fresh(MODE_USR | PSR_N | PSR_Q | PSR_GE | PSR_E | PSR_IT);

    exc_undefined(&v);
    EXPECT_EQ(v.r[14], 0x8004);
    EXPECT_EQ(v.spsr, MODE_USR | PSR_N | PSR_Q | PSR_GE | PSR_E | PSR_IT);
    EXPECT_EQ(v.cpsr, MODE_UND | PSR_N | PSR_Q | PSR_GE | PSR_I);
    EXPECT_EQ(v.r[15], 4);
    v = fresh(MODE_SVC | PSR_T | PSR_A);
    exc_undefined(&v);
    EXPECT_EQ(v.r[14], 0x8002);
    EXPECT_EQ(v.cpsr, MODE_UND | PSR_A | PSR_I);
}

TEST(svc_returns_behind_itself)
{
    struct vcpu v = fresh(MODE_USR);

    v.cp15.vbar = 0x70000020;
    exc_svc(&v);
    EXPECT_EQ(v.r[14], 0x8004);
    EXPECT_EQ(v.r[15], 0x70000028);
    v = fresh(MODE_USR | PSR_T);
    exc_svc(&v);
    EXPECT_EQ(v.r[14], 0x8002);
    v = fresh(MODE_SVC); /* its own LR and SPSR are lost, as on hardware */
    exc_svc(&v);
    EXPECT_EQ(v.spsr, MODE_SVC);
    EXPECT_EQ(v.r[13], 0x10d);
}

TEST(aborts_set_fault_registers)
{
    struct vcpu v = fresh(MODE_USR | PSR_T);

    v.mmu.sctlr = 1u << 13;
    exc_data_abort(&v, GVA(0x1234), 0x817);
    EXPECT_EQ(v.cp15.dfar, 0x1234);
    EXPECT_EQ(v.cp15.dfsr, 0x817);
    EXPECT_EQ(v.cp15.ifsr, 0);
    EXPECT_EQ(v.r[14], 0x8008);
    EXPECT_EQ(v.r[15], 0xffff0010);
    EXPECT_EQ(v.cpsr, MODE_ABT | PSR_A | PSR_I);
    v = fresh(MODE_FIQ | PSR_F);
    exc_prefetch_abort(&v, GVA(0x8000), 0x807);
    EXPECT_EQ(v.cp15.ifar, 0x8000);
    EXPECT_EQ(v.cp15.ifsr, 7);
    EXPECT_EQ(v.cp15.dfsr, 0);
    EXPECT_EQ(v.r[14], 0x8004);
    EXPECT_EQ(v.r[15], 0xc);
    EXPECT_EQ(v.cpsr, MODE_ABT | PSR_A | PSR_I | PSR_F);
    EXPECT_EQ(v.r[8], 0xdead);
    v = fresh(MODE_USR | PSR_T);
    exc_breakpoint(&v);
    EXPECT_EQ(v.cp15.ifsr, 2);
    EXPECT_EQ(v.r[14], 0x8004);
}

TEST(interrupts_mask_and_bank)
{
    struct vcpu v = fresh(MODE_SVC | PSR_T | PSR_IT);

    exc_irq(&v);
    EXPECT_EQ(v.cpsr, MODE_IRQ | PSR_A | PSR_I);
    EXPECT_EQ(v.spsr, MODE_SVC | PSR_T | PSR_IT);
    EXPECT_EQ(v.r[14], 0x8004);
    EXPECT_EQ(v.r[15], 0x18);
    exc_fiq(&v);
    EXPECT_EQ(v.cpsr, MODE_FIQ | PSR_A | PSR_I | PSR_F);
    EXPECT_EQ(v.r[14], 0x1c);
    EXPECT_EQ(v.r[15], 0x1c);
    EXPECT_EQ(v.r[8], 0xf00);
    EXPECT_EQ(v.r8_usr[0], 0x108);
}

TEST(sctlr_te_and_ee_shape_the_handler)
{
    struct vcpu v = fresh(MODE_USR);

    v.mmu.sctlr = 1u << 30 | 1u << 25;
    v.cp15.vbar = 0x40;
    exc_irq(&v);
    EXPECT_EQ(v.cpsr, MODE_IRQ | PSR_A | PSR_I | PSR_T | PSR_E);
    EXPECT_EQ(v.r[15], 0x58);
}
