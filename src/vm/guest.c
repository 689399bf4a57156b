/* Makes a guest (vm/guest.h). */
#include "vm/guest.h"

#include "board/board.h"
#include "cache/cache.h"
#include "cache/jump.h"
#include "dbt/dbt.h"
#include "device/bus.h"
#include "device/direct.h"
#include "device/pl011.h"
#include "device/realview_pb_a8.h"
#include "emul/vcpu.h"
#include "host/console.h"
#include "host/processor.h"
#include "host/stubs.h"
#include "host/switches.h"
#include "host/window_tables.h"
#include "run/guest_mmu.h"
#include "run/light/device.h"
#include "run/run.h"
#include "vm/end.h"
#include "vm/plan.h"

static void memory_make(const struct memory_plan *plan)
{
    guest_memory.linear = (uint8_t *)WINDOW_LINEAR;
    guest_memory.size = plan->ram_size;
    guest_memory.host = plan->ram;
    guest_memory.page_flags = plan->page_flags;
    for (uint32_t i = 0; i < plan->ram_size >> 12; i++)
        plan->page_flags[i] = 0;
}

static void window_make(const struct memory_plan *plan)
{
    const struct window_parts parts = {.ram = plan->ram,
                                       .ram_size = plan->ram_size,
                                       .code = plan->cache.code,
                                       .code_size = plan->cache.code_size,
                                       .jump_pages = plan->jump.pages};

    window_init(&parts);
}

/* The first words: by now a mistake in them has vectors to go to. */
static void announce(const struct memory_plan *p)
{
    console_printf("version " ARMATURE_VERSION);
    console_printf("guest RAM %u MiB at 0x%08x; VMM %u KiB: image %u, code cache %u + %u, jump map %u, "
                   "shadow tables %u",
                   (unsigned)(p->ram_size >> 20), GUEST_RAM_BASE, (unsigned)(p->budget >> 10),
                   (unsigned)(p->image_size >> 10), (unsigned)(p->cache.code_size >> 10),
                   (unsigned)(p->cache.meta_size >> 10), (unsigned)(p->jump.page_count * 4),
                   (unsigned)(p->shadow.size >> 10));
}

static void note_unassigned(gpa_t gpa, bool is_write)
{
    console_printf("guest %s unassigned address %08x: reads are 0, writes are ignored (told once a page)",
                   is_write ? "wrote to" : "read from", (unsigned)gpa.a);
}

static void machine_make(void)
{
    static const struct bus_upcalls up = {note_unassigned, shadow_drop_all, guest_reset};

    bus_init(&up, machine_devices, machine_device_count);
    if (SWITCH_ON(direct_devices))
        direct_give_spares();
    else
        pl011_share_host();
    bus_reset();
}

/* Reset state (B1.9.1), then what a boot loader sets. */
static void processor_make(const struct image_config *c)
{
    static const struct vcpu_upcalls up = {.mmu_changed = guest_mmu_changed,
                                           .tlb_all = guest_mmu_tlb_all,
                                           .tlb_asid = guest_mmu_tlb_asid,
                                           .tlb_va = guest_mmu_tlb_va,
                                           .tlb_va_all = guest_mmu_tlb_va_all,
                                           .icache_all = guest_mmu_icache_all,
                                           .icache_va = guest_mmu_icache_va,
                                           .dcache = guest_mmu_dcache,
                                           .vfp_access_changed = guest_mmu_vfp_access_changed,
                                           .irq_pending = gic_irq_pending,
                                           .fiq_pending = gic_fiq_pending,
                                           .device_read = bus_read,
                                           .device_write = bus_write,
                                           .monitor_set = monitor_set,
                                           .monitor_clear = monitor_clear,
                                           .wait_for_interrupt = interrupt_idle,
                                           .power_off = guest_power_off,
                                           .reset = guest_reset};
    struct vcpu *v = &vcpu;

    vcpu_up = &up;
    v->cpsr = MODE_SVC | PSR_A | PSR_I | PSR_F | (c->entry & 1 ? PSR_T : 0);
    cp15_reset(v);
    for (unsigned i = 0; i < ARRAY_SIZE(c->regs); i++)
        v->r[i] = c->regs[i];
    v->r[15] = c->entry & ~1u;
    dbt_serve(enter_state());
}

void guest_make(const struct image_config *c)
{
    static const struct shadow_upcalls shadow_up = {guest_mmu_set_space, cache_page_dirty, bus_is_device,
                                                    bus_direct_page};
    struct memory_plan plan;
    const char *why;

    vmm_switched_off = c->switches;
    if (!memory_plan_make(c, &plan, &why))
        guest_stopped(STATUS_VMM, "%s", why);
    window_make(&plan);
    processor_init(FRAME + FRAME_R);
    memory_make(&plan);
    cache_init(plan.cache);
    jump_init(plan.jump, CCA(STUB_MISS), window_map_jump);
    shadow_fill_ahead = SWITCH_ON(fill_ahead);
    shadow_init(plan.shadow, window_table, &shadow_up);
    announce(&plan);
    machine_make();
    processor_make(c);
    light_device_forget();
    guest_mmu_init();
    interrupt_set_timeout((uint64_t)c->timeout_ms * 1000000);
    enter_guest(frame_now);
}
