/* The guest's CPSR and the real one, each from the other; and what an exception makes of it, over all modes
 * and states. */
#define UNIT_MAIN
#include "unit.h"

#include "emul/vcpu.h"
#include "run/psr.h"

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    abort();
}

static const uint32_t modes[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};
static const uint32_t flags[] = {0,     PSR_N, PSR_Z,  PSR_C,
                                 PSR_V, PSR_Q, PSR_GE, PSR_N | PSR_C | PSR_Q | PSR_GE};

/* Calls for every mode, with every combination of E, A, I, F, T, an ITSTATE, and some flags. */
static void for_all(void (*look)(uint32_t cpsr))
{
    for (unsigned m = 0; m < ARRAY_SIZE(modes); m++)
        for (unsigned i = 0; i < ARRAY_SIZE(flags); i++)
            for (uint32_t bits = 0; bits < 64; bits++)
                look(modes[m] | flags[i] | (bits & 31) << 5 | (bits >> 5 ? psr_it(0x2c) : 0));
}

static uint32_t of_block(uint32_t cpsr) { return cpsr & (PSR_MODE | PSR_F | PSR_T | PSR_IT); }

static void look_round_trip(uint32_t cpsr)
{
    uint32_t real = psr_real(cpsr);

    if ((cpsr & PSR_MODE) == MODE_USR) {
        EXPECT_EQ(psr_virtual_user(real, cpsr), cpsr);
        EXPECT_EQ(psr_virtual_user(real, MODE_SVC | PSR_I),
                  cpsr & ~PSR_I); /* from the inline return: I was clear */
    } else {
        EXPECT_EQ(psr_virtual(real, of_block(cpsr)), cpsr);
        EXPECT_EQ(real & (PSR_T | PSR_IT | PSR_J), 0); /* translated code is A32 */
    }
}

TEST(the_guests_cpsr_comes_back) { for_all(look_round_trip); }

static void look_real(uint32_t cpsr)
{
    uint32_t real = psr_real(cpsr), mode = real & PSR_MODE;

    EXPECT_EQ(real & PSR_I, 0); /* invariant: the host is not masked while a guest runs */
    EXPECT(mode == MODE_USR || mode == MODE_SVC || mode == MODE_SYS);
    EXPECT_EQ(mode == MODE_USR, (cpsr & PSR_MODE) == MODE_USR);
    if (mode != MODE_USR)
        EXPECT_EQ(!!(real & PSR_F), !!(cpsr & PSR_I));
}

TEST(what_the_real_one_may_be) { for_all(look_real); }

/* B1.9: mode entered, A, I and F masked besides. */
static const struct {
    enum exception e;
    uint32_t mode, masked;
} rules[] = {{EXC_RESET, MODE_SVC, PSR_A | PSR_I | PSR_F},
             {EXC_UND, MODE_UND, PSR_I},
             {EXC_SVC, MODE_SVC, PSR_I},
             {EXC_PABT, MODE_ABT, PSR_A | PSR_I},
             {EXC_DABT, MODE_ABT, PSR_A | PSR_I},
             {EXC_IRQ, MODE_IRQ, PSR_A | PSR_I},
             {EXC_FIQ, MODE_FIQ, PSR_A | PSR_I | PSR_F}};

static void look_entry(uint32_t cpsr)
{
    static const uint32_t sctlrs[] = {0, SCTLR_TE, SCTLR_EE, SCTLR_TE | SCTLR_EE};

    for (unsigned i = 0; i < ARRAY_SIZE(rules); i++)
        for (unsigned k = 0; k < ARRAY_SIZE(sctlrs); k++) {
            uint32_t wanted =
                (cpsr & (0xf8000000 | PSR_GE | PSR_A | PSR_I | PSR_F)) | rules[i].masked | rules[i].mode;
            struct vcpu v = {.cpsr = cpsr, .mmu = {.sctlr = sctlrs[k]}};

            wanted |= (sctlrs[k] & SCTLR_TE ? PSR_T : 0) | (sctlrs[k] & SCTLR_EE ? PSR_E : 0);
            EXPECT_EQ(exc_entry_cpsr(cpsr, rules[i].e, sctlrs[k]), wanted); /* a light exit's */
            exc_take(&v, rules[i].e, 0x1234);                               /* a full one's */
            EXPECT_EQ(v.cpsr, wanted);
            EXPECT_EQ(v.spsr, cpsr);
            EXPECT_EQ(v.r[14], 0x1234);
        }
}

TEST(exceptions_enter_by_one_rule) { for_all(look_entry); }
