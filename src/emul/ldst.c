/*
 * Emulation of the core's loads and stores (A8.8, B9.3), for device accesses and whatever else the VMM takes
 * over. Nothing but memory changes before the last access has succeeded: an abort finds base and destinations
 * as they were.
 */
#include "emul/ldst.h"
#include "emul/real.h"
#include "ops.h"

/* What single() is to do, besides the size in the low bits. */
#define STORE      0x10u
#define SIGNED     0x20u
#define USER       0x40u /* LDRT and its like */
#define SIZE(what) ((what)&7)

/*
 * What the local monitor is set for by an exclusive done here (A3.4.1). The core has one monitor, and it is
 * really set, for that address: a STREX to another, or without LDREX, need not access memory, and then never
 * comes here. So a CLREX or other exclusives that run natively count as well. The value is compared because
 * the emulated board does.
 */
static struct {
    bool set;
    uint8_t size;
    uint32_t va, value[2];
} monitor;

static uint32_t shifted_offset(const struct vcpu *v, const struct insn *in)
{
    uint32_t value = ldst_reg(v, in, in->rm);
    unsigned n = in->amount;

    switch (in->shift) {
    case SHIFT_LSL: return n < 32 ? value << n : 0;
    case SHIFT_LSR: return n < 32 ? value >> n : 0;
    case SHIFT_ASR: return (int32_t)value >> (n < 32 ? n : 31);
    case SHIFT_RRX: return (v->cpsr & PSR_C ? 1u << 31 : 0) | value >> 1;
    default: return ror32(value, n);
    }
}

struct address {
    uint32_t va, updated;
};

static struct address address_of(const struct vcpu *v, const struct insn *in)
{
    uint32_t base = ldst_reg(v, in, in->rn), offset = in->imm_form ? in->imm : shifted_offset(v, in);
    uint32_t moved;

    if (in->rn == REG_PC)
        base &= ~3u;
    moved = in->add ? base + offset : base - offset;
    return (struct address){in->index ? moved : base, moved};
}

static void write_back(struct vcpu *v, const struct insn *in, uint32_t value)
{
    if (in->wback)
        v->r[in->rn & 15] = value;
}

/* LoadWritePC (A2.3.1): interworking. */
static void load_pc(struct vcpu *v, uint32_t value, bool *branched)
{
    v->cpsr = value & 1 ? v->cpsr | PSR_T : v->cpsr & ~PSR_T;
    v->r[15] = value & ~1u;
    *branched = true;
}

static bool single(struct vcpu *v, const struct insn *in, unsigned what, bool *branched)
{
    struct address a = address_of(v, in);
    unsigned size = SIZE(what), flags = mem_flags_now(v) | (what & USER ? MEM_USER : 0);
    uint32_t value;

    if (what & STORE) {
        if (!mem_store(v, GVA(a.va), size, flags, ldst_reg(v, in, in->rt)))
            return false;
        write_back(v, in, a.updated);
        return true;
    }
    if (!mem_load(v, GVA(a.va), size, flags, &value))
        return false;
    if (what & SIGNED)
        value = sign_extend(value, 8 * size);
    write_back(v, in, a.updated);
    if (in->rt == REG_PC)
        load_pc(v, value, branched);
    else
        v->r[in->rt & 15] = value;
    return true;
}

static bool dual(struct vcpu *v, const struct insn *in, bool store)
{
    struct address a = address_of(v, in);
    unsigned flags = mem_flags_now(v) | MEM_ALIGNED, regs[2] = {in->rt & 15, in->rt2 & 15};
    uint32_t value[2];

    for (unsigned i = 0; i < 2; i++)
        if (store ? !mem_store(v, GVA(a.va + 4 * i), 4, flags, ldst_reg(v, in, regs[i]))
                  : !mem_load(v, GVA(a.va + 4 * i), 4, flags, &value[i]))
            return false;
    write_back(v, in, a.updated);
    for (unsigned i = 0; !store && i < 2; i++)
        v->r[regs[i]] = value[i];
    return true;
}

/* LDM and STM address their words upwards from the lowest, whatever the mode (A8.8.58 to 62). */
static struct address block_address(uint32_t base, const struct insn *in, unsigned words)
{
    uint32_t size = 4 * words;

