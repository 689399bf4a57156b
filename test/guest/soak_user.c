/* Proves: programs at PL0 with system calls, faults and mode-crossing returns keep their state while a timer
   interrupts everything, kernel included. */
#include "irq.h"
#include "mmu.h"
#include "soak.h"

/*
 * A small kernel: the program's SVC #n is served with interrupts on, from its own vector path (exc_hook);
     user memory
 * is filled in on demand by the data-abort handler, which runs with interrupts on as well.
 */
#define HEAP       0x40000000u
#define HEAP_PAGES 64
static volatile unsigned syscalls, faults;
static void (*volatile timer_hook)(struct exc_frame *f);

static void serve_fault(struct exc_frame *f)
{
    uint32_t va = MRC15(0, 6, 0, 0);

    if (va - HEAP >= HEAP_PAGES * 0x1000) {
        print("FAIL fault at %08x\n", (unsigned)va);
        guest_exit();
    }
    mmu_map_small(va & ~0xfffu, 0x79000000 + ((va - HEAP) & ~0xfffu), M_RW | M_NG);
    faults++;
    f->pc -= 8; /* again */
}

static void serve_call(struct exc_frame *f)
{
    irq_unmask();
    syscalls++;
    uint32_t n = f->r[7];
    if (n == 1)
        f->r[0] = f->r[0] + f->r[1];
    else if (n == 2) {
        for (uint32_t p = 0; p < HEAP_PAGES; p++) /* exit of a process: its pages go */
            mmu_write(mmu_l2_entry(HEAP + p * 0x1000, 0), 0);
        tlb_flush_asid(MRC15(0, 13, 0, 1) & 0xff);
    } else if (n == 3)
        f->r[0] = f->r[0] << 16 | f->r[0] >> 16;
    irq_mask();
}

static void hook(struct exc_frame *f)
{
    if (f->type == EXC_IRQ)
        timer_hook(f);
    else if (f->type == EXC_DABT)
        serve_fault(f);
    else
        serve_call(f);
}

#define PROGRAM(name, isa, svc)                                                                              \
    uint32_t name(uint32_t n);                                                                               \
    __asm__(".text\n" SOAK_##isa                                                                             \
            "\n.balign 4\n.type " #name ", %function\n" #name ":\n\t"                                        \
            "push {r4-r7, lr}\n\tmov r4, r0\n\t"                                                             \
            "movs r5, #0\n1:\tmov r0, r5\n\tmov r1, r4\n\tmovs r7, #1\n\tsvc #5\n\tmov r5, r0\n\t"           \
            "movs r7, #3\n\tsvc #5\n\tmov r6, r0\n\tmov r0, r6\n\tsvc #5\n\tcmp r0, r5\n\tbne 2f\n\t"        \
            "ldr r2, =0x40000000\n\tmovs r3, #0x3f\n\tands r3, r3, r4\n\tlsls r3, r3, #12\n\t"               \
            "adds r2, r2, r3\n\t"                                                                            \
            "str r5, [r2, #8]\n\tldr r0, [r2, #8]\n\tcmp r0, r5\n\tbne 2f\n\tsubs r4, r4, #1\n\tbne 1b\n\t"  \
            "movs r7, #2\n\tsvc #5\n\tmov r0, r5\n\tpop {r4-r7, pc}\n2:\tmovs r0, #0\n\tpop {r4-r7, pc}\n\t" \
            ".ltorg\n\t.arm\n.balign 4\n")
PROGRAM(program, arm, 5);
PROGRAM(program_thumb, thumb, 5);

int main(void)
{
    mmu_reset();
    mmu_on();
    soak_start();
    timer_hook = exc_hook;
    exc_allowed |= EXC_BIT(EXC_SVC) | EXC_BIT(EXC_DABT);
    exc_hook = hook;
    for (unsigned round = 0; round < 2; round++) {
        unsigned n = 0, start = soak_ticks;
        bool good = true;
        while ((soak_ticks - start < 150 || n < 2) && n < 100000 && good) {
            set_asid(n % 200 + 1);
            uint32_t want = 70 * 71 / 2;
            good = run_user(MODE_USR | PSR_F, round ? program_thumb : program, 70) == want;
            n++;
        }
        check(round ? "thumb programs" : "arm programs", good && soak_ticks - start >= 150);
    }
    set_asid(0);
    soak_stop();
    check("calls and faults were served", syscalls >= 2 * 2 * 211 && faults >= 2 * 2 * 64);
    return 0;
}
