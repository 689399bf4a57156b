#include "classify/verdict.h"
#include "ops.h"

#include <stdio.h>
#include <string.h>

const char *const verdict_class_names[] = {"innocuous",  "control flow", "PC-relative", "critical",
                                           "privileged", "exception",    "undefined",   "unpredictable"};

const char *verdict_sensitivity_text(unsigned sensitive)
{
    static const char *const names[] = {"control", "mode", "location", "resource", "configuration"};
    static char text[64];

    *text = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
        if (sensitive >> i & 1)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", *text ? ", " : "", names[i]);
    return text;
}

static bool is_coprocessor(const struct insn *in)
{
    return in->op == OP_MCR || in->op == OP_MRC || in->op == OP_MCRR || in->op == OP_MRRC ||
           in->op == OP_CDP || in->op == OP_LDC || in->op == OP_STC;
}

/* What programs may do by themselves: barriers, thread pointers, ThumbEE's base. It is theirs, not the
 * system's. */
static bool is_program_state(const struct cp15_row *r)
{
    return (r->coproc == 15 && (r->crn == 7 || (r->crn == 13 && r->opc2 >= 2 && r->opc2 <= 3))) ||
           (r->coproc == 14 && r->opc1 == 6);
}

static void find_coprocessor(const struct insn *in, struct verdict *out)
{
    bool write = in->op == OP_MCR;
    unsigned pl0 = write ? CP_W0 : CP_R0;

    if (in->op != OP_MCR && in->op != OP_MRC)
        return;
    out->sysreg = cp15_find(in);
    out->no_sysreg = !out->sysreg;
    if (!out->sysreg)
        return;
    out->sensitive = write ? SENSITIVE_CONTROL : SENSITIVE_CONFIGURATION;
    if (in->coproc == 15 && (in->crn == 7 || in->crn == 8))
        out->sensitive = write ? SENSITIVE_RESOURCE : SENSITIVE_CONFIGURATION;
    if (in->coproc == 15 && (in->crn == 9 || in->crn == 14))
        out->sensitive = SENSITIVE_RESOURCE | (write ? SENSITIVE_CONTROL : SENSITIVE_CONFIGURATION);
    if (!(out->sysreg->access & pl0))
        return;
    out->traps = out->sysreg->access & CP_PMU ? TRAPS_MAYBE : TRAPS_NEVER;
    if (is_program_state(out->sysreg))
        out->sensitive = 0;
}

void verdict_find(const struct insn *in, struct verdict *out)
{
    const struct decoder_row *row = in->row < decoder_row_count ? &decoder_rows[in->row] : NULL;

    *out = (struct verdict){.class = in->class};
    if (in->class == CLASS_UNDEFINED || in->class == CLASS_UNPREDICTABLE) {
        out->traps = in->class == CLASS_UNDEFINED ? TRAPS_ALWAYS : TRAPS_MAYBE;
        return;
    }
    if (in->class == CLASS_CRITICAL || in->class == CLASS_PRIVILEGED || in->class == CLASS_EXCEPTION) {
        out->sensitive = row->sensitive;
        out->traps = row->traps ? TRAPS_ALWAYS : TRAPS_NEVER;
        if (!out->sensitive) /* data processing with S into the PC: an exception return */
            out->sensitive = SENSITIVE_CONTROL | SENSITIVE_MODE;
    }
    if (is_coprocessor(in) && in->class == CLASS_PRIVILEGED)
        find_coprocessor(in, out);
    if (in->class == CLASS_CRITICAL || in->class == CLASS_PRIVILEGED)
        out->class = !out->sensitive             ? CLASS_INNOCUOUS
                     : out->traps == TRAPS_NEVER ? CLASS_CRITICAL
                                                 : CLASS_PRIVILEGED;
    if (in->reads >> REG_PC & 1 || in->op == OP_BL_imm || in->op == OP_BLX_imm || in->op == OP_BLX_reg)
        out->sensitive |= SENSITIVE_LOCATION;
}
