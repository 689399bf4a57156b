/* Proves: SMC from user mode is UNDEFINED; at PL1 it is UNDEFINED (bare board) or a PSCI call (VMM) that
   answers as PSCI 0.2 says. */
#include "transfer.h"

#define CASE(isa, name, text)                                                                                \
    extern char name[];                                                                                      \
    __asm__(".arch_extension sec\n\t.text\n." isa "\n.balign 4\n" #name ":\n\t" text "\n\tudf #0xad\n\t"     \
            "nop\n\t.arm\n.balign 4\n")
CASE("arm", a_smc, "smc #0");
CASE("arm", a_smcne, "smcne #0");
CASE("thumb", t_smc, "smc #0");

static uint32_t call(uint32_t fn, uint32_t arg, const char *at, bool thumb, uint32_t mode)
{
    transfer_fill(1);
    transfer_regs[0] = fn;
    transfer_regs[1] = arg;
    transfer_run(mode | PSR_I | PSR_F | (thumb ? PSR_T : 0), (uint32_t)at);
    return transfer_frame.r[0];
}

int main(void)
{
    call(0x84000000, 0, a_smc, false, MODE_USR);
    check("user: undefined", exc_last.type == EXC_UND && exc_last.pc == (uint32_t)a_smc && transfer_kept(0));
    call(0x84000000, 0, t_smc, true, MODE_USR);
    check("user, thumb: undefined",
          exc_last.type == EXC_UND && exc_last.pc == (uint32_t)t_smc && transfer_kept(0));

    uint32_t version = call(0x84000000, 0, a_smc, false, MODE_SVC);
    bool psci = exc_last.pc == (uint32_t)a_smc + 4; /* else the SMC itself was UNDEFINED */
    check("svc: undefined or done", exc_last.type == EXC_UND && (psci || exc_last.pc == (uint32_t)a_smc));
    check("version 0.2 at least", !psci || (version >= 2 && version < 0x20000));
    check("registers r4-r12 kept", transfer_kept(0xf));
    uint32_t unknown = call(0x8400ffff, 0, a_smc, false, MODE_SVC);
    check("unknown function: NOT_SUPPORTED", !psci || unknown == 0xffffffff);
    call(0x8400ffff, 0, t_smc, true, MODE_SVC);
    check("thumb", exc_last.type == EXC_UND && exc_last.pc == (uint32_t)t_smc + (psci ? 4 : 0));
    call(0x84000000, 0, a_smcne, false, MODE_SVC | 0x40000000);
    check("condition fails: nothing", exc_last.pc == (uint32_t)a_smcne + 4 && transfer_kept(0));
    for (unsigned i = 0; i < 3; i++) {
        static const uint32_t modes[] = {MODE_SYS, MODE_IRQ, MODE_UND};
        uint32_t v = call(0x84000000, 0, a_smc, false, modes[i]);
        print("%s: ", mode_name(modes[i]));
        check("same answer", !psci || v == version);
    }
    return 0;
}
