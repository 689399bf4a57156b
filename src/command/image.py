"""The bootable image: the VMM, its configuration and a guest as one ELF file, or as one raw binary."""

import struct

import paths
from boards import MIB
from contracts import image_config
from elf import PF_R, PF_W, PF_X, Elf, Segment, elf_write
from files import file_read
from layout import align
from memory_plan import MEMORY_MIN, plan_check
from messages import UsageError

RAW_END = 0xFFFFFFFF


def vmm_open():
    return Elf(paths.VMM_ELF, file_read(paths.VMM_ELF, "VMM"))


def vmm_segments(vmm, config):
    """The VMM's segments at their physical addresses, the section .config overwritten."""
    section = vmm.section(".config")
    if len(config) > section.size:
        raise UsageError(f"{vmm.path}: section .config is too small")
    segments, found = [], False
    for s in vmm.segments:
        data, at = bytearray(s.data), section.address - s.vaddr
        if 0 <= at and at + len(config) <= len(data):
            data[at : at + len(config)], found = config, True
        segments.append(Segment(s.paddr, s.paddr, bytes(data), s.memory_size, s.flags))
    if not found:
        raise UsageError(f"{vmm.path}: section .config is in no segment")
    return segments


def ram_place(board, at, memory, vmm_at):
    """Host physical address of the guest's RAM: where the user wants it, or the board's first."""
    at = board.ram_base if at is None else at
    if at % MIB or not board.ram_base <= at < vmm_at:
        raise UsageError(
            f"guest memory cannot begin at {at:#x}: a multiple of 1M from {board.ram_base:#x} to "
            f"{vmm_at - MEMORY_MIN:#x} is wanted (--ram-at)"
        )
    if at + memory > vmm_at:
        raise UsageError(
            f"guest memory of {memory // MIB}M reaches into the VMM's part of the board's RAM "
            f"(at most {(vmm_at - at) // MIB}M)"
        )
    return at


def image_segments(guest, layout, ram_at=None, budget=None, code_cache=None, **config):
    """(entry, segments) of the VMM with its configuration, and of the guest's parts, at host physical
    addresses."""
    vmm = vmm_open()
    plan_check(vmm, guest.memory, budget, code_cache)
    config.update(budget=budget or 0, code_cache=code_cache or 0)
    vmm_at = min(s.paddr for s in vmm.segments if s.data or s.memory_size)
    ram_host = ram_place(guest.board, ram_at, guest.memory, vmm_at)
    segments = vmm_segments(
        vmm, image_config(guest.memory, layout.entry, layout.regs, ram_host=ram_host, **config)
    )
    shift = ram_host - guest.machine.ram_base
    segments += [
        Segment(p.address + shift, p.address + shift, p.data, p.memory_size, PF_R | PF_W | PF_X)
        for p in layout.parts
    ]
    return vmm.physical_entry(), segments


def image_elf(entry, segments):
    return elf_write(entry, segments)


def image_raw(board, entry, segments):
    """(load address, bytes): the loader stub, its table, the segments; loaded where none of them goes."""
    stub = Elf(paths.RAW_STUB_ELF, file_read(paths.RAW_STUB_ELF, "loader stub")).segments[0].data.tobytes()
    offset = align(len(stub) + 16 * (len(segments) + 1), 64)
    table, body = b"", b""
    for s in segments:
        if s.paddr % 4:
            raise UsageError(f"a segment at {s.paddr:#x} is not word-aligned: no raw image can be made of it")
        data = bytes(s.data) + bytes(-len(s.data) % 4)
        table += struct.pack(
            "<4I", s.paddr, offset + len(body), len(data), align(max(s.memory_size, len(data)), 4)
        )
        body += data
    table += struct.pack("<4I", RAW_END, entry, 0, 0)
    raw = (stub + table).ljust(offset, b"\0") + body
    return raw_address(board, segments, len(raw)), raw


def raw_address(board, segments, size):
    """The lowest MiB of RAM from which `size` bytes meet no segment."""
    taken = [(s.paddr, s.paddr + s.memory_size + 4) for s in segments]
    for at in range(board.ram_base, board.ram_base + board.ram_size - size + 1, MIB):
        if all(at + size <= start or end <= at for start, end in taken):
            return at
    raise UsageError(f"no room in the board's RAM for a raw image of {size} bytes beside its own parts")
