/* Proves: LDREX/STREX (and B, H, D, CLREX), A32 and T32, at PL1 and PL0: success, failure, page made
   writable between, exceptions in between. */
#include "mmu.h"

static uint32_t word[4] __attribute__((aligned(16)));

#define ATOMIC(name, isa, text)                                                                              \
    uint32_t name(uint32_t n);                                                                               \
    __asm__(".text\n." isa "\n.balign 4\n.type " #name ", %function\n" #name ":\n\t" text "\n\t.ltorg\n\t"   \
            ".arm\n.balign 4\n")
#define LOOP(load, store)                                                                                    \
    "push {r4-r7, lr}\n\tldr r1, =word\n"                                                                    \
    "1:\t" load "\n\tadds r2, r2, #1\n\t" store "\n\tcmp r3, #0\n\tbne 1b\n\tsubs r0, r0, #1\n\tbne 1b\n\t"  \
    "mov r0, r2\n\tpop {r4-r7, pc}"
ATOMIC(add_word, "arm", LOOP("ldrex r2, [r1]", "strex r3, r2, [r1]"));
ATOMIC(add_byte, "arm", LOOP("ldrexb r2, [r1]", "strexb r3, r2, [r1]"));
ATOMIC(add_half, "arm", LOOP("ldrexh r2, [r1]", "strexh r3, r2, [r1]"));
ATOMIC(add_dual, "arm",
       "push {r4-r7, lr}\n\tldr r1, =word\n1:\tldrexd r4, r5, [r1]\n\tadds r4, r4, #1\n\t"
       "adc r5, r5, #0\n\t"
       "strexd r3, r4, r5, [r1]\n\tcmp r3, #0\n\tbne 1b\n\tsubs r0, r0, #1\n\tbne 1b\n\tmov r0, r4\n\t"
       "pop {r4-r7, pc}");
ATOMIC(add_thumb_arm, "thumb\n.thumb_func", LOOP("ldrex r2, [r1]", "strex r3, r2, [r1]"));
ATOMIC(add_offset, "thumb\n.thumb_func", LOOP("ldrex r2, [r1, #4]", "strex r3, r2, [r1, #4]"));
ATOMIC(no_monitor, "arm", "ldr r1, =word\n\tclrex\n\tmov r2, #0x99\n\tstrex r0, r2, [r1]\n\tbx lr");
ATOMIC(cleared, "arm",
       "ldr r1, =word\n\tldrex r2, [r1]\n\tclrex\n\tmov r2, #0x99\n\tstrex r0, r2, [r1]\n\t"
       "bx lr");
ATOMIC(twice, "arm",
       "ldr r1, =word\n\tldrex r2, [r1]\n\tstrex r0, r2, [r1]\n\tstrex r3, r2, [r1]\n\t"
       "orr r0, r0, r3, lsl #4\n\tbx lr");

static void test(const char *name, uint32_t (*fn)(uint32_t), unsigned index, bool user)
{
    word[0] = word[1] = 0;
    uint32_t got = user ? run_user(MODE_USR | PSR_I | PSR_F, fn, 100) : fn(100);
    print("%s %s: ", user ? "usr" : "svc", name);
    check("100 times", got == 100 && word[index] == 100);
}

/* Memory at an address of the VMM's, where accesses are emulated: r1. `word`, where they are not: r0. */
#define ODD 0xe0000000u
ATOMIC(other_between, "arm",
       "mov r1, #0xe0000000\n\tldrex r2, [r0]\n\tstrex r3, r2, [r1]\n\tstrex ip, r2, [r0]\n\t"
       "orr r0, r3, ip, lsl #4\n\tbx lr");
ATOMIC(between_other, "arm",
       "mov r1, #0xe0000000\n\tldrex r2, [r1]\n\tstrex r3, r2, [r0]\n\tstrex ip, r2, [r1]\n\t"
       "orr r0, r3, ip, lsl #4\n\tbx lr");
