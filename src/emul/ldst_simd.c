/*
 * Emulation of VFP and Advanced SIMD loads and stores (A7.6, A7.7), decoded from the word: its low 24 bits
 * are the same in A32 and T32. The registers are live in the real core (real.h).
 */
#include "emul/ldst.h"
#include "emul/real.h"

#define FPEXC_EN     (1u << 30)
#define CPACR_ASEDIS (1u << 31) /* Advanced SIMD is UNDEFINED (B4.1.40) */
#define CPACR_D32DIS (1u << 30) /* what accesses D16 to D31 too */

static unsigned vfp_d(uint32_t w) { return bit(w, 22) << 4 | bits(w, 15, 12); }

/* B1.11.3: CPACR grants cp10 and cp11, FPEXC.EN is set. */
static bool enabled(const struct vcpu *v)
{
    unsigned grant = v->cp15.cpacr >> 20 & v->cp15.cpacr >> 22 & 3;

    return (grant == 3 || (grant == 1 && !(mem_flags_now(v) & MEM_USER))) && real_read_fpexc() & FPEXC_EN;
}

/* The accesses here must not be what is undefined: the core would tell the VMM. */
static bool disabled(const struct vcpu *v, uint32_t w, bool element)
{
    unsigned last = vfp_d(w) + (bit(w, 24) && !bit(w, 21) ? 1 : bits(w, 7, 1)) - 1;

    if (element)
        return v->cp15.cpacr & (CPACR_ASEDIS | CPACR_D32DIS); /* the second alone is UNPREDICTABLE */
    return v->cp15.cpacr & CPACR_D32DIS && bit(w, 8) && last >= 16;
}

static uint32_t read_s(unsigned n) { return real_read_d(n / 2) >> 32 * (n & 1); }

static void write_s(unsigned n, uint64_t value)
{
    uint64_t d = real_read_d(n / 2);

    real_write_d(n / 2, n & 1 ? (d & 0xffffffff) | value << 32 : (d & ~0xffffffffull) | value);
}

static bool load64(struct vcpu *v, uint32_t va, unsigned flags, uint64_t *value)
{
    uint32_t word[2];

    if (!mem_load(v, GVA(va), 4, flags, &word[0]) || !mem_load(v, GVA(va + 4), 4, flags, &word[1]))
        return false;
    *value = v->cpsr & PSR_E ? (uint64_t)word[0] << 32 | word[1] : (uint64_t)word[1] << 32 | word[0];
    return true;
}

static bool store64(struct vcpu *v, uint32_t va, unsigned flags, uint64_t value)
{
    bool big = v->cpsr & PSR_E;
    uint32_t first = big ? value >> 32 : value, second = big ? value : value >> 32;

    return mem_store(v, GVA(va), 4, flags, first) && mem_store(v, GVA(va + 4), 4, flags, second);
}

static bool load_element(struct vcpu *v, uint32_t va, unsigned size, unsigned flags, uint64_t *value)
{
    uint32_t word;

    if (size == 8)
        return load64(v, va, flags, value);
    if (!mem_load(v, GVA(va), size, flags, &word))
        return false;
    *value = word;
    return true;
}

static bool store_element(struct vcpu *v, uint32_t va, unsigned size, unsigned flags, uint64_t *value)
{
    return size == 8 ? store64(v, va, flags, *value) : mem_store(v, GVA(va), size, flags, *value);
}

/* VLDR, VSTR, VLDM, VSTM; always word-aligned (A3.2.1). */
static bool vfp(struct vcpu *v, const struct insn *in)
{
    uint32_t w = in->word, offset = 4 * (w & 0xff), base = ldst_reg(v, in, bits(w, 19, 16)), va;
    bool one = bit(w, 24) && !bit(w, 21), up = bit(w, 23), load = bit(w, 20), dbl = bit(w, 8);
    unsigned flags = mem_flags_now(v) | MEM_ALIGNED, count = one ? 1 : dbl ? bits(w, 7, 1) : w & 0xff;
    unsigned first = dbl ? vfp_d(w) : bits(w, 15, 12) << 1 | bit(w, 22);
    uint64_t value[32];

    if (first + count > 32)
        count = 32 - first; /* UNPREDICTABLE */
    if (bits(w, 19, 16) == REG_PC)
        base &= ~3u;
    va = one || !up ? (up ? base + offset : base - offset) : base;
    for (unsigned i = 0; i < count; i++, va += dbl ? 8 : 4) {
        uint64_t stored = dbl ? real_read_d(first + i) : read_s(first + i);

        if (!(load ? load_element : store_element)(v, va, dbl ? 8 : 4, flags, load ? &value[i] : &stored))
            return false;
    }
    for (unsigned i = 0; load && i < count; i++)
        (dbl ? real_write_d : write_s)(first + i, value[i]);
    if (bit(w, 21))
        v->r[bits(w, 19, 16)] = up ? base + offset : base - offset;
    return true;
}

/* One element structure instruction, in the terms of A7.7: which registers, which lanes, how aligned. */
struct elements {
    uint8_t esize;       /* bytes an element */
    uint8_t regs;        /* registers a structure spans (1 to 4): interleave */
    uint8_t groups;      /* such register groups, one after the other (VLD1 of n, VLD2 of 4) */
    uint8_t spacing;     /* between the registers of a structure */
    uint8_t lane, lanes; /* first lane, how many */
    uint8_t copies;      /* all lanes: registers that get each element */
    uint8_t align;
};

