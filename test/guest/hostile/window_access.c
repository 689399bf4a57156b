/* Proves: loads and stores at PL0, LDRT/STRT, and PL1 accesses to the VMM's own part of the address space,
   under every DACR, give the guest its own translation fault. */
#include "host/window.h"
#include "mmu.h"

static unsigned bad;

static void expect(enum access a, bool user, uint32_t va)
{
    uint32_t got = probe(a, user, va), want = FAULT(FS_TRANSLATION_L1);

    if (a == ACCESS_STORE || a == ACCESS_STRT)
        want |= FAULT_WRITE;
    if ((got & ~0xf0u) == want && exc_last.dfar == va)
        return;
    if (!bad++)
        print("FAIL access %u %s %08x: %08x dfar %08x\n", a, user ? "usr" : "svc", (unsigned)va,
              (unsigned)got, (unsigned)exc_last.dfar);
}

static void unprivileged(void)
{
    for (uint32_t va = WINDOW_LINEAR; va < WINDOW_END; va += 0x130ffc) {
        expect(ACCESS_LOAD, true, va & ~3u);
        expect(ACCESS_STORE, true, va & ~3u);
        expect(ACCESS_LDRT, false, va & ~3u);
        expect(ACCESS_STRT, false, va & ~3u);
    }
    static const uint32_t pages[] = {WINDOW_SRF,     WINDOW_CACHE, WINDOW_CACHE + 0x1000,
                                     WINDOW_VECTORS, WINDOW_JUMP,  WINDOW_JUMP + 0x1000000};
    for (unsigned i = 0; i < ARRAY_SIZE(pages); i++) {
        expect(ACCESS_LDRT, false, pages[i] + 0x40);
        expect(ACCESS_STRT, false, pages[i] + 0x40);
    }
}

/* What is the VMM's alone: its linear map of guest RAM, its text and data, the host's devices. */
static void privileged(void)
{
    static const uint32_t ranges[][2] = {{WINDOW_LINEAR, WINDOW_BASE}, {WINDOW_VMM, WINDOW_END}};

    for (unsigned r = 0; r < 2; r++)
        for (uint32_t va = ranges[r][0]; va < ranges[r][1]; va += 0xd0ffc) {
            expect(ACCESS_LOAD, false, va & ~3u);
            expect(ACCESS_STORE, false, va & ~3u);
        }
}

int main(void)
{
    static const uint32_t dacrs[] = {0x55555555, 0xffffffff, 0x00000001, 0x50000001,
                                     0xf0000001, 0xc0000003, 0x40000001};

    mmu_reset();
    mmu_on();
    for (unsigned i = 0; i < ARRAY_SIZE(dacrs); i++) {
        set_dacr(dacrs[i]);
        unprivileged();
        print("DACR %08x: ", (unsigned)dacrs[i]);
        check_eq("unprivileged", bad, 0);
        privileged();
        print("DACR %08x: ", (unsigned)dacrs[i]);
        check_eq("privileged", bad, 0);
        if (MRC15(0, 3, 0, 0) != dacrs[i])
            check_eq("  reads back", MRC15(0, 3, 0, 0), dacrs[i]);
    }
    return 0;
}
