/* Proves: every A32 and T32 load and store form works alike on RAM, on device registers (emulated under the
   VMM), on a page that is not mapped yet, and at PL0: value, width, write-back, conditions. */
#include "mmu.h"
#include "transfer.h"

/*
 * r1 points into an area where words are 0x100 * i + i's bytes; r2 = 8,
     r3 = 2. Loads leave their value in r0 (and r4,
 * r5 ...). The reference is the same form on plain RAM with the MMU off,
     checked against `want` by hand for r0.
 */
#define A32(name, text)                                                                                      \
    extern char name[];                                                                                      \
    __asm__(".text\n.arm\n.balign 4\n" #name ":\n\t" text "\n\t"                                             \
            "svc #1\n")
#define T32(name, text)                                                                                      \
    extern char name[];                                                                                      \
    __asm__(".text\n.thumb\n.balign 4\n" #name ":\n\t" text "\n\t"                                           \
            "svc #1\n\tnop\n\t.arm\n.balign 4\n")
A32(a00, "ldr r0, [r1]");
A32(a01, "ldr r0, [r1, #4]!");
A32(a02, "ldr r0, [r1], #-4");
A32(a03, "ldr r0, [r1, r2]");
A32(a04, "ldr r0, [r1, -r2]");
A32(a05, "ldr r0, [r1, r3, lsl #2]!");
A32(a06, "ldr r0, [r1], r2");
A32(a07, "ldrb r0, [r1, #5]");
A32(a08, "ldrb r0, [r1, r3]");
A32(a09, "ldrh r0, [r1, #6]!");
A32(a10, "ldrh r0, [r1], r2");
A32(a11, "ldrsb r0, [r1, #-1]");
A32(a12, "ldrsh r0, [r1, r2]");
A32(a13, "ldrd r4, r5, [r1, #8]");
A32(a14, "ldrd r4, r5, [r1], r2");
A32(a15, "ldm r1, {r4-r7}");
A32(a16, "ldmib r1!, {r4, r6}");
A32(a17, "ldmdb r1!, {r4-r6}");
A32(a18, "ldmda r1, {r4, r5}");
A32(a19, "str r2, [r1, #8]");
A32(a20, "str r3, [r1, #-4]!");
A32(a21, "str r2, [r1], r2");
A32(a22, "strb r3, [r1, #1]");
A32(a23, "strh r2, [r1], #2");
A32(a24, "strd r4, r5, [r1, #8]!");
A32(a25, "stm r1!, {r2, r3, r4}");
A32(a26, "stmdb r1!, {r2-r6}");
A32(a27, "cmp r1, r1\n\tldrne r0, [r1]\n\tldreq r4, [r1, #4]!");
A32(a28, "cmp r1, r1\n\tstrne r2, [r1]\n\tstreq r2, [r1, #4]\n\tstmne r1!, {r4, r5}");
A32(a29, "ldr r1, [r1, #8]");
A32(a30, "ldrt r0, [r1], #4");
A32(a31, "strbt r2, [r1], r3");
A32(a32, "ldm r1, {r1, r4}");
A32(a33, "str lr, [r1]\n\tldr r0, [r1]\n\tldr r4, [r1, r3, lsr #1]\n\tsub r4, r4, r4");
T32(t00, "ldr r0, [r1, #4]");
T32(t01, "ldr.w r0, [r1, #-4]");
T32(t02, "ldr r0, [r1, #8]!");
T32(t03, "ldr r0, [r1], #-8");
T32(t04, "ldr.w r0, [r1, r3, lsl #2]");
T32(t05, "ldr r0, [r1, r2]");
T32(t06, "ldrb r0, [r1, #3]");
T32(t07, "ldrsb r0, [r1, r3]");
T32(t08, "ldrsh.w r0, [r1, #2]");
T32(t09, "ldrh.w r0, [r1, #2]!");
T32(t10, "ldrd r4, r6, [r1, #8]");
T32(t11, "ldrd r4, r6, [r1, #-8]!");
T32(t12, "ldmia r1!, {r4, r5, r6}");
T32(t13, "ldmdb r1!, {r4, r8}");
T32(t14, "str r2, [r1, #12]");
T32(t15, "str.w r2, [r1], #4");
T32(t16, "strb.w r2, [r1, #-1]!");
T32(t17, "strh.w r3, [r1, r3, lsl #1]");
T32(t18, "strd r2, r5, [r1], #16");
T32(t19, "stmia r1!, {r2, r3}");
T32(t20, "stmdb r1!, {r2, r8}");
T32(t21, "cmp r1, r1\n\tittet eq\n\tldreq r0, [r1]\n\tstreq r2, [r1, #4]\n\tldrne r4, [r1]\n\t"
         "ldrbeq.w r5, [r1, #9]");
T32(t22, "ldr r1, [r1, #8]");
T32(t23, "ldrt r0, [r1, #4]\n\tstrht r2, [r1, #2]");
T32(t24, "ldr.w r9, [r1, #4]\n\tmov r0, r9\n\tmov r9, r2");

