/*
 * The jump map, used as the code cache's words use it: every address, whatever has been set and cleared
 * before, leads to what was set there last, or to the miss stub.
 */
#define UNIT_MAIN
#include "unit.h"

#include "cache/jump.h"
#include "host/maintenance.h"
#include "host/window.h"

#define PAGES  6u
#define PLACES ((WINDOW_VMM - WINDOW_JUMP) / PAGE_SIZE)
#define MISS   0xf6fff050u

static uint32_t pages[PAGES * 1024];
static uint8_t bytes[256];
static unsigned page_at[PLACES];

void sync_data(const void *start, size_t size) { (void)start, (void)size; }
_Noreturn void check_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: CHECK failed: %s\n", file, line, what);
    abort();
}

static void map(unsigned place, unsigned page)
{
    EXPECT(place < PLACES && page < PAGES);
    page_at[place] = page;
}

static void begin(void)
{
    memset(bytes, 0x77, sizeof bytes); /* what was there does not matter */
    jump_init((struct jump_memory){pages, PAGES, bytes}, CCA(MISS), map);
}

/* MVN r12; LDRB r12, [r12, -lr, LSR #24]; ADD r12, lr, r12, LSL #24; LDM r12, {PC}. */
static uint32_t follow(uint32_t lr)
{
    uint32_t at = WINDOW_JUMP - 1 - (lr >> 24);
    uint32_t slot = lr + ((uint32_t)bytes[at - (WINDOW_JUMP - 256)] << 24);

    EXPECT(slot >= WINDOW_JUMP && slot < WINDOW_VMM);
    return pages[page_at[(slot - WINDOW_JUMP) / PAGE_SIZE] * 1024 + (slot & PAGE_MASK) / 4];
}

TEST(all_misses_at_first)
{
    begin();
    for (uint32_t top = 0; top < 256; top++)
        for (uint32_t low = 0; low < 1 << 24; low += 0x123454)
            EXPECT_EQ(follow(top << 24 | low), MISS);
}

TEST(the_ends_of_each_sixteen_mib)
{
    for (uint32_t top = 0; top < 256; top++) {
        begin();
        jump_set(GVA(top << 24), CCA(0x1000));
        jump_set(GVA(top << 24 | 0xfffffc), CCA(0x2000));
        EXPECT_EQ(follow(top << 24), 0x1000);
        EXPECT_EQ(follow(top << 24 | 4), MISS);
        EXPECT_EQ(follow(top << 24 | 0xfffffc), 0x2000);
        EXPECT_EQ(follow(((top + 1) & 255) << 24), MISS);
        jump_clear(GVA(top << 24));
        EXPECT_EQ(follow(top << 24), MISS);
        EXPECT_EQ(follow(top << 24 | 0xfffffc), 0x2000);
    }
}

TEST(clearing_what_is_not_there)
{
    begin();
    jump_clear(GVA(0xc0008000));
    EXPECT_EQ(follow(0xc0008000), MISS);
    jump_set(GVA(0xc0008004), CCA(0x1000));
    jump_clear(GVA(0xbf008004)); /* the same place of another region */
    EXPECT_EQ(follow(0xc0008004), 0x1000);
    EXPECT_EQ(follow(0xbf008004), MISS);
}

TEST(reset_forgets_all)
{
    begin();
    for (uint32_t i = 0; i < 3; i++)
        jump_set(GVA(0xbf000000 + (i << 24)), CCA(0x1000));
    jump_reset();
    for (uint32_t i = 0; i < 3; i++)
        EXPECT_EQ(follow(0xbf000000 + (i << 24)), MISS);
    for (unsigned p = 0; p < PLACES; p++)
        EXPECT_EQ(page_at[p], 0);
}

static uint64_t seed = 1;
static uint32_t random_word(void)
{
    seed = seed * 6364136223846793005 + 1442695040888963407;
    return (uint32_t)(seed >> 32);
}

#define TOPS 6u
#define LOWS 24u /* in three pages */

static gva_t address(unsigned i)
{
    return GVA((0xbd + i / LOWS) << 24 | (i % LOWS / 8) << 12 | (i % 8) << 2);
}

/* More regions and pages than there are: what is set is there at once, and stays, or misses. */
TEST(never_a_wrong_target)
{
    static uint32_t set[TOPS * LOWS];
    unsigned kept = 0, gone = 0;

    begin();
    for (unsigned n = 0; n < 4000; n++) {
        unsigned i = random_word() % (random_word() % 8 ? 2 * LOWS : TOPS * LOWS); /* mostly in two regions */

        set[i] = random_word() % 4 ? 0xf5101000 + n * 4 : 0;
        if (set[i])
            jump_set(address(i), CCA(set[i]));
        else
            jump_clear(address(i));
        EXPECT_EQ(follow(address(i).a), set[i] ? set[i] : MISS);
        for (unsigned k = 0; k < TOPS * LOWS; k++) {
            uint32_t got = follow(address(k).a);

            EXPECT(got == MISS || got == set[k]);
            kept += got != MISS;
            gone += got == MISS && set[k];
        }
    }
    EXPECT(kept > 4000 * 8);
    EXPECT(gone > 4000);
}
