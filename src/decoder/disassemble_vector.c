/*
 * The operands of VFP and Advanced SIMD instructions, for disassemble.c.
 */
#include "decoder/text.h"

#include <stdio.h>
#include <string.h>

#include "ops.h"

static void put_vector(struct text *t, char kind, unsigned number)
{
    if (kind == 's')
        text_put(t, "s%u", (number & 15) << 1 | number >> 4);
    else
        text_put(t, "%c%u", kind, kind == 'q' ? number >> 1 : number);
}

/* What registers are when the assembly does not say: s or d in VFP, d or q in Advanced SIMD. */
static char vector_kind(const struct text *t)
{
    if (text_has_field(t, 'Q'))
        return text_field(t, 'Q') ? 'q' : 'd';
    return strstr(t->row->bits, "101Z") && !text_field(t, 'Z') ? 's' : 'd';
}

void text_put_vector_list(struct text *t)
{
    char kind = vector_kind(t);
    unsigned words = t->in->imm / 4, count = kind == 'd' ? words / 2 : words;
    unsigned first = kind == 'd' ? t->in->vd : (unsigned)((t->in->vd & 15) << 1 | t->in->vd >> 4);

    text_put(t, "{");
    for (unsigned i = 0; i < count; i++)
        text_put(t, "%s%c%u", i ? ", " : "", kind, first + i);
    text_put(t, "}");
}

/* VFPExpandImm (A7.5.1). */
static double vfp_immediate(unsigned v)
{
    double mantissa = 16 + (v & 15);
    int exponent = (int)(v >> 4 & 7);

    exponent = exponent & 4 ? exponent - 7 : exponent + 1; /* NOT(b):b:b:cd less the bias */
    mantissa /= 16;
    for (; exponent > 0; exponent--)
        mantissa *= 2;
    for (; exponent < 0; exponent++)
        mantissa /= 2;
    return v & 0x80 ? -mantissa : mantissa;
}

/* Types and operands of the VFP conversions (A8.8.306 to A8.8.311). */
static void put_conversion(struct text *t)
{
    const struct insn *in = t->in;
    const char *fp = text_field(t, 'Z') ? "f64" : "f32";
    char kind = text_field(t, 'Z') ? 'd' : 's';

    switch (in->op) {
    case OP_VCVT_double:
        text_put(t, ".%s.%s ", kind == 'd' ? "f32" : "f64", fp);
        put_vector(t, kind == 'd' ? 's' : 'd', in->vd);
        text_put(t, ", ");
        put_vector(t, kind, in->vm);
        break;
    case OP_VCVT_from_int:
        text_put(t, ".%s.%s ", fp, text_field(t, 'f') ? "s32" : "u32");
        put_vector(t, kind, in->vd);
        text_put(t, ", ");
        put_vector(t, 's', in->vm);
        break;
    case OP_VCVT_to_int:
    case OP_VCVTR:
        text_put(t, ".%s.%s ", text_field(t, 'g') ? "s32" : "u32", fp);
        put_vector(t, 's', in->vd);
        text_put(t, ", ");
        put_vector(t, kind, in->vm);
        break;
    case OP_VCVT_vfp_fixed: {
        unsigned size = text_field(t, 'j') ? 32 : 16;
        int fraction = (int)size - (int)((in->imm & 15) << 1 | in->imm >> 4);
        char fixed[8];

        snprintf(fixed, sizeof(fixed), "%c%u", text_field(t, 'g') ? 'u' : 's', size);
        text_put(t, ".%s.%s ", text_field(t, 'f') ? fixed : fp, text_field(t, 'f') ? fp : fixed);
        put_vector(t, kind, in->vd);
        text_put(t, ", ");
        put_vector(t, kind, in->vd);
        text_put(t, ", #%d", fraction);
        break;
    }
    case OP_VCVT_half:
        text_put(t, text_field(t, 'f') ? ".f32.f16 " : ".f16.f32 ");
        put_vector(t, text_field(t, 'f') ? 'q' : 'd', in->vd);
        text_put(t, ", ");
        put_vector(t, text_field(t, 'f') ? 'd' : 'q', in->vm);
        break;
    default: /* VCVTB, VCVTT */
        text_put(t, text_field(t, 'f') ? ".f16.f32 " : ".f32.f16 ");
        put_vector(t, 's', in->vd);
        text_put(t, ", ");
        put_vector(t, 's', in->vm);
    }
}

/* Transfers between a core register and a scalar: j and y are opc2 and opc1 (A8.8.314, A8.8.341, A8.8.342).
 */
