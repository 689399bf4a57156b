"""What of a file is code, for classify: segments, roots to begin at, mapping symbols and names.

ELF executables, shared objects and relocatable files (kernel modules), zImages and raw images.
"""

import bisect
import struct
from collections import namedtuple

import kallsyms
from elf import EM_ARM, HEADER, MAGIC, PF_X, PROGRAM, PT_LOAD, SECTION
from kernel_image import ZIMAGE_BIG_ENDIAN, ZIMAGE_MAGIC, Zimage
from messages import UsageError
from unpack import zimage_unpack

ET_REL, ET_EXEC, ET_DYN = 1, 2, 3
SHT_SYMTAB, SHT_DYNSYM, SHT_NOBITS = 2, 11, 8
SHF_ALLOC, SHF_EXECINSTR = 2, 4
STT_NOTYPE, STT_FUNC, STT_GNU_IFUNC = 0, 2, 10
SYMBOL = struct.Struct("<IIIBBH")
RELOCATABLE_BASE = 0x1000  # relocatable sections have no addresses: they get them from here on

# address, bytes, executable
Segment = namedtuple("Segment", "address data executable")
# roots: (address with the Thumb state in bit 0, "strong" or "symbol"). spans: (address, end, "a", "t" or
# "d"). symbols: (address, name). guess: try as code what no root leads to.
CodeImage = namedtuple("CodeImage", "what segments roots spans symbols guess")


def code_image_open(path, data, base, thumb):
    """base, thumb: for raw images; None, False if the user gave none."""
    if data[:4] == MAGIC:
        refuse(path, base, thumb, "an ELF file says itself where its code is")
        return ElfCode(path, data).image()
    magic = struct.unpack_from("<I", data, 0x24)[0] if len(data) >= 0x34 else 0
    if magic == ZIMAGE_BIG_ENDIAN:
        raise UsageError(f"{path}: a big-endian kernel")
    if magic == ZIMAGE_MAGIC:
        if thumb:
            raise UsageError(f"{path}: a zImage begins in ARM state")
        return zimage_code(path, data, base)
    if base is None:
        raise UsageError(
            f"{path}: neither an ELF file nor a zImage (a raw image needs --base ADDRESS, and --thumb if it "
            "begins so)"
        )
    return raw_code(path, data, base, thumb)


def refuse(path, base, thumb, why):
    if base is not None or thumb:
        raise UsageError(f"{path}: --base and --thumb are for raw images: {why}")


def raw_code(path, data, base, thumb):
    width = 2 if thumb else 4
    if not data:
        raise UsageError(f"{path}: empty file")
    if len(data) % width:
        raise UsageError(
            f"{path}: truncated: {len(data)} bytes are no whole number of {'halfwords' if thumb else 'words'}"
        )
    if base + len(data) > 1 << 32:
        raise UsageError(f"{path}: an image of {len(data)} bytes does not fit at {base:#x}")
    roots = [(base | thumb, "strong")]
    if not thumb:
        roots += [(base + 4 * n, "symbol") for n in range(1, 8)]  # it may begin with vectors
    return CodeImage("raw image", [Segment(base, data, True)], roots, [], [], True)