struct form {
    const char *name, *at;
    bool thumb, wide;
};
/* wide: word accesses only, fit for word registers */
#define F(n, t, w, text)                                                                                     \
    {                                                                                                        \
        text, n, t, w                                                                                        \
    }
static const struct form forms[] = {
    F(a00, 0, 1, "ldr"),
    F(a01, 0, 1, "ldr pre"),
    F(a02, 0, 1, "ldr post"),
    F(a03, 0, 1, "ldr reg"),
    F(a04, 0, 1, "ldr -reg"),
    F(a05, 0, 1, "ldr reg lsl pre"),
    F(a06, 0, 1, "ldr post reg"),
    F(a07, 0, 0, "ldrb"),
    F(a08, 0, 0, "ldrb reg"),
    F(a09, 0, 0, "ldrh pre"),
    F(a10, 0, 0, "ldrh post reg"),
    F(a11, 0, 0, "ldrsb"),
    F(a12, 0, 0, "ldrsh reg"),
    F(a13, 0, 1, "ldrd"),
    F(a14, 0, 1, "ldrd post reg"),
    F(a15, 0, 1, "ldm"),
    F(a16, 0, 1, "ldmib!"),
    F(a17, 0, 1, "ldmdb!"),
    F(a18, 0, 1, "ldmda"),
    F(a19, 0, 1, "str"),
    F(a20, 0, 1, "str pre"),
    F(a21, 0, 1, "str post reg"),
    F(a22, 0, 0, "strb"),
    F(a23, 0, 0, "strh post"),
    F(a24, 0, 1, "strd pre"),
    F(a25, 0, 1, "stm!"),
    F(a26, 0, 1, "stmdb!"),
    F(a27, 0, 1, "ldreq"),
    F(a28, 0, 1, "streq"),
    F(a29, 0, 1, "ldr r1, [r1]"),
    F(a30, 0, 1, "ldrt"),
    F(a31, 0, 0, "strbt reg"),
    F(a32, 0, 1, "ldm {r1}"),
    F(a33, 0, 1, "str lr"),
    F(t00, 1, 1, "thumb ldr"),
    F(t01, 1, 1, "thumb ldr.w -imm"),
    F(t02, 1, 1, "thumb ldr pre"),
    F(t03, 1, 1, "thumb ldr post"),
    F(t04, 1, 1, "thumb ldr.w reg lsl"),
    F(t05, 1, 1, "thumb ldr reg"),
    F(t06, 1, 0, "thumb ldrb"),
    F(t07, 1, 0, "thumb ldrsb reg"),
    F(t08, 1, 0, "thumb ldrsh.w"),
    F(t09, 1, 0, "thumb ldrh pre"),
    F(t10, 1, 1, "thumb ldrd"),
    F(t11, 1, 1, "thumb ldrd pre"),
    F(t12, 1, 1, "thumb ldmia"),
    F(t13, 1, 1, "thumb ldmdb"),
    F(t14, 1, 1, "thumb str"),
    F(t15, 1, 1, "thumb str post"),
    F(t16, 1, 0, "thumb strb pre"),
    F(t17, 1, 0, "thumb strh reg"),
    F(t18, 1, 1, "thumb strd post"),
    F(t19, 1, 1, "thumb stmia"),
    F(t20, 1, 1, "thumb stmdb"),
    F(t21, 1, 0, "thumb ittet"),
    F(t22, 1, 1, "thumb ldr r1, [r1]"),
    F(t23, 1, 0, "thumb ldrt, strht"),
    F(t24, 1, 1, "thumb ldr r9"),
};

#define WORDS 16
static uint32_t plain[WORDS] __attribute__((aligned(64)));
struct outcome {
    uint32_t r[13], memory[WORDS];
    bool ok;
};

static uint32_t pattern(unsigned i) { return 0x83020180u + 0x07050301u * i; }

/* Run a form with r1 in the middle of the area at `va`; the area is also visible at `view`. */
static void run(const struct form *f, uint32_t mode, uint32_t va, uint32_t view, struct outcome *out)
{
    for (unsigned i = 0; i < WORDS; i++)
        WRITE32(view + i * 4, pattern(i));
    transfer_fill(7);
    transfer_regs[1] = va + 32;
    transfer_regs[2] = 8;
    transfer_regs[3] = 2;
    transfer_run(mode | PSR_I | PSR_F | (f->thumb ? PSR_T : 0), (uint32_t)f->at);
    out->ok = exc_last.type == EXC_SVC;
    for (unsigned i = 0; i < 13; i++)
        out->r[i] = transfer_frame.r[i];
    if (out->r[1] - va < WORDS * 4 + 64)
        out->r[1] -= va; /* the base moves with the area; a loaded r1 does not */
    for (unsigned i = 0; i < WORDS; i++)
        out->memory[i] = READ32(view + i * 4);
}

/* lr, stored by a33, differs from place to place: r0 and the word are left out for it. */
static bool same(const struct outcome *a, const struct outcome *b, bool stores_lr)
{
    bool good = a->ok && b->ok;

    for (unsigned i = 0; i < 13; i++)
        good &= a->r[i] == b->r[i] || (i == 0 && stores_lr);
    for (unsigned i = 0; i < WORDS; i++)
        good &= a->memory[i] == b->memory[i] || (i == 8 && stores_lr);
    return good;
}

