"""From addresses in the code cache to guest addresses, by the VMM's own records in a copy of its memory.

The records' layout is asked of gdb, which has it from the VMM's debugging information.
"""

import bisect
import struct
import subprocess

import paths
from messages import GuestError
from packages import GDB

# What is asked for: name, gdb's expression.
QUESTIONS = (
    ("index_top", "&'cache.c'::index_top"),
    ("block_count", "&'cache.c'::block_count"),
    ("gva", "&((struct block *)0)->gva"),
    ("host", "&((struct block *)0)->host"),
    ("word_count", "&((struct block *)0)->word_count"),
    ("literal_count", "&((struct block *)0)->literal_count"),
    ("insn_count", "&((struct block *)0)->insn_count"),
    ("insns", "&((struct block *)0)->insns"),
    ("map_word", "&((struct insn_map *)0)->word"),
    ("map_offset", "&((struct insn_map *)0)->offset"),
    ("map_size", "sizeof(struct insn_map)"),
)


def layout():
    command = [GDB, "-batch", "-nx"]
    for _, expression in QUESTIONS:
        command += ["-ex", f"output/u (unsigned)({expression})", "-ex", "echo \\n"]
    done = subprocess.run([*command, paths.VMM_ELF], capture_output=True, text=True, check=False)
    values = done.stdout.split()
    if done.returncode or len(values) != len(QUESTIONS):
        raise GuestError("gdb does not know the VMM's records: " + done.stderr.strip())
    return {name: int(value) for (name, _), value in zip(QUESTIONS, values)}


class BlockMap:
    """memory: a copy of the VMM's memory; base: the virtual address of its first byte."""

    def __init__(self, memory, base):
        self.memory, self.base, self.at = memory, base, layout()
        top, count = self.word(self.at["index_top"]), self.word(self.at["block_count"])
        self.blocks = [self.word(top - 4 * (i + 1)) for i in range(count)]  # by host address, as the VMM has them
        self.hosts = [self.word(block + self.at["host"]) for block in self.blocks]

    def word(self, address, kind="<I"):
        return struct.unpack_from(kind, self.memory, address - self.base)[0]

    def guest(self, host):
        """The guest's address of the instruction that the word at `host` belongs to; None: of no block that still is."""
        i = bisect.bisect_right(self.hosts, host) - 1
        if i < 0:
            return None
        block, offset = self.blocks[i], (host - self.hosts[i]) // 4
        if offset >= self.word(block + self.at["word_count"], "<H"):
            return None
        address = self.word(block + self.at["gva"])
        row = self.word(block + self.at["insns"])
        found = address
        for _ in range(self.word(block + self.at["insn_count"], "<H")):
            if self.word(row + self.at["map_word"], "<H") > offset:
                break
            found = address + self.word(row + self.at["map_offset"], "<H")
            row += self.at["map_size"]
        return found
