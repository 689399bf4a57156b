"""From addresses in the code cache to guest addresses, by the VMM's own records in a copy of its memory.

The layout of the records (cache/cache.h) is asked of gdb, which has it from the VMM's debugging information.
"""

import bisect
import struct
import subprocess

import paths
from image import vmm_open
from messages import GuestError
from packages import GDB

FIELDS = (
    ("block", ("gva", "host", "word_count", "insn_count", "insns")),
    ("insn_map", ("word", "offset")),
)
# Prints "STRUCT FIELD BIT BITS" of each, and "STRUCT size BYTES 0". A bit field has its own size.
QUESTION = """
for struct, fields in {fields!r}:
    kind = gdb.lookup_type('struct ' + struct)
    print(struct, 'size', kind.sizeof, 0)
    for f in kind.fields():
        if f.name in fields:
            print(struct, f.name, f.bitpos, f.bitsize or 8 * f.type.sizeof)
"""


def layout():
    """{(struct, field): (bit, bits)}, {(struct, "size"): (bytes, 0)}"""
    done = subprocess.run(
        [GDB, "-batch", "-nx", paths.VMM_ELF, "-ex", f"python exec({QUESTION.format(fields=FIELDS)!r})"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = [line.split() for line in done.stdout.splitlines()]
    if done.returncode or len(rows) != sum(1 + len(fields) for _, fields in FIELDS):
        raise GuestError("gdb does not know the VMM's records: " + done.stderr.strip())
    return {(struct_name, field): (int(bit), int(bits)) for struct_name, field, bit, bits in rows}


class BlockMap:
    """memory: a copy of the VMM's memory; base: the virtual address of its first byte."""

    def __init__(self, memory, base):
        self.memory, self.base, self.layout = memory, base, layout()
        cache = next(symbol.address for symbol in vmm_open().symbols() if symbol.name == "cache")
        top, count = self.word(cache), self.word(cache + 4)  # as struct cache begins
        # by host address, as the VMM has them
        self.blocks = [self.word(top - 4 * (i + 1)) for i in range(count)]
        self.hosts = [self.field(block, "block", "host") for block in self.blocks]

    def word(self, address):
        return struct.unpack_from("<I", self.memory, address - self.base)[0]

    def field(self, address, kind, name):
        """Of the object at `address`; little-endian, within a word."""
        bit, bits = self.layout[kind, name]
        return self.word(address + bit // 32 * 4) >> bit % 32 & (1 << bits) - 1

    def guest(self, host):
        """The guest's address of the instruction that the word at `host` is part of; None: of no block that
        is."""
        i = bisect.bisect_right(self.hosts, host) - 1
        if i < 0:
            return None
        block, offset = self.blocks[i], (host - self.hosts[i]) // 4
        if offset >= self.field(block, "block", "word_count"):
            return None
        gva, row = self.field(block, "block", "gva"), self.field(block, "block", "insns")
        size, found = self.layout["insn_map", "size"][0], 0
        for _ in range(self.field(block, "block", "insn_count")):
            if self.field(row, "insn_map", "word") > offset:
                break
            found = self.field(row, "insn_map", "offset")
            row += size
        return gva + found