/* A7.7, table A7-20: by type, bits [11:8]. */
static const struct {
    uint8_t groups, regs, spacing;
} multiple_type[] = {
    {1, 4, 1}, {1, 4, 2}, {4, 1, 1}, {2, 2, 2}, {1, 3, 1}, {1, 3, 2},
    {3, 1, 1}, {1, 1, 1}, {1, 2, 1}, {1, 2, 2}, {2, 1, 1},
};

static bool decode_multiple(uint32_t w, struct elements *e)
{
    unsigned type = bits(w, 11, 8), size = bits(w, 7, 6);

    if (type >= ARRAY_SIZE(multiple_type))
        return false;
    e->esize = 1 << size;
    e->regs = multiple_type[type].regs;
    e->groups = multiple_type[type].groups;
    e->spacing = multiple_type[type].spacing;
    e->lanes = 8 >> size;
    e->align = bits(w, 5, 4) ? 4 << bits(w, 5, 4) : 1;
    return true;
}

static void decode_lane(uint32_t w, struct elements *e)
{
    unsigned size = bits(w, 11, 10), regs = bits(w, 9, 8) + 1, ia = bits(w, 7, 4), align = 1;

    e->esize = 1 << size;
    e->regs = regs;
    e->groups = e->lanes = 1;
    e->lane = ia >> (size + 1);
    e->spacing = size && bit(ia, size) ? 2 : 1;
    if (size == 2 && regs == 4)
        align = ia & 3 ? 4 << (ia & 3) : 1;
    else if (size == 2 && regs == 1)
        align = ia & 3 ? 4 : 1;
    else if (regs != 3 && ia & 1)
        align = regs << size; /* VLD1.8 has no such bit: bit 0 is zero (decoder) */
    e->align = align;
}

static void decode_all_lanes(uint32_t w, struct elements *e)
{
    unsigned size = bits(w, 7, 6), regs = bits(w, 9, 8) + 1;
    bool two = bit(w, 5), aligned = bit(w, 4);

    e->regs = regs;
    e->groups = e->lanes = 1;
    e->spacing = 1 + two;
    e->copies = regs == 1 ? 1 + two : 1;
    e->esize = size == 3 ? 4 : 1 << size;
    e->align = !aligned ? 1 : size == 3 ? 16 : size == 2 && regs == 4 ? 8 : regs << size; /* A8.8.331 */
}

static uint64_t element_mask(unsigned size) { return size == 8 ? ~0ull : (1ull << 8 * size) - 1; }

static uint64_t replicate(uint64_t element, unsigned size)
{
    for (unsigned width = 8 * size; width < 64; width *= 2)
        element |= element << width;
    return element;
}

static bool transfer(struct vcpu *v, const struct elements *e, unsigned d, uint32_t va, bool load)
{
    unsigned flags = mem_flags_now(v), count = e->groups * e->regs;
    uint64_t value[4], mask = element_mask(e->esize);
    unsigned reg[4];

    for (unsigned i = 0; i < count; i++) {
        reg[i] = (d + i / e->regs + e->spacing * (i % e->regs)) & 31;
        value[i] = real_read_d(reg[i]);
    }
    for (unsigned g = 0; g < e->groups; g++)
        for (unsigned lane = e->lane; lane < e->lane + e->lanes; lane++)
            for (unsigned i = g * e->regs; i < (g + 1) * e->regs; i++, va += e->esize) {
                unsigned at = 8 * e->esize * lane;
                uint64_t element = value[i] >> at & mask;

                if (!(load ? load_element : store_element)(v, va, e->esize, flags, &element))
                    return false;
                if (e->copies)
                    value[i] = replicate(element, e->esize);
                else
                    value[i] = (value[i] & ~(mask << at)) | element << at;
            }
    for (unsigned i = 0; load && i < count; i++)
        real_write_d(reg[i], value[i]);
    if (e->copies == 2)
        real_write_d((d + 1) & 31, value[0]);
    return true;
}

static bool structures(struct vcpu *v, const struct insn *in, bool *known)
{
    uint32_t w = in->word, va = v->r[bits(w, 19, 16)];
    unsigned rm = bits(w, 3, 0), align;
    struct elements e = {0};
    bool load = bit(w, 21);

    if (!bit(w, 23))
        *known = decode_multiple(w, &e);
    else if (bits(w, 11, 10) < 3)
        decode_lane(w, &e);
    else if (load)
        decode_all_lanes(w, &e);
    else
        *known = false;
    if (!*known)
        return false;
    align = v->mmu.sctlr & SCTLR_A && e.esize > e.align ? e.esize : e.align;
    if (!mem_check_align(v, GVA(va), align, !load) || !transfer(v, &e, vfp_d(w), va, load))
        return false;
    if (rm == 13)
        v->r[bits(w, 19, 16)] = va + e.esize * e.regs * e.groups * e.lanes;
    else if (rm != 15)
        v->r[bits(w, 19, 16)] = va + v->r[rm];
    return true;
}

bool ldst_simd(struct vcpu *v, const struct insn *in, bool *known)
{
    uint32_t w = in->word;
    bool element = (w & 0xff100000) == (in->thumb ? 0xf9000000 : 0xf4000000);
    bool vector = (w & 0x0e000e00) == 0x0c000a00 && (w & 0x01a00000) != 0 && (in->thumb || w >> 28 != 15);

    *known = (element || vector) && in->size == 4 && in->class != CLASS_UNDEFINED;
    if (!*known)
        return false;
    if (!enabled(v) || disabled(v, w, element)) {
        exc_undefined(v);
        return false;
    }
    return element ? structures(v, in, known) : vfp(v, in);
}
