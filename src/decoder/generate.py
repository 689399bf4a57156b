#!/usr/bin/env python3
"""Turn the decode tables into C.

Reads formats.tab and the instruction tables, refuses rows of one instruction set
that overlap without saying so, and writes

  ops.h         enum op, enum of formats' immediate kinds
  rows_core.c   what decoding needs at run time
  rows_names.c  names, diagrams and assembly, for tools only

README.md describes the tables.
"""
import argparse
import fnmatch
import os
import re
import sys

CLASSES = {
    "innocuous": "CLASS_INNOCUOUS",
    "flow": "CLASS_CONTROL_FLOW",
    "pcrel": "CLASS_PC_RELATIVE",
    "exception": "CLASS_EXCEPTION",
    "undefined": "CLASS_UNDEFINED",
    "unpredictable": "CLASS_UNPREDICTABLE",
}
# Sensitive rows say in what way, and whether PL0 traps on them; from that follows which class they are of.
SENSITIVE = re.compile(r"(sens|trap):([cmlrf]+)$")
SENSITIVE_CLASSES = {"sens": "CLASS_CRITICAL", "trap": "CLASS_PRIVILEGED"}
SENSITIVITIES = {
    "c": "SENSITIVE_CONTROL",
    "m": "SENSITIVE_MODE",
    "l": "SENSITIVE_LOCATION",
    "r": "SENSITIVE_RESOURCE",
    "f": "SENSITIVE_CONFIGURATION",
}
BOTH = {"R": ("rd", "rn"), "X": ("rd", "rm")}
FIELDS = {
    "c": "cond",
    "n": "rn",
    "d": "rd",
    "m": "rm",
    "a": "ra",
    "t": "rt",
    "x": "rt2",
    "s": "s",
    "v": "imm",
    "h": "shift",
    "k": "amount",
    "p": "index",
    "u": "add",
    "w": "wback",
    "l": "list",
    "e": "opc1",
    "E": "opc2",
    "C": "crn",
    "K": "crm",
    "r": "spsr",
    "b": "mask",
    "i": "imod",
    "q": "coproc",
    "D": "vd",
    "N": "vn",
    "M": "vm",
}
ROLES = {c: 1 << i for i, c in enumerate("dnmatxlwSLPu")}
FLAG_CODES = {"A": 1, "L": 2, "M": 3, "a": 5, "l": 6, "c": 8, "N": 16, "F": 32, "p": 64, "1": 128}
ISAS = ("a32", "t16", "t32")


class TableError(Exception):
    pass


class Group:
    """Rows after a line `= NAME >OTHER`, which win over all rows of group OTHER."""

    def __init__(self, words):
        self.name, self.over = words[0], [w[1:] for w in words[1:]]


