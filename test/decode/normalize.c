/*
 * Two disassemblers never agree on spelling; this takes spelling away.
 */
#include "decode/other.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const synonyms[][2] = {
    {"sb", "r9"},  {"sl", "r10"},    {"fp", "r11"},  {"ip", "r12"}, {"r13", "sp"}, {"r14", "lr"},
    {"r15", "pc"}, {"apsr", "cpsr"}, {"asl", "lsl"}, {"cs", "hs"},  {"cc", "lo"},
};

static const char *token_synonym(const char *token)
{
    if (token[0] == 'p' && isdigit((unsigned char)token[1]))
        return token + 1;
    if (token[0] == 'c' && token[1] == 'r' && isdigit((unsigned char)token[2]))
        return token + 2; /* and c7 is 7 */
    if (token[0] == 'c' && isdigit((unsigned char)token[1]))
        return token + 1;
    for (unsigned i = 0; i < ARRAY_SIZE(synonyms); i++)
        if (!strcmp(token, synonyms[i][0]))
            return synonyms[i][1];
    return token;
}

/* `adds r1 , r1 , 2` to `adds r1 , 2`: Thumb's short forms leave the second register out. */
static void drop_repeated_operand(char *text)
{
    char *first = strchr(text, ' '), *comma, *second;
    size_t length;

    if (!first)
        return;
    first++;
    comma = strstr(first, " , ");
    if (!comma)
        return;
    second = comma + 3;
    length = (size_t)(comma - first);
    if (!strncmp(first, second, length) && !strncmp(second + length, " , ", 3))
        memmove(second, second + length + 3, strlen(second + length + 3) + 1);
}

size_t other_bytes(const struct word *w, uint8_t *bytes)
{
    uint32_t v = w->isa == ISA_T32 ? w->bits << 16 | w->bits >> 16 : w->bits;

    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(v >> 8 * i);
    return w->isa == ISA_T16 ? 2 : 4;
}

bool other_is_later(const char *mnemonic)
{
    static const char *const later[] = {"vrint",         "vsel",          "vmaxnm", "vminnm",    "vcvta.",
                                        "vcvtn.",        "vcvtp.",        "vcvtm.", "vcvtb.f64", "vcvtt.f64",
                                        "vcvtb.f16.f64", "vcvtt.f16.f64", "hlt",    "lda",       "stl",
                                        "crc32",         "dcps",          "aes",    "sha1",      "sha256"};

    if (!strcmp(mnemonic, "sevl"))
        return true;
    for (unsigned i = 0; i < ARRAY_SIZE(later); i++)
        if (!strncmp(mnemonic, later[i], strlen(later[i])))
            return true;
    return false;
}

static bool starts(const char *text, const char *with) { return !strncmp(text, with, strlen(with)); }

static void replace_start(char *text, size_t old_length, const char *new_text)
{
    size_t n = strlen(new_text);

    memmove(text + n, text + old_length, strlen(text + old_length) + 1);
    memcpy(text, new_text, n);
}

/* `cs` and `cc` as a mnemonic's condition are `hs` and `lo`; the S of ADCS and its like is none. */
static void replace_condition(char *mnemonic)
{
    static const char *const flag_setting[] = {"adcs", "sbcs", "rscs", "bics"};
    size_t n = strcspn(mnemonic, ". ");

    for (unsigned i = 0; i < ARRAY_SIZE(flag_setting); i++)
        if (n == 4 && starts(mnemonic, flag_setting[i]))
            return;
    if (n > 2 && mnemonic[n - 2] == 'c' && mnemonic[n - 1] == 's')
        memcpy(mnemonic + n - 2, "hs", 2);
    else if (n > 2 && mnemonic[n - 2] == 'c' && mnemonic[n - 1] == 'c')
        memcpy(mnemonic + n - 2, "lo", 2);
}

/* Every occurrence; a shorter text only. */
static void replace_all(char *text, const char *old_text, const char *new_text)
{
    for (char *at = strstr(text, old_text); at; at = strstr(at, old_text))
        replace_start(at, strlen(old_text), new_text);
}

/* MOV with a shift that is an instruction of its own. */
static void replace_shift(char *text)
{
    static const char *const shifts[] = {"lsl", "lsr", "asr", "ror"};
    size_t end = starts(text, "movs ") ? 4 : 3;
    char mark[16], *at;

    if (!starts(text, "mov ") && !starts(text, "movs "))
        return;
    for (unsigned i = 0; i < ARRAY_SIZE(shifts); i++) {
        snprintf(mark, sizeof(mark), " , %s ", shifts[i]);
        at = strstr(text + end, mark);
        if (at) {
            replace_start(at, strlen(mark), " , ");
            memcpy(text, shifts[i], 3);
            return;
        }
    }
}

/* LDR from and STR to the stack that are POP and PUSH of one register, conditional or not. */
static void replace_stack_access(char *text)
{
    char reg[8], cond[3] = "";
    int end = 0, at = 3;

    if ((starts(text, "ldr") || starts(text, "str")) && text[3] != ' ' && text[4] && text[5] == ' ') {
        snprintf(cond, sizeof(cond), "%.2s", text + 3);
        at = 5;
    }
    if (starts(text, "ldr") && sscanf(text + at, " %7s , [ sp ] , 4%n", reg, &end) == 1 && end &&
        !text[at + end])
        sprintf(text, "pop%s %s", cond, reg);
    end = 0;
    if (starts(text, "str") && sscanf(text + at, " %7s , [ sp , 4294967292 ] !%n", reg, &end) == 1 && end &&
        !text[at + end])
        sprintf(text, "push%s %s", cond, reg);
}

