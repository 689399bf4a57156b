/* Proves: Thumb code in SVC mode under ITSTATEs that an SPSR can give, and after IT instructions: what is
   executed, which flags it sets, and ITSTATE at the exception. Condition 15 among them, which is
   UNPREDICTABLE: it is "always". */
#include "transfer.h"

__attribute__((aligned(8))) static uint16_t code[8];

/* ADDS r0, #1 ... ADDS r5, #1; SVC */
static void plant(uint16_t first)
{
    for (unsigned i = 0; i < 6; i++)
        code[1 + i] = (uint16_t)(0x3001 | i << 8);
    code[0] = first;
    code[7] = 0xdf01;
    code_sync(code, sizeof code);
}

/* A word of what came of it. */
static uint32_t run(uint32_t it, unsigned flags, unsigned from)
{
    uint32_t done = 0;

    for (unsigned i = 0; i < 13; i++)
        transfer_regs[i] = 0xffffffff;
    transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | (it & 3) << 25 | (it >> 2) << 10 | flags << 28,
                 (uint32_t)&code[from]);
    for (unsigned i = 0; i < 6; i++)
        done |= (transfer_frame.r[i] == 0) << i;
    return exc_last.spsr ^ exc_last.type << 16 ^ (exc_last.pc - (uint32_t)code) << 20 ^ done << 10;
}

static uint32_t run_all_flags(uint32_t it, unsigned from)
{
    return run(it, 0, from) * 3 + run(it, 4, from) * 5 + run(it, 9, from) * 7;
}

/* thumb_it.c has all of the others'. */
static unsigned step(unsigned cond) { return cond < 14 ? 3 : 1; }

/* Without instructions the condition is of none, and reserved: what is left of it afterwards is no matter. */
static void from_spsr(unsigned cond)
{
    uint32_t sum = 0;

    plant(0xbf00);
    for (uint32_t mask = 1; mask < 16; mask += step(cond))
        sum = sum * 31 + run_all_flags(cond << 4 | mask, 1);
    print("spsr, condition %u: %08x\n", cond, (unsigned)sum);
}

static void by_instruction(unsigned cond)
{
    uint32_t sum = 0;

    for (uint32_t mask = 1; mask < 16; mask += step(cond)) {
        plant((uint16_t)(0xbf00 | cond << 4 | mask));
        sum = sum * 31 + run_all_flags(0, 0);
    }
    print("instruction, condition %u: %08x\n", cond, (unsigned)sum);
}

static void show(const char *what, uint32_t it, unsigned from)
{
    run(it, 4, from);
    print("%s: %s at +%d spsr %08x r0 %x r1 %x r2 %x\n", what, exc_name(exc_last.type),
          (int)(exc_last.pc - (uint32_t)code), (unsigned)exc_last.spsr, (unsigned)transfer_frame.r[0],
          (unsigned)transfer_frame.r[1], (unsigned)transfer_frame.r[2]);
}

int main(void)
{
    for (unsigned cond = 0; cond < 16; cond++) {
        from_spsr(cond);
        by_instruction(cond);
    }
    show("spsr, AL then 15", 0xec, 1);
    show("spsr, 15", 0xf8, 1);
    plant(0xbfec); /* ITE AL */
    show("ite al", 0, 0);
    plant(0xbff8); /* IT with condition 15 */
    show("it 15", 0, 0);
    code[1] = 0xbe00; /* BKPT, always */
    code_sync(code, sizeof code);
    show("it 15, bkpt", 0, 0);
    for (unsigned it = 0x10; it < 256; it += 0x10) { /* no instructions: the flags are set as ever */
        plant(0xbf00);
        run(it, 9, 1);
        print("spsr %x: flags %x r0 %x r5 %x\n", it, (unsigned)exc_last.spsr >> 28,
              (unsigned)transfer_frame.r[0], (unsigned)transfer_frame.r[5]);
    }
    return 0;
}
