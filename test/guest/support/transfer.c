/* The C half of transfer.S. */
#include "transfer.h"

uint32_t transfer_regs[13];
struct exc_frame transfer_frame;
extern char transfer_done[];
void transfer(uint32_t psr, uint32_t pc);

void transfer_end(struct exc_frame *f)
{
    transfer_frame = *f;
    f->pc = (uint32_t)transfer_done;
    f->spsr = MODE_SVC | PSR_I | PSR_F | (READ_CPSR() & PSR_A);
}

void transfer_run(uint32_t psr, uint32_t pc)
{
    exc_arm(EXC_SYNC | EXC_BIT(EXC_IRQ) | EXC_BIT(EXC_FIQ));
    exc_hook = transfer_end;
    transfer(psr, pc & ~1u);
    exc_allowed = 0;
    exc_hook = NULL;
}

void transfer_fill(uint32_t seed)
{
    for (unsigned i = 0; i < 13; i++)
        transfer_regs[i] = seed * 0x9e3779b9u + i * 0x01010101u;
}

bool transfer_kept(uint32_t except_mask)
{
    for (unsigned i = 0; i < 13; i++)
        if (!(except_mask >> i & 1) && transfer_frame.r[i] != transfer_regs[i])
            return false;
    return true;
}
