/*
 * Light exits (light.h): what is known of sites and blocks, and the three ways in from entry.S.
 */
#include "run/light/light.h"

#include "dbt/dbt.h"
#include "host/arm.h"
#include "host/switches.h"
#include "host/window.h"
#include "ops.h"

#define SITE_SETS 256u        /* of two */
#define DACR_NONE 0u          /* no real value: DACR_GUEST_BITS are set in each */
#define ISB       0xf57ff060u /* any of its options */

static struct light_site sites[SITE_SETS][2];
struct light_block light_blocks[LIGHT_BLOCKS];
uint32_t light_blocks_at;
static uint32_t generation; /* of the code cache, that the tables speak of */
static uint32_t known_dacr; /* DACR_NONE: full exits only */

static void forget_blocks(void)
{
    for (unsigned i = 0; i < LIGHT_BLOCKS; i++)
        light_blocks[i].host = light_blocks[i].key = 0;
    light_blocks_at = cache.unreached;
}

void light_update(const struct frame *f)
{
    known_dacr = interrupt_has_stops() || !SWITCH_ON(light_exits) ? DACR_NONE : f->dacr;
    if (generation == cache.generation)
        return;
    generation = cache.generation;
    for (unsigned i = 0; i < SITE_SETS; i++)
        sites[i][0].host = sites[i][1].host = 0;
    forget_blocks();
}

uint32_t light_look_up(gva_t gva, uint32_t key)
{
    struct block *b =
        cache_find_active(gva, key, dbt_entry_away(block_state_of(key, 0, 0))); /* as enter_state() */

    if (light_blocks_at != cache.unreached)
        forget_blocks();
    if (!b)
        return 0;
    light_blocks[gva.a >> 2 & (LIGHT_BLOCKS - 1)] = (struct light_block){gva.a, key, b->host.a};
    return b->host.a;
}

static inline struct light_site *set_of(uint32_t host) { return sites[host >> 2 & (SITE_SETS - 1)]; }

const struct light_site *light_site_at(uint32_t host)
{
    const struct light_site *s = set_of(host);

    if (s->host != host)
        s++;
    return s->host == host ? s : NULL;
}

/* Where a new site goes: of two others, in place of the one that came last. */
static struct light_site *new_site(uint32_t host)
{
    struct light_site *s = set_of(host);

    return s[0].host && s[0].host != host ? &s[1] : &s[0];
}

/* Translated code may have written the DACR since. */
static __attribute__((noinline)) bool begin_dacr(uint32_t dacr)
{
    if (known_dacr == DACR_NONE || dacr & 0xaaaaaaaau) /* Manager: the tables must be told */
        return false;
    guest_mmu_set_dacr(dacr);
    known_dacr = dacr;
    return true;
}

static inline bool begin(const struct frame *f) { return f->dacr == known_dacr || begin_dacr(f->dacr); }

/* The VMM is in UND mode itself: its own undefined instruction was saved on its stack, which is this
 * function's by now. */
static uint32_t kind_of_und(uint32_t pc, uint32_t psr)
{
    if ((psr & PSR_MODE) != MODE_UND)
        return EXIT_UND;
    frame.pc = pc;
    frame.psr = psr;
    return EXIT_VMM_FAULT | EXIT_UND;
}

void vmm_und(struct frame *f, uint32_t dacr, uint32_t pc, uint32_t psr)
{
    const struct light_site *s = light_site_at(pc);

    (void)dacr;
    if (s) {
        if (!begin(f) || !s->run(f, s))
            exit_full(EXIT_UND);
        ++*s->count;
    } else if ((psr & PSR_MODE) != MODE_USR || !begin(f) || !light_undefined(f)) {
        exit_full(kind_of_und(pc, psr));
    }
    run_stats.exit_und++;
}

static bool is_mcr(uint32_t w) { return (w & 0x0f000010) == 0x0e000010; }

/* False: *fsr is the guest's own fault's, or 0 if this is neither. */
static inline bool fill(uint32_t va, enum access access, bool privileged, uint32_t *fsr)
{
    struct translation t;

    *fsr = 0;
    if (shadow_fault(&vcpu.mmu, GVA(va), access, privileged, &t, fsr) != SHADOW_RESUME)
        return false;
    run_stats.hidden_faults++;
    if (access == ACCESS_WRITE && !cache_icache_clean())
        guest_mmu_open_icache_gate(); /* the page may be one with translations */
    return true;
}

static bool program_abort(struct frame *f, uint32_t va, enum access access)
{
    uint32_t fsr;

    if (!fill(va, access, false, &fsr))
        return fsr && light_inject_user_abort(f, EXC_DABT, va, fsr);
    f->pc -= 8;
    return true;
}

static bool kernel_abort(struct frame *f, uint32_t va, enum access access)
{
    uint32_t mode = f->psr & PSR_MODE, at = f->pc - 8, word, fsr;

    if ((mode != MODE_SVC && mode != MODE_SYS) || at - WINDOW_CACHE >= WINDOW_CACHE_MAX ||
        va - WINDOW_SRF < WINDOW_VMM - WINDOW_SRF)
        return false;
    word = *(const uint32_t *)(uintptr_t)at;
    if (is_mcr(word))
        return false;
    if (!fill(va, access, !is_unprivileged(word), &fsr))
        return fsr && mode == MODE_SVC && light_inject_svc_abort(f, va, fsr);
    f->pc -= 8;
    return true;
}