class Row:
    def __init__(self, isa, where, words, group=None):
        self.isa, self.where, self.group = isa, where, group or Group([None])
        self.name, self.encoding = words[0], words[1]
        at = next((i for i, w in enumerate(words) if i > 1 and (w in CLASSES or SENSITIVE.match(w))), None)
        if at is None or len(words) < at + 4:
            raise TableError(f"{where}: no class, format, pc and manual columns")
        self.bits = "".join(words[2:at])
        self.cls, self.format, self.pc, self.manual = words[at : at + 4]
        self.checks, self.over, self.sp = [], [], ""
        for word in words[at + 4 :]:
            if word[0] in "?!":
                self.checks.append(word)
            elif word[0] == ">":
                self.over.append(word[1:])
            elif word.startswith("sp:"):
                self.sp = word[3:]
            else:
                raise TableError(f"{where}: what is {word!r}?")
        self.width = 16 if isa == "t16" else 32
        if len(self.bits) != self.width:
            raise TableError(f"{where}: {self.name} has {len(self.bits)} bits: {self.bits}")
        if (
            isa == "a32"
            and self.bits[:4] not in ("cccc", "1110", "1111")
            or isa == "t32"
            and (self.bits[:3] != "111" or self.bits[3:5] == "00")
        ):
            raise TableError(f"{where}: {self.name} is not in the space of {isa}: {self.bits}")
        self.mask = self.value = self.should = 0
        for i, c in enumerate(self.bits):
            place = 1 << (self.width - 1 - i)
            if c in "01":
                self.mask |= place
            if c in "zo":
                self.should |= place
            if c in "1o":
                self.value |= place

    @property
    def class_name(self):
        match = SENSITIVE.match(self.cls)
        return SENSITIVE_CLASSES[match.group(1)] if match else CLASSES[self.cls]

    @property
    def sensitive(self):
        """C for the ways in which it is sensitive. Instructions that exist to raise exceptions change the
        mode."""
        match = SENSITIVE.match(self.cls)
        letters = match.group(2) if match else "c" if self.cls == "exception" else ""
        return " | ".join(SENSITIVITIES[c] for c in letters) or "0"

    @property
    def traps(self):
        """Whether it always raises an exception at PL0."""
        return self.cls.startswith("trap:") or self.cls in ("exception", "undefined")

    @property
    def fixed(self):
        return self.value & self.mask

    def field_runs(self, letter):
        """[(low bit, width)] of a letter, the most significant run first."""
        runs, last = [], None
        for i, c in enumerate(self.bits):
            if c == letter:
                low = self.width - 1 - i
                if last is not None and last == low + 1:
                    runs[-1] = (low, runs[-1][1] + 1)
                else:
                    runs.append((low, 1))
                last = low
        if letter in "DNM":  # a vector register: the single bit is bit 4 of its number
            runs.sort(key=lambda r: r[1])
        return runs

    def field_expression(self, letter):
        """C that computes a field from the word `w`."""
        runs = self.field_runs(letter)
        if letter == "q":
            return "(w >> 8 & 15)"
        if letter == "l" and self.width == 32:
            return "(w & 0xffff)"
        total = sum(width for _, width in runs)
        parts, used = [], 0
        for low, width in runs:
            up = total - used - width
            used += width
            mask = (1 << width) - 1
            if low >= up:
                shifted = f"w >> {low - up}" if low > up else "w"
            else:
                shifted = f"w << {up - low}"
            parts.append(f"({shifted} & {mask << up:#x})")
        return parts[0] if len(parts) == 1 else "(" + " | ".join(parts) + ")"

    def letters(self):
        return [c for c in dict.fromkeys(self.bits) if c in FIELDS]


