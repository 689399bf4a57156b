/*
 * Callouts: one instruction of a block is emulated, and execution goes on after it.
 */
#include "run/run.h"

#include "dbt/dbt.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "ops.h"
#include "run/light/light.h"

#define JUMP_KEY_CALLOUTS 512u

/* Straight on in the block if the callout led to its next instruction, else by lookup. */
static void continue_after(struct frame *f, struct place at, uint32_t generation, uint32_t key)
{
    struct block *b = at.block;

    if (generation == cache.generation && cache_resumable(b) && block_state_key(enter_state()) == key &&
        !(gic_irq_pending() && !(vcpu.cpsr & PSR_I))) {
        const struct insn_map *m = at.insn;

        if (m + 1 < b->insns + b->insn_count && vcpu.r[15] == b->gva.a + m[1].offset) {
            f->pc = b->host.a + m[1].word * 4u;
            sync_out(f);
            return;
        }
    }
    enter_guest(f);
}

/* The state that a block's next instruction needs: its ITSTATE changes from one to the next, the rest of the
 * key does not. */
static uint32_t key_after(const struct block *b, const struct insn_map *m)
{
    uint32_t it = m + 1 < b->insns + b->insn_count ? m[1].itstate : 0;

    return block_key_with_it(b->key, (uint8_t)it);
}

static uint32_t *cp15_counter(const struct insn *in)
{
    switch (in->crn) {
    case 2: return &run_stats.callout_ttbr_asid;
    case 3: return &run_stats.callout_dacr;
    case 7: return in->crm == 5 || in->crm == 1 ? &run_stats.callout_icache : &run_stats.callout_dcache;
    case 8: return &run_stats.callout_tlb;
    case 13: return &run_stats.callout_ttbr_asid;
    default: return &run_stats.callout_cp15_other;
    }
}

static uint32_t *callout_counter(const struct insn *in)
{
    switch (in->op) {
    case OP_CPS:
    case OP_SETEND: return &run_stats.callout_cps;
    case OP_MRS: return in->spsr ? &run_stats.callout_spsr : &run_stats.callout_mrs;
    case OP_MSR_imm:
    case OP_MSR_reg: return in->spsr ? &run_stats.callout_spsr : &run_stats.callout_msr;
    case OP_MCR:
    case OP_MRC: return cp15_counter(in);
    case OP_WFI: return &run_stats.callout_wfi;
    case OP_SMC: return &run_stats.callout_smc;
    case OP_RFE:
    case OP_LDM_eret:
    case OP_SUBS_PC_LR:
    case OP_ERET: return &run_stats.callout_eret;
    default: break;
    }
    switch (in->class) {
    case CLASS_CONTROL_FLOW: return &run_stats.callout_branch;
    case CLASS_PC_RELATIVE: return &run_stats.callout_pc_relative;
    case CLASS_CRITICAL: return in->writes >> 15 & 1 ? &run_stats.callout_eret : &run_stats.callout_user_bank;
    case CLASS_EXCEPTION:
    case CLASS_UNDEFINED:
    case CLASS_UNPREDICTABLE: return &run_stats.callout_exception;
    default: return &run_stats.callout_other;
    }
}

/*
 * The jump map serves blocks of one state. Where indirect branches of another keep coming, it becomes that
 * one's; the translations that use it go with it.
 */
static void consider_jump_key(const struct block *b, const struct insn *in)
{
    static unsigned others, patience = JUMP_KEY_CALLOUTS;
    struct block_state state = block_state_of(b->key, block_key_itstate(b->key), 0);

    if (in->class != CLASS_CONTROL_FLOW || !dbt_may_serve(state) || b->key == block_state_key(dbt_served()) ||
        ++others < patience)
        return;
    others = 0;
    if (patience < JUMP_KEY_CALLOUTS << 8)
        patience *= 2; /* a guest that goes back and forth is left alone */
    dbt_serve(state);
    cache_flush();
}

void run_callout(struct frame *f, struct place at, uint32_t word, unsigned size)
{
    uint32_t generation = cache.generation, key = key_after(at.block, at.insn);
    const struct insn *in;
    struct insn thumb;
    uint32_t *count;

    if (block_key_is_thumb(at.block->key)) {
        decode_thumb(word, size == 4, &thumb);
        if (at.insn->itstate & 0xf)
            decode_within_it(&thumb, thumb.cond); /* callout_execute() has the condition from the CPSR */
        in = &thumb;
    } else {
        in = decode_a32_again(word);
    }
    count = callout_counter(in);
    ++*count;
    if (at.site && at.site->kind == SITE_CALLOUT && in->class < CLASS_UNDEFINED)
        light_consider(at, in, count);
    sync_in(f, at);
    consider_jump_key(at.block, in);
    callout_execute(&vcpu, in);
    continue_after(f, at, generation, key);
}
