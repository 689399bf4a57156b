/*
 * Registers whose values the block's own MOVs determine. A block is entered at its first word, or where the
 * guest was between two of its instructions: then the MOV has been executed all the same, or r[] was changed
 * by a guest's handler, which returns to the block of that address, another one.
 */
#include "dbt/template.h"
#include "ops.h"

void tr_track_constants(struct tr *t, const struct insn *in)
{
    unsigned was = t->constant;

    t->constant &= (uint16_t)~in->writes;
    if (in->cond != AL || in->rd > R12)
        return;
    switch (in->op) {
    case OP_MOV_imm:
    case OP_MOVW: t->constants[in->rd] = in->imm; break;
    case OP_MVN_imm: t->constants[in->rd] = ~in->imm; break;
    case OP_MOVT:
        if (!(was >> in->rd & 1))
            return;
        t->constants[in->rd] = (t->constants[in->rd] & 0xffff) | in->imm << 16;
        break;
    default: return;
    }
    t->constant |= (uint16_t)(1u << in->rd);
}
