"""What the command must agree on with the VMM is read from the VMM's own headers: one source for each
fact."""

import os
import re
import struct

import paths
from messages import UsageError


def version():
    """Armature's, which the build gives the VMM as well."""
    with open(os.path.join(paths.CHECKOUT, "VERSION"), encoding="ascii") as file:
        return file.read().strip()


def header_text(name):
    with open(os.path.join(paths.SOURCE, name), encoding="utf-8") as file:
        return file.read()


def header_lines(name):
    """Its text, what goes on in the next line being one."""
    return header_text(name).replace("\\\n", " ")


def header_constant(name, constant):
    match = re.search(rf"^#define\s+{constant}\s+(\w+?)u?\b", header_lines(name), re.MULTILINE)
    return int(match.group(1), 0)


def header_addresses(name, known=None):
    """All constants of a header that are numbers or sums of numbers and of earlier constants."""
    values = dict(known or {})
    for constant, text in re.findall(r"^#define\s+(\w+)\s+([^/\n]+)", header_lines(name), re.MULTILINE):
        terms = re.sub(r"\b[A-Z]\w*", lambda m: str(values.get(m.group(), "?")), text.strip().strip("()"))
        if re.fullmatch(r"(0x[0-9a-f]+|\d+)( [+-] (0x[0-9a-f]+|\d+))*", terms):
            first, *rest = re.findall(r"[+-]?\w+", terms.replace(" ", ""))
            values[constant] = int(first, 0) + sum(int(term, 0) for term in rest)
    return values


def counter_names():
    """The VMM's counters by the objects that hold them, in the order of their words (run/run.h, vm/end.c)."""
    run = header_lines("run/run.h")
    rows = [re.search(rf"#define {name}\(X\)(.*)", run).group(1) for name in ("RUN_CALLOUTS", "RUN_COUNTERS")]
    callouts, counters = (re.findall(r"X\((\w+)\)", row) for row in rows)
    found = {"run_stats": ["callout_" + name for name in callouts] + counters}
    for module, header in (("cache", "cache/cache.h"), ("shadow", "mmu/shadow.h")):
        text = re.search(rf"struct {module}_stats \{{\s*uint32_t ([^;]*);", header_text(header)).group(1)
        found[module + "_stats"] = [f"{module}_{name}" for name in re.findall(r"\w+", text)]
    return found


def switch_rows():
    """(name, what is done without it) of each technique, in the order of their bits."""
    return re.findall(r'^\s+X\((\w+),\s*"([^"]*)"\)', header_text("host/switches.h"), re.MULTILINE)


def switches_parse(texts):
    """The word of image_config.switches for a list of NAME[,NAME...]; 'all' names every technique."""
    names = [name for name, _ in switch_rows()]
    word = 0
    for name in [n for text in texts for n in text.split(",")]:
        if name == "all":
            word |= (1 << len(names)) - 1
        elif name in names:
            word |= 1 << names.index(name)
        else:
            raise UsageError(f"--without: no technique is called '{name}' (known: all, {', '.join(names)})")
    return word


def image_config(
    ram_size, entry, regs, switches=0, timeout_ms=0, flags=0, budget=0, ram_host=0, code_cache=0
):
    """struct image_config (src/vm/image.h)."""
    magic = header_constant("vm/image.h", "IMAGE_MAGIC")
    version = header_constant("vm/image.h", "IMAGE_VERSION")
    words = (
        magic, version, ram_size, entry, *regs, switches, timeout_ms, flags, budget, ram_host, code_cache
    )
    return struct.pack(f"<{len(words)}I", *words)


def image_end_byte():
    return bytes([header_constant("vm/image.h", "IMAGE_END")])


def image_stats_flag():
    return header_constant("vm/image.h", "IMAGE_STATS")