static void put_scalar_transfer(struct text *t)
{
    const struct insn *in = t->in;
    unsigned code = text_field(t, 'y') << 2 | text_field(t, 'j');
    unsigned size = code & 8   ? 8
                    : code & 1 ? 16
                               : 32,
             index = size == 8    ? code & 7
                     : size == 16 ? code >> 1 & 3
                                  : code >> 2;

    if (in->op == OP_VDUP_core) {
        text_put(t, ".%u ", text_field(t, 'f') ? 8 : text_field(t, 'j') ? 16 : 32);
        put_vector(t, vector_kind(t), in->vd);
        text_put(t, ", ");
        text_put_register(t, in->rt);
    } else if (in->op == OP_VMOV_to_scalar) {
        text_put(t, ".%u d%u[%u], ", size, in->vd, index);
        text_put_register(t, in->rt);
    } else {
        text_put(t, ".%s%u ", size == 32 ? "" : text_field(t, 'g') ? "u" : "s", size);
        text_put_register(t, in->rt);
        text_put(t, ", d%u[%u]", in->vn, index);
    }
}

/* The modified immediate of A7.4.6. */
static void put_vector_immediate(struct text *t)
{
    const struct insn *in = t->in;
    unsigned v = in->imm & 0xff;
    unsigned cmode = bits(in->word, 11, 8), op = bit(in->word, 5);
    char kind = vector_kind(t);

    if (cmode == 14 && op) {
        uint64_t wide = 0;

        for (unsigned i = 0; i < 8; i++)
            wide |= v >> i & 1 ? 0xffull << 8 * i : 0;
        text_put(t, ".i64 ");
        put_vector(t, kind, in->vd);
        text_put(t, ", #%#llx", (unsigned long long)wide);
        return;
    }
    if (cmode == 15) {
        text_put(t, ".f32 ");
        put_vector(t, kind, in->vd);
        text_put(t, ", #%.6e", vfp_immediate(v));
        return;
    }
    text_put(t, ".i%u ", cmode == 14 ? 8 : (cmode & 12) == 8 ? 16 : 32);
    put_vector(t, kind, in->vd);
    if (cmode == 14)
        text_put(t, ", #%u", v);
    else if ((cmode & 14) == 12)
        text_put(t, ", #%u", cmode & 1 ? v << 16 | 0xffff : v << 8 | 0xff);
    else
        text_put(t, ", #%u", v << 8 * (cmode >> 1 & ((cmode & 8) ? 1 : 3)));
}

/* imm6 and L of A7.4.4: the element's size, and the shift either way. */
static void put_shift_field(struct text *t, char letter)
{
    unsigned v = (text_has_field(t, 'L') ? text_field(t, 'L') << 6 : 0) | text_field(t, 'v');
    unsigned size = v & 64 ? 64 : v & 32 ? 32 : v & 16 ? 16 : 8;

    switch (letter) {
    case '1': text_put(t, "%u", size); break;
    case '2': text_put(t, "#%u", 2 * size - (size == 64 ? v + 0 : v)); break;
    case '3': text_put(t, "#%u", size == 64 ? v - 64 : v - size); break;
    case '4': text_put(t, "%u", 2 * size); break;
    case '5': text_put(t, "#%u", 64 - v); break;
    }
}

/* Dm[x] of A7.4.3. */
static void put_scalar(struct text *t)
{
    unsigned m = t->in->vm;

    if (text_field(t, 'Z') == 1)
        text_put(t, "d%u[%u]", m & 7, (m & 8) >> 3 | (m & 16) >> 3);
    else
        text_put(t, "d%u[%u]", m & 15, m >> 4);
}

static void put_registers(struct text *t, unsigned first, unsigned count, unsigned step, const char *suffix)
{
    text_put(t, "{");
    for (unsigned i = 0; i < count; i++)
        text_put(t, "%sd%u%s", i ? ", " : "", first + i * step, suffix);
    text_put(t, "}");
}

