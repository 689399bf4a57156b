/* The VMM's start, from the first C instruction to the guest's first. */
#include "board/board.h"
#include "board/host.h"
#include "cache/stubs.h"
#include "dbt/dbt.h"
#include "device/bus.h"
#include "emul/callout.h"
#include "host/switches.h"
#include "host/window.h"
#include "run/light/light.h"
#include "run/run.h"
#include "vm/image.h"
#include "vm/memory.h"

struct image_config image_config __attribute__((section(".config"))) = {.magic = IMAGE_MAGIC};
struct guest_memory guest_memory;
unsigned vmm_switched_off;

_Noreturn void main(uint32_t offset);

static void guest_memory_init(const struct memory_plan *plan)
{
    guest_memory.linear = (uint8_t *)WINDOW_LINEAR;
    guest_memory.size = plan->ram_size;
    guest_memory.host = HPA(GUEST_RAM_BASE);
    guest_memory.page_flags = plan->page_flags;
    for (uint32_t i = 0; i < plan->ram_size >> 12; i++)
        plan->page_flags[i] = 0;
}

/* Reset state (B1.9.1), then what a boot loader sets. */
static void guest_init(const struct image_config *c)
{
    struct vcpu *v = &vcpu;

    v->cpsr = MODE_SVC | PSR_A | PSR_I | PSR_F | (c->entry & 1 ? PSR_T : 0);
    cp15_reset(v);
    for (unsigned i = 0; i < ARRAY_SIZE(c->regs); i++)
        v->r[i] = c->regs[i];
    v->r[15] = c->entry & ~1u;
    if (SWITCH_ON(direct_devices))
        board_give_spares();
    else
        board_share_uart();
    bus_reset();
    dbt_jump_key = block_state_key(enter_state());
}

static const struct image_config *config_check(void)
{
    const struct image_config *c = &image_config;

    if (c->magic != IMAGE_MAGIC || c->version != IMAGE_VERSION)
        guest_stopped(STATUS_VMM,
                      "the image has no configuration of this version: make it with `armature pack`");
    return c;
}

static void announce(const struct memory_plan *p)
{
    console_printf("guest RAM %u MiB at 0x70000000; VMM %u KiB: image %u, code cache %u + %u, jump map %u, "
                   "shadow tables %u",
                   (unsigned)(p->ram_size >> 20), (unsigned)(p->budget >> 10),
                   (unsigned)(p->image_size >> 10), (unsigned)(p->cache.code_size >> 10),
                   (unsigned)(p->cache.meta_size >> 10), (unsigned)(p->jump.page_count * 4),
                   (unsigned)(p->shadow.size >> 10));
}

_Noreturn void main(uint32_t offset)
{
    const struct image_config *c;
    struct memory_plan plan;
    const char *why;

    memory_offset = offset;
    window_map_early();
    board_init();
    c = config_check();
    vmm_switched_off = c->switches;
    if (!memory_plan_make(c, &plan, &why))
        guest_stopped(STATUS_VMM, "%s", why);
    window_init(&plan);
    processor_init();
    guest_memory_init(&plan);
    cache_init(plan.cache);
    jump_init(plan.jump, CCA(STUB_MISS), window_map_jump);
    shadow_fill_ahead = SWITCH_ON(fill_ahead);
    shadow_init(plan.shadow, window_table);
    announce(&plan);
    guest_init(c);
    light_device_forget();
    guest_mmu_init();
    host_set_timeout((uint64_t)c->timeout_ms * 1000000);
    host_timer_program(timer_next_deadline());
    enter_guest(&frame);
    guest_resume();
}
