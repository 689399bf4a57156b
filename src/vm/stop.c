/* The VMM's messages, its counters, and the ways a guest's run ends. */
#include <stdarg.h>
#include <stdio.h>

#include "board/board.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/arm.h"
#include "run/run.h"
#include "vm/image.h"
#include "vm/memory.h"

#define SYS_EXIT_EXTENDED            0x20u
#define ADP_STOPPED_APPLICATION_EXIT 0x20026u

extern struct image_config image_config;
extern uint32_t bus_unassigned_count;
struct run_stats run_stats;

/* How far an end has come. What fails then must not begin again what has failed. */
static struct {
    bool speaking; /* text is being made */
    bool failed;   /* that has failed */
    bool off;      /* nothing is left to do */
} end;

static void put(const char *s)
{
    for (; *s; s++) {
        if (*s == '\n')
            board_console_put('\r');
        board_console_put(*s);
    }
}

static void put_line(const char *format, va_list args)
{
    char text[512];

    end.speaking = true;
    put("armature: ");
    vsnprintf(text, sizeof text, format, args);
    put(text);
    put("\n");
    end.speaking = false;
}

void console_printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_line(format, args);
    va_end(args);
}

static void put_counter(const char *name, uint32_t value)
{
    char text[64];

    snprintf(text, sizeof text, ", \"%s\": %u", name, (unsigned)value);
    put(text);
}

static void print_stats(void)
{
    char text[64];

    end.speaking = true;
    snprintf(text, sizeof text, "armature-stats: {\"time_us\": %u", (unsigned)(host_now_ns() / 1000));
    put(text);
    run_stats.exits = run_stats.exit_und + run_stats.exit_pabt + run_stats.exit_dabt + run_stats.exit_irq;
#define X(name) +run_stats.callout_##name
    run_stats.callouts = 0 RUN_CALLOUTS(X);
#undef X
#define X(name) put_counter(#name, run_stats.name);
    RUN_COUNTERS(X)
#undef X
#define X(name) put_counter("callout_" #name, run_stats.callout_##name);
    RUN_CALLOUTS(X)
#undef X
#define X(name) put_counter("cache_" #name, cache_stats.name);
    X(blocks)
    X(flushes) X(links) X(unlinks) X(pages_dropped) X(pages_deactivated) X(insns) X(words)
#undef X
#define X(name) put_counter("shadow_" #name, shadow_stats.name);
        X(fills) X(hidden) X(true_faults) X(upgrades) X(spaces_made) X(spaces_evicted) X(tables_evicted)
            X(unprotects)
#undef X
                put_counter("unassigned_accesses", bus_unassigned_count);
    put("}\n");
    end.speaking = false;
}

_Noreturn static void stay(void)
{
    for (;;)
        arm_wfi();
}

_Noreturn static void machine_off(int status)
{
    uint32_t block[2] = {ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status};

    end.off = true;
    cache_link_svc(NULL); /* without semihosting that SVC is one: not to the guest's vector */
    arm_semihost(SYS_EXIT_EXTENDED, block);
    stay();
}

/* Nothing that can fail as what was going on: no format, no counters. */
_Noreturn static void end_again(void)
{
    if (end.off)
        stay();
    if (!end.failed) {
        end.failed = true;
        put("\narmature: the VMM failed while it spoke: a bug of the VMM, please report\n");
    }
    machine_off(STATUS_VMM);
}

_Noreturn void host_power_off(int status)
{
    if (image_config.flags & IMAGE_STATS)
        print_stats();
    machine_off(status);
}

_Noreturn void host_reset(void)
{
    console_printf("the guest reset the machine");
    if (image_config.flags & IMAGE_STATS)
        print_stats();
    board_reset();
}

_Noreturn void guest_stopped(int status, const char *format, ...)
{
    va_list args;

    if (end.speaking || end.failed || end.off)
        end_again();
    va_start(args, format);
    put_line(format, args);
    va_end(args);
    host_power_off(status);
}

_Noreturn void check_failed(const char *file, int line, const char *what)
{
    guest_stopped(STATUS_VMM, "check failed at %s:%d: %s: a bug of the VMM, please report", file, line, what);
}

/* PSCI 0.2 (DEN 0022), 32-bit calls. */
void vmm_psci(struct vcpu *v)
{
    enum {
        VERSION = 0x84000000u,
        CPU_SUSPEND,
        CPU_OFF,
        CPU_ON,
        AFFINITY_INFO,
        MIGRATE,
        MIGRATE_INFO_TYPE,
        MIGRATE_INFO_UP_CPU,
        SYSTEM_OFF,
        SYSTEM_RESET
    };
    const uint32_t not_supported = (uint32_t)-1, invalid_parameters = (uint32_t)-2, already_on = (uint32_t)-4;

    switch (v->r[0]) {
    case VERSION: v->r[0] = 0x00000002; break;
    case CPU_SUSPEND: /* standby: like WFI */
        vmm_wait_for_interrupt();
        v->r[0] = 0;
        break;
    case CPU_ON: v->r[0] = v->r[1] & 0xffffff ? invalid_parameters : already_on; break;
    case AFFINITY_INFO: v->r[0] = v->r[1] & 0xffffff ? invalid_parameters : 0; break;
    case MIGRATE_INFO_TYPE:
        v->r[0] = 2; /* no Trusted OS to migrate */
        break;
    case CPU_OFF: /* the only CPU: nothing will ever wake it */
    case SYSTEM_OFF: host_power_off(0);
    case SYSTEM_RESET: host_reset();
    default: v->r[0] = not_supported; break;
    }
}

void host_note_unassigned(gpa_t gpa, bool is_write)
{
    console_printf("guest %s unassigned address %08x: reads are 0, writes are ignored (told once a page)",
                   is_write ? "wrote to" : "read from", (unsigned)gpa.a);
}