    if (in->add)
        return (struct address){base + (in->index ? 4 : 0), base + size};
    return (struct address){base - size + (in->index ? 0 : 4), base - size};
}

enum bank_used { BANK_CURRENT, BANK_USER };

static bool store_multiple(struct vcpu *v, const struct insn *in, enum bank_used bank)
{
    struct address a = block_address(v->r[in->rn & 15], in, __builtin_popcount(in->list));
    uint32_t va = a.va, mode = bank == BANK_USER ? MODE_USR : v->cpsr & PSR_MODE;

    for (unsigned n = 0; n < 16; n++) {
        uint32_t value = n == REG_PC ? ldst_reg(v, in, n) : vcpu_get_reg(v, mode, n);

        if (!(in->list >> n & 1))
            continue;
        if (!mem_store(v, GVA(va), 4, mem_flags_now(v) | MEM_ALIGNED, value))
            return false;
        va += 4;
    }
    if (bank == BANK_CURRENT)
        write_back(v, in, a.updated);
    return true;
}

static bool load_list(struct vcpu *v, const struct insn *in, uint32_t va, uint32_t value[16])
{
    for (unsigned n = 0; n < 16; n++) {
        if (!(in->list >> n & 1))
            continue;
        if (!mem_load(v, GVA(va), 4, mem_flags_now(v) | MEM_ALIGNED, &value[n]))
            return false;
        va += 4;
    }
    return true;
}

/* A base that is loaded too keeps the loaded value. */
static bool load_multiple(struct vcpu *v, const struct insn *in, bool *branched)
{
    struct address a = block_address(v->r[in->rn & 15], in, __builtin_popcount(in->list));
    uint32_t value[16];

    if (!load_list(v, in, a.va, value))
        return false;
    write_back(v, in, a.updated);
    for (unsigned n = 0; n < 15; n++)
        if (in->list >> n & 1)
            v->r[n] = value[n];
    if (in->list >> REG_PC & 1)
        load_pc(v, value[REG_PC], branched);
    return true;
}

static bool load_multiple_user(struct vcpu *v, const struct insn *in)
{
    struct address a = block_address(v->r[in->rn & 15], in, __builtin_popcount(in->list));
    uint32_t value[16];

    if (!load_list(v, in, a.va, value))
        return false;
    for (unsigned n = 0; n < 15; n++)
        if (in->list >> n & 1)
            vcpu_set_reg(v, MODE_USR, n, value[n]);
    return true;
}

/* Sizes 1, 2, 4, 8; the second word of 8 goes to rt2. */
static bool load_words(struct vcpu *v, gva_t va, unsigned size, uint32_t value[2])
{
    unsigned flags = mem_flags_now(v) | MEM_ALIGNED, piece = size == 8 ? 4 : size;

    value[1] = 0;
    return mem_check_align(v, va, size, false) && mem_load(v, va, piece, flags, &value[0]) &&
           (size < 8 || mem_load(v, GVA(va.a + 4), 4, flags, &value[1]));
}

static bool load_exclusive(struct vcpu *v, const struct insn *in, unsigned size)
{
    gva_t va = GVA(v->r[in->rn & 15] + in->imm);
    uint32_t value[2];

    if (!load_words(v, va, size, value))
        return false;
    vcpu_up->monitor_set(va, size);
    monitor.set = true;
    monitor.size = size;
    monitor.va = va.a;
    monitor.value[0] = v->r[in->rt & 15] = value[0];
    monitor.value[1] = value[1];
    if (size == 8)
        v->r[in->rt2 & 15] = value[1];
    return true;
}

static bool store_exclusive(struct vcpu *v, const struct insn *in, unsigned size)
{
    gva_t va = GVA(v->r[in->rn & 15] + in->imm);
    unsigned flags = mem_flags_now(v) | MEM_ALIGNED, piece = size == 8 ? 4 : size;
    bool match = monitor.set && monitor.size == size && monitor.va == va.a;
    uint32_t now[2];

    if (!mem_check_align(v, va, size, true))
        return false;
    if (match) {
        if (!mem_probe_store(v, va, size, flags) || !load_words(v, va, size, now))
            return false;
        match = now[0] == monitor.value[0] && now[1] == monitor.value[1];
    }
    monitor.set = false;
    match &= vcpu_up->monitor_clear(va, size);
    if (match) {
        if (!mem_store(v, va, piece, flags, v->r[in->rt & 15]))
            return false;
        if (size == 8 && !mem_store(v, GVA(va.a + 4), 4, flags, v->r[in->rt2 & 15]))
            return false;
    }
    v->r[in->rd & 15] = !match;
    return true;
}

