/*
 * One block: read guest instructions up to the end of straight-line code, translate each by its class.
 * A block goes on past conditional branches; it ends at an unconditional transfer, at the end of its page, or
 * when it is long.
 */
#include "dbt/dbt.h"

#include "dbt/template.h"
#include "host/switches.h"
#include "ops.h"

static struct tr tr;

/*
 * The condition ITSTATE gives the next instruction, and ITSTATE after it (A2.5.2). Condition 15, which an
 * SPSR or an AL block's "else" can give, is UNPREDICTABLE: it is "always" as 14 is, never A32's unconditional
 * space.
 */
static bool in_it_block(uint8_t itstate) { return itstate & 0xf; }
static unsigned it_cond(uint8_t itstate)
{
    return in_it_block(itstate) && itstate >> 4 < AL ? itstate >> 4 : AL;
}
static uint8_t it_advance(uint8_t itstate)
{
    return itstate & 7 ? (uint8_t)((itstate & 0xe0) | (itstate << 1 & 0x1f)) : 0;
}

/* One instruction; good until the next. NULL: it goes on in the next page and the second half is not known.
 */
static const struct insn *fetch(const struct dbt_source *s, gva_t pc, uint8_t itstate)
{
    static struct insn in;
    uint32_t at = pc.a & PAGE_MASK, word = 0;
    uint16_t half[2] = {0, 0};

    if (!s->state.thumb) {
        if (s->page)
            word = *(const uint32_t *)(const void *)(s->page + at);
        return decode_a32_again(word);
    }
    if (s->page)
        half[0] = *(const uint16_t *)(const void *)(s->page + at);
    if (!decode_is_wide(half[0])) {
        decode_thumb(half[0], false, &in);
    } else {
        if (at + 2 >= PAGE_SIZE && !s->second_valid)
            return NULL;
        if (at + 2 >= PAGE_SIZE)
            half[1] = s->second;
        else if (s->page)
            half[1] = *(const uint16_t *)(const void *)(s->page + at + 2);
        decode_thumb((uint32_t)half[0] << 16 | half[1], true, &in);
    }
    if (in_it_block(itstate))
        decode_within_it(&in, it_cond(itstate));
    return &in;
}

static void copy(struct tr *t, const struct insn *in, unsigned cond)
{
    if (!in->thumb)
        e(t, in->word);
    else if (!tr_thumb(t, in, cond))
        e_callout(t, in);
}

/* The VMM emulates it. True if nothing falls through. */
static bool call_out(struct tr *t, const struct insn *in, unsigned cond)
{
    if (cond != AL && in->op != OP_BKPT) { /* B1.9.7: BKPT ignores its condition */
        unsigned skip = e_skip(t, cond ^ 1);

        e_callout(t, in);
        e_land(t, skip);
        return false;
    }
    e_callout(t, in);
    return in->writes >> PC & 1 || in->class == CLASS_EXCEPTION || in->class == CLASS_CONTROL_FLOW ||
           in->class == CLASS_UNDEFINED || in->class == CLASS_UNPREDICTABLE;
}

/* Translate one instruction; true if nothing falls through. */
static bool translate(struct tr *t, const struct insn *in, unsigned cond)
{
    bool ends = false, done = false;

    switch (in->class) {
    case CLASS_INNOCUOUS: copy(t, in, cond); return false;
    case CLASS_CONTROL_FLOW: done = tr_branch(t, in, cond, &ends); break;
    case CLASS_PC_RELATIVE: done = tr_pc_relative(t, in, cond); break;
    case CLASS_CRITICAL:
        done = in->writes >> PC & 1 ? tr_exception_return(t, in, cond, &ends) : tr_psr(t, in, cond);
        break;
    case CLASS_PRIVILEGED:
        if (in->op == OP_MCR || in->op == OP_MRC)
            done = tr_cp15(t, in, cond);
        else if (in->op == OP_VMRS || in->op == OP_VMSR) {
            e(t, cond << 28 | (in->word & 0x0fffffffu)); /* T32's encoding is A32's but for the condition */
            done = true;
        }
        break;
    default: break;
    }
    return done ? ends : call_out(t, in, cond);
}

static void begin(const struct dbt_source *s, cca_t where)
{
    tr.start = tr.pc = s->pc;
    tr.state = s->state;
    tr.itstate = s->state.itstate;
    tr.where = where;
    tr.count = tr.literal_count = tr.literal_use_count = tr.insn_count = tr.site_count = tr.late_count = 0;
    tr.overflow = false;
    tr.constant_word = s->constant;
    tr.reads_constant = tr.dacr = false;
    tr.constant = 0;
    tr.away = tr.kept = s->state.away;
    tr.may_leave = dbt_entry_away(s->state) != 0;
}

enum dbt_verdict dbt_translate(const struct dbt_source *s, cca_t where, struct translation_unit *out)
{
    const unsigned most = s->form == DBT_BLOCK && SWITCH_ON(long_blocks) ? TR_INSNS - 1 : 1;
    bool ends = false;

    CHECK(!(s->state.away & ~dbt_entry_away(s->state)));
    begin(s, where);
    while (!ends && tr.insn_count < most && tr.count < TR_WORDS - 400 && (tr.pc.a ^ s->pc.a) < PAGE_SIZE) {
        const struct insn *in = fetch(s, tr.pc, tr.itstate);

        if (!in) {
            if (tr.insn_count == 0)
                return DBT_STRADDLES;
            break;
        }
        tr_begin_row(&tr);
        if (in->op == OP_IT) {     /* AL with an "else" too, which is UNPREDICTABLE */
            tr.itstate = in->mask; /* nothing to emit: conditions become A32's */
            if (tr.pc.a + 2 - s->pc.a >= PAGE_SIZE || tr.insn_count == most)
                e_nop(&tr);
        } else {
            tr_before(&tr, in);
            ends = s->form == DBT_CALLOUT ? call_out(&tr, in, in->cond) : translate(&tr, in, in->cond);
            tr_after(&tr, in);
            tr_track_constants(&tr, in);
            tr.itstate = it_advance(tr.itstate);
        }
        tr.pc.a += in->size;
    }
    if (!ends) {
        if (tr.itstate) /* state must be carried over: let the VMM do it */
            e_continue(&tr);
        else
            e_exit(&tr, AL, tr.pc.a);
    }
    e_finish(&tr);
    if (tr.overflow)
        return DBT_TOO_LONG;
    *out = (struct translation_unit){.gva = s->pc,
                                     .state = s->state,
                                     .words = tr.words,
                                     .word_count = tr.count,
                                     .literal_count = tr.literal_count,
                                     .insns = tr.insns,
                                     .insn_count = tr.insn_count,
                                     .sites = tr.sites,
                                     .site_count = tr.site_count,
                                     .guest_size = (uint16_t)(tr.pc.a - s->pc.a),
                                     .dacr = tr.dacr,
                                     .reads_constant = tr.reads_constant,
                                     .constant = tr.constant_at};
    return DBT_DONE;
}
