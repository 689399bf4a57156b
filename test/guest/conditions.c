/* Proves: conditional forms of each sensitive class run if and only if their condition holds, A32 and in IT
   blocks. */
#include "transfer.h"

static bool passes(unsigned cond, unsigned nzcv)
{
    bool n = nzcv >> 3 & 1, z = nzcv >> 2 & 1, c = nzcv >> 1 & 1, v = nzcv & 1, r;

    switch (cond >> 1) {
    case 0: r = z; break;
    case 1: r = c; break;
    case 2: r = n; break;
    case 3: r = v; break;
    case 4: r = c && !z; break;
    case 5: r = n == v; break;
    case 6: r = n == v && !z; break;
    default: return true;
    }
    return r != (cond & 1);
}

/*
 * Each snippet is generated: the sensitive instruction under a condition, between SVCs or not;
     it ends in UDF.
 * r0 is 0x1111 before and what the instruction leaves afterwards; r1 points to scratch memory.
 */
static uint32_t code[64] __attribute__((aligned(64)));
static uint32_t scratch[16] __attribute__((aligned(64)));

struct item {
    const char *name;
    uint32_t word;
    uint32_t r0;
    int type;
    uint32_t psr;
};
/* r0 after, exception, or PSR at the closing UDF, if the condition passes. The rest is left as it was. */
/* SMC is missing: UNDEFINED on the bare board, PSCI under the VMM; see smc.c. */
static const struct item arm_items[] = {
    {"mrs cpsr", 0x010f0000, 1, EXC_UND, 0}, /* r0 changes */
    {"mrs spsr", 0x014f0000, 1, EXC_UND, 0},
    {"msr cpsr_c", 0x0321f01f | 0xc0, 0, EXC_UND, MODE_SYS | PSR_I | PSR_F},
    {"msr cpsr_f", 0x0328f4f0 & ~0xf0u, 0, EXC_UND, 0}, /* value 0: clears the flags */
    {"mrc midr", 0x0e100f10, 1, EXC_UND, 0},
    {"mrc sctlr", 0x0e110f10, 1, EXC_UND, 0},
    {"mrc dacr", 0x0e130f10, 1, EXC_UND, 0},
    {"mrc tpidrprw", 0x0e1d0f90, 1, EXC_UND, 0},
    {"mcr tpidrurw", 0x0e0d0f50, 0, EXC_UND, 0},
    {"mcr tlbiall", 0x0e080f17, 0, EXC_UND, 0},
    {"mcr dccmvac", 0x0e071f3a, 0, EXC_UND, 0},
    {"wfe", 0x0320f002, 0, EXC_UND, 0},
    {"svc", 0x0f000042, 0, EXC_SVC, 0},
    {"b", 0x0a000001, 0, -1, 0},
    {"bl", 0x0b000001, 0, -1, 0},
    {"add pc", 0x028ff004, 0, -1, 0},
    {"ldr pc", 0x0591f000, 0, -1, 0},
    {"ldm {pc}", 0x08918000, 0, -1, 0},
    {"bx", 0x012fff12, 0, -1, 0},
    {"blx", 0x012fff32, 0, -1, 0},
    {"mov pc", 0x01a0f002, 0, -1, 0},
    {"mov r0, pc", 0x01a0000f, 1, EXC_UND, 0},
    {"ldr r0, literal", 0x059f0000, 1, EXC_UND, 0},
    {"str pc", 0x0581f020, 0, EXC_UND, 0},
    {"ldrt", 0x04b10000, 1, EXC_UND, 0},
    {"stm^", 0x08c16000, 0, EXC_UND, 0},
    {"ldm^", 0x08d16000, 0, EXC_UND, 0},
    {"movs pc", 0x01b0f002, 0, -1, 0},
    {"ldm {pc}^", 0x08d18000, 0, -1, 0},
};

