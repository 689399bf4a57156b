/*
 * Interrupts of the host: served at once; the guest's deadlines, its idling, its gates. How the guest's own
 * are injected is in stop_points.c.
 */
#include "run/run.h"

#include "board/board.h"
#include "device/bus.h"
#include "host/stop.h"
#include "host/switches.h"
#include "host/window_tables.h"

static uint64_t timeout = UINT64_MAX;

void interrupt_gates(struct frame *f)
{
    (void)f;
    if (window_close_gates(gic_irq_pending()))
        run_stats.gates_closed++;
}

void interrupt_set_timeout(uint64_t ns)
{
    timeout = ns ? board_now_ns() + ns : UINT64_MAX;
    interrupt_program_timer();
}

void interrupt_program_timer(void)
{
    uint64_t next = timer_next_deadline();

    board_timer_program(next < timeout ? next : timeout);
}

void interrupt_host(void)
{
    uint64_t now;

    board_irq_serve();
    timers_run(now = board_now_ns());
    if (now >= timeout)
        guest_stopped(STATUS_TIMEOUT, "timeout: the guest was stopped at pc %08x, cpsr %08x",
                      (unsigned)vcpu.r[15], (unsigned)vcpu.cpsr);
    interrupt_program_timer();
}

void interrupt_idle(void)
{
    if (!SWITCH_ON(wfi_idle))
        return;
    run_stats.idles++;
    interrupt_program_timer();
    while (!gic_irq_pending()) {
        board_wait();
        interrupt_host();
    }
}
