/* Proves: a timer that fires anywhere inside sensitive T32 sequences, IT blocks among them, disturbs no
   register, flag, mode or stack. */
#include "mmu.h"
#include "soak.h"

#define B(name, text) SOAK_BODY(name, thumb, text)
#define GO(to)        "ldr lr, =1f + 1\n\t" to "\n1:\t"
#define GO_EVEN(to)   "ldr lr, =1f\n\t" to "\n1:\t"
B(cps, "cpsid i\n\tnop\n\tcpsie i\n\tcpsid if\n\tcpsie i\n\tcpsid.w i\n\tcpsie.w i");
B(irq_save, "mrs lr, cpsr\n\tcpsid i\n\tadd r9, r9, #1\n\tsub r9, r9, #1\n\tmsr cpsr_c, lr");
B(modes, "cps #0x1f\n\tpush {r0-r3}\n\tpop {r0-r3}\n\tcps #0x17\n\tpush {r4}\n\tpop {r4}\n\tcps #0x13");
B(pop_pc, GO("push {r5, lr}\n\tpop {r5, pc}"));
B(pop_wide, GO("push.w {r4-r9, r11, lr}\n\tpop.w {r4-r9, r11, pc}"));
B(bl_bx, "bl 2f\n\tb 1f\n\t.thumb_func\n2:\tbx lr\n1:\t");
B(nest, "bl 2f\n\tb 1f\n\t.thumb_func\n2:\tpush {r4, lr}\n\tmov r4, r3\n\tbl 3f\n\tadd r4, r4, #1\n\t"
        "pop {r4, pc}\n\t.thumb_func\n3:\tmov pc, lr\n1:\t");
B(ldr_pc, "ldr.w pc, =1f + 1\n1:\t");
B(tbb, "push {r0}\n\tmov r0, #1\n\ttbb [pc, r0]\n2:\t.byte (3f - 2b) / 2, (1f - 2b) / 2\n3:\tudf #1\n"
       "1:\tpop {r0}");
B(tbh, "push {r0}\n\tmov r0, #1\n\ttbh [pc, r0, lsl #1]\n2:\t.hword (3f - 2b) / 2, (1f - 2b) / 2\n"
       "3:\tudf #1\n1:\tpop {r0}");
B(cbz, "push {r0}\n\tmovw r0, #0\n\tcbnz r0, 3f\n\tcbz r0, 1f\n3:\tudf #1\n1:\tpop {r0}");
B(to_arm, "blx 2f\n\tb 1f\n\t.arm\n.balign 4\n2:\tbx lr\n\t.thumb\n1:\t");
B(bx_pc, ".balign 4\n\tbx pc\n\tnop\n\t.arm\n\tadd lr, pc, #1\n\tbx lr\n\t.thumb\n\tnop");
B(it_moves, "ittet eq\n\tmoveq lr, r0\n\tmoveq.w lr, r1\n\tmovne r0, lr\n\tmoveq lr, r3\n\tittee ne\n\t"
            "movne r1, #1\n\tmovne r2, #2\n\tmoveq lr, r4\n\tmoveq lr, r5");
B(it_sensitive, "mrs lr, cpsr\n\tittt eq\n\tmrseq lr, cpsr\n\tmsreq cpsr_f, lr\n\t"
                "mrceq p15, 0, lr, c1, c0, 0\n\titt ne\n\tmsrne cpsr_c, r0\n\tmrcne p15, 0, r0, c1, c0, 0");
B(it_branch, "it ne\n\tbne 3f\n\titt eq\n\tmoveq lr, r0\n\tbeq 1f\n3:\tudf #1\n1:\t");
B(it_return, GO("push {r6, lr}\n\titt eq\n\tmoveq lr, r0\n\tpopeq {r6, pc}\n\tudf #2"));
B(subs_pc, "mrs lr, cpsr\n\torr lr, lr, #0x20\n\tmsr spsr_cxsf, lr\n\t" GO_EVEN("subs pc, lr, #0"));
B(subs_pc_4, "mrs lr, cpsr\n\torr lr, lr, #0x20\n\tmsr spsr_cxsf, lr\n\tldr lr, =1f + 4\n\tsubs pc, lr, #4\n"
             "1:\t");
B(rfe, "mrs lr, cpsr\n\torr lr, lr, #0x20\n\tpush {lr}\n\t" GO_EVEN("push {lr}\n\trfeia sp!"));
B(srs_rfe, "mrs lr, cpsr\n\torr lr, lr, #0x20\n\tmsr spsr_cxsf, lr\n\t" GO_EVEN("srsdb sp!, #0x13\n\t"
                                                                                "rfeia sp!"));
B(exclusive, "1:\tldrex lr, [r10, #4]\n\tadd lr, lr, #1\n\tpush {r2}\n\tstrex r2, lr, [r10, #4]\n\t"
             "teq r2, #0\n\tpop {r2}\n\tbne 1b");
B(literals, "ldr lr, =0x12345678\n\tadr lr, 1f\n\tldr lr, [lr]\n\tsub lr, lr, #42\n\tadd r0, r0, lr\n\t"
            "b 2f\n\t.balign 4\n1:\t.word 42\n2:\tmov lr, pc\n\tadd lr, pc");
B(cp15,
  "mrc p15, 0, lr, c3, c0, 0\n\tmcr p15, 0, lr, c3, c0, 0\n\tmcr p15, 0, r3, c13, c0, 4\n\t"
  "mrc p15, 0, lr, c13, c0, 4\n\tsub lr, lr, r3\n\tadd r0, r0, lr\n\tmcr p15, 0, r11, c8, c7, 1\n\tisb");
B(unpriv, "ldrt lr, [r11, #4]\n\tstrt lr, [r11, #4]\n\tldrbt lr, [r11]\n\tldrsht lr, [r11, #2]");

B(it_block, "str r0, [r10, #16]\n\tstr r1, [r10, #20]\n\titet eq\n\tldrdeq r0, r1, [r10, #16]\n\t"
            "ldrdne r2, r3, [r10]\n\tstrdeq r0, r1, [r10, #24]");

int main(void)
{
    static const struct soak bodies[] = {
        {"cps", cps},
        {"local_irq_save", irq_save},
        {"modes", modes},
        {"pop {r5, pc}", pop_pc},
        {"pop.w {.., pc}", pop_wide},
        {"bl, bx lr", bl_bx},
        {"nested calls", nest},
        {"ldr pc", ldr_pc},
        {"tbb", tbb},
        {"tbh", tbh},
        {"cbz, cbnz", cbz},
        {"blx to arm", to_arm},
        {"bx pc", bx_pc},
        {"it moves", it_moves},
        {"it sensitive", it_sensitive},
        {"it loads", it_block},
        {"it branches", it_branch},
        {"it pop pc", it_return},
        {"subs pc, lr", subs_pc},
        {"subs pc, lr, #4", subs_pc_4},
        {"rfe", rfe},
        {"srs, rfe", srs_rfe},
        {"ldrex, strex", exclusive},
        {"literals", literals},
        {"cp15", cp15},
        {"ldrt, strt", unpriv},
    };

    mmu_reset();
    mmu_on();
    soak_run(bodies, ARRAY_SIZE(bodies));
    return 0;
}
