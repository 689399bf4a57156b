"""Recognise what the user calls a kernel: a Linux zImage, or an ELF file for the bare machine."""

import struct

from elf import MAGIC, Elf
from files import file_read
from messages import UsageError

ZIMAGE_MAGIC = 0x016F2818
ZIMAGE_BIG_ENDIAN = 0x18286F01
EXTENSION_MAGIC = 0x45454545  # then the offset of a list of tags, one of which gives the size when unpacked
TAG_KERNEL_SIZE = 0x5A534C4B


class Zimage:
    """A 32-bit ARM Linux zImage (Documentation/arm/booting.rst)."""

    is_linux = True

    def __init__(self, path, data):
        self.path, self.data = path, data
        start, end = struct.unpack_from("<II", data, 0x28)
        size = end - start
        if size <= 0x30:
            raise UsageError(f"{path}: broken zImage header")
        if len(data) < size:
            raise UsageError(f"{path}: truncated kernel ({len(data)} bytes of {size})")

    def unpacked_sizes(self):
        """Bytes of the unpacked kernel and of its bss; None if the zImage does not say."""
        try:
            magic, at = struct.unpack_from("<II", self.data, 0x30 + 4)
            while magic == EXTENSION_MAGIC:
                words, tag = struct.unpack_from("<II", self.data, at)
                if tag == TAG_KERNEL_SIZE:
                    size_at, bss = struct.unpack_from("<II", self.data, at + 8)
                    return struct.unpack_from("<I", self.data, size_at)[0], bss
                if words == 0:
                    break
                at += 4 * words
        except struct.error:
            pass
        return None


class ElfKernel(Elf):
    """A bare-metal guest: its segments are loaded at their physical addresses and it starts in the reset
    state."""

    is_linux = False


def kernel_open(path):
    data = file_read(path, "kernel")
    if data[:4] == MAGIC:
        return ElfKernel(path, data)
    magic = struct.unpack_from("<I", data, 0x24)[0] if len(data) >= 0x34 else 0
    if magic == ZIMAGE_MAGIC:
        return Zimage(path, data)
    if magic == ZIMAGE_BIG_ENDIAN:
        raise UsageError(f"{path}: a big-endian kernel, which this machine cannot run")
    raise UsageError(f"{path}: not a kernel (neither a Linux zImage nor an ELF file for ARM)")