static inline bool data_abort(struct frame *f)
{
    uint32_t dfsr = arm_read_dfsr(), va = arm_read_dfar();
    enum access access = dfsr & FSR_WNR ? ACCESS_WRITE : ACCESS_READ;

    if (!begin(f) || !fault_is_common(dfsr))
        return false;
    return sync_is_user(f) ? program_abort(f, va, access) : kernel_abort(f, va, access);
}

void vmm_dabt(struct frame *f)
{
    if (!data_abort(f))
        exit_full(EXIT_DABT);
    run_stats.exit_dabt++;
}

static bool prefetch_abort(struct frame *f)
{
    uint32_t ifsr = arm_read_ifsr(), va = arm_read_ifar(), fsr;

    if (!begin(f) || (f->psr & PSR_MODE) != MODE_USR || !fault_is_common(ifsr))
        return false;
    if (!fill(va, ACCESS_FETCH, false, &fsr))
        return fsr && light_inject_user_abort(f, EXC_PABT, va, fsr);
    f->pc -= 4;
    return true;
}

void vmm_pabt(struct frame *f)
{
    if (!prefetch_abort(f))
        exit_full(EXIT_PABT);
    run_stats.exit_pabt++;
}

typedef bool (*light_run)(struct frame *f, const struct light_site *s);

static light_run mcr_form(const struct insn *in)
{
    switch (in->crn << 12 | in->opc1 << 8 | in->crm << 4 | in->opc2) {
    case 0x2000:
    case 0xd001: return light_space;
    case 0x7010:
    case 0x7050: return light_icache_all;
    case 0x8051:
    case 0x8061:
    case 0x8071: return light_tlb_va;
    case 0x8052:
    case 0x8062:
    case 0x8072: return light_tlb_asid;
    default: return NULL;
    }
}

/* CP15 writes and exception returns with a light form. */
static light_run light_form(const struct insn *in, uint32_t mode, unsigned away)
{
    if (in->thumb)
        return NULL;
    if (in->op == OP_MCR)
        return in->coproc == 15 && in->rt < 13 && !(in->rt == 12 && away & AWAY_R12) ? mcr_form(in) : NULL;
    if ((in->word & 0x0fffffff) == 0x01b0f00e) /* MOVS PC, LR */
        return !away && (mode == MODE_ABT || mode == MODE_UND || mode == MODE_IRQ) ? light_movs_pc_lr : NULL;
    if (in->op == OP_LDM_eret)
        return mode == MODE_SVC && in->rn <= REG_SP ? light_ldm_return : NULL;
    return NULL;
}

static void set_list(struct light_site *s, const struct insn *in)
{
    unsigned size = 4 * (unsigned)__builtin_popcount(in->list);
    uint32_t low = in->add ? 0 : -size;

    s->list = in->list;
    s->size = (uint8_t)size;
    s->offset = in->add == in->index ? low + 4 : low; /* as A8.8.57 */
    s->step = (int8_t)(!in->wback ? 0 : in->add ? (int)size : -(int)size);
}

void light_consider(struct place at, const struct insn *in, uint32_t *count)
{
    uint32_t host = at.block->host.a + at.word * 4 + 4, mode = at.block->key & PSR_MODE;
    struct light_site *s;
    light_run run;

    if (generation != cache.generation || at.site->word != at.word) /* late callouts are elsewhere */
        return;
    run = light_form(in, mode, at.insn->away);
    if (!run)
        return;
    s = new_site(host);
    *s = (struct light_site){.host = host,
                             .run = run,
                             .count = count,
                             .rt = in->rt,
                             .rn = in->rn,
                             .bank = (uint8_t)vcpu_bank_of(mode),
                             .away = at.insn->away,
                             .write = in->crn == 13};
    s->pair = SWITCH_ON(switch_pairs) && at.word + 1 < at.block->word_count &&
              (cache_peek(at.block, at.word + 1) & ~15u) == ISB;
    if (run == light_ldm_return)
        set_list(s, in);
}

/* Bytes of a plain load or store; 0: it is none. */
static unsigned access_size(unsigned op)
{
    switch (op) {
    case OP_LDR_imm:
    case OP_STR_imm: return 4;
    case OP_LDRH_imm:
    case OP_STRH_imm: return 2;
    case OP_LDRB_imm:
    case OP_STRB_imm: return 1;
    default: return 0;
    }
}

void light_consider_device(uint32_t host, uint32_t word)
{
    struct insn in = *decode_a32_again(word);
    unsigned size = access_size(in.op);

    if (generation != cache.generation || !size || !in.index || in.wback || in.rn > 12 || in.rt > 12)
        return;
    *new_site(host + 4) =
        (struct light_site){.host = host + 4,
                            .run = light_device,
                            .count = &run_stats.device_sites,
                            .rt = in.rt,
                            .rn = in.rn,
                            .write = in.op == OP_STR_imm || in.op == OP_STRH_imm || in.op == OP_STRB_imm,
                            .size = (uint8_t)size,
                            .offset = in.add ? in.imm : -in.imm};
}
