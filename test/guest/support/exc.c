/* The exception recorder: what a handler finds is written down; allowed ones are stepped over. */
#include "guest.h"

volatile unsigned exc_allowed, exc_count;
volatile struct exc_record exc_last;
void (*volatile exc_hook)(struct exc_frame *f);
static volatile bool exiting;

extern char run_user_done[];
void exc_dispatch(struct exc_frame *f, uint32_t cpsr);

const char *exc_name(unsigned type)
{
    static const char *const names[] = {"RESET", "UND", "SVC", "PABT", "DABT", "UNUSED", "IRQ", "FIQ"};
    return names[type & 7];
}

const char *mode_name(unsigned mode)
{
    switch (mode & PSR_MODE) {
    case MODE_USR: return "usr";
    case MODE_FIQ: return "fiq";
    case MODE_IRQ: return "irq";
    case MODE_SVC: return "svc";
    case MODE_ABT: return "abt";
    case MODE_UND: return "und";
    case MODE_SYS: return "sys";
    default: return "???";
    }
}

void exc_arm(unsigned allowed)
{
    exc_allowed = allowed;
    exc_count = 0;
    exc_hook = NULL;
    exc_last = (struct exc_record){0};
}

/* Table B1-7: what LR holds against the instruction's address. */
uint32_t exc_insn_pc(const struct exc_frame *f)
{
    bool thumb = f->spsr & PSR_T;

    switch (f->type) {
    case EXC_UND:
    case EXC_SVC: return f->pc - (thumb ? 2 : 4);
    case EXC_DABT: return f->pc - 8;
    default: return f->pc - 4;
    }
}

static uint32_t it_advance(uint32_t psr)
{
    uint32_t it = (psr >> 10 & 0x3f) << 2 | (psr >> 25 & 3);

    it = (it & 7) ? (it & 0xe0) | (it << 1 & 0x1f) : 0;
    return (psr & ~0x0600fc00u) | (it & 3) << 25 | (it >> 2) << 10;
}

void exc_skip(struct exc_frame *f)
{
    uint32_t pc = exc_insn_pc(f), size = 4;

    if (f->spsr & PSR_T) {
        size = *(volatile uint16_t *)pc >= 0xe800 ? 4 : 2;
        if (f->type != EXC_SVC) /* its return address and ITSTATE are advanced already */
            f->spsr = it_advance(f->spsr);
    }
    f->pc = pc + size;
}

/* A prefetch abort cannot be stepped over: return to the caller of what did not run. */
static void return_to_caller(struct exc_frame *f)
{
    f->pc = f->lr & ~1u;
    f->spsr = (f->spsr & ~(0x0600fc00u | PSR_T)) | (f->lr & 1 ? PSR_T : 0);
}

static void record(const struct exc_frame *f, uint32_t cpsr)
{
    exc_last = (struct exc_record){
        .type = f->type,
        .lr = f->pc,
        .spsr = f->spsr,
        .cpsr = cpsr,
        .pc = exc_insn_pc(f),
        .dfsr = MRC15(0, 5, 0, 0),
        .ifsr = MRC15(0, 5, 0, 1),
        .dfar = MRC15(0, 6, 0, 0),
        .ifar = MRC15(0, 6, 0, 2),
        .user_sp = f->sp,
        .user_lr = f->lr,
    };
    exc_count++;
}

static bool is_user_return(const struct exc_frame *f)
{
    uint32_t pc = exc_insn_pc(f);

    if (f->type != EXC_SVC || (f->spsr & PSR_MODE) != MODE_USR)
        return false;
    return f->spsr & PSR_T ? *(volatile uint16_t *)pc == 0xdfff : *(volatile uint32_t *)pc == 0xef0000ff;
}

void exc_print(const char *what)
{
    print("%s: %s lr=%08x spsr=%08x cpsr=%08x", what, exc_name(exc_last.type), (unsigned)exc_last.lr,
          (unsigned)exc_last.spsr, (unsigned)exc_last.cpsr);
    if (exc_last.type == EXC_DABT)
        print(" dfsr=%08x dfar=%08x", (unsigned)exc_last.dfsr, (unsigned)exc_last.dfar);
    if (exc_last.type == EXC_PABT)
        print(" ifsr=%08x", (unsigned)exc_last.ifsr & 0x140f); /* IFAR is UNKNOWN after BKPT */
    print("\n");
}

void exc_dispatch(struct exc_frame *f, uint32_t cpsr)
{
    if (exiting)
        for (;;)
            __asm__ volatile("wfi");
    if (is_user_return(f)) {
        f->pc = (uint32_t)run_user_done;
        f->spsr = MODE_SVC | PSR_I | PSR_F;
        return;
    }
    record(f, cpsr);
    if (!(exc_allowed & EXC_BIT(f->type))) {
        exc_print("FAIL unexpected exception");
        guest_exit();
    }
    if (exc_hook)
        exc_hook(f);
    else if (f->type == EXC_PABT)
        return_to_caller(f);
    else if (f->type == EXC_IRQ || f->type == EXC_FIQ)
        f->pc -= 4;
    else
        exc_skip(f);
}

/* PSCI 0.2 SYSTEM_OFF; the bare board's SMC is UNDEFINED and ends in exc_dispatch() above. */
_Noreturn void guest_exit(void)
{
    exiting = true;
    console_put(4);
    __asm__ volatile(".arch_extension sec\n\tmov r0, %0\n\tsmc #0" ::"r"(0x84000008)
                     : "r0", "r1", "r2", "r3", "memory");
    for (;;)
        __asm__ volatile("wfi");
}
