/* How a guest's run ends, and the counters that are told then (vm/end.h). */
#include "vm/end.h"

#include <stdio.h>

#include "board/board.h"
#include "cache/cache.h"
#include "device/bus.h"
#include "host/console.h"
#include "mmu/shadow.h"
#include "run/run.h"
#include "vm/image.h"

static void put_counter(const char *name, uint32_t value)
{
    char text[64];

    snprintf(text, sizeof text, ", \"%s\": %u", name, (unsigned)value);
    console_put(text);
}

static void print_stats(void)
{
    char text[64];

    console_begin();
    snprintf(text, sizeof text, "armature-stats: {\"time_us\": %u", (unsigned)(board_now_ns() / 1000));
    console_put(text);
    run_stats.exits = run_stats.exit_und + run_stats.exit_pabt + run_stats.exit_dabt + run_stats.exit_irq;
    /* clang-format off */
#define X(name) + run_stats.callout_##name
    run_stats.callouts = 0 RUN_CALLOUTS(X);
#undef X
#define X(name) put_counter(#name, run_stats.name);
    RUN_COUNTERS(X)
#undef X
#define X(name) put_counter("callout_" #name, run_stats.callout_##name);
    RUN_CALLOUTS(X)
#undef X
#define X(name) put_counter("cache_" #name, cache_stats.name);
    X(blocks) X(flushes) X(links) X(unlinks) X(pages_dropped) X(pages_deactivated) X(insns) X(words)
#undef X
#define X(name) put_counter("shadow_" #name, shadow_stats.name);
    X(fills) X(hidden) X(true_faults) X(upgrades) X(spaces_made) X(spaces_evicted) X(tables_evicted)
    X(unprotects)
#undef X
        /* clang-format on */
        put_counter("unassigned_accesses", bus.unassigned_count);
    console_put("}\n");
    console_end();
}

static void print_wanted_stats(void)
{
    if (image_config.flags & IMAGE_STATS)
        print_stats();
}

/* Without semihosting, which is an SVC, that is one of the guest's: not to its vector. */
static _Noreturn void off(int status)
{
    cache_link_svc(NULL);
    board_power_off(status);
}

/* There is one guest: its end is the machine's. */
static _Noreturn void end(int status)
{
    print_wanted_stats();
    stop_off(status);
}

_Noreturn void guest_power_off(void) { end(0); }

void guest_hear(uint8_t byte)
{
    if (byte == IMAGE_END)
        guest_power_off();
}

_Noreturn void guest_reset(void)
{
    console_printf("the guest reset the machine");
    print_wanted_stats();
    board_reset();
}

const struct stop_ends guest_ends = {end, end, off};