static bool swap(struct vcpu *v, const struct insn *in)
{
    unsigned size = bit(in->word, 22) ? 1 : 4, flags = mem_flags_now(v) | MEM_ALIGNED;
    gva_t va = GVA(v->r[in->rn & 15]);
    uint32_t value;

    if (!mem_load(v, va, size, flags, &value) || !mem_store(v, va, size, flags, v->r[in->rm & 15]))
        return false;
    v->r[in->rt & 15] = value;
    return true;
}

static bool undefined(struct vcpu *v)
{
    exc_undefined(v);
    return false;
}

#define FORMS(load)                                                                                          \
    case OP_##load##_imm:                                                                                    \
    case OP_##load##_reg
#define LOADS(load) FORMS(load) : case OP_##load##_lit

/* UNPREDICTABLE in User mode (B9.3.6, B9.3.17): UNDEFINED on the yardstick. */
static bool user_bank(struct vcpu *v, const struct insn *in)
{
    if ((v->cpsr & PSR_MODE) == MODE_USR)
        return undefined(v);
    return in->op == OP_LDM_user ? load_multiple_user(v, in) : store_multiple(v, in, BANK_USER);
}

bool ldst_emulate(struct vcpu *v, const struct insn *in, bool *branched)
{
    bool known, done;

    *branched = false;
    switch (in->op) {
        LOADS(LDR) : return single(v, in, 4, branched);
        LOADS(LDRB) : return single(v, in, 1, branched);
        LOADS(LDRH) : return single(v, in, 2, branched);
        LOADS(LDRSB) : return single(v, in, 1 | SIGNED, branched);
        LOADS(LDRSH) : return single(v, in, 2 | SIGNED, branched);
        FORMS(STR) : return single(v, in, 4 | STORE, branched);
        FORMS(STRB) : return single(v, in, 1 | STORE, branched);
        FORMS(STRH) : return single(v, in, 2 | STORE, branched);
    case OP_LDRT: return single(v, in, 4 | USER, branched);
    case OP_LDRBT: return single(v, in, 1 | USER, branched);
    case OP_LDRHT: return single(v, in, 2 | USER, branched);
    case OP_LDRSBT: return single(v, in, 1 | SIGNED | USER, branched);
    case OP_LDRSHT: return single(v, in, 2 | SIGNED | USER, branched);
    case OP_STRT: return single(v, in, 4 | STORE | USER, branched);
    case OP_STRBT: return single(v, in, 1 | STORE | USER, branched);
    case OP_STRHT:
        return single(v, in, 2 | STORE | USER, branched);
        LOADS(LDRD) : return dual(v, in, false);
        FORMS(STRD) : return dual(v, in, true);
    case OP_LDM: return load_multiple(v, in, branched);
    case OP_STM: return store_multiple(v, in, BANK_CURRENT);
    case OP_LDREX: return load_exclusive(v, in, 4);
    case OP_LDREXB: return load_exclusive(v, in, 1);
    case OP_LDREXH: return load_exclusive(v, in, 2);
    case OP_LDREXD: return load_exclusive(v, in, 8);
    case OP_STREX: return store_exclusive(v, in, 4);
    case OP_STREXB: return store_exclusive(v, in, 1);
    case OP_STREXH: return store_exclusive(v, in, 2);
    case OP_STREXD: return store_exclusive(v, in, 8);
    case OP_CLREX: real_clear_exclusive(); return true;
    case OP_SWP: return swap(v, in); LOADS(PLD) : LOADS(PLI) : LOADS(HINT_mem) : return true;
    case OP_STM_user:
    case OP_LDM_user: return user_bank(v, in);
    default: done = ldst_simd(v, in, &known); return known ? done : undefined(v);
    }
}
