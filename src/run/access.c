/*
 * Accesses that the VMM does for the guest: to devices, to memory behind the window, of programs to what only
 * the VMM knows; and code that is not in RAM.
 */
#include "run/run.h"

#include <string.h>

#include "device/bus.h"
#include "emul/callout.h"
#include "ops.h"

/* The guest program's instruction, for emulation. False: it is not in RAM or not mapped any more. */
static bool fetch_user(struct insn *in)
{
    struct translation t;
    uint32_t fsr, pc = vcpu.r[15], words[2];
    bool thumb = vcpu.cpsr & PSR_T;

    for (unsigned i = 0; i < 2; i++) {
        const uint16_t *p;

        if (i == 1 && thumb && !decode_is_wide((uint16_t)words[0]))
            break;
        if (!mmu_walk(&vcpu.mmu, GVA(pc + 2 * i), ACCESS_FETCH, false, &t, &fsr))
            return false;
        p = guest_memory_at(t.gpa);
        words[i] = p ? *p : 0;
    }
    if (!thumb)
        decode_a32(words[0] | words[1] << 16, in);
    else if (decode_is_wide((uint16_t)words[0]))
        decode_thumb(words[0] << 16 | words[1], true, in);
    else
        decode_thumb(words[0], false, in);
    return true;
}

/* CP15 accesses that PL0 may be granted (the PMU) trap for real; all else that is undefined there is the
 * guest's. */
void access_undefined(struct frame *f)
{
    struct insn in;

    sync_in(f, place_nowhere);
    if (fetch_user(&in) && (in.op == OP_MCR || in.op == OP_MRC) && in.coproc >= 14) {
        callout_execute(&vcpu, &in);
    } else {
        run_stats.guest_und++;
        exc_undefined(&vcpu);
    }
    enter_guest(f);
}

/* The exception that emulation has taken, for the guest's state as it was before. */
static void take_again(const struct vcpu *before)
{
    bool undefined = (vcpu.cpsr & PSR_MODE) == MODE_UND;
    uint32_t far = vcpu.cp15.dfar, fsr = vcpu.cp15.dfsr;

    vcpu = *before;
    if (undefined)
        exc_undefined(&vcpu);
    else
        exc_data_abort(&vcpu, GVA(far), fsr);
}

/* The host instruction `word`, with the core's registers, whatever a template has in them. False: an
 * exception was taken. */
static bool emulate_host_access(struct frame *f, struct place at, uint32_t word)
{
    struct insn in = *decode_a32_again(word);
    bool branched = false;
    struct vcpu before;

    if (in.op == OP_MCR)
        return true; /* cache maintenance by address of a device: nothing to do */
    sync_in(f, at);
    before = vcpu;
    memcpy(vcpu.r, f->r, sizeof f->r);
    vcpu.r[14] = branch_real_lr(f);
    if (ldst_emulate(&vcpu, &in, &branched)) {
        sync_out_within(f);
        return true;
    }
    take_again(&before);
    return false;
}

/* A device, or memory behind the window: do the access in C, then on with the program's or the block's next
 * word. */
void access_emulate(struct frame *f, struct place at, uint32_t word)
{
    uint32_t host = f->pc, generation = cache.generation;
    struct insn in;

    if (!at.block) {
        sync_in(f, at);
        if (fetch_user(&in))
            callout_execute(&vcpu, &in);
        enter_guest(f);
        return;
    }
    if (!emulate_host_access(f, at, word)) {
        enter_guest(f);
        return;
    }
    CHECK(generation == cache.generation); /* emulation flushes nothing */
    f->pc = host + 4;
    if (gic_irq_pending())
        interrupt_resume(f, place_at(at.block, at.word + 1));
}

/* User code that is not in RAM: what is there reads as zeros, which is ANDEQ r0, r0, r0 (or, in Thumb, a
 * shift by 0). */
void access_from_nowhere(struct frame *f)
{
    struct insn in;

    sync_in(f, place_nowhere);
    if (fetch_user(&in) && in.word == 0) {
        if (in.thumb) /* MOVS r0, r0 */
            vcpu.cpsr = (vcpu.cpsr & ~(PSR_N | PSR_Z)) | (vcpu.r[0] & PSR_N) | (vcpu.r[0] ? 0 : PSR_Z);
        vcpu.r[15] += in.size;
    } else {
        exc_prefetch_abort(&vcpu, GVA(vcpu.r[15]), FS_EXTERNAL);
    }
    enter_guest(f);
}
