/*
 * Device accesses of hot sites (device_site.c). The pages that they hit are kept as a TLB keeps global
 * entries: until maintenance that names them, or a change of what steers translation.
 */
#include "run/light/light.h"

#include "device/bus.h"

#define PAGES 8u

static struct {
    uint32_t va;   /* of the page; 1: none */
    uint32_t base; /* the device's offset of its first byte */
    const struct device *device;
    bool writable;
    uint8_t domain;
} pages[PAGES];
uint32_t light_device_slots;

void light_device_forget(void)
{
    for (unsigned i = 0; i < PAGES; i++)
        pages[i].va = 1;
    light_device_slots = 0;
}

/* No page of it is kept, nor a section: none is larger. */
void light_device_forget_mib(gva_t va)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (!((pages[i].va ^ va.a) >> 20))
            pages[i].va = 1;
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
    light_device_slots |= t.size_log2 > 12 ? 0xffffffff : 1u << (va >> 12 & 31);
    pages[i].device = d;
    pages[i].base = (t.gpa.a & ~PAGE_MASK) - d->base;
    pages[i].writable = mmu_walk(&vcpu.mmu, GVA(va), ACCESS_WRITE, true, &t, &fsr);
    pages[i].domain = t.domain;
    pages[i].va = va & ~PAGE_MASK;
    return true;
}

bool light_device(struct frame *f, const struct light_site *s)
{
    uint32_t va = f->r[s->rn] + s->offset, offset, mask = 0xffffffffu >> (32 - 8 * s->size);
    unsigned i = va >> 12 & (PAGES - 1);
    const struct device *d;

    if (va & (s->size - 1u) || f->psr & PSR_E)
        return false;
    if (pages[i].va != (va & ~PAGE_MASK) && !enter(i, va))
        return false;
    if ((s->write && !pages[i].writable) || (vcpu.mmu.dacr >> 2 * pages[i].domain & 3) != 1)
        return false;
    d = pages[i].device;
    offset = pages[i].base + (va & PAGE_MASK);
    if (offset >= d->size)
        return false;
    run_stats.device_accesses++;
    if (!s->write) {
        f->r[s->rt] = d->read(d->state, offset, s->size) & mask;
    } else {
        d->write(d->state, offset, f->r[s->rt] & mask, s->size);
        interrupt_program_timer();
    }
    if (gic_irq_pending() && !(f->psr & PSR_F)) {
        run_stats.exit_und++;
        ++*s->count;
        exit_full(EXIT_RESUME); /* to inject it */
    }
    interrupt_gates(f);
    return true;
}
