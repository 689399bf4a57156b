/*
 * Device accesses of hot sites (device_site.c). The pages that they hit are kept as a TLB keeps global
 * entries: until maintenance that names them, or a change of what steers translation.
 */
#include "run/light/device.h"

#include "device/bus.h"
#include "run/light/light.h"

struct light_device light_device_known;

void light_device_forget(void)
{
    for (unsigned i = 0; i < LIGHT_PAGES; i++)
        light_device_known.pages[i].va = 1;
    light_device_known.slots = 0;
}

/* No page of it is kept, nor a section: none is larger. */
void light_device_forget_mib(gva_t va)
{
    for (unsigned i = 0; i < LIGHT_PAGES; i++)
        if (!((light_device_known.pages[i].va ^ va.a) >> 20))
            light_device_known.pages[i].va = 1;
}

/* Global, in a Client domain. */
static bool enter(unsigned i, uint32_t va)
{
    const struct device *d;
    struct translation t;
    uint32_t fsr;

    if (!mmu_walk(&vcpu.mmu, GVA(va), ACCESS_READ, true, &t, &fsr) || t.ng || t.manager || t.size_log2 > 20 ||
        !(vcpu.mmu.sctlr & 1))
        return false;
    d = bus_find(t.gpa);
    if (!d)
        return false;
    light_device_known.slots |= t.size_log2 > 12 ? 0xffffffff : 1u << (va >> 12 & 31);
    light_device_known.pages[i].device = d;
    light_device_known.pages[i].base = (t.gpa.a & ~PAGE_MASK) - d->base;
    light_device_known.pages[i].writable = mmu_walk(&vcpu.mmu, GVA(va), ACCESS_WRITE, true, &t, &fsr);
    light_device_known.pages[i].domain = t.domain;
    light_device_known.pages[i].va = va & ~PAGE_MASK;
    return true;
}

enum light_outcome light_device(struct frame *f, const struct light_site *s)
{
    uint32_t va = f->r[s->rn] + s->offset, offset, mask = 0xffffffffu >> (32 - 8 * s->size);
    unsigned i = va >> 12 & (LIGHT_PAGES - 1);
    const struct device *d;

    if (va & (s->size - 1u) || f->psr & PSR_E)
        return LIGHT_NO;
    if (light_device_known.pages[i].va != (va & ~PAGE_MASK) && !enter(i, va))
        return LIGHT_NO;
    if ((s->write && !light_device_known.pages[i].writable) ||
        (vcpu.mmu.dacr >> 2 * light_device_known.pages[i].domain & 3) != 1)
        return LIGHT_NO;
    d = light_device_known.pages[i].device;
    offset = light_device_known.pages[i].base + (va & PAGE_MASK);
    if (offset >= d->size)
        return LIGHT_NO;
    run_stats.device_accesses++;
    if (!s->write) {
        f->r[s->rt] = d->read(d->state, offset, s->size) & mask;
    } else {
        d->write(d->state, offset, f->r[s->rt] & mask, s->size);
        interrupt_program_timer();
    }
    if (gic_irq_pending() && !(f->psr & PSR_F))
        return LIGHT_INTERRUPTED;
    interrupt_gates(f);
    return LIGHT_DONE;
}
