/*
 * Light exits (light.h): what is known of sites and blocks, and the three ways in from entry.S.
 */
#include "boot/light.h"

#include "boot/arm.h"
#include "boot/window.h"
#include "dbt/dbt.h"
#include "emul/switches.h"
#include "ops.h"

#define SITES 512u
#define BLOCKS 64u
#define FSR_STATUS 0x40fu
#define DACR_NONE 0u /* no real value: DACR_GUEST_BITS are set in each */

static struct light_site sites[SITES];
static struct block *blocks[BLOCKS];
static uint32_t generation; /* of the code cache, that the tables speak of */
static uint32_t known_dacr; /* DACR_NONE: full exits only */

void light_update(const struct frame *f)
{
    known_dacr = interrupt_has_stops() || !SWITCH_ON(light_exits) ? DACR_NONE : f->dacr;
    if (generation == cache_generation)
        return;
    generation = cache_generation;
    for (unsigned i = 0; i < SITES; i++)
        sites[i].host = 0;
    for (unsigned i = 0; i < BLOCKS; i++)
        blocks[i] = NULL;
}

struct block *light_find_block(gva_t gva, uint32_t key)
{
    struct block **kept = &blocks[(gva.a >> 2 ^ gva.a >> 8 ^ key) % BLOCKS], *b = *kept;
    struct code_page *page;

    if (b && b->gva.a == gva.a && b->key == key && cache_resumable(b))
        return b;
    page = cache_active(gva);
    b = page ? cache_find_key(page, gva, key, key == dbt_jump_key ? AWAY_BOTH : 0) : NULL; /* as enter_state() */
    if (b)
        *kept = b;
    return b;
}

/* Translated code may have written the DACR since. */
static __attribute__((noinline)) bool begin_dacr(struct frame *f)
{
    if (known_dacr == DACR_NONE || f->dacr & 0xaaaaaaaau) /* Manager: the tables must be told */
        return false;
    guest_mmu_note_dacr(f);
    known_dacr = f->dacr;
    return true;
}

static inline bool begin(struct frame *f) { return f->dacr == known_dacr || begin_dacr(f); }

void vmm_und(struct frame *f)
{
    const struct light_site *s = &sites[f->pc >> 2 & (SITES - 1)];

    if (s->host != f->pc || !begin(f) || !s->run(f, s))
        exit_full(EXIT_UND);
    run_stats.exit_und++;
    ++*s->count;
}

static bool is_mcr(uint32_t w) { return (w & 0x0f000010) == 0x0e000010; }

static bool fill(uint32_t va, enum access access, bool privileged, uint32_t *fsr)
{
    struct translation t;

    *fsr = 0;
    if (shadow_fault(&vcpu.mmu, GVA(va), access, privileged, &t, fsr) != SHADOW_RESUME)
        return false;
    if (access == ACCESS_WRITE)
        guest_mmu_icache_gate();
    return true;
}

static bool data_abort(struct frame *f)
{
    uint32_t dfsr = arm_read_dfsr(), va = arm_read_dfar(), mode = f->psr & PSR_MODE, fsr;
    enum access access = dfsr & FSR_WNR ? ACCESS_WRITE : ACCESS_READ;
    bool privileged = false;

    if (!begin(f) || (dfsr & FSR_STATUS) == FS_ALIGNMENT)
        return false;
    if (mode != MODE_USR) {
        uint32_t at = f->pc - 8, word;

        if ((mode != MODE_SVC && mode != MODE_SYS) || at - WINDOW_CACHE >= WINDOW_CACHE_MAX ||
            va - WINDOW_SRF < WINDOW_VMM - WINDOW_SRF)
            return false;
        word = *(const uint32_t *)(uintptr_t)at;
        privileged = !is_unprivileged(word);
        if (is_mcr(word))
            return false;
    }
    if (fill(va, access, privileged, &fsr)) {
        run_stats.hidden_faults++;
        f->pc -= 8;
        return true;
    }
    return mode == MODE_USR && fsr && light_inject_abort(f, EXC_DABT, va, fsr | (access == ACCESS_WRITE ? FSR_WNR : 0));
}

