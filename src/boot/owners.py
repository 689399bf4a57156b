"""After the link: the parts of the VMM that are the host's alone have no variable that is a guest's
(src/host/owner.h).

owners.py FOLDER: of the objects, as they are before link-time optimization. Fails with a line a variable.
"""

import os
import re
import subprocess
import sys

HOST_ONLY = ("board", "vm")


class Symbol:
    """A row of a symbol table: section (None: undefined), whether others see it, whether it is data, name."""

    def __init__(self, row):
        flags, rest = row[9:16], row[16:].strip()
        section, _, self.name = re.search(r"(\S+)\t(\w+) (?:\.hidden )?(.*)$", rest).groups()
        self.section = None if section == "*UND*" else section
        self.is_global = "g" in flags
        self.is_variable = flags.endswith("O") and bool(re.match(r"\.(data|bss)\b", section))
        self.is_hosts = section.endswith(".host")


def symbols(path):
    done = subprocess.run(["arm-none-eabi-objdump", "-t", path], capture_output=True, text=True, check=True)
    return [Symbol(row) for row in done.stdout.splitlines() if re.match(r"[0-9a-f]{8} ", row)]


def objects(folder):
    """(source, below src; the object) of each."""
    for top, _, names in os.walk(folder):
        for name in sorted(names):
            if name.endswith(".obj"):
                path = os.path.join(top, name)
                yield os.path.relpath(path, folder)[: -len(".obj")], path


def wrong_owners(folder):
    return [
        f"{source}: {symbol.name} is a guest's by its section: mark it as the host's (src/host/owner.h)"
        for source, path in objects(folder)
        if source.split("/")[0] in HOST_ONLY
        for symbol in symbols(path)
        if symbol.is_variable and not symbol.is_hosts
    ]


if __name__ == "__main__":
    wrong = wrong_owners(sys.argv[1])
    print("\n".join(wrong), end="\n" if wrong else "")
    sys.exit(1 if wrong else 0)