/* CPSR_f and CPSR_s alone are the APSR's. */
static void replace_status_register(char *text)
{
    static const char *const names[][2] = {
        {" cpsr_f ", " apsr_nzcvq "}, {" cpsr_s ", " apsr_g "}, {" cpsr_fs ", " apsr_nzcvqg "}};

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        char *at = strstr(text, names[i][0]);

        if (at)
            replace_start(at, strlen(names[i][0]), names[i][1]);
    }
}

/* A register before `[` that is the one after its predecessor. */
static void drop_next_register(char *operands)
{
    static const char *const names[] = {"r0", "r1", "r2",  "r3",  "r4",  "r5", "r6", "r7",
                                        "r8", "r9", "r10", "r11", "r12", "sp", "lr"};

    for (unsigned i = 0; i + 1 < ARRAY_SIZE(names); i++) {
        char pair[32], *at;

        snprintf(pair, sizeof(pair), " %s , %s , [", names[i], names[i + 1]);
        at = strstr(operands, pair);
        if (at) {
            at += strlen(names[i]) + 1;
            memmove(at, at + strlen(names[i + 1]) + 3, strlen(at + strlen(names[i + 1]) + 3) + 1);
            return;
        }
    }
}

/* ADR as what it adds to; LDRD's second register, where it is the next one, is not always shown. */
static void replace_forms(char *text)
{
    unsigned first, offset;
    int end = 0;
    char *operands = strchr(text, ' ');

    replace_condition(text);
    if (starts(text, "ldmia") || starts(text, "stmia"))
        memmove(text + 3, text + 5, strlen(text + 5) + 1);
    replace_all(text, " , -0 ]", " ]"); /* the sign of no offset is often lost */
    replace_all(text, " , 0 ]", " ]");
    replace_all(text, " ] , -0", " ] , 0");
    replace_shift(text);
    if (starts(text, "ldmfd"))
        replace_start(text, 5, "ldm");
    if (starts(text, "stmfd"))
        replace_start(text, 5, "stmdb");
    replace_stack_access(text);
    if (starts(text, "ldm sp ! , "))
        replace_start(text, 11, "pop ");
    if (starts(text, "stmdb sp ! , "))
        replace_start(text, 13, "push ");
    if (!strcmp(text, "mov r0 , r0") || !strcmp(text, "mov r8 , r8"))
        strcpy(text, "nop");
    if (starts(text, "negs "))
        strcat(text, " , 0"), replace_start(text, 4, "rsbs");
    if (starts(text, "msr"))
        replace_status_register(text);
    if (starts(text, "nop "))
        replace_start(text, 4, "hint ");
    if (!operands)
        return;
    if (starts(text, "ldrd") || starts(text, "strd") || starts(text, "ldrexd") || starts(text, "strexd"))
        drop_next_register(operands);
    end = 0;
    if ((starts(text, "add r") || starts(text, "addw r") || starts(text, "subw r")) &&
        sscanf(operands, " r%u , pc , %u%n", &first, &offset, &end) == 2 && end && !operands[end])
        sprintf(text, "adr r%u , %u", first, starts(text, "subw") ? -offset : offset);
}

/* Words, numbers and marks, one blank between; numbers as unsigned 32-bit decimals; # is dropped. */
void normalize_text(const char *in, char *out, size_t size)
{
    size_t used = 0;

    *out = 0;
    while (*in && used + 40 < size) {
        char token[40];
        size_t n = 0;

        if (isspace((unsigned char)*in) || strchr("#{}", *in)) {
            in++;
            continue;
        }
        if (isalpha((unsigned char)*in) || *in == '_' || *in == '.') {
            while ((isalnum((unsigned char)*in) || *in == '_' || *in == '.') && n < sizeof(token) - 1)
                token[n++] = (char)tolower((unsigned char)*in++);
            token[n] = 0;
            if ((token[0] == 'd' || token[0] == 's' || token[0] == 'q') && isdigit((unsigned char)token[1]) &&
                *in == '-' && in[1] == token[0]) { /* a range of registers */
                unsigned last = (unsigned)strtoul(in + 2, (char **)&in, 10);

                for (unsigned r = (unsigned)strtoul(token + 1, NULL, 10); r < last && used + 48 < size; r++)
                    used += (size_t)snprintf(out + used, size - used, " %c%u ,", token[0], r);
                snprintf(token, sizeof(token), "%c%u", token[0], last);
            }
            if (n > 2 && (!strcmp(token + n - 2, ".w") || !strcmp(token + n - 2, ".n")))
                token[n - 2] = 0;
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", token_synonym(token));
        } else if (isdigit((unsigned char)*in) || (*in == '-' && isdigit((unsigned char)in[1]))) {
            char *end;
            long long value = strtoll(in, &end, 0);

            if (*end == '.' || *end == 'e') {
                double real = strtod(in, &end);

                used += (size_t)snprintf(out + used, size - used, "%s%g", used ? " " : "", real);
            } else if (value == 0 && *in == '-') {
                used += (size_t)snprintf(out + used, size - used, " -0");
            } else if (value > 0xffffffffll || value < -0x80000000ll) {
                used += (size_t)snprintf(out + used, size - used, " %llu", strtoull(in, &end, 0));
            } else {
                used += (size_t)snprintf(out + used, size - used, " %u", (uint32_t)value);
            }
            in = end;
        } else {
            used += (size_t)snprintf(out + used, size - used, "%s%c", used ? " " : "", *in++);
        }
    }
    replace_forms(out);
    drop_repeated_operand(out);
}
