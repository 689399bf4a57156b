/* MCR and MRC of p15 and p14: find the row, check who asks, do what it says. */
#include "emul/cp15.h"

#include <string.h>

#include "emul/real.h"
#include "ops.h"

#define RESET_SCTLR 0x00c50078
#define RESET_OSLSR 0xa /* locked */
#define RESET_PMCR  0x41002000
#define CRN_COUNT   16

/* How rows are found. */
static struct {
    uint8_t first_row[CRN_COUNT + 1]; /* of each CRn of p15; p14's rows follow those */
    struct {
        uint32_t word; /* but Rt and the condition */
        const struct cp15_row *row;
    } kept[64]; /* the same few are asked for over and over */
} find;

static void index_rows(void)
{
    unsigned row = 0;

    for (unsigned crn = 0; crn <= CRN_COUNT; crn++) {
        while (row < cp15_row_count && cp15_rows[row].coproc == 15 && cp15_rows[row].crn < crn)
            row++;
        find.first_row[crn] = row;
    }
}

static bool field_is(uint8_t want, uint8_t is) { return want == CP15_ANY || want == is; }

static const struct cp15_row *search(const struct insn *in)
{
    bool p15 = in->coproc == 15;

    if (!find.first_row[CRN_COUNT])
        index_rows();
    for (unsigned i = find.first_row[p15 ? in->crn & 15 : CRN_COUNT]; i < cp15_row_count; i++) {
        const struct cp15_row *r = &cp15_rows[i];

        if (p15 && (r->coproc != 15 || r->crn != in->crn))
            return NULL;
        if (r->coproc == in->coproc && r->crn == in->crn && field_is(r->opc1, in->opc1) &&
            field_is(r->crm, in->crm) && field_is(r->opc2, in->opc2))
            return r;
    }
    return NULL;
}

const struct cp15_row *cp15_find(const struct insn *in)
{
    uint32_t word = in->word & 0x0fff0fff;
    unsigned slot = (word ^ word >> 5 ^ word >> 16) % ARRAY_SIZE(find.kept);

    if (find.kept[slot].word != word) {
        find.kept[slot].word = word;
        find.kept[slot].row = search(in);
    }
    return find.kept[slot].row;
}

static bool permitted(const struct vcpu *v, const struct cp15_row *r, bool write)
{
    if ((v->cpsr & PSR_MODE) != MODE_USR)
        return r->access & (write ? CP_W1 : CP_R1);
    if (r->access & CP_PMU && !(v->cp15.other[OTHER_PMUSERENR] & 1))
        return false;
    return r->access & (write ? CP_W0 : CP_R0);
}

static void row_write(struct vcpu *v, const struct cp15_row *r, uint32_t value)
{
    uint32_t *field, old;

    switch (r->kind) {
    case CP15_FIELD:
        field = (uint32_t *)((char *)v + r->arg);
        old = *field;
        *field = value & r->mask;
        if (r->op)
            r->op(v, r->arg, true, &old);
        break;
    case CP15_REAL: real_write_sys(r->arg, value & r->mask); break;
    case CP15_OP: r->op(v, r->arg, true, &value); break;
    }
}

/* False: Rt keeps its value. */
static bool row_read(struct vcpu *v, const struct cp15_row *r, uint32_t *value)
{
    switch (r->kind) {
    case CP15_CONST: *value = r->arg; return true;
    case CP15_FIELD: memcpy(value, (char *)v + r->arg, sizeof(*value)); return true;
    case CP15_REAL: *value = real_read_sys(r->arg); return true;
    case CP15_OP: r->op(v, r->arg, false, value); return true;
    default: return false;
    }
}

/* Its row, if there is such a register and the current mode may access it. */
static const struct cp15_row *accessible(const struct vcpu *v, const struct insn *in)
{
    bool write = in->op == OP_MCR;
    const struct cp15_row *r = write || in->op == OP_MRC ? cp15_find(in) : NULL;

    return r && permitted(v, r, write) ? r : NULL;
}

bool cp15_is_accessible(const struct vcpu *v, const struct insn *in) { return accessible(v, in); }

bool cp15_access(struct vcpu *v, const struct insn *in)
{
    bool write = in->op == OP_MCR;
    const struct cp15_row *r = accessible(v, in);
    uint32_t value = 0;

    if (!r) {
        exc_undefined(v);
        return false;
    }
    v->cp15_changed |= write;
    if (write)
        row_write(v, r, in->rt == REG_PC ? v->r[15] + (in->thumb ? 4 : 8) : v->r[in->rt & 15]);
    else if (row_read(v, r, &value)) {
        if (in->rt == REG_PC) /* A8.8.107: the flags */
            v->cpsr = (v->cpsr & 0x0fffffff) | (value & 0xf0000000);
        else
            v->r[in->rt & 15] = value;
    }
    return true;
}

void cp15_reset(struct vcpu *v)
{
    memset(&v->mmu, 0, sizeof(v->mmu));
    memset(&v->cp15, 0, sizeof(v->cp15));
    v->cp15_changed = true;
    v->mmu.sctlr = RESET_SCTLR;
    v->cp15.other[OTHER_OSLSR] = RESET_OSLSR;
    v->cp15.other[OTHER_PMCR] = RESET_PMCR;
    for (unsigned i = 0; i < REAL_SYS_COUNT; i++)
        real_write_sys(i, 0);
}

enum cp15_inline cp15_inline_kind(const struct insn *in, enum cp15_slot *slot)
{
    bool write = in->op == OP_MCR;
    const struct cp15_row *r = write || in->op == OP_MRC ? cp15_find(in) : NULL;

    *slot = CP15_SLOT_NONE;
    if (!r || in->rt == REG_PC || !(r->access & (write ? CP_W1 : CP_R1)))
        return CP15_CALLOUT;
    if (r->inlined < CP15_SRF)
        return r->inlined;
    if (write)
        return CP15_CALLOUT;
    *slot = r->inlined - CP15_SRF;
    return CP15_SRF;
}

void cp15_copy_slots(const struct vcpu *v, uint32_t slots[CP15_SLOT_COUNT])
{
    slots[CP15_SLOT_SCTLR] = v->mmu.sctlr;
    slots[CP15_SLOT_TTBR0] = v->mmu.ttbr0;
    slots[CP15_SLOT_TTBR1] = v->mmu.ttbr1;
    slots[CP15_SLOT_TTBCR] = v->mmu.ttbcr;
    slots[CP15_SLOT_DFSR] = v->cp15.dfsr;
    slots[CP15_SLOT_IFSR] = v->cp15.ifsr;
    slots[CP15_SLOT_DFAR] = v->cp15.dfar;
    slots[CP15_SLOT_IFAR] = v->cp15.ifar;
    slots[CP15_SLOT_CONTEXTIDR] = v->mmu.contextidr;
    slots[CP15_SLOT_VBAR] = v->cp15.vbar;
    slots[CP15_SLOT_PRRR] = v->mmu.prrr;
    slots[CP15_SLOT_NMRR] = v->mmu.nmrr;
}