class ElfCode:
    def __init__(self, path, data):
        self.path, self.data = path, data

    def image(self):
        try:
            return self.read()
        except (struct.error, IndexError, ValueError, UnicodeDecodeError):
            raise UsageError(f"{self.path}: truncated or broken ELF file") from None

    def read(self):
        (
            ident,
            kind,
            machine,
            _,
            entry,
            program_at,
            section_at,
            _,
            _,
            program_size,
            programs,
            size,
            count,
            names,
        ) = HEADER.unpack_from(self.data)
        if ident[4:6] != b"\1\1" or machine != EM_ARM:
            raise UsageError(f"{self.path}: not an ELF file for 32-bit little-endian ARM")
        if kind not in (ET_REL, ET_EXEC, ET_DYN):
            raise UsageError(f"{self.path}: an ELF file that holds no code (type {kind})")
        self.sections = [SECTION.unpack_from(self.data, section_at + n * size) for n in range(count)]
        self.relocatable = kind == ET_REL
        self.addresses = self.section_addresses()
        segments = self.from_sections()
        if not any(s.executable for s in segments) and programs:
            segments = self.from_programs(program_at, program_size, programs)
        if not any(s.executable for s in segments):
            raise UsageError(f"{self.path}: the ELF file has no code")
        functions, mapping = self.symbols()
        roots = [(address, "symbol") for address, _ in functions]
        if entry and not self.relocatable:
            roots.append((entry, "strong"))
        names = sorted({(address & ~1, name) for address, name in functions})
        what = {ET_REL: "relocatable ELF file", ET_EXEC: "ELF executable", ET_DYN: "ELF shared object"}[kind]
        if mapping:
            return CodeImage(
                what + " with mapping symbols", segments, [], self.spans(segments, mapping), names, False
            )
        return CodeImage(what, segments, roots, [], names, not functions)

    def section_addresses(self):
        addresses, at = [], RELOCATABLE_BASE
        for row in self.sections:
            addresses.append(row[3])
            if self.relocatable and row[2] & SHF_ALLOC:
                at = at + 15 & ~15
                addresses[-1] = at
                at += row[5]
        return addresses

    def part(self, offset, size):
        if offset + size > len(self.data):
            raise UsageError(
                f"{self.path}: truncated ELF file (a part ends at byte {offset + size}, the file at "
                f"{len(self.data)})"
            )
        return self.data[offset : offset + size]

    def from_sections(self):
        return [
            Segment(address, self.part(row[4], row[5]), bool(row[2] & SHF_EXECINSTR))
            for row, address in zip(self.sections, self.addresses)
            if row[2] & SHF_ALLOC and row[1] != SHT_NOBITS and row[5]
        ]

    def from_programs(self, at, size, count):
        rows = [PROGRAM.unpack_from(self.data, at + n * size) for n in range(count)]
        return [
            Segment(vaddr, self.part(offset, file_size), bool(flags & PF_X))
            for kind, offset, vaddr, _, file_size, _, flags, _ in rows
            if kind == PT_LOAD and file_size
        ]

    def symbols(self):
        """Functions, and mapping symbols, as (address, name); a Thumb function's address has bit 0 set."""
        functions, mapping = [], []
        for row in self.sections:
            if row[1] not in (SHT_SYMTAB, SHT_DYNSYM):
                continue
            table, names = self.part(row[4], row[5]), self.part(*self.sections[row[6]][4:6])
            for name_at, value, _, info, _, section in SYMBOL.iter_unpack(table[: len(table) // 16 * 16]):
                if not 0 < section < len(self.sections) or not self.sections[section][2] & SHF_EXECINSTR:
                    continue
                name = names[name_at : names.index(b"\0", name_at)].decode("utf-8", "replace")
                if self.relocatable:
                    value += self.addresses[section]
                if name[:2] in ("$a", "$t", "$d") and name[2:3] in ("", "."):
                    mapping.append((value, name[1]))
                elif info & 15 in (STT_FUNC, STT_GNU_IFUNC):
                    functions.append((value, name))
        return functions, sorted(set(mapping))

    def spans(self, segments, mapping):
        """A mapping symbol holds until the next one or its section's end."""
        spans, starts = [], [address for address, _ in mapping]
        for segment in segments:
            end = segment.address + len(segment.data)
            first, last = bisect.bisect_left(starts, segment.address), bisect.bisect_left(starts, end)
            ends = starts[first + 1 : last] + [end]
            if segment.executable:
                spans += [(a, e, state) for (a, state), e in zip(mapping[first:last], ends) if e > a]
        return spans


def zimage_code(path, data, base):
    """The kernel that the zImage unpacks; its symbols are kallsyms'."""
    packing, kernel = zimage_unpack(path, Zimage(path, data).data)
    kernel = kernel[: len(kernel) & ~3]
    symbols = kallsyms.kallsyms_find(kernel)
    what = f"zImage, kernel of {len(kernel)} bytes packed by {packing}"
    if not symbols:
        base = 0xC0008000 if base is None else base
        image = raw_code(path, kernel, base, False)
        return image._replace(what=f"{what}, no symbols, at {base:#x}")
    symbols = [s for s in symbols if s.kind in kallsyms.TEXT_KINDS or s.name == "_etext"]
    if base is None:
        base = kernel_base(kernel, symbols)
    segments = kernel_segments(kernel, base, symbols)
    roots = [(base, "strong")] + [(s.address, "symbol") for s in symbols if s.address % 4 == 0]
    names = [(s.address, s.name) for s in symbols]
    return CodeImage(f"{what}, {len(symbols)} symbols", segments, roots, [], names, True)


PROLOGUES = (0xE92D0000, 0xE1A0C00D, 0xE52DE004)  # PUSH, MOV ip, sp, PUSH {lr}


def kernel_base(kernel, symbols):
    """Where the image's first byte is linked: there functions begin where their symbols are."""
    lowest = symbols[0].address
    sample = [s.address for s in symbols if s.kind == "T"][:: max(1, len(symbols) // 1000)]

    def score(base):
        hits = 0
        for address in sample:
            at = address - base
            if 0 <= at <= len(kernel) - 4:
                word = struct.unpack_from("<I", kernel, at)[0]
                hits += word in PROLOGUES[1:] or word & 0xFFFF0000 == PROLOGUES[0]
        return hits

    return max(range(lowest & ~0xFFF, lowest - (4 << 20), -0x1000), key=score)


def kernel_segments(kernel, base, symbols):
    """Executable: the head, .text and .init.text, by the symbols that bound them; all else is data."""
    names = {s.name: s.address for s in symbols}
    text = (
        [(base, base + len(kernel[: names["_stext"] - base].rstrip(b"\0")) + 3 & ~3)]
        if "_stext" in names
        else []
    )
    for start, end in (("_stext", "_etext"), ("_sinittext", "_einittext")):
        if start in names and end in names:
            first = names[start]
            if start == "_sinittext":
                first &= ~0xFFF  # the vectors and their stubs lie before it
            filled = kernel[first - base : names[end] - base].rstrip(b"\0")  # ends are rounded up
            text.append((first, first + len(filled) + 3 & ~3))
    if not text:
        return [Segment(base, kernel, True)]
    segments, at = [], base
    for start, end in text:
        if start > at:
            segments.append(Segment(at, kernel[at - base : start - base], False))
        segments.append(Segment(start, kernel[start - base : end - base], True))
        at = end
    return segments + [Segment(at, kernel[at - base :], False)]
