"""ELF files of 32-bit little-endian ARM: read what a loader needs, write what a loader wants."""

import struct
from collections import namedtuple

from messages import UsageError

MAGIC = b"\x7fELF"
EM_ARM = 40
ET_EXEC = 2
PT_LOAD = 1
PF_X, PF_W, PF_R = 1, 2, 4
SHT_SYMTAB = 2
SHT_NOBITS = 8
STT_NOTYPE, STT_FUNC = 0, 2
HEADER = struct.Struct("<16sHHIIIIIHHHHHH")
PROGRAM = struct.Struct("<8I")
SECTION = struct.Struct("<10I")
SYMBOL = struct.Struct("<IIIBBH")

Segment = namedtuple("Segment", "vaddr paddr data memory_size flags")
Section = namedtuple("Section", "name address size")
Symbol = namedtuple("Symbol", "name address size kind")  # kind: STT_*


class Elf:
    """An executable's entry, load segments and sections. Whatever is wrong with it is a UsageError that
    names `path`."""

    def __init__(self, path, data):
        self.path, self.data = path, data
        try:
            self.read()
        except (struct.error, IndexError):
            raise UsageError(f"{path}: truncated ELF file") from None

    def read(self):
        (
            ident,
            kind,
            machine,
            _,
            self.entry,
            program_at,
            section_at,
            _,
            _,
            program_size,
            program_count,
            section_size,
            section_count,
            names_index,
        ) = HEADER.unpack_from(self.data)
        if ident[:4] != MAGIC or ident[4:6] != b"\1\1" or machine != EM_ARM:
            raise UsageError(f"{self.path}: not an ELF file for 32-bit little-endian ARM")
        if kind != ET_EXEC or (program_count and program_size != PROGRAM.size):
            raise UsageError(f"{self.path}: not an executable ELF file")
        self.segments = [
            s for s in (self.segment(program_at + i * program_size) for i in range(program_count)) if s
        ]
        if not self.segments:
            raise UsageError(f"{self.path}: the ELF file has nothing to load")
        self.section_table = (section_at, section_size, section_count, names_index)

    def segment(self, at):
        kind, offset, vaddr, paddr, file_size, memory_size, flags, _ = PROGRAM.unpack_from(self.data, at)
        if kind != PT_LOAD or not memory_size:
            return None
        if offset + file_size > len(self.data):
            raise UsageError(
                f"{self.path}: truncated ELF file (a segment ends at byte {offset + file_size}, "
                f"the file at {len(self.data)})"
            )
        if file_size > memory_size or paddr + memory_size > 1 << 32:
            raise UsageError(f"{self.path}: the ELF file has an impossible segment")
        # Not a copy: headers may name the same bytes a thousand times.
        return Segment(vaddr, paddr, memoryview(self.data)[offset : offset + file_size], memory_size, flags)

    def sections(self):
        at, size, count, names_index = self.section_table
        rows = [SECTION.unpack_from(self.data, at + i * size) for i in range(count)]
        names_at = rows[names_index][4]
        for row in rows:
            start = names_at + row[0]
            yield Section(self.data[start : self.data.index(b"\0", start)].decode(), row[3], row[5])

    def section(self, name):
        for section in self.sections():
            if section.name == name:
                return section
        raise UsageError(f"{self.path}: no section {name}")

    def symbols(self):
        """Of the symbol table, by address."""
        at, size, count, _ = self.section_table
        rows = [SECTION.unpack_from(self.data, at + i * size) for i in range(count)]
        found = []
        for row in rows:
            if row[1] != SHT_SYMTAB:
                continue
            names_at = rows[row[6]][4]
            for offset in range(row[4], row[4] + row[5], SYMBOL.size):
                name, address, length, info, _, _ = SYMBOL.unpack_from(self.data, offset)
                start = names_at + name
                text = self.data[start : self.data.index(b"\0", start)].decode()
                found.append(Symbol(text, address, length, info & 15))
        return sorted(found, key=lambda symbol: symbol.address)

    def physical_entry(self):
        """Where a loader jumps to: the entry is a virtual address of a segment that may load elsewhere
        (QEMU's rule)."""
        for s in self.segments:
            if s.flags & PF_X and s.vaddr <= self.entry < s.vaddr + len(s.data):
                return self.entry - s.vaddr + s.paddr
        return self.entry


def elf_with_entry(elf, entry):
    """The file with another entry."""
    at = 24  # e_entry
    return elf.data[:at] + struct.pack("<I", entry) + elf.data[at + 4 :]


def elf_write(entry, segments):
    """An executable of `segments`, loaded and linked at their physical addresses."""
    header_size = HEADER.size + PROGRAM.size * len(segments)
    out = bytearray(header_size)
    HEADER.pack_into(
        out,
        0,
        MAGIC + b"\1\1\1" + bytes(9),
        ET_EXEC,
        EM_ARM,
        1,
        entry,
        HEADER.size,
        0,
        0x05000000,
        HEADER.size,
        PROGRAM.size,
        len(segments),
        0,
        0,
        0,
    )
    for i, s in enumerate(segments):
        out += bytes(-len(out) % 4096)
        PROGRAM.pack_into(
            out,
            HEADER.size + i * PROGRAM.size,
            PT_LOAD,
            len(out),
            s.paddr,
            s.paddr,
            len(s.data),
            s.memory_size,
            s.flags,
            4096,
        )
        out += s.data
    return out
