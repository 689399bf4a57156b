/* Runs the bodies; see soak.h. */
#include "soak.h"
#include "irq.h"

#define INTERRUPTS 100      /* of each body, at least */
#define RUNS_MAX   20000000 /* then the timer is broken */

volatile unsigned soak_ticks;
uint32_t soak_sp;
static uint32_t regs[13], scratch[64], user[16];
static volatile bool wrong;
static uint32_t seed = 1;
void soak_note(const uint32_t *got, uint32_t cpsr);

static uint32_t random(void)
{
    seed = seed * 1664525 + 1013904223;
    return seed >> 16;
}

static void tick(struct exc_frame *f)
{
    f->pc -= 4;
    uint32_t iar = gic_ack();
    if (iar == IRQ_TIMER01) {
        soak_ticks++;
        timer_start(0, 11 + random() % 50, false);
        gic_eoi(iar);
    }
}

void soak_start(void)
{
    gic_init();
    gic_enable(IRQ_TIMER01, 0);
    exc_arm(EXC_BIT(EXC_IRQ));
    exc_hook = tick;
    timer_start(0, 50, false);
    irq_unmask();
}

void soak_stop(void)
{
    irq_mask();
    timer_stop(0);
    exc_hook = NULL;
}

void soak_note(const uint32_t *got, uint32_t cpsr)
{
    bool good = (uint32_t)got == soak_sp - 52 &&
                (cpsr & 0xf80001df) == (0x60000000 | MODE_SVC | PSR_F | (cpsr & PSR_A));

    for (unsigned i = 0; i < 13; i++)
        good &= got[i] == regs[i];
    if (good || wrong)
        return;
    irq_mask();
    wrong = true;
    print("FAIL sp %08x, should be %08x, cpsr %08x\n", (unsigned)got, (unsigned)soak_sp - 52, (unsigned)cpsr);
    for (unsigned i = 0; i < 13; i++)
        if (got[i] != regs[i])
            print("FAIL r%u %08x, should be %08x\n", i, (unsigned)got[i], (unsigned)regs[i]);
    irq_unmask();
}

void soak_run(const struct soak *bodies, unsigned count)
{
    soak_start();
    for (unsigned b = 0; b < count; b++) {
        unsigned start = soak_ticks, runs = 0;
        wrong = false;
        while (soak_ticks - start < INTERRUPTS && runs++ < RUNS_MAX && !wrong) {
            for (unsigned i = 0; i < 13; i++)
                regs[i] = (runs + i) * 0x9e3779b9u;
            regs[8] = 0x10009018;
            regs[9] = 0x000001d0 | (runs & 15) << 28;
            regs[10] = (uint32_t)scratch;
            regs[11] = (uint32_t)user;
            bodies[b].fn((uint32_t)regs);
        }
        irq_mask();
        check(bodies[b].name, !wrong && soak_ticks - start >= INTERRUPTS);
        irq_unmask();
    }
    soak_stop();
}
