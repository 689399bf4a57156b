"""profile: a run under bench/plugin, the emulator's plugin, and what it has counted as a table and as folded
stacks."""

import bisect
import os
from collections import Counter, defaultdict

import boot
import paths
from block_map import BlockMap
from boards import board_find
from contracts import counter_names, header_addresses, header_constant
from elf import STT_FUNC, STT_NOTYPE
from files import Output, file_read
from image import vmm_open
from messages import GuestError, UsageError
from options import add_boot_options
from run_folder import ScratchFolder
from setup import setup_ensure

WINDOW = header_addresses("host/stubs.h", header_addresses("host/window.h"))
JUMP_WORDS = frozenset(WINDOW["JUMP_" + name] for name in ("BASE", "BYTE", "SLOT", "LOAD"))
VECTORS_SIZE = 0x20
TABLE_ROWS = 40

# What a word of the code cache is there for; the first row whose (word & mask) == value. Words that templates
# need beside the guest's own work have names of their own; the rest is the guest's instruction, or as good.
HOST_ROWS = (
    ("exit or callout (UDF)", 0xFFF000F0, 0xE7F000F0),
    ("spill (IFAR)", 0x0FEF0FFF, 0x0E060F50),
    ("spill (NMRR)", 0x0FEF0FFF, 0x0E0A0F32),
    ("literal", 0x0F3F0000, 0x051F0000),
    ("gate", 0x0F3F0000, 0x050F0000),
    ("SRF address", 0x0FFF0FFF, 0x03A00400 | WINDOW["WINDOW_SRF"] >> 24),
    ("cps", 0xFFF00020, 0xF1000000),
    ("unconditional copied", 0xF0000000, 0xF0000000),
    ("branch", 0x0F000000, 0x0A000000),
    ("mrs, msr", 0x0FB0FFF0, 0x0120F000),
    ("mrs, msr", 0x0FBF0FFF, 0x010F0000),
    ("mrs, msr", 0x0FB0F000, 0x0320F000),
    ("CP15", 0x0F000F10, 0x0E000F10),
    ("copied", 0, 0),
)

# Which counter names an exit that moved several: what it did first, how it came about last.
EXITS_FIRST = (
    "translations", "hidden_faults", "true_faults", "fetch_faults", "jump_misses", "links", "idles"
)
EXITS_LAST = ("device_accesses", "interrupts", "gate_traps", "callouts", "exit_irq", "exit_dabt", "exit_pabt",
    "exit_und", "exits")


def add_options(parser):
    add_boot_options(parser)
    parser.add_argument("--native", action="store_true", help="on the bare board, without the VMM")
    parser.add_argument(
        "--per", type=positive, default=1, metavar="N", help="divide by N, the number of operations"
    )
    parser.add_argument("--folded", metavar="FILE", help="write folded stacks, for flame graphs")
    parser.add_argument(
        "--cycles", metavar="FILE", help="a table of processor models: estimates cycles (bench/cycles.py)"
    )
    parser.add_argument("--raw", metavar="FILE", help="write the plugin's counts as they are, and no table")
    parser.add_argument(
        "--symbols",
        metavar="FILE",
        action="append",
        default=[],
        help="the guest kernel's symbols, such as its /proc/kallsyms: tells by guest function too",
    )


def positive(text):
    number = int(text)
    if number <= 0:
        raise ValueError
    return number


def vmm_symbols():
    """Functions of the VMM (Thumb ones at odd addresses), and the labels of its stubs page."""
    found = {}
    for symbol in vmm_open().symbols():
        stub = WINDOW["WINDOW_VECTORS"] <= symbol.address < WINDOW["WINDOW_JUMP"]
        named = symbol.name and symbol.name[0] not in "$."
        if named and (symbol.kind == STT_FUNC or stub and symbol.kind == STT_NOTYPE):
            # the compiler's clones have suffixes
            found.setdefault(symbol.address, symbol.name.partition(".")[0])
    return sorted(found.items())


class SymbolTable:
    """Names by address: the nearest below."""

    def __init__(self, rows):
        rows = sorted(rows)
        self.addresses = [address for address, _ in rows]
        self.names = [name for _, name in rows]

    def name(self, address):
        at = bisect.bisect_right(self.addresses, address) - 1
        return self.names[at] if at >= 0 else "?"


def guest_symbols(files):
    """Text symbols of files like /proc/kallsyms."""
    rows = []
    for path in files:
        for line in file_read(path, "symbols").decode(errors="replace").splitlines():
            fields = line.split()
            if len(fields) >= 3 and fields[1] in "tTwW" and not fields[2].startswith("$"):
                try:
                    rows.append((int(fields[0], 16), fields[2]))
                except ValueError:
                    raise UsageError(f"--symbols: {path} is not like /proc/kallsyms: '{line[:80]}'") from None
        if not rows or not any(address for address, _ in rows):
            raise UsageError(f"--symbols: {path} has no addresses of functions")
    return SymbolTable(rows) if rows else None


