/* Proves: every AP x XN x domain setting x privilege x access kind, for each page size: allowed or the right
   fault status and address. */
#include "mmu.h"

enum size { SECTION, SUPERSECTION, LARGE, SMALL, SIZE_COUNT };
static const char *const size_names[] = {"section", "supersection", "large", "small"};
static const uint32_t vas[] = {0x40000000, 0x41000000, 0x42000000, 0x43000000};
static uint32_t target;

static void map(enum size s, uint32_t attr)
{
    switch (s) {
    case SECTION: mmu_map_section(vas[s], target, attr); break;
    case SUPERSECTION: mmu_map_supersection(vas[s], target & 0xff000000, attr); break;
    case LARGE: mmu_map_large(vas[s], target, attr); break;
    default: mmu_map_small(vas[s], target, attr); break;
    }
    tlb_flush();
}

/* Table B3-8. AP 4 is reserved and left out; 7 is read-only for both, as 6 (deprecated). */
static bool allowed(unsigned ap, bool user, bool write)
{
    switch (ap) {
    case 1: return !user;
    case 2: return !user || !write;
    case 3: return true;
    case 5: return !user && !write;
    case 6:
    case 7: return !write;
    default: return false;
    }
}

static uint32_t expected(enum size s, unsigned ap, bool xn, unsigned domain_access, bool user, enum access a)
{
    bool level2 = s >= LARGE, write = a == ACCESS_STORE || a == ACCESS_STRT;
    unsigned domain = s == SUPERSECTION ? 0 : 5;
    uint32_t extra = a == ACCESS_EXEC ? 0 : FAULT_DOMAIN(domain) | (write ? FAULT_WRITE : 0);

    if (domain_access == 0)
        return FAULT(level2 ? FS_DOMAIN_L2 : FS_DOMAIN_L1) | extra;
    if (domain_access == 3)
        return 0; /* Manager: no permission, no XN check */
    if (a == ACCESS_LDRT || a == ACCESS_STRT)
        user = true;
    if (!allowed(ap, user, write) || (a == ACCESS_EXEC && xn))
        return FAULT(level2 ? FS_PERMISSION_L2 : FS_PERMISSION_L1) | extra;
    return 0;
}

static bool one(enum size s, unsigned ap, bool xn, unsigned domain_access, bool user, enum access a)
{
    uint32_t va = vas[s] + 0x40, got;

    probe_store_value = 0xe12fff1e; /* bx lr */
    got = probe(a, user, va);
    uint32_t want = expected(s, ap, xn, domain_access, user, a);
    bool good = got == want && (!want || a == ACCESS_EXEC || exc_last.dfar == va) &&
                (!want || a != ACCESS_EXEC || exc_last.ifar == va);
    if (!good)
        print("FAIL %s ap %u xn %u domain %u %s access %u: got %08x want %08x dfar %08x ifar %08x\n",
              size_names[s], ap, xn, domain_access, user ? "usr" : "svc", a, (unsigned)got, (unsigned)want,
              (unsigned)exc_last.dfar, (unsigned)exc_last.ifar);
    return good;
}

int main(void)
{
    static const unsigned aps[] = {0, 1, 2, 3, 5, 6, 7};
    static const unsigned domain_accesses[] = {1, 0, 3};

    target = 0x79000000;
    mmu_reset();
    mmu_on();
    WRITE32(target + 0x40, 0xe12fff1e);
    code_sync((void *)(target + 0x40), 4);
    for (enum size s = 0; s < SIZE_COUNT; s++)
        for (unsigned d = 0; d < 3; d++) {
            bool good = true;
            /* Domain 0 is also that of all the rest, so a supersection's can only be Client or Manager. */
            if (s == SUPERSECTION && domain_accesses[d] == 0)
                continue;
            set_dacr(s == SUPERSECTION ? 0x55555554 | domain_accesses[d]
                                       : (0x55555555 & ~(3u << 10)) | domain_accesses[d] << 10);
            for (unsigned p = 0; p < ARRAY_SIZE(aps); p++)
                for (unsigned xn = 0; xn < 2; xn++) {
                    map(s, M_AP(aps[p]) | (xn ? M_XN : 0) | M_NORMAL | M_DOMAIN(s == SUPERSECTION ? 0 : 5));
                    for (unsigned user = 0; user < 2; user++)
                        for (enum access a = 0; a < ACCESS_COUNT; a++)
                            good &= one(s, aps[p], xn, domain_accesses[d], user, a);
                }
            print("%s, domain access %u: ", size_names[s], domain_accesses[d]);
            check("all permissions", good);
        }
    set_dacr(0x55555555);

    /* An upgrade that needs no maintenance by some readings still needs none after it: LDREX then STREX. */
    map(SMALL, M_AP(5) | M_NORMAL);
    check_eq("read-only: load", probe(ACCESS_LOAD, false, vas[SMALL] + 0x40), 0);
    check_eq("read-only: store", probe(ACCESS_STORE, false, vas[SMALL] + 0x40),
             FAULT(FS_PERMISSION_L2) | FAULT_DOMAIN(5) | FAULT_WRITE);
    map(SMALL, M_AP(1) | M_NORMAL);
    check_eq("upgraded: store", probe(ACCESS_STORE, false, vas[SMALL] + 0x40), 0);
    map(SMALL, M_AP(5) | M_NORMAL);
    check_eq("downgraded: store", probe(ACCESS_STORE, false, vas[SMALL] + 0x40),
             FAULT(FS_PERMISSION_L2) | FAULT_DOMAIN(5) | FAULT_WRITE);
    return 0;
}
