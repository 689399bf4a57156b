/* Proves: SRS to each mode's stack in each addressing form, A32 and T32, and RFE of what it stored. */
#include "transfer.h"

static const uint32_t modes[] = {MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND};
static uint32_t area[32] __attribute__((aligned(64)));

/* Set SP of a mode, return the old one. From SVC. */
static uint32_t swap_sp(uint32_t mode, uint32_t sp)
{
    uint32_t old;

    if (mode == MODE_SVC)
        return 0;
    __asm__ volatile("mrs r4, cpsr\n\tmsr cpsr_c, %1\n\tmov r5, sp\n\tmov sp, %2\n\tmsr cpsr_c, r4\n\t"
                     "mov %0, r5"
                     : "=r"(old)
                     : "r"(mode | 0xc0), "r"(sp)
                     : "r4", "r5", "memory");
    return old;
}

/* In the current mode: SPSR = psr, LR = lr, SRS to `to`, 8 forms. */
#define SRS_CASE(n, text, m)                                                                                 \
    case n:                                                                                                  \
        __asm__ volatile("mov r4, lr\n\tmsr spsr_cxsf, %0\n\tmov lr, %1\n\t" text " #" #m                    \
                         "\n\tmov lr, r4" ::"r"(psr),                                                        \
                         "r"(lr)                                                                             \
                         : "r4", "memory");                                                                  \
        break
#define SRS_FN(name, m)                                                                                      \
    static void name(unsigned form, uint32_t psr, uint32_t lr)                                               \
    {                                                                                                        \
        switch (form) {                                                                                      \
            SRS_CASE(0, "srsia sp,", m);                                                                     \
            SRS_CASE(1, "srsia sp!,", m);                                                                    \
            SRS_CASE(2, "srsib sp,", m);                                                                     \
            SRS_CASE(3, "srsib sp!,", m);                                                                    \
            SRS_CASE(4, "srsda sp,", m);                                                                     \
            SRS_CASE(5, "srsda sp!,", m);                                                                    \
            SRS_CASE(6, "srsdb sp,", m);                                                                     \
            SRS_CASE(7, "srsdb sp!,", m);                                                                    \
        }                                                                                                    \
    }
SRS_FN(srs_fiq, 17)
SRS_FN(srs_irq, 18)
SRS_FN(srs_abt, 23)
SRS_FN(srs_und, 27)
SRS_FN(srs_sys, 31)

static void (*store)(unsigned, uint32_t, uint32_t);
static uint32_t do_store(uint32_t form)
{
    store(form, 0x80000110 + form, 0x1000 + form);
    return 0;
}

static void test_srs(uint32_t from, uint32_t to, void (*fn)(unsigned, uint32_t, uint32_t))
{
    static const int lo[] = {0, 0, 1, 1, -1, -1, -2, -2}; /* word offset of LR; SPSR follows */
    static const int wb[] = {0, 2, 0, 2, 0, -2, 0, -2};
    bool good = true;

    for (unsigned form = 0; form < 8; form++) {
        for (unsigned i = 0; i < 32; i++)
            area[i] = 0xeeeeeeee;
        uint32_t old = swap_sp(to, (uint32_t)(area + 16));
        store = fn;
        run_in_mode(from, do_store, form);
        uint32_t sp = swap_sp(to, old);
        if (area[16 + lo[form]] != 0x1000 + form || area[17 + lo[form]] != 0x80000110 + form ||
            sp != (uint32_t)(area + 16 + wb[form]))
            good = false;
        for (int i = 0; i < 32; i++)
            if (i != 16 + lo[form] && i != 17 + lo[form] && area[i] != 0xeeeeeeee)
                good = false;
    }
    print("srs from %s to %s: ", mode_name(from), mode_name(to));
    check("all forms", good);
}

/* The kernel's way in: SUB LR; SRSDB #svc!; CPS #svc; ...; RFEIA sp! — from IRQ mode, to user. */
extern char kernel_like[], kernel_land[], thumb_srs[], thumb_land[];
__asm__(".text\n.arm\n.balign 4\nkernel_like:\n\tmsr spsr_cxsf, r4\n\tadd lr, r5, #4\n\tsub lr, lr, #4\n\t"
        "srsdb sp!, #0x13\n\tcps #0x13\n\tpush {r0-r3, r12}\n\tmov r0, #0\n\tmov r12, #0\n\t"
        "pop {r0-r3, r12}\n\trfeia sp!\n"
        "kernel_land:\n\tsvc #3\n"
        ".thumb\n.balign 4\nthumb_srs:\n\tmov lr, r5\n\tmsr spsr_cxsf, r4\n\tsrsdb sp!, #0x13\n\t"
        "cpsid i, #0x13\n\t"
        "push {r0-r3}\n\tmovs r0, #0\n\tpop {r0-r3}\n\trfeia sp!\n.balign 4\nthumb_land:\n\tsvc #4\n\t.arm\n"
        ".balign 4\n");

static void test_round_trip(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(modes); i++) {
        for (unsigned to = 0; to < 3; to++) {
            static const uint32_t targets[] = {MODE_USR, MODE_SYS, MODE_SVC};
            uint32_t fiq = modes[i] == MODE_FIQ ? 0x1f00 : 0;
            transfer_fill(i);
            transfer_regs[4] = targets[to] | 0xa8050000 | PSR_F;
            transfer_regs[5] = (uint32_t)kernel_land;
            transfer_run(modes[i] | PSR_I | PSR_F, (uint32_t)kernel_like);
            print("%s to %s: ", mode_name(modes[i]), mode_name(targets[to]));
            check("srsdb, cps, rfeia", exc_last.type == EXC_SVC && exc_last.pc == (uint32_t)kernel_land &&
                                           exc_last.spsr == transfer_regs[4] && transfer_kept(fiq));
            transfer_regs[4] |= PSR_T;
            transfer_regs[5] = (uint32_t)thumb_land;
            transfer_run(modes[i] | PSR_I | PSR_F | PSR_T, (uint32_t)thumb_srs);
            print("%s to %s: ", mode_name(modes[i]), mode_name(targets[to]));
            check("thumb", exc_last.type == EXC_SVC && exc_last.pc == (uint32_t)thumb_land &&
                               exc_last.spsr == transfer_regs[4] && transfer_kept(fiq));
        }
    }
}

int main(void)
{
    static const struct {
        uint32_t mode;
        void (*fn)(unsigned, uint32_t, uint32_t);
    } to[] = {{MODE_FIQ, srs_fiq},
              {MODE_IRQ, srs_irq},
              {MODE_ABT, srs_abt},
              {MODE_UND, srs_und},
              {MODE_SYS, srs_sys}};

    for (unsigned f = 0; f < ARRAY_SIZE(modes); f++)
        for (unsigned t = 0; t < ARRAY_SIZE(to); t++)
            if (modes[f] != to[t].mode)
                test_srs(modes[f], to[t].mode, to[t].fn);
    test_round_trip();
    return 0;
}
