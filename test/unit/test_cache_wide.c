/*
 * Code in sections, supersections and large pages: TLB maintenance of one address concerns all of it.
 */
#define UNIT_MAIN
#include "cache_machine.h"

#define A      0xc0100000u
#define B      0xc0101000u
#define RAM(n) GPA(0x70000000u + (n)*PAGE_SIZE)

/* The guest's tables. */
static struct {
    uint32_t gva, gpa;
    unsigned size_log2;
} mapped[2];
static unsigned mapped_count;

static void say_mapped(uint32_t gva, gpa_t gpa, unsigned size_log2)
{
    mapped[mapped_count].gva = gva;
    mapped[mapped_count].gpa = gpa.a;
    mapped[mapped_count++].size_log2 = size_log2;
}

static unsigned still_mapped(gva_t gva, gpa_t gpa)
{
    for (unsigned i = 0; i < mapped_count; i++)
        if (mapped[i].gva == gva.a && mapped[i].gpa == gpa.a)
            return mapped[i].size_log2;
    return 0;
}

static bool any_remapped(uint32_t gva, unsigned count)
{
    return cache_any_remapped(still_mapped, GVA(gva), count);
}

/* A TLB has one entry for it, which goes whatever address of it is named. */
TEST(asks_for_all_of_a_larger_mapping)
{
    static const struct {
        unsigned size_log2;
        uint32_t base;
    } wides[] = {{16, 0xc1050000}, {20, 0xc1100000}, {24, 0xc1000000}};

    for (unsigned i = 0; i < ARRAY_SIZE(wides); i++) {
        unsigned log2 = wides[i].size_log2;
        uint32_t base = wides[i].base, last = base + (1u << log2) - PAGE_SIZE, next = last + PAGE_SIZE,
                 middle = base + (1u << log2) / 2;

        begin();
        cache_activate(GVA(base), RAM(1), log2, true);
        cache_activate(GVA(last), RAM(2), log2, true);
        cache_activate(GVA(next), RAM(3), log2, true);
        cache_activate(GVA(base - PAGE_SIZE), RAM(4), log2, true);
        cache_activate(GVA(base + PAGE_SIZE), RAM(5), 12, true); /* of another time: an entry of its own */
        mapped_count = 0;
        EXPECT(any_remapped(middle, 1) && any_remapped(base, 1) && any_remapped(last, 1));
        say_mapped(base, RAM(1), log2);
        say_mapped(last, RAM(2), log2);
        EXPECT(!any_remapped(base, 1) && !any_remapped(last, 1) && any_remapped(next, 1) &&
               any_remapped(base - PAGE_SIZE, 1));
        if (log2 == 16) {
            EXPECT(any_remapped(base - PAGE_SIZE, 3) && any_remapped(last - PAGE_SIZE, 3));
            EXPECT(!any_remapped(last - PAGE_SIZE, 2) && any_remapped(base - 0x11000, 2) &&
                   !any_remapped(base - 0x11000, 1));
        }
        mapped[1].size_log2 = 12;
        EXPECT(any_remapped(middle, 1));
        mapped[1].size_log2 = log2;
        cache_revalidate_va(still_mapped, GVA(middle + 0x123));
        EXPECT(cache_active(GVA(base)) && cache_active(GVA(last)));
        mapped_count = 0;
        cache_revalidate_va(still_mapped, GVA(middle));
        EXPECT(!cache_active(GVA(base)) && !cache_active(GVA(last)) && cache_active(GVA(next)));
        EXPECT(cache_active(GVA(base - PAGE_SIZE)) && cache_active(GVA(base + PAGE_SIZE)));
        EXPECT(!any_remapped(middle, 1));
        cache_revalidate_va(still_mapped, GVA(base + PAGE_SIZE));
        EXPECT(!cache_active(GVA(base + PAGE_SIZE)));
    }
}

/* The same page in a larger mapping now, or a smaller one. */
TEST(learns_the_size_of_a_mapping)
{
    for (unsigned by = 0; by < 3; by++) {
        struct code_page *p;

        begin();
        p = map(GVA(A), RAM(3), true);
        mapped_count = 0;
        say_mapped(A, RAM(3), 20);
        EXPECT(!any_remapped(B, 1));
        if (by == 0)
            cache_revalidate(still_mapped, false);
        else if (by == 1)
            cache_revalidate_va(still_mapped, GVA(A));
        else
            EXPECT(cache_activate(GVA(A), RAM(3), 20, true) == p);
        EXPECT(cache_active(GVA(A)) == p && !any_remapped(B, 1));
        mapped[0].size_log2 = 12;
        EXPECT(any_remapped(B, 1));
        cache_revalidate_va(still_mapped, GVA(B));
        mapped_count = 0;
        EXPECT(cache_active(GVA(A)) == p && !any_remapped(B, 1));
    }
}
