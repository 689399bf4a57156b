/*
 * Every technique can be turned off at run time (design 7): `./armature boot --without NAME`.
 * One row a switch: name, what is done without it. The packer reads this file too.
 */
#ifndef SWITCHES_H
#define SWITCHES_H

#define VMM_SWITCHES(X)                                                                                      \
    X(chaining, "every direct block exit is a callout")                                                      \
    X(jump_map, "every indirect branch is a callout")                                                        \
    X(inline_cps, "CPSIE and CPSID are callouts")                                                            \
    X(inline_mrs, "MRS CPSR is a callout")                                                                   \
    X(inline_msr, "MSR CPSR is a callout")                                                                   \
    X(inline_spsr, "MRS and MSR of the SPSR are callouts")                                                   \
    X(inline_user_bank, "LDM^ and STM^ of the user bank, LDRT and STRT are callouts")                        \
    X(inline_dacr, "reads and writes of the DACR are callouts")                                              \
    X(inline_cp15, "every other CP15 access is a callout")                                                   \
    X(icache_gate, "I-cache maintenance is a callout")                                                       \
    X(inline_pc, "PC-relative instructions are callouts")                                                    \
    X(inline_branch, "BL, BLX and PC-writing instructions are callouts")                                     \
    X(constant_jumps, "LDR of the PC from a literal, first in a block, goes by the jump map")                \
    X(inline_eret, "every exception return is a callout")                                                    \
    X(direct_svc, "SVC from User mode enters through the VMM")                                               \
    X(long_blocks, "blocks are one instruction long")                                                        \
    X(fill_ahead, "a hidden fault fills one entry")                                                          \
    X(device_sites, "hot device accesses are not rewritten")                                                 \
    X(direct_devices, "the guest's first SP804 and PL011 are modelled, not the host's own")                  \
    X(light_exits, "every exit saves and restores all of the guest's state")                                 \
    X(tlb_loops, "each page of a loop of TLB maintenance is an exit")                                        \
    X(switch_pairs, "TTBR0 and CONTEXTIDR written one after the other are two exits")                        \
    X(wfi_idle, "WFI does not idle the host")

enum vmm_switch {
#define X(name, without) SWITCH_##name,
    VMM_SWITCHES(X)
#undef X
        SWITCH_COUNT
};

/* True while the technique is in use. */
extern unsigned vmm_switched_off;
#define SWITCH_ON(name) (!(vmm_switched_off >> SWITCH_##name & 1))

#endif
