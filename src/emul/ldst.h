/*
 * Inside load and store emulation: single accesses to guest memory (mem.c), which core instructions (ldst.c)
 * and VFP and Advanced SIMD ones (ldst_simd.c) are made of. The contract for others is in vcpu.h.
 *
 * All that return bool: false means that the data abort was injected.
 */
#ifndef LDST_H
#define LDST_H

#include "decoder/decoder.h"
#include "emul/vcpu.h"

#define MEM_USER    1u /* check as PL0 does */
#define MEM_ALIGNED 2u /* naturally aligned whatever SCTLR.A says (A3.2.1) */

/* Size 1, 2, 4. Byte order as CPSR.E says. */
bool mem_load(struct vcpu *v, gva_t va, unsigned size, unsigned flags, uint32_t *value);
bool mem_store(struct vcpu *v, gva_t va, unsigned size, unsigned flags, uint32_t value);
/* So many words of RAM, readable now, aligned, within a page, little-endian: where they are. NULL: go word by
 * word. */
const uint32_t *mem_words(struct vcpu *v, gva_t va, unsigned count);
/* Would a store be permitted? Size up to 8. */
bool mem_probe_store(struct vcpu *v, gva_t va, unsigned size, unsigned flags);
/* False, if `va` is not a multiple of `align`, a power of two. */
bool mem_check_align(struct vcpu *v, gva_t va, unsigned align, bool write);

static inline unsigned mem_flags_now(const struct vcpu *v)
{
    return (v->cpsr & PSR_MODE) == MODE_USR ? MEM_USER : 0;
}

/* A register as an operand: r15 reads as the architecture's PC. */
static inline uint32_t ldst_reg(const struct vcpu *v, const struct insn *in, unsigned n)
{
    return v->r[n & 15] + (n == REG_PC ? (in->thumb ? 4 : 8) : 0);
}

/* Loads and stores of the vector registers; *known: it is one. */
bool ldst_simd(struct vcpu *v, const struct insn *in, bool *known);

#endif
