/* Ends that something goes wrong to (host/stop.h). What fails on the way must not begin again what has
 * failed. */
#include "host/stop.h"

#include "host/arm.h"
#include "host/console.h"
#include "host/owner.h"
#include "types.h"

static struct {
    const struct stop_ends *ends;
    bool failed; /* a report has */
    bool off;    /* nothing is left to do */
} stop HOST_BSS;

void stop_init(const struct stop_ends *ends) { stop.ends = ends; }

void stop_off(int status)
{
    if (stop.off)
        for (;;)
            arm_wfi();
    stop.off = true;
    stop.ends->off(status);
}

/* A fault inside a report or an end. */
static void end_if_again(void)
{
    if (!console_is_speaking() && !stop.failed && !stop.off)
        return;
    if (!stop.failed && !stop.off)
        console_put("\narmature: the VMM failed while it spoke: a bug of the VMM, please report\n");
    stop.failed = true;
    stop_off(STATUS_VMM);
}

void guest_stopped(int status, const char *format, ...)
{
    va_list args;

    end_if_again();
    va_start(args, format);
    console_vprintf(format, args);
    va_end(args);
    stop.ends->guest(status);
}

void machine_stopped(int status, const char *format, ...)
{
    va_list args;

    end_if_again();
    va_start(args, format);
    console_vprintf(format, args);
    va_end(args);
    stop.ends->machine(status);
}

/* Of a CHECK: a mistake of the VMM's on behalf of the guest that runs. */
void check_failed(const char *file, int line, const char *what)
{
    guest_stopped(STATUS_VMM, "check failed at %s:%d: %s: a bug of the VMM, please report", file, line, what);
}
