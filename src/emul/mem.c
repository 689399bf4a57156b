/*
 * The VMM's accesses to guest memory on the guest's behalf: alignment, translation, permission, byte order,
 * then RAM or device. RAM is reached through the linear map: a write must itself mark pages that have
 * translations.
 */
#include <string.h>

#include "cache/cache.h"
#include "emul/ldst.h"

/* Where the bytes of one access are; it may lie in two pages. */
struct place {
    gpa_t gpa[2];
    unsigned first; /* bytes in the first page */
};

bool mem_check_align(struct vcpu *v, gva_t va, unsigned align, bool write)
{
    if (!(va.a & (align - 1)))
        return true;
    exc_data_abort(v, va, FS_ALIGNMENT | (write ? FSR_WNR : 0));
    return false;
}

static bool translate(struct vcpu *v, gva_t va, bool write, unsigned flags, gpa_t *gpa)
{
    struct translation t;
    uint32_t fsr;

    if (!mmu_walk(&v->mmu, va, write ? ACCESS_WRITE : ACCESS_READ, !(flags & MEM_USER), &t, &fsr)) {
        exc_data_abort(v, va, fsr);
        return false;
    }
    *gpa = t.gpa;
    return true;
}

static bool locate(struct vcpu *v, gva_t va, unsigned size, bool write, unsigned flags, struct place *p)
{
    if ((flags & MEM_ALIGNED || v->mmu.sctlr & SCTLR_A) && !mem_check_align(v, va, size, write))
        return false;
    p->first = PAGE_SIZE - (va.a & PAGE_MASK);
    if (p->first > size)
        p->first = size;
    return translate(v, va, write, flags, &p->gpa[0]) &&
           (p->first == size || translate(v, GVA(va.a + p->first), write, flags, &p->gpa[1]));
}

/* Within one page, little-endian. The yardstick's devices do not answer unaligned accesses. */
static uint32_t read_piece(gpa_t gpa, unsigned size)
{
    uint32_t value = 0;
    const void *ram = guest_memory_at(gpa);

    if (ram)
        memcpy(&value, ram, size);
    else if (!(gpa.a & (size - 1)))
        value = vcpu_up->device_read(gpa, size) & 0xffffffffu >> (32 - 8 * size);
    return value;
}

static void note_write(uint32_t offset)
{
    uint32_t page = offset / PAGE_SIZE;
    uint8_t *flags = &guest_memory.page_flags[page];

    if ((*flags & (PAGE_HAS_CODE | PAGE_DIRTY)) == PAGE_HAS_CODE) {
        *flags |= PAGE_DIRTY;
        cache_page_dirty(page);
    }
}

static void write_piece(gpa_t gpa, unsigned size, uint32_t value)
{
    uint32_t offset;

    if (guest_memory_offset(gpa, &offset)) {
        memcpy(guest_memory.linear + offset, &value, size);
        note_write(offset);
    } else if (!(gpa.a & (size - 1))) {
        vcpu_up->device_write(gpa, value, size);
    }
}

/* By bytes if it is not aligned, so that no access leaves its page. */
uint32_t mem_read_physical(gpa_t gpa, unsigned size)
{
    uint32_t value = 0;

    if (!(gpa.a & (size - 1)))
        return read_piece(gpa, size);
    for (unsigned i = 0; i < size; i++)
        value |= read_piece(GPA(gpa.a + i), 1) << 8 * i;
    return value;
}

void mem_write_physical(gpa_t gpa, unsigned size, uint32_t value)
{
    if (!(gpa.a & (size - 1)))
        write_piece(gpa, size, value);
    else
        for (unsigned i = 0; i < size; i++)
            write_piece(GPA(gpa.a + i), 1, value >> 8 * i & 0xff);
}

static gpa_t byte_at(const struct place *p, unsigned i)
{
    return i < p->first ? GPA(p->gpa[0].a + i) : GPA(p->gpa[1].a + i - p->first);
}

static uint32_t reorder(const struct vcpu *v, unsigned size, uint32_t value)
{
    return v->cpsr & PSR_E ? __builtin_bswap32(value) >> (32 - 8 * size) : value;
}

bool mem_load(struct vcpu *v, gva_t va, unsigned size, unsigned flags, uint32_t *value)
{
    struct place p;
    uint32_t little = 0;

    if (!locate(v, va, size, false, flags, &p))
        return false;
    if (p.first == size)
        little = read_piece(p.gpa[0], size);
    else
        for (unsigned i = 0; i < size; i++)
            little |= read_piece(byte_at(&p, i), 1) << 8 * i;
    *value = reorder(v, size, little);
    return true;
}

const uint32_t *mem_words(struct vcpu *v, gva_t va, unsigned count)
{
    struct translation t;
    uint32_t fsr;

    if (va.a & 3 || (va.a & PAGE_MASK) + 4 * count > PAGE_SIZE || v->cpsr & PSR_E ||
        !mmu_walk(&v->mmu, va, ACCESS_READ, (v->cpsr & PSR_MODE) != MODE_USR, &t, &fsr))
        return NULL;
    return guest_memory_at(t.gpa);
}

bool mem_store(struct vcpu *v, gva_t va, unsigned size, unsigned flags, uint32_t value)
{
    uint32_t little = reorder(v, size, value);
    struct place p;

    if (!locate(v, va, size, true, flags, &p))
        return false;
    if (size < 4)
        little &= (1u << 8 * size) - 1;
    if (p.first == size)
        write_piece(p.gpa[0], size, little);
    else
        for (unsigned i = 0; i < size; i++)
            write_piece(byte_at(&p, i), 1, little >> 8 * i & 0xff);
    return true;
}

bool mem_probe_store(struct vcpu *v, gva_t va, unsigned size, unsigned flags)
{
    struct place p;

    return locate(v, va, size, true, flags, &p);
}

bool mem_read(struct vcpu *v, gva_t va, unsigned size, bool privileged, uint32_t *value)
{
    return mem_load(v, va, size, privileged ? 0 : MEM_USER, value);
}

bool mem_write(struct vcpu *v, gva_t va, unsigned size, bool privileged, uint32_t value)
{
    return mem_store(v, va, size, privileged ? 0 : MEM_USER, value);
}
