/* Every fault status has an end: the verdicts by groups as table B3-23 has them, written down again. */
#define UNIT_MAIN
#include "unit.h"

#include "mmu/fault.h"
#include "mmu/walk.h"

static uint32_t fsr_of(unsigned fs) { return (fs & 0x10) << 6 | (fs & 0xf); }

static bool is_of(unsigned fs, const unsigned *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i] == fs)
            return true;
    return false;
}

#define IS(fs, ...)                                                                                          \
    is_of(fs, (const unsigned[]){__VA_ARGS__}, sizeof((const unsigned[]){__VA_ARGS__}) / sizeof(unsigned))

static enum fault_verdict data_expected(unsigned fs)
{
    if (IS(fs, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f, 0x04))
        return FAULT_TABLES;
    if (fs == 0x01)
        return FAULT_OWN;
    return IS(fs, 0x08, 0x19) ? FAULT_BUS : FAULT_HOST;
}

static enum fault_verdict fetch_expected(unsigned fs)
{
    if (IS(fs, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f))
        return FAULT_TABLES;
    if (IS(fs, 0x01, 0x02))
        return FAULT_OWN;
    return IS(fs, 0x08, 0x19) ? FAULT_BUS : FAULT_HOST;
}

/* Whatever else is in the register: WnR, ExT, the domain, reserved bits. */
TEST(every_status)
{
    for (unsigned fs = 0; fs < 32; fs++)
        for (uint32_t other = 0; other < 0x100; other++) {
            uint32_t fsr = fsr_of(fs) | (other & 0xf) << 4 | (other >> 4 & 3) << 11 | (other >> 6 & 1) << 9 |
                           (other >> 7) << 31;

            EXPECT_EQ(fault_row(fsr)->data, data_expected(fs));
            EXPECT_EQ(fault_row(fsr)->fetch, fetch_expected(fs));
            EXPECT_EQ(fault_is_common(fsr), data_expected(fs) == FAULT_TABLES && fs != 0x04);
            EXPECT_EQ(fault_is_common(fsr), fetch_expected(fs) == FAULT_TABLES);
            EXPECT(fault_row(fsr)->name && *fault_row(fsr)->name);
        }
}

/* As the issue names them, by whole registers. */
TEST(external_aborts)
{
    EXPECT_EQ(fault_row(0x008)->data, FAULT_BUS);
    EXPECT_EQ(fault_row(0x008)->fetch, FAULT_BUS);
    EXPECT_EQ(fault_row(0x1808)->data, FAULT_BUS);
    EXPECT_EQ(fault_row(0x00c)->data, FAULT_HOST);
    EXPECT_EQ(fault_row(0x00e)->fetch, FAULT_HOST);
    EXPECT_EQ(fault_row(0x406)->data, FAULT_HOST);
    EXPECT_EQ(fault_row(0x408)->data, FAULT_HOST);
    for (unsigned fs = 0; fs < 32; fs++)
        EXPECT_EQ(fault_row(fsr_of(fs))->asynchronous, fs == 0x16 || fs == 0x18);
}

/* What the walk of a guest's tables says is never taken for the host's when the real tables say it. */
TEST(what_a_walk_reports)
{
    static const unsigned reported[] = {FS_TRANSLATION_SECTION, FS_TRANSLATION_PAGE,   FS_DOMAIN_SECTION,
                                        FS_DOMAIN_PAGE,         FS_PERMISSION_SECTION, FS_PERMISSION_PAGE};

    for (unsigned i = 0; i < ARRAY_SIZE(reported); i++) {
        EXPECT_EQ(fault_row(reported[i])->data, FAULT_TABLES);
        EXPECT_EQ(fault_row(reported[i])->fetch, FAULT_TABLES);
    }
}