static bool run_one(const struct item *it, unsigned cond, unsigned flags)
{
    for (unsigned i = 0; i < ARRAY_SIZE(code); i++)
        code[i] = 0xe7f000f0; /* udf */
    code[0] = 0xe320f000;
    code[1] = it->word | cond << 28;
    code[2] = 0xe320f000;
    code_sync(code, sizeof(code));
    for (unsigned i = 0; i < ARRAY_SIZE(scratch); i++)
        scratch[i] = 0;
    transfer_fill(flags);
    transfer_regs[0] = 0x1111;
    transfer_regs[1] = (uint32_t)scratch;
    transfer_regs[2] = (uint32_t)&code[4]; /* branches go here: two instructions on */
    scratch[0] = (uint32_t)&code[4];
    uint32_t psr = MODE_SVC | PSR_I | PSR_F | flags << 28;
    __asm__ volatile("msr spsr_cxsf, %0" ::"r"(psr));
    /* In SVC, RFE leaves SPSR_svc alone: what MOVS PC returns to is this state. */
    transfer_run(psr, (uint32_t)code);
    bool pass = passes(cond, flags), changed = transfer_frame.r[0] != 0x1111;
    uint32_t stop = (uint32_t)&code[3], want_psr = psr;
    int type = EXC_UND;
    if (pass && it->type == EXC_SVC)
        type = EXC_SVC, stop = (uint32_t)&code[1];
    if (pass && it->type == -1)
        stop = (uint32_t)&code[4];
    if (pass && it->psr)
        want_psr = (psr & ~0xffu) | it->psr;
    if (pass && it->word == (0x0328f4f0 & ~0xf0u))
        want_psr = psr & 0x0fffffff;
    if (exc_last.type == (unsigned)type && exc_last.pc == stop && exc_last.spsr == want_psr &&
        changed == (pass && it->r0))
        return true;
    print("FAIL %s cond %x flags %x: %s at +%x spsr %08x r0 %08x\n", it->name, cond, flags,
          exc_name(exc_last.type), (unsigned)(exc_last.pc - (uint32_t)code), (unsigned)exc_last.spsr,
          (unsigned)transfer_frame.r[0]);
    return false;
}

/* T32: ITTEE cond; four marks in r0, r3-r5; then UDF. Conditions AL have no E. */
static bool run_it(unsigned cond, unsigned flags)
{
    uint16_t *hw = (uint16_t *)code;
    unsigned n = 0;

    hw[n++] = (uint16_t)(0xbf00 | cond << 4 | ((cond & 1) ? 0x9 : 0x7)); /* ITTEE: mask is c, !c, !c, 1 */
    hw[n++] = 0x2001;                                                    /* movs r0, #1 */
    hw[n++] = 0xf3ef, hw[n++] = 0x8300;                                  /* mrs r3, cpsr */
    hw[n++] = 0x447c;                                                    /* add r4, pc */
    hw[n++] = 0xee11, hw[n++] = 0x5f10;                                  /* mrc p15, 0, r5, c1, c0, 0 */
    hw[n++] = 0xde01;
    code_sync(code, sizeof(code));
    transfer_fill(flags);
    transfer_run(MODE_SVC | PSR_I | PSR_F | PSR_T | flags << 28, (uint32_t)code);
    bool pass = passes(cond, flags), t[4];
    static const unsigned regs[] = {0, 3, 4, 5};
    for (unsigned i = 0; i < 4; i++)
        t[i] = transfer_frame.r[regs[i]] != transfer_regs[regs[i]];
    if (t[0] == pass && t[1] == pass && t[2] == !pass && t[3] == !pass && exc_last.pc == (uint32_t)&hw[7] &&
        exc_last.spsr >> 28 == flags) /* QEMU 7.2 leaves a stale ITSTATE in SPSR after a system MRC in a
            block */
        return true;
    print("FAIL it %x flags %x: %d%d%d%d at +%x spsr %08x\n", cond, flags, t[0], t[1], t[2], t[3],
          (unsigned)(exc_last.pc - (uint32_t)code), (unsigned)exc_last.spsr);
    return false;
}

int main(void)
{
    static const uint8_t some_flags[] = {0x0, 0x1, 0x6, 0x8, 0x9, 0xf};
    /* every condition holds and fails among them */
    for (unsigned i = 0; i < ARRAY_SIZE(arm_items); i++) {
        bool good = true;
        for (unsigned cond = 0; cond < 15; cond++)
            for (unsigned f = 0; f < ARRAY_SIZE(some_flags); f++)
                good &= run_one(&arm_items[i], cond, some_flags[f]);
        check(arm_items[i].name, good);
    }
    bool good = true;
    for (unsigned cond = 0; cond < 14; cond++)
        for (unsigned flags = 0; flags < 16; flags++)
            good &= run_it(cond, flags);
    check("itt/ee blocks", good);
    return 0;
}
