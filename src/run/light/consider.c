/* Which callouts and device accesses have a light form (light.h). */
#include "host/a32.h"
#include "host/switches.h"
#include "ops.h"
#include "run/light/light.h"

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
    if ((in->word | 0xf0000000) == (A32_MOVS_PC_LR | 0xf0000000)) /* MOVS PC, LR */
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
    uint32_t host = at.block->host.a + at.word * 4 + 4, mode = block_key_mode(at.block->key);
    struct light_site *s;
    light_run run;

    if (light.generation != cache.generation || at.site->word != at.word) /* late callouts are elsewhere */
        return;
    run = light_form(in, mode, at.insn->away);
    if (!run)
        return;
    s = light_new_site(host);
    *s = (struct light_site){.host = host,
                             .run = run,
                             .count = count,
                             .rt = in->rt,
                             .rn = in->rn,
                             .bank = (uint8_t)vcpu_bank_of(mode),
                             .away = at.insn->away,
                             .write = in->crn == 13};
    s->pair = SWITCH_ON(switch_pairs) && at.word + 1 < at.block->word_count &&
              (cache_peek(at.block, at.word + 1) & ~A32_OPTION) == A32_ISB;
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

    if (light.generation != cache.generation || !size || !in.index || in.wback || in.rn > 12 || in.rt > 12)
        return;
    *light_new_site(host + 4) =
        (struct light_site){.host = host + 4,
                            .run = light_device,
                            .count = &run_stats.device_sites,
                            .rt = in.rt,
                            .rn = in.rn,
                            .write = in.op == OP_STR_imm || in.op == OP_STRH_imm || in.op == OP_STRB_imm,
                            .size = (uint8_t)size,
                            .offset = in.add ? in.imm : -in.imm};
}
