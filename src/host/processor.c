/* Vectors, exception stacks, coprocessor access (host/processor.h). */
#include "host/processor.h"

#include "host/arm.h"
#include "host/window.h"

static void set_exception_stacks(uint32_t save)
{
    __asm__ volatile("cps #0x17\n\tmov sp, %0\n\t"
                     "cps #0x12\n\tmov sp, %0\n\t"
                     "cps #0x1b" ::"r"(save)
                     : "memory");
}

void processor_init(uint32_t save)
{
    arm_write_vbar(WINDOW_VECTORS);
    arm_write_cpacr(0);
    arm_isb();
    set_exception_stacks(save);
}