def counters_text(board):
    """For the plugin: where the VMM's counters are in the board's RAM. Exits go to the first one that moved.
    """
    vmm = vmm_open()
    symbols = {s.name: s.address for s in vmm.symbols()}
    image = next(s for s in vmm.segments if s.vaddr == WINDOW["WINDOW_VMM"])
    shift = image.paddr - image.vaddr - board.ram_base  # from the VMM's addresses to offsets in RAM
    offsets = {
        name: symbols[holder] + 4 * i + shift
        for holder, names in counter_names().items()
        for i, name in enumerate(names)
    }
    magic = header_constant("vm/image.h", "IMAGE_MAGIC")
    # Not the count of all exits: light ones count later. Each full one by an undefined instruction is an
    # exit.
    lines = [f"{symbols['image_config'] + shift:x} {magic:x} {offsets['exit_und']:x} {image.vaddr + shift:x}"]
    order = sorted(offsets, key=lambda name: EXITS_LAST.index(name) if name in EXITS_LAST else -1)
    first = [name for name in EXITS_FIRST if name in offsets]
    lines += [f"{offsets[name]:x} {name}" for name in first + [n for n in order if n not in first]]
    return "".join(line + "\n" for line in lines)


def plugin_options(arguments, out):
    plugin = f"{paths.PROFILE_PLUGIN},out={out}"
    if arguments.cycles:
        plugin += f",cycles={arguments.cycles}"
    if not arguments.native:
        with open(out + ".symbols", "w", encoding="ascii") as file:
            file.write("".join(f"{address:x} {name}\n" for address, name in vmm_symbols()))
        with open(out + ".text", "wb") as file:
            file.write(next(s.data for s in vmm_open().segments if s.vaddr == WINDOW["WINDOW_VMM"]))
        with open(out + ".counters", "w", encoding="ascii") as file:
            file.write(counters_text(board_find(arguments.board)))
        plugin += f",symbols={out}.symbols,text={out}.text,counters={out}.counters"
        if arguments.symbols:
            plugin += f",memory={out}.memory"
    return ["-plugin", plugin]


def profile_run(arguments, raw):
    """(status of the run, its sections, BlockMap if the guest's symbols are known)"""
    arguments.icount = True
    with ScratchFolder() as folder:
        out = os.path.join(folder.name, "counts")
        arguments.qemu_options = plugin_options(arguments, out)
        status = (boot.run_native if arguments.native else boot.run_virtual)(arguments)
        if raw:
            raw.write(file_read(out, "counts"))
        return status, sections_read(out), block_map_read(out + ".memory")


def block_map_read(path):
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return BlockMap(file.read(), WINDOW["WINDOW_VMM"])


class Section:
    """What was executed before the first marker ("boot"), or in one interval."""

    def __init__(self, kind):
        self.kind = kind
        self.user = self.start = 0
        self.words = {}  # (address, word): count
        self.paths = {}  # call path in the VMM: (instructions, calls)
        self.counters = {}  # of the VMM: growth
        self.exits = {}  # counter that an exit moved: (exits, instructions)
        self.cycles = {}  # (model, whose instructions, cause): estimated cycles
        self.events = {}  # (model, whose instructions, name): count

    def line(self, kind, fields):
        if kind == "word":
            self.words[int(fields[0], 16), int(fields[1], 16)] = int(fields[2])
        elif kind == "path":
            name, count, calls = " ".join(fields[:-2]), int(fields[-2]), int(fields[-1])
            old = self.paths.get(name, (0, 0))
            self.paths[name] = (old[0] + count, old[1] + calls)
        elif kind == "counter":
            self.counters[fields[0]] = int(fields[1])
        elif kind == "exits":
            self.exits[fields[0]] = (int(fields[1]), int(fields[2]))
        elif kind in ("cycles", "event"):
            (self.cycles if kind == "cycles" else self.events)[tuple(fields[:3])] = int(fields[3])
        elif kind == "user":
            self.user = int(fields[0])
        elif kind == "start":
            self.start = int(fields[0])

    def add(self, other):
        self.user += other.user
        self.start += other.start
        for key, count in other.words.items():
            self.words[key] = self.words.get(key, 0) + count
        for name in ("counters", "cycles", "events"):
            for key, count in getattr(other, name).items():
                getattr(self, name)[key] = getattr(self, name).get(key, 0) + count
        for mine, theirs in ((self.paths, other.paths), (self.exits, other.exits)):
            for key, (one, two) in theirs.items():
                old = mine.get(key, (0, 0))
                mine[key] = (old[0] + one, old[1] + two)


def sections_read(path):
    sections, whole = [], False
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *fields = line.split()
            if kind == "section":
                sections.append(Section(fields[0]))
            elif kind == "end":
                whole = True
            else:
                sections[-1].line(kind, fields)
    if not whole:
        raise GuestError("the profiler's plugin did not come to write its counts")
    return sections


def sections_told(sections):
    """One section: the sum of the intervals if there are any."""
    intervals = [s for s in sections if s.kind == "interval"]
    if not intervals:
        return sections[0]
    for other in intervals[1:]:
        intervals[0].add(other)
    return intervals[0]