def table_lines(path):
    """(where, words, group) of each line that is not a comment."""
    group = None
    with open(path, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("= "):
                group = Group(line.split()[1:])
            elif line.strip() and not line.startswith("#"):
                yield f"{os.path.basename(path)}:{number}", line.split(), group


def read_formats(path):
    formats = {}
    for where, words, _ in table_lines(path):
        name, effects, kind = words[:3]
        regs, _, flags = effects.partition("/")
        writes, equals, reads = regs.partition("=")
        if not equals or set(writes + reads) - set(ROLES) or set(flags) - set(FLAG_CODES):
            raise TableError(f"{where}: bad effects {effects!r}")
        if name in formats:
            raise TableError(f"{where}: format {name} again")
        formats[name] = {
            "writes": sum(ROLES[c] for c in set(writes)),
            "reads": sum(ROLES[c] for c in set(reads)),
            "flags": sum(FLAG_CODES[c] for c in set(flags)),
            "kind": kind,
            "assembly": " ".join(words[3:]),
        }
    return formats


def thumb_bits(bits):
    """The T32 form of an A32 Advanced SIMD or VFP diagram (A7.4, A7.5, A7.7)."""
    if bits.startswith("1111001"):
        return "111" + bits[7] + "1111" + bits[8:]
    if bits.startswith("11110100"):
        return "11111001" + bits[8:]
    if bits.startswith("cccc"):
        return "1110" + bits[4:]
    raise TableError(f"no Thumb form of {bits}")


def read_rows(directory):
    rows = []
    for isa in ISAS:
        for where, words, group in table_lines(os.path.join(directory, isa + ".tab")):
            rows.append(Row(isa, where, words, group))
    for name in ("vfp.tab", "neon.tab"):
        for where, words, group in table_lines(os.path.join(directory, name)):
            row = Row("a32", where, words, group)
            rows.append(row)
            twin = [row.name, row.encoding.replace("A", "T"), thumb_bits(row.bits)] + words[
                words.index(row.cls) :
            ]
            rows.append(Row("t32", where, twin, group))
            rows[-1].sp = "".join(set("tx") & set(rows[-1].bits))  # Thumb: UNPREDICTABLE
    return rows


def overlaps(a, b):
    if (a.fixed ^ b.fixed) & a.mask & b.mask:
        return False
    if a.isa == "a32":  # cond = 1111 is another space
        if a.bits[:4] == "cccc" and b.bits[:4] == "1111" or b.bits[:4] == "cccc" and a.bits[:4] == "1111":
            return False
    return True


def covers(row, other):
    return other.group.name in row.group.over or any(matches(other, pattern) for pattern in row.over)


def matches(row, pattern):
    return fnmatch.fnmatchcase(row.name, pattern) or pattern == f"{row.name}.{row.encoding}"


def order_rows(rows):
    """Sort so that a row comes after all that win over it; refuse unmarked overlaps."""
    errors, after = [], {id(r): [] for r in rows}
    used = set()
    for i, a in enumerate(rows):
        for b in rows[i + 1 :]:
            if a.isa != b.isa or not overlaps(a, b):
                continue
            a_wins, b_wins = covers(a, b), covers(b, a)
            if a_wins == b_wins:
                errors.append(f"{a.where}: {a.name} {a.encoding} overlaps {b.where}: {b.name} {b.encoding}")
            winner, loser = (a, b) if a_wins else (b, a)
            after[id(winner)].append(loser)
            used.update((id(winner), p) for p in winner.over if matches(loser, p))
    for row in rows:
        errors += [
            f"{row.where}: {row.name} never overlaps {p}" for p in row.over if (id(row), p) not in used
        ]
    if errors:
        raise TableError("\n".join(errors))
    ordered, state = [], {}

    def visit(row):
        if state.get(id(row)) == 1:
            raise TableError(f"{row.where}: {row.name} wins over a row that wins over it")
        if id(row) in state:
            return
        state[id(row)] = 1
        for loser in reversed(after[id(row)]):
            visit(loser)
        state[id(row)] = 2
        ordered.append(row)

    for isa in ISAS:
        for row in reversed([r for r in rows if r.isa == isa]):
            visit(row)
    ordered.reverse()
    return sorted(ordered, key=lambda r: ISAS.index(r.isa))


class Tree:
    """Two steps from a word to a short list of candidate rows.

    The first takes fixed bits (`shift`, `width` of a root), the second bits that the generator
    picks for each node so that its longest list is shortest.
    """

    WIDTHS = (0, 1, 2, 3, 4, 5, 6)

    def __init__(self):
        self.nodes, self.slots, self.lists = [], [], [0xFFFF]
        self.list_at, self.slot_at = {(): 0}, {}

    def add_list(self, rows):
        key = tuple(rows)
        if key not in self.list_at:
            self.list_at[key] = len(self.lists)
            self.lists += list(key) + [0xFFFF]
        return self.list_at[key]

    @staticmethod
    def split(rows, shift, width):
        return [
            [r for r in rows if not ((i << shift) ^ r[1].fixed) & r[1].mask & (((1 << width) - 1) << shift)]
            for i in range(1 << width)
        ]

    def add_root(self, rows, shift, width):
        first = len(self.nodes)
        for bucket in self.split(rows, shift, width):
            best = None
            for w in self.WIDTHS:
                for s in range(0, 32 - w if w else 1):
                    parts = self.split(bucket, s, w)
                    cost = (sum(len(p) ** 2 for p in parts) / len(parts)) + len(parts) * 0.6
                    if best is None or cost < best[0]:
                        best = (cost, s, w, parts)
                if len(bucket) < 3:
                    break
            _, s, w, parts = best
            slots = tuple(self.add_list([i for i, _ in p]) for p in parts)
            if slots not in self.slot_at:
                self.slot_at[slots] = len(self.slots)
                self.slots += slots
            self.nodes.append((self.slot_at[slots], s, w))
        return first


def layout_code(row):
    lines = []
    for letter, members in BOTH.items():
        if letter in row.bits:
            lines += [f"o->{m} = (uint8_t){row.field_expression(letter)};" for m in members]
    for letter in row.letters():
        lines.append(
            f'o->{FIELDS[letter]} = (uint{16 if letter == "l" else 32 if letter == "v" else 8}_t)'
            f"{row.field_expression(letter)};"
        )
    return tuple(sorted(lines))


def check_code(row):
    """C for the constraints; `?x` makes a word UNPREDICTABLE, `!x` UNDEFINED, the latter first."""

    def name(match):
        word = match.group(0)
        if word in ("wback", "list", "cond", "index", "add", "imm", "amount", "mask", "thumb"):
            return "o->" + word
        if len(word) == 1 and word in row.bits and not word.isdigit():
            return row.field_expression(word)
        raise TableError(f"{row.where}: {row.name} has no field {word!r}")

    lines = []
    for mark, result in (("!", "CLASS_UNDEFINED"), ("?", "CLASS_UNPREDICTABLE")):
        terms = [
            re.sub(
                r"0x[0-9a-f]+|\b[A-Za-z]\w*",
                lambda m: m.group(0) if m.group(0).startswith("0x") else name(m),
                c[1:],
            )
            for c in row.checks
            if c[0] == mark
        ]
        if terms:
            lines.append("if (" + " || ".join(f"({t})" for t in terms) + f") return {result};")
    return tuple(lines)


def role_mask(text):
    return sum(ROLES[c] for c in set(text) if c in "dnmatx")


def write(path, text):
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            if file.read() == text:
                return
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


HEAD = "/* Generated by generate.py from the decode tables: do not edit. */\n"


def ops_text(ops, formats):
    kinds = sorted({f["kind"] for f in formats.values()})
    return (
        HEAD
        + "#ifndef OPS_H\n#define OPS_H\n\nenum op {\n    OP_UNDEFINED,\n"
        + "".join(f"    OP_{op},\n" for op in ops)
        + "    OP_COUNT\n};\n\nenum kind {\n"
        + "".join(f"    KIND_{k},\n" for k in kinds)
        + "};\n\nenum role {\n"
        + "".join(
            f"    ROLE_{n} = {ROLES[c]},\n"
            for c, n in zip(
                "dnmatxlwSLPu",
                ("RD", "RN", "RM", "RA", "RT", "RT2", "LIST", "BASE", "SP", "LR", "PC", "USER"),
            )
        )
        + "};\n\n#endif\n"
    )


def number(sequence, item):
    if item not in sequence:
        sequence[item] = len(sequence)
    return sequence[item]


def core_text(rows, formats):
    layouts, checks, shapes, shoulds = {}, {(): 0}, {}, {}
    body = []
    for row in rows:
        fmt = number(shapes, tuple(formats[row.format][k] for k in ("reads", "writes", "flags", "kind")))
        layout, check = number(layouts, layout_code(row)), number(checks, check_code(row))
        used = set(row.bits) & set("dnmatx")
        nopc = role_mask(used - set(row.pc))
        should = number(shoulds, (row.should, row.value & row.should))
        body.append(
            f"    {{{row.mask:#010x}, {row.fixed:#010x}, OP_{row.name}, {row.class_name}, {nopc}, "
            f"{role_mask(row.sp)}, {fmt}, {layout}, {check}, {should}}},\n"
        )
    if len(shapes) > 255 or len(layouts) > 255 or len(checks) > 255 or len(shoulds) > 255:
        raise TableError("more than 255 formats, layouts or checks: widen struct core_row")
    tree, roots = Tree(), {}
    indexed = list(enumerate(rows))
    for root, isa, keep, shift, width in (
        ("A32", "a32", lambda r: r.bits[:4] != "1111", 20, 8),
        ("A32_UNCONDITIONAL", "a32", lambda r: r.bits[:4] != "cccc", 20, 8),
        ("T16", "t16", lambda r: True, 8, 8),
        ("T32", "t32", lambda r: True, 20, 9),
    ):
        roots[root] = tree.add_root([(i, r) for i, r in indexed if r.isa == isa and keep(r)], shift, width)
    if len(tree.slots) > 0xFFFF or len(tree.lists) > 0xFFFF:
        raise TableError("decode tree too large")
    text = [
        HEAD,
        '#include "decoder/core.h"\n\n/* Speed is in the tree; these functions are only large. */\n'
        '#ifdef __arm__\n#pragma GCC optimize("Os")\n#endif\n\n',
    ]
    text.append("const struct core_row core_rows[] = {\n" + "".join(body) + "};\n\n")
    text.append(
        "const struct core_should core_shoulds[] = {\n"
        + "".join(f"    {{{mask:#010x}, {value:#010x}}},\n" for mask, value in shoulds)
        + "};\n\n"
    )
    text.append(
        "const struct core_format core_formats[] = {\n"
        + "".join(
            f"    {{{reads:#x}, {writes:#x}, {flags:#x}, KIND_{kind}}},\n"
            for reads, writes, flags, kind in shapes
        )
        + "};\n\n"
    )
    text.append(
        "const struct core_node core_nodes[] = {\n"
        + "".join(f"    {{{a}, {s}, {w}}},\n" for a, s, w in tree.nodes)
        + "};\n\n"
    )
    for what, values in (("slots", tree.slots), ("lists", tree.lists)):
        text.append(
            f"const uint16_t core_{what}[] = {{\n"
            + "".join(
                "    " + ", ".join(str(v) for v in values[i : i + 16]) + ",\n"
                for i in range(0, len(values), 16)
            )
            + "};\n\n"
        )
    text.append("const uint16_t core_roots[] = {" + ", ".join(str(v) for v in roots.values()) + "};\n\n")
    text.append("void core_extract(unsigned layout, uint32_t w, struct insn *o)\n{\n    switch (layout) {\n")
    for lines, index in layouts.items():
        text.append(f"    case {index}:\n" + "".join(f"        {l}\n" for l in lines) + "        break;\n")
    text.append(
        "    }\n}\n\nunsigned core_check(unsigned check, uint32_t w, const struct insn *o)\n{\n"
        "    (void)w;\n    (void)o;\n    switch (check) {\n"
    )
    for lines, index in checks.items():
        if lines:
            text.append(
                f"    case {index}:\n" + "".join(f"        {l}\n" for l in lines) + "        break;\n"
            )
    text.append("    }\n    return CLASS_INNOCUOUS;\n}\n")
    return "".join(text)


def names_text(rows, formats):
    def quoted(s):
        return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = [
        HEAD,
        '#include "decoder/decoder.h"\n#include "ops.h"\n\nconst struct decoder_row decoder_rows[] = {\n',
    ]
    for row in rows:
        text.append(
            f'    {{{quoted(row.name)}, "{row.encoding}", "{row.bits}",\n     {row.mask:#010x}, '
            f"{row.fixed:#010x}, "
            f"OP_{row.name}, {row.class_name}, {row.sensitive}, {str(row.traps).lower()}, "
            f'ISA_{row.isa.upper()}, "{row.manual}",\n     '
            f'{quoted(formats[row.format]["assembly"])}, {quoted(" ".join(row.checks))}}},\n'
        )
    text.append(f"}};\n\nconst unsigned decoder_row_count = {len(rows)};\n")
    return "".join(text)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", default=here, help="folder of the tables")
    parser.add_argument("--out", required=True, help="folder for the generated files")
    arguments = parser.parse_args()
    try:
        formats = read_formats(os.path.join(arguments.tables, "formats.tab"))
        rows = order_rows(read_rows(arguments.tables))
        for row in rows:
            if row.format not in formats:
                raise TableError(f"{row.where}: no format {row.format}")
        ops = list(dict.fromkeys(r.name for r in rows))
        os.makedirs(arguments.out, exist_ok=True)
        write(os.path.join(arguments.out, "ops.h"), ops_text(ops, formats))
        write(os.path.join(arguments.out, "rows_core.c"), core_text(rows, formats))
        write(os.path.join(arguments.out, "rows_names.c"), names_text(rows, formats))
    except TableError as error:
        sys.exit(f"generate.py: {error}")


if __name__ == "__main__":
    main()
