/* The real processor's registers that are set once: vectors, exception stacks, coprocessor access. */
#include "emul/callout.h"
#include "host/arm.h"
#include "host/switches.h"
#include "host/window.h"
#include "run/run.h"

/* Every exception mode's SP is where entry.S saves the first registers. */
static void set_exception_stacks(void)
{
    uint32_t save = FRAME + FRAME_R;

    __asm__ volatile("cps #0x17\n\tmov sp, %0\n\t"
                     "cps #0x12\n\tmov sp, %0\n\t"
                     "cps #0x1b" ::"r"(save)
                     : "memory");
}

void processor_init(void)
{
    arm_write_vbar(WINDOW_VECTORS);
    arm_write_cpacr(0);
    arm_isb();
    set_exception_stacks();
}

void vmm_wait_for_interrupt(void)
{
    if (SWITCH_ON(wfi_idle))
        interrupt_idle();
}
