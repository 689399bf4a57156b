/* Proves: a timer that fires anywhere inside sensitive A32 sequences disturbs no register, flag, mode or
   stack. */
#include "soak.h"
#include "mmu.h"

#define B(name, text) SOAK_BODY(name, arm, text)
#define GO(to)        "ldr lr, =1f\n\t" to "\n1:\t"
B(cps, "cpsid i\n\tnop\n\tcpsie i\n\tcpsid if\n\tcpsie i");
B(msr_flags, "mrs lr, cpsr\n\tmsr cpsr_f, #0xf0000000\n\tmsr cpsr_cxsf, lr");
B(irq_save, "mrs lr, cpsr\n\tcpsid i\n\tadd r9, r9, #1\n\tsub r9, r9, #1\n\tmsr cpsr_c, lr");
B(mode_sys, "msr cpsr_c, #0x5f\n\tpush {r0-r3}\n\tpop {r0-r3}\n\tmsr cpsr_c, #0x53");
B(mode_abt, "cps #0x17\n\tpush {r0-r3}\n\tpop {r0-r3}\n\tcps #0x13");
B(mode_und, "mrs lr, cpsr\n\tpush {lr}\n\tcpsie i, #0x1b\n\tmov lr, #1\n\tadd lr, lr, r0\n\t"
            "msr cpsr_c, #0x53\n\tpop {lr}\n\tmsr cpsr_c, lr");
B(mode_irq, "cpsid i, #0x12\n\tmov lr, r3\n\tpush {lr}\n\tpop {lr}\n\tcps #0x11\n\tmov r8, #1\n\t"
            "mov r12, #2\n\tcpsie i, #0x13");
B(spsr, "msr spsr_cxsf, r9\n\tmrs lr, spsr\n\tsub lr, lr, r9\n\tadd r0, r0, lr");
B(pop_pc, GO("push {r5, lr}\n\tpop {r5, pc}"));
B(pop_many, GO("push {r0-r9, r11, lr}\n\tpop {r0-r9, r11, pc}"));
B(bl_bx, "bl 2f\n\tb 1f\n2:\tbx lr\n1:\t");
B(nest, "bl 2f\n\tb 1f\n2:\tpush {r4, lr}\n\tmov r4, r3\n\tbl 3f\n\tadd r4, r4, #1\n\tpop {r4, pc}\n"
        "3:\tmov pc, lr\n1:\t");
B(lr_left, "bl 2f\n\tb 3f\n2:\tpush {lr}\n\tmov lr, #42\n\tpop {pc}\n3:\tsub lr, lr, #42\n\tadd r0, r0, lr");
B(r12_left,
  "bl 2f\n\tb 3f\n2:\tbx lr\n3:\taddne r12, r12, #1\n\taddeq r12, r12, #1\n\tsub r12, r12, #1\n\t"
  "ldr lr, [r8]\n\tldr lr, =5f\n\tbx lr\n5:\tmrc p15, 0, lr, c3, c0, 0\n\tmcr p15, 0, lr, c3, c0, 0");
B(mov_pc, GO("mov pc, lr"));
B(ldr_pc, "ldr pc, =1f\n1:\t");
B(ldr_pc_post, "adr lr, 2f\n\tldr pc, [lr], #4\n2:\t.word 1f\n1:\t");
B(add_pc, "mov lr, #1\n\tadd pc, pc, lr, lsl #2\n\tudf #1\n\tudf #2");
B(ldm_pc, GO("stm r10, {r1, r2, lr}\n\tldm r10, {r1, r2, pc}"));
B(blx_reg, "ldr lr, =2f\n\tblx lr\n\tb 1f\n2:\tbx lr\n1:\t");
B(to_thumb, "blx 2f\n\tb 1f\n\t.thumb\n.balign 4\n2:\tbx lr\n\t.arm\n.balign 4\n1:\t");
B(movs_pc, "mrs lr, cpsr\n\tmsr spsr_cxsf, lr\n\t" GO("movs pc, lr"));
B(subs_pc, "mrs lr, cpsr\n\tmsr spsr_cxsf, lr\n\tldr lr, =1f + 4\n\tsubs pc, lr, #4\n1:\t");
B(ldm_exc, "mrs lr, cpsr\n\tmsr spsr_cxsf, lr\n\t" GO("push {r6, lr}\n\tldm sp!, {r6, pc}^"));
B(rfe, "mrs lr, cpsr\n\tpush {lr}\n\t" GO("push {lr}\n\trfeia sp!"));
B(srs_rfe, "mrs lr, cpsr\n\tmsr spsr_cxsf, lr\n\t" GO("srsdb sp!, #0x13\n\trfeia sp!"));
B(from_abt, "cps #0x17\n\tmrs lr, cpsr\n\tbic lr, lr, #0x1f\n\torr lr, lr, #0x13\n\tmsr spsr_cxsf, lr\n\t" GO(
                "movs pc, lr"));
B(from_irq, "cpsid i, #0x12\n\tmrs lr, cpsr\n\tbic lr, lr, #0x9f\n\torr lr, lr, #0x13\n\t"
            "msr spsr_cxsf, lr\n\t" GO("subs pc, lr, #0"));