void vmm_dabt(struct frame *f)
{
    if (!data_abort(f))
        exit_full(EXIT_DABT);
    run_stats.exit_dabt++;
}

static bool prefetch_abort(struct frame *f)
{
    uint32_t ifsr = arm_read_ifsr() & FSR_STATUS, va = arm_read_ifar(), fsr;

    if (!begin(f) || (f->psr & PSR_MODE) != MODE_USR || ifsr == FS_DEBUG || ifsr == FS_ALIGNMENT)
        return false;
    if (fill(va, ACCESS_FETCH, false, &fsr)) {
        run_stats.hidden_faults++;
        f->pc -= 4;
        return true;
    }
    return fsr && light_inject_abort(f, EXC_PABT, va, fsr);
}

void vmm_pabt(struct frame *f)
{
    if (!prefetch_abort(f))
        exit_full(EXIT_PABT);
    run_stats.exit_pabt++;
}

/* CP15 writes and exception returns with a light form. */
static bool (*light_form(const struct insn *in, uint32_t mode))(struct frame *, const struct light_site *)
{
    if ((in->word & 0x0fffffff) == 0x01b0f00e && !in->thumb)
        return mode == MODE_ABT || mode == MODE_UND || mode == MODE_IRQ ? light_movs_pc_lr : NULL;
    if (in->op != OP_MCR || in->coproc != 15 || in->thumb || in->rt > 12)
        return NULL;
    switch (in->crn << 12 | in->opc1 << 8 | in->crm << 4 | in->opc2) {
    case 0x2000: return light_ttbr0;
    case 0x7010: case 0x7050: return light_icache_all;
    case 0x8051: case 0x8061: case 0x8071: return light_tlb_va;
    case 0x8052: case 0x8062: case 0x8072: return light_tlb_asid;
    case 0xd001: return light_contextidr;
    default: return NULL;
    }
}

void light_consider(struct place at, const struct insn *in, uint32_t *count)
{
    uint32_t host = at.block->host.a + at.word * 4 + 4;
    struct light_site *s = &sites[host >> 2 & (SITES - 1)];
    bool (*run)(struct frame *, const struct light_site *);

    if (generation != cache_generation || at.site->word != at.word || (at.insn->away & AWAY_R12 && (in->rt == 12 || in->op != OP_MCR))) /* late callouts are elsewhere */
        return;
    run = light_form(in, at.block->key & PSR_MODE);
    if (run)
        *s = (struct light_site){.host = host, .run = run, .count = count, .rt = in->rt,
                                 .mode = at.block->key & PSR_MODE};
}

/* Bytes of a plain load or store; 0: it is none. */
static unsigned access_size(unsigned op)
{
    switch (op) {
    case OP_LDR_imm: case OP_STR_imm: return 4;
    case OP_LDRH_imm: case OP_STRH_imm: return 2;
    case OP_LDRB_imm: case OP_STRB_imm: return 1;
    default: return 0;
    }
}

void light_consider_device(uint32_t host, uint32_t word)
{
    struct insn in = *decode_a32_again(word);
    struct light_site *s = &sites[(host + 4) >> 2 & (SITES - 1)];
    unsigned size = access_size(in.op);

    if (generation != cache_generation || !size || !in.index || in.wback || in.rn > 12 || in.rt > 12)
        return;
    *s = (struct light_site){.host = host + 4, .run = light_device, .count = &run_stats.device_sites, .rt = in.rt, .rn = in.rn,
                             .write = in.op == OP_STR_imm || in.op == OP_STRH_imm || in.op == OP_STRB_imm,
                             .size = (uint8_t)size, .offset = in.add ? in.imm : -in.imm};
}
