"""What the VMM's memory plan takes (src/vm/plan.h, where its limits stand): the rest is refused here, before
a run."""

from boards import MIB
from contracts import header_constant
from layout import align
from messages import UsageError

KIB = 1 << 10
MEMORY_MIN = 16 * MIB


def limit(name, header="vm/plan.h"):
    return header_constant(header, name)


def memory_check(board, memory):
    """Guest RAM, natively too, so that both boards are the same."""
    vmm = limit("BUDGET_MAX_MIB") * MIB
    most = min(board.ram_size - vmm, limit("WINDOW_LINEAR_MAX", "host/window.h"))
    if memory % MIB or not MEMORY_MIN <= memory <= most:
        raise UsageError(
            f"guest memory must be a multiple of 1M from {MEMORY_MIN // MIB}M to {most // MIB}M "
            f"(the board has {board.ram_size // MIB}M, the VMM needs its part)"
        )


def plan_check(vmm, memory, budget, code_cache):
    """The VMM's memory; None is the default."""
    least, most = (limit(name) * MIB for name in ("BUDGET_MIN_MIB", "BUDGET_MAX_MIB"))
    if budget is not None and not least <= budget <= most:
        raise UsageError(
            f"--budget: the VMM's memory must be from {size_text(least)} to {size_text(most)}, not "
            f"{size_text(budget)}"
        )
    budget = limit("BUDGET_DEFAULT_MIB") * MIB if budget is None else budget
    least, most = limit("CODE_CACHE_MIN_KIB") * KIB, code_cache_most(vmm, memory, budget)
    if code_cache is not None and not least <= code_cache <= most:
        raise UsageError(
            f"--code-cache: with {size_text(budget)} for the VMM and {size_text(memory)} for its guest it "
            f"must be from {size_text(least)} to {size_text(most // KIB * KIB)}, not {size_text(code_cache)}"
        )


def code_cache_most(vmm, memory, budget):
    pages = memory >> 12
    image = max(s.paddr + s.memory_size for s in vmm.segments) - min(s.paddr for s in vmm.segments)
    left = budget - align(image, 8) - pages - pages * limit("SHADOW_PAGE_BYTES", "mmu/shadow.h")
    return left // limit("LEFT_PARTS") * limit("CODE_CACHE_PARTS")


def size_text(size):
    """As the options have it."""
    for unit, name in ((MIB, "M"), (KIB, "K")):
        if size >= unit and size % unit == 0:
            return f"{size // unit}{name}"
    return f"{size} bytes"