def host_class(word):
    if word in JUMP_WORDS:
        return "jump map"
    return next(name for name, mask, value in HOST_ROWS if word & mask == value)


class Stacks:
    """Folds words into stacks. guest: the guest's SymbolTable, or None; blocks: the BlockMap of a virtual
    run."""

    def __init__(self, native, guest, blocks):
        self.native, self.guest, self.blocks = native, guest, blocks
        self.stubs = None if native else SymbolTable(vmm_symbols())

    def of(self, address, word):
        if self.native:
            return "kernel;" + (self.guest.name(address) if self.guest else "all")
        if address >= WINDOW["WINDOW_VECTORS"]:
            vector = address < WINDOW["WINDOW_VECTORS"] + VECTORS_SIZE
            return "stubs;" + ("vectors" if vector else self.stubs.name(address))
        return "code cache;" + self.function(address) + host_class(word)

    def function(self, address):
        if not self.guest or not self.blocks:
            return ""
        guest = self.blocks.guest(address)
        return "(blocks that are gone);" if guest is None else self.guest.name(guest) + ";"

    def fold(self, section):
        stacks = Counter()
        stacks["user"] = section.user
        stacks["start"] = section.start
        for (address, word), count in section.words.items():
            stacks[self.of(address, word)] += count
        for path, (count, _) in section.paths.items():
            stacks[path] += count
        return +stacks


def inclusive(profile):
    """Per VMM function: (inclusive, self, calls)."""
    rows = defaultdict(lambda: [0, 0, 0])
    for path, (count, calls) in profile.paths.items():
        names = path.split(";")
        for name in set(names):
            rows[name][0] += count
        rows[names[-1]][1] += count
        rows[names[-1]][2] += calls
    return rows


def levels(stacks, group):
    """What is below a group, once by the last part of its stacks, once by the guest's functions if there are
    any."""
    last, functions = Counter(), Counter()
    for stack, count in stacks.items():
        names = stack.split(";")
        if names[0] == group and len(names) > 1:
            last[names[-1]] += count
            if len(names) > 2:
                functions[names[1]] += count
    return [last, functions]


def table(profile, stacks, per):
    total = sum(stacks.values())
    groups = Counter()
    for stack, count in stacks.items():
        groups[stack.split(";")[0]] += count
    scale = "whole run" if profile.kind == "boot" else "between the markers"
    yield f"{'instructions, ' + scale + (f', per operation of {per}' if per > 1 else ''):<60}"

    def row(name, count, *rest):
        return (
            f"{name:<44} {count / per:>16,.1f} {100 * count / total if total else 0:>6.2f} %" + "".join(rest)
        )

    yield row("total", total)
    for group, count in groups.most_common():
        yield row(group, count)
        if group == "vmm":
            continue
        for title, level in zip(("", f"{group}, by guest function"), levels(stacks, group)):
            if title and level:
                yield row(title, count)
            for name, part in level.most_common(TABLE_ROWS):
                yield row("    " + name, part)
    if profile.paths:
        yield ""
        yield f"{'exits, by what they did':<44} {'instructions':>16} {'':>8} {'exits':>14} {'each':>10}"
        for name, (exits, cost) in sorted(profile.exits.items(), key=lambda item: -item[1][1]):
            yield row("    " + name, cost, f" {exits / per:>14,.2f} {cost / exits:>10,.1f}")
        yield ""
        heads = f"{'inclusive':>16} {'':>8} {'itself':>14} {'calls':>12} {'each':>10}"
        yield f"{'VMM function, with what it calls':<44} {heads}"
        rows = sorted(inclusive(profile).items(), key=lambda item: -item[1][0])
        for name, (count, own, calls) in rows[:TABLE_ROWS]:
            each = f"{count / calls:>10,.1f}" if calls else ""
            yield row("    " + name, count, f" {own / per:>14,.1f} {calls / per:>12,.2f} {each}")


def cycles_table(profile, per):
    """What each model estimates, by whose instructions and why."""
    models = defaultdict(Counter)
    for (model, owner, cause), count in profile.cycles.items():
        models[model].update({"": count, owner: count, f"{owner}, {cause}": count})
    for model, rows in models.items():
        yield ""
        yield f"estimated cycles, model {model}"
        for name, count in rows.most_common(TABLE_ROWS):
            yield f"    {name or 'total':<40} {count / per:>16,.1f} {100 * count / rows['']:>6.2f} %"


def run(arguments):
    guest = guest_symbols(arguments.symbols)
    setup_ensure()
    folded = Output(arguments.folded) if arguments.folded else None
    raw = Output(arguments.raw) if arguments.raw else None
    status, sections, blocks = profile_run(arguments, raw)
    if arguments.raw:
        return status
    profile = sections_told(sections)
    stacks = Stacks(arguments.native, guest, blocks).fold(profile)
    for line in [*table(profile, stacks, arguments.per), *cycles_table(profile, arguments.per)]:
        print(line)
    if arguments.folded:
        folded.write("".join(f"{stack} {count}\n" for stack, count in sorted(stacks.items())))
    return status