/* Element and structure loads and stores (A7.7). */
static void put_structure(struct text *t)
{
    const struct insn *in = t->in;
    unsigned n = (unsigned)(t->row->name[3] - '0'), align = 0, size;
    const char *form = t->row->name + 5;

    if (!strcmp(form, "multi")) {
        static const uint8_t counts[16] = {4, 4, 4, 4, 3, 3, 3, 1, 2, 2, 2};
        unsigned type = bits(in->word, 11, 8);
        unsigned step = type == 1 || type == 5 || type == 9 ? 2 : 1;

        size = 8u << text_field(t, 'Z');
        text_put(t, ".%u ", size);
        put_registers(t, in->vd, counts[type], step, "");
        align = text_field(t, 'f') ? 32u << text_field(t, 'f') : 0;
    } else if (!strcmp(form, "all")) {
        unsigned z = text_field(t, 'Z'), a = text_field(t, 'f'), spacing = text_field(t, 'g');

        size = n == 4 && z == 3 ? 32 : 8u << z;
        text_put(t, ".%u ", size);
        put_registers(t, in->vd, n == 1 ? 1 + spacing : n, n == 1 ? 1 : 1 + spacing, "[]");
        align = !a ? 0 : n == 4 ? z == 3 ? 128 : z == 2 ? 64 : 32u << z : n * size;
    } else {
        unsigned z = bits(in->word, 11, 10), f = text_field(t, 'f');
        char suffix[16];

        size = 8u << z;
        snprintf(suffix, sizeof(suffix), "[%u]", f >> (z + 1));
        text_put(t, ".%u ", size);
        put_registers(t, in->vd, n, n > 1 && z && bit(f, z) ? 2 : 1, suffix);
        if (n == 1)
            align = z == 1 && f & 1 ? 16 : z == 2 && (f & 3) == 3 ? 32 : 0;
        else if (n == 2)
            align = f & 1 ? 2 * size : 0;
        else if (n == 4)
            align = z == 2 ? f & 3 ? 32u << (f & 3) : 0 : f & 1 ? 4 * size : 0;
    }
    text_put(t, ", [");
    text_put_register(t, in->rn);
    if (align)
        text_put(t, ":%u", align);
    text_put(t, "]%s", in->wback && in->imm_form ? "!" : "");
    if (in->wback && !in->imm_form) {
        text_put(t, ", ");
        text_put_register(t, in->rm);
    }
}

static void put_other_vector(struct text *t)
{
    const struct insn *in = t->in;
    char kind = vector_kind(t);

    if (in->op == OP_VCVT_int) {
        const char *integer = text_field(t, 'U') ? "u32" : "s32";

        text_put(t, text_field(t, 'f') ? ".%s.f32" : ".f32.%s", integer);
        return;
    }
    if (in->op == OP_VDUP_scalar) {
        unsigned v = text_field(t, 'v'), size = v & 1 ? 8 : v & 2 ? 16 : 32;

        text_put(t, ".%u ", size);
        put_vector(t, kind, in->vd);
        text_put(t, ", d%u[%u]", in->vm, size == 8 ? v >> 1 : size == 16 ? v >> 2 : v >> 3);
        return;
    }
    text_put(t, ".8 "); /* VEXT */
    put_vector(t, kind, in->vd);
    text_put(t, ", ");
    put_vector(t, kind, in->vn);
    text_put(t, ", ");
    put_vector(t, kind, in->vm);
    text_put(t, ", #%u", (unsigned)in->imm);
}

/* The operand of `%` and `letter`, VFP and Advanced SIMD; `next` is D, Q or S where the assembly says which
 * register. */
void text_put_vector_operand(struct text *t, char letter, char force)
{
    const struct insn *in = t->in;
    char kind = force ? force : vector_kind(t);

    switch (letter) {
    case 'V': put_vector(t, kind, in->vd); break;
    case 'U': put_vector(t, kind, in->vn); break;
    case 'W': put_vector(t, kind, in->vm); break;
    case 'F': text_put(t, text_field(t, 'Z') ? ".f64" : ".f32"); break;
    case 'H': text_put(t, "#%.6e", vfp_immediate(in->imm)); break;
    case 'J': text_put_vector_list(t); break;
    case 'Q':
        put_vector(t, 's', in->vm);
        text_put(t, ", s%u", ((unsigned)(in->vm & 15) << 1 | in->vm >> 4) + 1);
        break;
    case 'r': {
        static const char *const names[] = {"fpsid", "fpscr", NULL,    NULL,   NULL,
                                            NULL,    "mvfr1", "mvfr0", "fpexc"};
        unsigned reg = text_has_field(t, 'C') ? in->crn : 1;

        text_put_name(t, reg < ARRAY_SIZE(names) ? names[reg] : NULL);
        break;
    }
    case 'O': put_scalar_transfer(t); break;
    case 'z': text_put(t, "%u", 8u << text_field(t, 'Z')); break;
    case 'Y': text_put(t, "%u", 16u << text_field(t, 'Z')); break;
    case 'u': text_put(t, text_field(t, 'U') ? "u" : "s"); break;
    case '8': text_put(t, text_field(t, 'F') ? "f" : "u"); break;
    case 'Z': put_scalar(t); break;
    case '0': put_registers(t, in->vn, text_field(t, 'k') + 1, 1, ""); break;
    case '6': put_vector_immediate(t); break;
    case '7': put_conversion(t); break;
    case '9': put_other_vector(t); break;
    case 'D': put_structure(t); break;
    default: put_shift_field(t, letter); break;
    }
}
