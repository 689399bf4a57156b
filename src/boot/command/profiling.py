"""profile: a run under bench/profile.c, the emulator's plugin, and what it has counted as a table and as folded
stacks."""

import bisect
import os
import tempfile
from collections import Counter, defaultdict, namedtuple

import boot
import paths
from contracts import header_addresses
from elf import STT_FUNC, STT_NOTYPE
from image import vmm_open
from messages import GuestError, UsageError
from options import add_boot_options
from setup import setup_ensure

WINDOW = header_addresses("cache/stubs.h", header_addresses("boot/window.h"))
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
    ("SRF address", 0x0FFF0FFF, 0x03A004F8),
    ("cps", 0xFFF00020, 0xF1000000),
    ("unconditional copied", 0xF0000000, 0xF0000000),
    ("branch", 0x0F000000, 0x0A000000),
    ("mrs, msr", 0x0FB0FFF0, 0x0120F000),
    ("mrs, msr", 0x0FBF0FFF, 0x010F0000),
    ("mrs, msr", 0x0FB0F000, 0x0320F000),
    ("CP15", 0x0F000F10, 0x0E000F10),
    ("copied", 0, 0),
)

Profile = namedtuple("Profile", "intervals user start words paths")  # words: (address, word) -> count


def add_options(parser):
    add_boot_options(parser)
    parser.add_argument("--native", action="store_true", help="on the bare board, without the VMM")
    parser.add_argument(
        "--per", type=positive, default=1, metavar="N", help="divide by N, the number of operations"
    )
    parser.add_argument("--folded", metavar="FILE", help="write folded stacks, for flame graphs")
    parser.add_argument(
        "--symbols",
        metavar="FILE",
        action="append",
        default=[],
        help="the guest kernel's symbols, as in its /proc/kallsyms or System.map",
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
        stub = WINDOW["WINDOW_VECTORS"] <= symbol.address < WINDOW["WINDOW_JUMP1"]
        named = symbol.name and symbol.name[0] not in "$."
        if named and (symbol.kind == STT_FUNC or stub and symbol.kind == STT_NOTYPE):
            found.setdefault(symbol.address, symbol.name)
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
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    fields = line.split()
                    if len(fields) >= 3 and fields[1] in "tTwW" and not fields[2].startswith("$"):
                        rows.append((int(fields[0], 16), fields[2]))
        except (OSError, ValueError) as error:
            raise UsageError(f"--symbols: cannot read {path}: {error}") from None
        if not rows or not any(address for address, _ in rows):
            raise UsageError(f"--symbols: {path} has no addresses of functions")
    return SymbolTable(rows) if rows else None


def profile_run(arguments):
    """(status of the run, Profile)"""
    arguments.icount = True
    with tempfile.TemporaryDirectory(prefix="profile", dir=paths.BUILD) as folder:
        out = os.path.join(folder, "counts")
        plugin = f"{paths.PROFILE_PLUGIN},out={out}"
        if not arguments.native:
            with open(out + ".symbols", "w", encoding="ascii") as file:
                file.write("".join(f"{address:x} {name}\n" for address, name in vmm_symbols()))
            with open(out + ".text", "wb") as file:
                file.write(next(s.data for s in vmm_open().segments if s.vaddr == WINDOW["WINDOW_VMM"]))
            plugin += f",symbols={out}.symbols,text={out}.text"
        arguments.qemu_options = ["-plugin", plugin]
        status = (boot.run_native if arguments.native else boot.run_virtual)(arguments)
        return status, profile_read(out)


def profile_read(path):
    intervals = user = start = 0
    words, stacks, whole = {}, {}, False
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, *fields = line.split()
            if kind == "word":
                words[int(fields[0], 16), int(fields[1], 16)] = int(fields[2])
            elif kind == "path":
                path_name, count, calls = " ".join(fields[:-2]), int(fields[-2]), int(fields[-1])
                old = stacks.get(path_name, (0, 0))
                stacks[path_name] = (old[0] + count, old[1] + calls)
            elif kind == "intervals":
                intervals = int(fields[0])
            elif kind == "user":
                user = int(fields[0])
            elif kind == "start":
                start = int(fields[0])
            whole = kind == "end"
    if not whole:
        raise GuestError("the profiler's plugin did not come to write its counts")
    return Profile(intervals, user, start, words, stacks)


def host_class(address, word):
    for name, mask, value in HOST_ROWS:
        if word & mask == value:
            if name == "branch":
                offset = ((word & 0xFFFFFF) ^ 0x800000) - 0x800000
                if address + 8 + 4 * offset == WINDOW["STUB_FUNNEL"]:
                    return "branch to the funnel"
            return name
    raise AssertionError


def word_stack(address, word, native, stubs, guest):
    """The folded stack of one word."""
    if native:
        return "kernel;" + (guest.name(address) if guest else "all")
    if address >= WINDOW["STUB_FUNNEL"]:
        return "stubs;funnel"
    if address >= WINDOW["WINDOW_VECTORS"]:
        vector = address < WINDOW["WINDOW_VECTORS"] + VECTORS_SIZE
        return "stubs;" + ("vectors" if vector else stubs.name(address))
    return "code cache;" + host_class(address, word)


def stacks_of(profile, native, guest):
    stubs = None if native else SymbolTable(vmm_symbols())
    stacks = Counter()
    stacks["user"] = profile.user
    stacks["start"] = profile.start
    for (address, word), count in profile.words.items():
        stacks[word_stack(address, word, native, stubs, guest)] += count
    for path, (count, _) in profile.paths.items():
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


def table(profile, stacks, per):
    total = sum(stacks.values())
    groups = Counter()
    for stack, count in stacks.items():
        groups[stack.split(";")[0]] += count
    scale = "whole run" if not profile.intervals else f"{profile.intervals} marked interval(s)"
    yield f"{'instructions, ' + scale + (f', per operation of {per}' if per > 1 else ''):<60}"

    def row(name, count, *rest):
        return f"{name:<44} {count / per:>16,.1f} {100 * count / total if total else 0:>6.2f} %" + "".join(rest)

    yield row("total", total)
    for group, count in groups.most_common():
        yield row(group, count)
        if group == "vmm":
            continue
        parts = [(s.split(";", 1)[1], n) for s, n in stacks.items() if s.startswith(group + ";")]
        for name, part in sorted(parts, key=lambda p: -p[1])[:TABLE_ROWS]:
            yield row("    " + name, part)
    if profile.paths:
        yield ""
        yield f"{'VMM function, with what it calls':<44} {'inclusive':>16} {'':>8} {'itself':>14} {'calls':>12} {'each':>10}"
        rows = sorted(inclusive(profile).items(), key=lambda item: -item[1][0])
        for name, (count, own, calls) in rows[:TABLE_ROWS]:
            each = f"{count / calls:>10,.1f}" if calls else ""
            yield row("    " + name, count, f" {own / per:>14,.1f} {calls / per:>12,.2f} {each}")


def run(arguments):
    guest = guest_symbols(arguments.symbols)
    setup_ensure()
    if arguments.folded:
        boot.stats_check(arguments.folded)
    status, profile = profile_run(arguments)
    stacks = stacks_of(profile, arguments.native, guest)
    for line in table(profile, stacks, arguments.per):
        print(line)
    if arguments.folded:
        with open(arguments.folded, "w", encoding="utf-8") as file:
            for stack, count in sorted(stacks.items()):
                file.write(f"{stack} {count}\n")
    return status
