"""Where a guest's parts lie in its memory: where QEMU 7.2 puts them (hw/arm/boot.c), so that native and
virtual runs match."""

from collections import namedtuple

from boards import MIB
from device_tree import device_tree_finish
from messages import UsageError

KERNEL_OFFSET = 0x10000  # KERNEL_LOAD_ADDR
UNPACKED_OFFSET = 0x8000  # where a zImage unpacks to (TEXT_OFFSET)
INITRD_OFFSET_MAX = 128 * MIB
UNPACKER_SIZE = 128 << 10  # of its bss, stack and heap (64 KiB), at most
PAGE = 4096

Part = namedtuple("Part", "name address data memory_size")  # at a guest physical address
Layout = namedtuple("Layout", "parts entry regs")


def align(value, to):
    return (value + to - 1) & -to


def layout_linux(machine, kernel, device_tree, initrd, append, memory):
    """zImage, initrd and device tree; entered with r0 = 0, r1 = the board's number, r2 = the tree."""
    base, end = machine.ram_base, machine.ram_base + memory
    initrd_start = align(base + min(memory // 2, INITRD_OFFSET_MAX), PAGE)
    initrd_end = initrd_start + len(initrd)
    entry = base + KERNEL_OFFSET
    needed = kernel_room(kernel)
    if base + needed > (initrd_start if initrd else end):
        raise UsageError(
            f"guest memory of {memory // MIB}M is too small: {kernel.path} takes "
            f"{align(needed, MIB) // MIB} MiB to be unpacked" + (", below the initrd" if initrd else "")
        )
    if initrd_end > end:
        raise UsageError(
            f"the initrd does not fit: {len(initrd)} bytes, and guest memory of {memory // MIB}M has "
            f"{end - initrd_start} for it"
        )
    tree_start = align(initrd_end, PAGE)
    tree = device_tree_finish(
        device_tree, machine, memory, append, (initrd_start, initrd_end) if initrd else None
    )
    if tree_start + len(tree) > end:
        raise UsageError(
            f"the device tree does not fit behind the initrd in guest memory of {memory // MIB}M"
        )
    parts = [
        Part("kernel", entry, kernel.data, len(kernel.data)),
        Part("device tree", tree_start, tree, len(tree)),
    ]
    if initrd:
        parts.append(Part("initrd", initrd_start, initrd, len(initrd)))
    return Layout(parts, entry, (0, machine.board_id, tree_start, 0))


def kernel_room(kernel):
    """Bytes of RAM from its beginning that the kernel takes until it runs. The unpacker first moves itself
    behind what it is to unpack (arch/arm/boot/compressed/head.S)."""
    packed, sizes = len(kernel.data), kernel.unpacked_sizes()
    if sizes is None:
        return KERNEL_OFFSET + packed
    size, bss = sizes
    return UNPACKED_OFFSET + size + max(bss, packed + UNPACKER_SIZE)


def layout_bare(machine, kernel, memory):
    """An ELF file: segments at their physical addresses, entered in the reset state."""
    parts = [
        Part("segment", ram_address(machine, memory, kernel.path, s), s.data, s.memory_size)
        for s in kernel.segments
    ]
    parts.sort(key=lambda part: part.address)
    for one, next_one in zip(parts, parts[1:]):
        if one.address + one.memory_size > next_one.address:
            raise UsageError(f"{kernel.path}: segments overlap at {next_one.address:#x}")
    entry_check(machine, memory, kernel, parts)
    return Layout(parts, kernel.physical_entry(), (0, 0, 0, 0))


def entry_check(machine, memory, kernel, parts):
    """Execution begins in what the file holds: RAM elsewhere is zeros."""
    entry = kernel.physical_entry()
    thumb, at = entry & 1, entry & ~1
    if at & 2 and not thumb:
        raise UsageError(f"{kernel.path}: the entry {entry:#x} is no multiple of 4, and not Thumb")
    size = 2 if thumb else 4
    start = ram_find(machine, memory, at, size)
    if start is None:
        raise UsageError(f"{kernel.path}: the entry {entry:#x} is outside guest memory of {memory // MIB}M")
    if not any(p.address <= start and start + size <= p.address + len(p.data) for p in parts):
        raise UsageError(f"{kernel.path}: the entry {entry:#x} is in nothing that the ELF file loads")


def ram_address(machine, memory, path, segment):
    found = ram_find(machine, memory, segment.paddr, segment.memory_size)
    if found is None:
        raise UsageError(
            f"{path}: a segment at {segment.paddr:#x}, {segment.memory_size} bytes, is outside guest memory "
            f"of {memory // MIB}M"
        )
    return found


def ram_find(machine, memory, address, size):
    """Guest RAM begins at the machine's base, and its beginning is seen at 0 too: the address there, or None.
    """
    for base, most in ((machine.ram_base, memory), (0, min(memory, machine.alias_size))):
        if base <= address and address + size <= base + most:
            return address - base + machine.ram_base
    return None