ATOMIC(odd_cleared, "arm", "mov r1, #0xe0000000\n\tldrex r2, [r1]\n\tclrex\n\tstrex r0, r2, [r1]\n\tbx lr");
ATOMIC(odd_twice, "arm",
       "mov r1, #0xe0000000\n\tldrex r2, [r1]\n\tstrex r0, r2, [r1]\n\tstrex r3, r2, [r1]\n\t"
       "orr r0, r0, r3, lsl #4\n\tbx lr");
/* r0: the address. Bit 0: load only. How often STREX failed, up to 100. */
ATOMIC(load_store, "arm",
       "mov r1, #0\n\ttst r0, #1\n\tbic r0, r0, #1\n1:\tldrex r2, [r0]\n\tbne 2f\n\tstrex r3, r2, [r0]\n\t"
       "cmp r3, #0\n\tbeq 2f\n\tadd r1, r1, #1\n\tcmp r1, #100\n\tmov r3, #0\n\tbne 3f\n2:\tmov r0, r1\n\tbx "
       "lr\n"
       "3:\tcmp r3, #0\n\tb 1b");

static uint32_t at(bool user, uint32_t (*fn)(uint32_t), uint32_t address)
{
    return user ? run_user(MODE_USR | PSR_I | PSR_F, fn, address) : fn(address);
}

static void test_odd(bool user)
{
    uint32_t here = (uint32_t)word;

    print("%s\n", user ? "usr" : "svc");
    check_eq("strex elsewhere clears the monitor", at(user, other_between, here), 0x11);
    check_eq("the other way round", at(user, between_other, here), 0x11);
    check_eq("clrex there", at(user, odd_cleared, here), 1);
    check_eq("second strex there", at(user, odd_twice, here), 0x10);
    for (unsigned i = 0; i < 3; i++) {
        at(user, load_store, 0x10000008 | 1); /* SYS_LED: loads it, and stores nothing */
        check_eq("the same code, a device and memory", at(user, load_store, here), 0);
    }
}

int main(void)
{
    mmu_reset();
    mmu_map_small(ODD, test_page(1), M_RW);
    mmu_on();
    test_odd(false);
    test_odd(true);
    for (unsigned user = 0; user < 2; user++) {
        test("ldrex", add_word, 0, user);
        test("ldrexb", add_byte, 0, user);
        test("ldrexh", add_half, 0, user);
        test("ldrexd", add_dual, 0, user);
        test("thumb ldrex", add_thumb_arm, 0, user);
        test("thumb ldrex, offset", add_offset, 1, user);
        word[0] = 7;
        check_eq("strex without ldrex",
                 user ? run_user(MODE_USR | PSR_I | PSR_F, no_monitor, 0) : no_monitor(0), 1);
        check_eq("strex after clrex", user ? run_user(MODE_USR | PSR_I | PSR_F, cleared, 0) : cleared(0), 1);
        check_eq("  nothing stored", word[0], 7);
        check_eq("second strex fails", user ? run_user(MODE_USR | PSR_I | PSR_F, twice, 0) : twice(0), 0x10);
    }
    /* LDREX on a page that only reads; STREX faults for write; then the page is writable and the loop
       succeeds. */
    uint32_t va = 0x40000000, status;
    mmu_map_small(va, test_page(0), M_AP(5) | M_NORMAL);
    exc_arm(EXC_BIT(EXC_DABT));
    __asm__ volatile("ldrex r2, [%1]\n\tmov %0, #5\n\tstrex %0, r2, [%1]"
                     : "=&r"(status)
                     : "r"(va)
                     : "r2", "memory");
    check("strex to a read-only page faults", exc_count == 1 && exc_last.dfsr == (0x80f) && status == 5);
    mmu_map_small(va, test_page(0), M_RW);
    unsigned tries = 0;
    do {
        __asm__ volatile("ldrex r2, [%1]\n\tadd r2, r2, #1\n\tstrex %0, r2, [%1]"
                         : "=&r"(status)
                         : "r"(va)
                         : "r2", "memory");
        tries++;
    } while (status && tries < 10000);
    check("upgraded without maintenance: succeeds in the end or faults", status == 0 || exc_count > 1);
    return 0;
}
