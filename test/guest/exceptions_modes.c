/* Proves: SVC, UNDEFINED and BKPT from each of the seven modes, A32 and T32, in and out of IT blocks: LR,
   SPSR, entry CPSR, registers kept. */
#include "transfer.h"

static const uint32_t modes[] = {MODE_USR, MODE_FIQ, MODE_IRQ, MODE_SVC, MODE_ABT, MODE_UND, MODE_SYS};

#define A32(name, text)                                                                                      \
    extern char name[], name##_at[];                                                                         \
    __asm__(".text\n.arm\n.balign 4\n" #name ":\n\tnop\n" #name "_at:\n\t" text "\n\tnop\n\tudf #0xdead\n")
#define T32(name, before, text)                                                                              \
    extern char name[], name##_at[];                                                                         \
    __asm__(".text\n.thumb\n.balign 4\n" #name ":\n\tnop\n\t" before "\n" #name "_at:\n\t" text              \
            "\n\tnop\n\t"                                                                                    \
            "udf #0xad\n\t.arm\n")
A32(a_svc, "svc #0x42");
A32(a_svcne, "svcne #0x42");
A32(a_udf, "udf #0x1234");
A32(a_udf_max, ".inst 0xe7ffffff");
A32(a_cdp, ".inst 0xee000110"); /* CDP p1 */
A32(a_bkpt, "bkpt #0x1234");
T32(t_svc, "nop", "svc #0x42");
T32(t_udf, "nop", "udf #0x42");
T32(t_udf_w, "nop", "udf.w #0x1234");
T32(t_cdp, "nop", ".hword 0xee00, 0x0110");
T32(t_bkpt, "nop", "bkpt #0x42");
T32(t_svc_it, "it ne", ".hword 0xdf42");
T32(t_svc_itt, "ittt ne\n\tnop\n\tnop", ".hword 0xdf42");
T32(t_svc_it4, "ittet ne\n\tnop", ".hword 0xdf42\n\tnop\n\tnop");
T32(t_udf_it, "itt ne\n\tnop", ".hword 0xde42");
T32(t_udfw_it, "itee eq\n\tnop", ".hword 0xf7f1, 0xa234\n\tnop");
T32(t_bkpt_it, "ite ne\n\tnop", "bkpt #1"); /* unconditional, even where the IT condition fails */

static const struct {
    const char *name, *start, *at;
    unsigned type;
    bool thumb;
} cases[] = {
    {"svc", a_svc, a_svc_at, EXC_SVC, 0},
    {"svcne", a_svcne, a_svcne_at, EXC_SVC, 0},
    {"udf", a_udf, a_udf_at, EXC_UND, 0},
    {"udf max", a_udf_max, a_udf_max_at, EXC_UND, 0},
    {"cdp p1", a_cdp, a_cdp_at, EXC_UND, 0},
    {"bkpt", a_bkpt, a_bkpt_at, EXC_PABT, 0},
    {"thumb svc", t_svc, t_svc_at, EXC_SVC, 1},
    {"thumb udf", t_udf, t_udf_at, EXC_UND, 1},
    {"thumb udf.w", t_udf_w, t_udf_w_at, EXC_UND, 1},
    {"thumb cdp p1", t_cdp, t_cdp_at, EXC_UND, 1},
    {"thumb bkpt", t_bkpt, t_bkpt_at, EXC_PABT, 1},
    {"thumb it svc", t_svc_it, t_svc_it_at, EXC_SVC, 1},
    {"thumb ittt svc", t_svc_itt, t_svc_itt_at, EXC_SVC, 1},
    {"thumb ittet svc", t_svc_it4, t_svc_it4_at, EXC_SVC, 1},
    {"thumb itt udf", t_udf_it, t_udf_it_at, EXC_UND, 1},
    {"thumb itee udf.w", t_udfw_it, t_udfw_it_at, EXC_UND, 1},
    {"thumb ite bkpt", t_bkpt_it, t_bkpt_it_at, EXC_PABT, 1},
};

static void one(unsigned i, uint32_t mode, uint32_t masks)
{
    uint32_t psr = mode | masks | (cases[i].thumb ? PSR_T : 0) | 0x980a0000 | (i & 1) << 29; /* Z clear */
    uint32_t vector_mode = cases[i].type == EXC_SVC   ? MODE_SVC
                           : cases[i].type == EXC_UND ? MODE_UND
                                                      : MODE_ABT;
    uint32_t entry_masks = PSR_I | (psr & PSR_F) | (cases[i].type == EXC_PABT ? PSR_A : psr & PSR_A);

    transfer_fill(i + mode);
    transfer_run(psr, (uint32_t)cases[i].start);
    uint32_t lr = (uint32_t)cases[i].at + (cases[i].type == EXC_PABT ? 4 : cases[i].thumb ? 2 : 4);
    bool good = exc_count == 1 && exc_last.type == cases[i].type && exc_last.lr == lr &&
                (exc_last.spsr & ~0x0600fc00u) == psr && transfer_kept(0) &&
                (exc_last.cpsr & 0x1ff) == (vector_mode | entry_masks);
    if (cases[i].type == EXC_PABT)
        good &= (exc_last.ifsr & 0x40f) == 2;
    print("%s %s from %s: lr=%08x spsr=%08x cpsr=%08x\n", good ? "ok" : "FAIL", cases[i].name,
          mode_name(mode), (unsigned)exc_last.lr, (unsigned)exc_last.spsr, (unsigned)exc_last.cpsr & 0x1ff);
}

int main(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++)
        for (unsigned m = 0; m < ARRAY_SIZE(modes); m++)
            one(i, modes[m], (i + m) % 8 << 6);
    return 0;
}
