/* Emulation of the instructions that translated code does not run: one short function each. */
#ifndef CALLOUT_H
#define CALLOUT_H

#include "decoder/decoder.h"
#include "emul/vcpu.h"

/* Execute `in` at v->r[15] completely: condition, effects, exceptions, next PC and ITSTATE. */
void callout_execute(struct vcpu *v, const struct insn *in);

/* A2.3, B1.8.3: `cpsr` comes from an SPSR or memory; v->r[15] becomes `pc` as the new state aligns it. */
void callout_exception_return(struct vcpu *v, uint32_t pc, uint32_t cpsr);

/* BXWritePC (A2.3.1). */
void callout_bx(struct vcpu *v, uint32_t target);

/* Data processing, any form, PC as source or destination included (exception returns too). False: not such an
 * instruction. */
bool alu_execute(struct vcpu *v, const struct insn *in);

bool condition_holds(uint32_t cpsr, unsigned cond);

/* psci.c: SMC with r0 = function. */
void psci_call(struct vcpu *v);

#endif
