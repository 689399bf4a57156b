/*
 * What class each operation's rows are of, written down a second time: a changed class in a
 * table must not go unnoticed. Operations that are in no list are innocuous.
 */
#include "decode/classes.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum insn_class class;
    const char *ops; /* blanks around each */
} lists[] = {
    {CLASS_CONTROL_FLOW, " B BL_imm BLX_imm BLX_reg BX BXJ CBZ TBB "},
    {CLASS_CRITICAL,
     " CPS LDM_eret LDM_user LDRBT LDRHT LDRSBT LDRSHT LDRT MRS MSR_imm MSR_reg RFE SETEND SRS STM_user "
     "STRBT STRHT STRT SUBS_PC_LR WFI "},
    {CLASS_EXCEPTION, " BKPT SMC SVC UDF "},
    {CLASS_UNDEFINED,
     " CDP2 ENTERX ERET HVC LDC2 LEAVEX MCR2 MCRR2 MRC2 MRRC2 MRS_bank MSR_bank SDIV STC2 UDIV VCVTB "
     "VCVTT VCVT_half VFMA VFMA_vfp VFMS VFMS_vfp VFNMA VFNMS VMOV_undefined "},
};

enum insn_class classes_expected(const struct decoder_row *row)
{
    char name[64];

    /* Rows of one operation that differ: coprocessors that are none, VFP's system registers, A32's PLDW. */
    if (!strcmp(row->encoding, "-"))
        return CLASS_UNDEFINED;
    if (!strcmp(row->name, "VMRS") || !strcmp(row->name, "VMSR"))
        return row->encoding[0] == 'B' ? CLASS_PRIVILEGED : CLASS_INNOCUOUS;
    if (!strcmp(row->name, "PLDW_imm") || !strcmp(row->name, "PLDW_reg"))
        return row->isa == ISA_A32 ? CLASS_UNDEFINED : CLASS_INNOCUOUS;
    snprintf(name, sizeof(name), " %s ", row->name);
    if (strstr(" CDP LDC MCR MCRR MRC MRRC STC ", name))
        return CLASS_PRIVILEGED;
    for (unsigned i = 0; i < ARRAY_SIZE(lists); i++)
        if (strstr(lists[i].ops, name))
            return lists[i].class;
    return CLASS_INNOCUOUS;
}

static const struct {
    unsigned sensitive;
    const char *ops;
} sensitivities[] = {
    {SENSITIVE_CONTROL | SENSITIVE_MODE, " CPS LDM_eret LDM_user MSR_imm MSR_reg RFE SRS SUBS_PC_LR "},
    {SENSITIVE_MODE, " LDRBT LDRHT LDRSBT LDRSHT LDRT STM_user STRBT STRHT STRT "},
    {SENSITIVE_MODE | SENSITIVE_CONFIGURATION, " MRS "},
    {SENSITIVE_CONTROL, " BKPT CDP LDC SETEND SMC SVC UDF VMSR "},
    {SENSITIVE_RESOURCE, " WFI "},
    {SENSITIVE_CONTROL | SENSITIVE_RESOURCE, " MCR MCRR "},
    {SENSITIVE_CONFIGURATION, " MRC MRRC STC VMRS "},
};

unsigned classes_sensitivity_expected(const struct decoder_row *row)
{
    enum insn_class class = classes_expected(row);
    char name[64];

    if (class != CLASS_CRITICAL && class != CLASS_PRIVILEGED && class != CLASS_EXCEPTION)
        return 0;
    snprintf(name, sizeof(name), " %s ", row->name);
    for (unsigned i = 0; i < ARRAY_SIZE(sensitivities); i++)
        if (strstr(sensitivities[i].ops, name))
            return sensitivities[i].sensitive;
    return ~0u;
}

bool classes_traps_expected(const struct decoder_row *row)
{
    enum insn_class class = classes_expected(row);

    return class == CLASS_PRIVILEGED || class == CLASS_EXCEPTION || class == CLASS_UNDEFINED;
}

bool classes_agree(const struct decoder_row *row)
{
    return row->class == classes_expected(row) && row->sensitive == classes_sensitivity_expected(row) &&
           row->traps == classes_traps_expected(row);
}
