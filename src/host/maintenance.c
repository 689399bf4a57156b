/* Cache and TLB maintenance (host/maintenance.h). */
#include "host/maintenance.h"

#include "host/arm.h"

#define LINE 64u /* bytes of a cache line (DDI 0344 7.1) */

void tlb_flush_all(void)
{
    arm_dsb();
    arm_write_tlbiall(0);
    arm_dsb();
    arm_isb();
}

void tlb_flush_asid(uint8_t asid)
{
    arm_dsb();
    arm_write_tlbiasid(asid);
    arm_dsb();
    arm_isb();
}

void tlb_flush_pages(gva_t va, unsigned count)
{
    uint32_t value = (va.a & ~PAGE_MASK) | (arm_read_contextidr() & 0xff);

    arm_dsb();
    for (; count; count--, value += PAGE_SIZE)
        arm_write_tlbimva(value);
    arm_dsb();
    arm_isb();
}

/* Walks do not look into the L1 data cache of a Cortex-A8 (TTBR0's attributes are non-cacheable): clean to
 * the point of coherency. */
void table_write_sync(const void *start, size_t size)
{
    uintptr_t a = (uintptr_t)start & ~(LINE - 1), end = (uintptr_t)start + size;

    for (; a + 3 * LINE < end; a += 4 * LINE) {
        arm_write_dccmvac(a);
        arm_write_dccmvac(a + LINE);
        arm_write_dccmvac(a + 2 * LINE);
        arm_write_dccmvac(a + 3 * LINE);
    }
    for (; a < end; a += LINE)
        arm_write_dccmvac(a);
    arm_dsb();
}

void table_write_sync_line(const void *entry)
{
    arm_write_dccmvac((uintptr_t)entry);
    arm_dsb();
}

void sync_data(const void *start, size_t size)
{
    (void)start;
    (void)size;
    arm_dsb();
}

void sync_code(const void *start, cca_t where, size_t size)
{
    for (uintptr_t a = (uintptr_t)start & ~(LINE - 1); a < (uintptr_t)start + size; a += LINE)
        arm_write_dccmvau(a);
    arm_dsb();
    for (uint32_t a = where.a & ~(LINE - 1); a < where.a + size; a += LINE)
        arm_write_icimvau(a);
    arm_write_bpiall(0);
    arm_dsb();
    arm_isb();
}