static uint32_t hash(const struct outcome *o)
{
    uint32_t h = 0;

    for (unsigned i = 0; i < 13; i++)
        h = (h ^ o->r[i]) * 0x01000193u;
    for (unsigned i = 0; i < WORDS; i++)
        h = (h ^ o->memory[i]) * 0x01000193u;
    return h;
}

#define USER_VA 0x40000000u
#define LATE_VA 0x40100000u

static void map_late(struct exc_frame *f)
{
    if (f->type == EXC_DABT) {
        mmu_map_small(MRC15(0, 6, 0, 0), test_page(1), M_RW);
        f->pc = exc_insn_pc(f);
    } else {
        transfer_end(f);
    }
}

void transfer(uint32_t psr, uint32_t pc);

/* As run(), but the page is mapped by the abort handler, and the instruction tried again. */
static void run_late(const struct form *f, struct outcome *out)
{
    uint32_t view = test_page(1);

    mmu_unmap_page(LATE_VA);
    tlb_flush();
    for (unsigned i = 0; i < WORDS; i++)
        WRITE32(view + i * 4, pattern(i));
    transfer_fill(7);
    transfer_regs[1] = LATE_VA + 32;
    transfer_regs[2] = 8;
    transfer_regs[3] = 2;
    exc_arm(EXC_SYNC);
    exc_hook = map_late;
    transfer(MODE_SVC | PSR_I | PSR_F | (f->thumb ? PSR_T : 0), (uint32_t)f->at);
    exc_hook = NULL;
    out->ok = exc_last.type == EXC_SVC && exc_count == 2;
    for (unsigned i = 0; i < 13; i++)
        out->r[i] = transfer_frame.r[i];
    if (out->r[1] - LATE_VA < WORDS * 4 + 64)
        out->r[1] -= LATE_VA;
    for (unsigned i = 0; i < WORDS; i++)
        out->memory[i] = READ32(view + i * 4);
}

/*
 * A device whose words keep what is written: the GIC's priority registers of interrupts 32-95 (all 8 bits).
 */
#define DEVICE 0x1e001420u

int main(void)
{
    struct outcome reference[ARRAY_SIZE(forms)], got;

    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
        run(&forms[i], MODE_SVC, (uint32_t)plain, (uint32_t)plain, &reference[i]);
        bool lr = forms[i].at == a33;
        print("%s %s: %08x\n", reference[i].ok ? "ok" : "FAIL", forms[i].name,
              lr ? 0 : (unsigned)hash(&reference[i]));
    }
    mmu_reset();
    mmu_map_small(USER_VA, test_page(0), M_RW);
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
        bool lr = forms[i].at == a33, good;
        run(&forms[i], MODE_SVC, USER_VA, test_page(0), &got);
        good = same(&got, &reference[i], lr);
        run(&forms[i], MODE_USR, USER_VA, test_page(0), &got);
        good &= same(&got, &reference[i], lr);
        run(&forms[i], MODE_UND, USER_VA, test_page(0), &got);
        good &= same(&got, &reference[i], lr);
        print("%s: ", forms[i].name);
        check("mapped, PL1 and PL0", good);
        run_late(&forms[i], &got);
        print("%s: ", forms[i].name);
        check("mapped on demand", same(&got, &reference[i], lr));
    }
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
        bool lr = forms[i].at == a33, good = true;
        for (unsigned again = 0; again < 3; again++) {
            run(&forms[i], again == 2 ? MODE_USR : MODE_SVC, DEVICE, DEVICE, &got);
            good &= same(&got, &reference[i], lr);
        }
        print("%s: ", forms[i].name);
        check("device", good);
    }
    /* The same instruction in turn on a device, on RAM, and on RAM at the device's own VA. */
    bool good = true;
    mmu_map_small(LATE_VA, test_page(1), M_RW);
    for (unsigned i = 0; i < ARRAY_SIZE(forms); i++)
        for (unsigned turn = 0; turn < 6; turn++) {
            uint32_t mode = turn & 4 ? MODE_USR : MODE_SVC;
            if (turn & 1)
                run(&forms[i], mode, DEVICE, DEVICE, &got);
            else
                run(&forms[i], mode, LATE_VA, test_page(1), &got);
            good &= same(&got, &reference[i], forms[i].at == a33);
        }
    check("device and RAM in turn", good);
    good = true;
    for (unsigned turn = 0; turn < 4; turn++) {
        mmu_map_small(LATE_VA, turn & 1 ? DEVICE & ~0xfffu : test_page(1),
                      turn & 1 ? M_AP(3) | M_DEVICE | M_XN : M_RW);
        tlb_flush_va(LATE_VA, 0);
        for (unsigned i = 0; i < ARRAY_SIZE(forms); i++) {
            uint32_t va = LATE_VA + (DEVICE & 0xfff);
            run(&forms[i], MODE_SVC, va, va, &got);
            good &= same(&got, &reference[i], forms[i].at == a33);
        }
    }
    check("device and RAM at one VA", good);
    return 0;
}
