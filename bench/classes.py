"""Classes of guest kernel instructions that a VMM may treat differently, for the cost model: A32 only."""

from collections import Counter

# The first row whose (word & mask) == value.
ROWS = (
    ("cps", 0xFFF00020, 0xF1000000),
    ("srs, rfe", 0xFE000000, 0xF8000000),
    ("other", 0xF0000000, 0xF0000000),
    ("bl", 0x0F000000, 0x0B000000),
    ("b", 0x0F000000, 0x0A000000),
    ("blx", 0x0FFFFFF0, 0x012FFF30),
    ("bx lr", 0x0FFFFFFF, 0x012FFF1E),
    ("bx", 0x0FFFFFF0, 0x012FFF10),
    ("svc", 0x0F000000, 0x0F000000),
    ("mrs cpsr", 0x0FFF0FFF, 0x010F0000),
    ("spsr", 0x0FFF0FFF, 0x014F0000),
    ("spsr", 0x0FF0FFF0, 0x0160F000),
    ("msr cpsr", 0x0FF0FFF0, 0x0120F000),
    ("wfi", 0x0FFFFFFF, 0x0320F003),
    ("other", 0x0FFF0000, 0x03200000),
    ("msr cpsr", 0x0FB0F000, 0x0320F000),
    ("exception return", 0x0E508000, 0x08508000),
    ("other", 0x0E500000, 0x08400000),
    ("other", 0x0E508000, 0x08500000),
    ("pop pc", 0x0E108000, 0x08108000),
    ("ldr pc", 0x0E50F000, 0x0410F000),
    ("ldr pc", 0x0E50F010, 0x0610F000),
    ("literal", 0x0F3F0000, 0x051F0000),
    ("dacr write", 0x0F1F0FFF, 0x0E030F10),
    ("dacr read", 0x0F1F0FFF, 0x0E130F10),
    ("other", 0x0F0F0F10, 0x0E0D0F10),
    ("ttbr, asid", 0x0F0F0F10, 0x0E020F10),
    ("tlb", 0x0F0F0F10, 0x0E080F10),
    ("cache, barrier", 0x0F0F0F10, 0x0E070F10),
    ("fault status", 0x0F1E0F10, 0x0E140F10),
    ("cp15", 0x0F000F10, 0x0E000F10),
    ("exception return", 0x0FF0F000, 0x01B0F000),
    ("exception return", 0x0FF0F000, 0x0250F000),
)
PC_DESTINATION = ((0x0E10F010, 0x0000F000), (0x0E10F090, 0x0000F010), (0x0E10F000, 0x0200F000))
PC_OPERAND = ((0x0E0F0010, 0x000F0000), (0x0E0F0000, 0x020F0000))


def guest_class(word):
    for name, mask, value in ROWS:
        if word & mask == value:
            return name
    if any(word & mask == value for mask, value in PC_DESTINATION) and word & 0x0D900000 != 0x01100000:
        return "alu pc"
    if any(word & mask == value for mask, value in PC_OPERAND):
        return "literal"
    return "other"


known = {}


def guest_classes(words):
    """Counts by class of {(address, word): count}."""
    counts = Counter()
    for (_, word), times in words.items():
        if word not in known:
            known[word] = guest_class(word)
        counts[known[word]] += times
    return counts