B(masked_return, "cpsid i\n\tmrs lr, cpsr\n\tbic lr, lr, #0x80\n\tmsr spsr_cxsf, lr\n\t" GO("movs pc, lr"));
B(user_bank, "stm r10, {sp, lr}^\n\tnop\n\tldm r10, {sp, lr}^\n\tnop");
B(dacr, "mrc p15, 0, lr, c3, c0, 0\n\tbic lr, lr, #0xc0\n\tmcr p15, 0, lr, c3, c0, 0\n\torr lr, lr, #0x40\n\t"
        "mcr p15, 0, lr, c3, c0, 0");
B(tpidr, "mcr p15, 0, r3, c13, c0, 4\n\tmrc p15, 0, lr, c13, c0, 4\n\tsub lr, lr, r3\n\tadd r0, r0, lr\n\t"
         "mcr p15, 0, r4, c13, c0, 2\n\tmcr p15, 0, r4, c13, c0, 3");
B(fault_regs, "mcr p15, 0, r3, c6, c0, 0\n\tmrc p15, 0, lr, c6, c0, 0\n\tsub lr, lr, r3\n\tadd r0, r0, lr\n\t"
              "mcr p15, 0, r5, c6, c0, 2\n\tmrc p15, 0, lr, c6, c0, 2\n\tsub lr, lr, r5\n\tadd r1, r1, lr");
B(tlb_ops, "mcr p15, 0, r11, c8, c7, 1\n\tmcr p15, 0, r11, c7, c10, 1\n\tmcr p15, 0, r11, c7, c5, 1\n\tisb");
B(sctlr, "mrc p15, 0, lr, c1, c0, 0\n\tmcr p15, 0, lr, c1, c0, 0\n\tmrc p15, 0, lr, c0, c0, 0\n\t"
         "mrc p15, 0, lr, c2, c0, 0\n\tmcr p15, 0, lr, c2, c0, 0");
B(unpriv, "ldrt lr, [r11], #4\n\tstrt lr, [r11], #-4\n\tldrbt lr, [r11], #1\n\tsub r11, r11, #1\n\t"
          "strht r3, [r11], #2\n\tsub r11, r11, #2");
B(exclusive, "1:\tldrex lr, [r10]\n\tadd lr, lr, #1\n\tpush {r2}\n\tstrex r2, lr, [r10]\n\tteq r2, #0\n\t"
             "pop {r2}\n\tbne 1b");
B(literals, "ldr lr, =0x12345678\n\tadr lr, 1f\n\tldr lr, [lr]\n\tsub lr, lr, #42\n\tadd r0, r0, lr\n\tb 2f\n"
            "1:\t.word 42\n2:\tmov lr, pc\n\tadd lr, pc, lr\n\tstr pc, [r10]");
B(device, "ldr lr, [r8]\n\tldrb lr, [r8]\n\tldr lr, [r8, #4]\n\tldr lr, [r8, #8]");
B(conditional,
  "cpsid i\n\tmrseq lr, cpsr\n\tmsrne cpsr_f, #0\n\tmsreq cpsr_c, #0x53\n\tldrne pc, [r10]\n\t"
  "pushne {r0-r3}\n\tmrcne p15, 0, r0, c1, c0, 0\n\tmoveq lr, pc\n\tblne soak_note\n\tbeq 1f\n\tudf #3\n"
  "1:\t");
B(wfi, "wfi\n\tnop");

B(block, "stm r10, {r0-r7}\n\tmov r0, #0\n\tmov r7, #0\n\tldm r10, {r0-r7}\n\tpush {r0-r7}\n\tmov r3, #1\n\t"
         "ldm sp!, {r0-r7}");

int main(void)
{
    static const struct soak bodies[] = {
        {"cps", cps},
        {"msr cpsr_f", msr_flags},
        {"local_irq_save", irq_save},
        {"sys mode", mode_sys},
        {"abt mode", mode_abt},
        {"und mode", mode_und},
        {"irq and fiq modes", mode_irq},
        {"spsr", spsr},
        {"pop {r5, pc}", pop_pc},
        {"pop {many, pc}", pop_many},
        {"bl, bx lr", bl_bx},
        {"nested calls", nest},
        {"lr left", lr_left},
        {"r12 left", r12_left},
        {"mov pc, lr", mov_pc},
        {"ldr pc", ldr_pc},
        {"ldr pc, post-indexed", ldr_pc_post},
        {"add pc", add_pc},
        {"ldm {pc}", ldm_pc},
        {"blx reg", blx_reg},
        {"blx to thumb", to_thumb},
        {"movs pc, lr", movs_pc},
        {"subs pc, lr", subs_pc},
        {"ldm {pc}^", ldm_exc},
        {"rfe", rfe},
        {"srs, rfe", srs_rfe},
        {"movs from abt", from_abt},
        {"subs from irq", from_irq},
        {"return that unmasks", masked_return},
        {"user bank", user_bank},
        {"dacr", dacr},
        {"tpidr", tpidr},
        {"far", fault_regs},
        {"tlb and cache ops", tlb_ops},
        {"sctlr, ttbr", sctlr},
        {"ldrt, strt", unpriv},
        {"ldrex, strex", exclusive},
        {"literals", literals},
        {"device", device},
        {"conditional", conditional},
        {"wfi", wfi},
        {"block copies", block},
    };

    mmu_reset();
    mmu_on();
    soak_run(bodies, ARRAY_SIZE(bodies));
    return 0;
}
