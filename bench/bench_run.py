"""bench: the workloads natively and under the VMM, in one run each."""

import json

from applications import applications_add
from measure import Progress, measure_both
from messages import UsageError
from programs import programs_add
from setup import setup_ensure
from summary import record, table
from workloads import BOOT, workloads

QUICK_PERCENT = 20


def add_options(parser):
    names = ", ".join(row.name for row in [BOOT] + workloads())
    parser.add_argument("name", nargs="*", metavar="NAME", help="workloads, or groups of them: " + names)
    parser.add_argument("--quick", action="store_true", help="fewer workloads, a fifth of the operations")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured")
    parser.add_argument("--html", metavar="FILE", help="write the report")
    parser.add_argument("--kernel", metavar="FILE", help="another Linux zImage")
    parser.add_argument("--memory", metavar="SIZE", help="guest RAM (256M)")
    parser.add_argument("--budget", metavar="SIZE", help="memory for the VMM")
    parser.add_argument("--without", metavar="NAME[,NAME]", help="turn techniques of the VMM off")


def rows_chosen(arguments):
    rows = workloads()
    known = {row.name for row in rows} | {row.group for row in rows} | {BOOT.name}
    for name in arguments.name:
        if name not in known:
            raise UsageError(f"no workload is called '{name}' (known: {', '.join(sorted(known))})")
    if arguments.name:
        return [row for row in rows if row.name in arguments.name or row.group in arguments.name]
    return [row for row in rows if row.quick or not arguments.quick]


def guest_options(arguments):
    """(of both runs, of the virtual one)"""
    both = [part for name in ("kernel", "memory") for part in option(arguments, name)]
    return both, [part for name in ("budget", "without") for part in option(arguments, name)]


def option(arguments, name):
    value = getattr(arguments, name)
    return ["--" + name, value] if value else []


def measure(rows, percent, both, virtual_only):
    """(native, virtual). Workloads that need applications have an initramfs, and so a boot, of their own: the boot
    that is told is the one without them."""
    parts = [[row for row in rows if not row.needs], [row for row in rows if row.needs]]
    parts = [part for part in parts if part] or [[]]
    progress = Progress(2 * sum(len(part) + 1 for part in parts))
    native, virtual = {}, {}
    try:
        for part in parts:
            added = programs_add() + (applications_add() if part and part[0].needs else [])
            for whole, new in zip(
                (native, virtual), measure_both(part, percent, added, both, progress, virtual_only)
            ):
                for name, one in new.items():
                    whole.setdefault(name, one)
    finally:
        progress.end()
    return native, virtual


def run(arguments):
    rows = rows_chosen(arguments)
    setup_ensure()
    native, virtual = measure(rows, QUICK_PERCENT if arguments.quick else 100, *guest_options(arguments))
    records = [record(row, native[row.name], virtual[row.name]) for row in [BOOT] + rows]
    for line in table(records):
        print(line)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"workloads": records}, file, indent=1)
    return 0
