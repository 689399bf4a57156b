"""bench: the workloads natively and under the VMM, in one run each."""

import hashlib
import json
import os
import subprocess
import sys

import paths
from bench.applications import applications_add
from bench.checks import checks_run, checks_table
from bench.cycles import RANGE, cycles_add, cycles_options, cycles_table, what_ifs
from bench.measure import Progress, measure_both
from contracts import header_constant
from files import Output, file_read
from messages import UsageError, say
from bench.model import calibrate, can_calibrate, costs_load, costs_store, model_add, model_table
from bench.programs import programs_add
from options import size_parse
from bench.report import figures_ready, report_write
from setup import setup_ensure
from stock_guest import stock_guest
from bench.studies import STUDIES, study_text
from bench.summary import record, table
from bench.workloads import BOOT, workloads

QUICK_PERCENT = 20


def add_options(parser):
    names = ", ".join(row.name for row in [BOOT] + workloads())
    parser.add_argument("name", nargs="*", metavar="NAME", help="workloads, or groups of them: " + names)
    parser.add_argument("--quick", action="store_true", help="fewer workloads, a fifth of the operations")
    parser.add_argument("--json", metavar="FILE", help="write everything that was measured")
    parser.add_argument("--html", metavar="FILE", help="write the report")
    parser.add_argument(
        "--from",
        dest="earlier",
        metavar="FILE",
        help="what --json has written before, instead of measuring workloads",
    )
    parser.add_argument(
        "--cycles", action="store_true", help="estimate cycles of a Cortex-A8 (docs/cycles.md)"
    )
    parser.add_argument(
        "--what-if",
        action="store_true",
        help="--cycles, and if parts of the design were others (cortex_a8.toml)",
    )
    parser.add_argument(
        "--check-cycles",
        action="store_true",
        help="only that: the cycle model against a real board's figures",
    )
    parser.add_argument(
        "--full", action="store_true", help="and all studies, some 20 minutes: the report's data"
    )
    parser.add_argument(
        "--study",
        action="append",
        default=[],
        choices=list(STUDIES),
        metavar="NAME",
        help="and one of " + ", ".join(STUDIES) + " (may be repeated)",
    )
    parser.add_argument("--calibrate", action="store_true", help="store the cost table in bench/costs.json")
    parser.add_argument("--kernel", metavar="FILE", help="another Linux zImage")
    parser.add_argument("--memory", metavar="SIZE", help="guest RAM (256M)")
    parser.add_argument("--budget", metavar="SIZE", help="memory for the VMM")
    parser.add_argument("--code-cache", metavar="SIZE", help="of it, for translated code")
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
    if arguments.cycles or arguments.what_if:
        both += cycles_options(RANGE + tuple(what_ifs() if arguments.what_if else ()))
    return both, [part for name in ("budget", "code-cache", "without") for part in option(arguments, name)]


def option(arguments, name):
    value = getattr(arguments, name.replace("-", "_"))
    return ["--" + name, value] if value else []


def measure(rows, percent, both, virtual_only):
    """(native, virtual). Workloads that need applications have an initramfs, and so a boot, of their own: the
    boot that is told is the one without them."""
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
    outputs = outputs_open(arguments)
    setup_ensure()
    if arguments.check_cycles:
        for line in checks_table(checks_run()):
            print(line)
        return 0
    if arguments.html:
        figures_ready()
    data = earlier(arguments) if arguments.earlier else workloads_measured(arguments, rows)
    for line in table(data["workloads"]):
        print(line)
    if any("cycles" in r for r in data["workloads"]):
        print()
        for line in cycles_table(data["workloads"]):
            print(line)
    if data["costs"]:
        print()
        for line in model_table(data["workloads"], data["costs"]):
            print(line)
    sys.stdout.flush()
    write(outputs, data)
    for name, study in STUDIES.items():
        if arguments.full or name in arguments.study:
            data["studies"][name] = study(data["percent"])
            for line in study_text(name, data["studies"][name]):
                print(line, flush=True)
            write(outputs, data)  # each time: a study takes minutes
    return 0


def workloads_measured(arguments, rows):
    percent = QUICK_PERCENT if arguments.quick else 100
    native, virtual = measure(rows, percent, *guest_options(arguments))
    records = [record(row, native[row.name], virtual[row.name]) for row in [BOOT] + rows]
    for r in records:
        cycles_add(r, native[r["name"]], virtual[r["name"]])
    costs = costs_for(arguments, records)
    if costs:
        model_add(records, costs)
    return {
        "version": version(),
        "kernel": os.path.basename(arguments.kernel or stock_guest()["kernel"]),
        "percent": percent,
        "memory_mib": memory_mib(arguments),
        "costs": costs,
        "workloads": records,
        "studies": {},
    }


def memory_mib(arguments):
    """The VMM's, in the virtual run."""
    given = size_parse(arguments.budget) if arguments.budget else 0
    return given / 2**20 or header_constant("vm/plan.h", "BUDGET_DEFAULT_MIB")


def earlier(arguments):
    try:
        data = json.loads(file_read(arguments.earlier, "measurements"))
    except ValueError as error:
        raise UsageError(f"--from: cannot read {arguments.earlier}: {error}") from None
    if not isinstance(data, dict) or not {"workloads", "studies", "costs"} <= set(data):
        raise UsageError(f"--from: {arguments.earlier} is not what bench --json writes")
    return data


def write(outputs, data):
    """To each file asked for; {"json" or "html": Output}."""
    if "json" in outputs:
        outputs["json"].write(json.dumps(data, indent=1))
    if "html" in outputs:
        report_write(outputs["html"], data)


def version():
    """Of the checkout."""
    done = subprocess.run(
        ["git", "-C", paths.CHECKOUT, "describe", "--always", "--dirty"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "of no repository"


def outputs_open(arguments):
    return {name: Output(path) for name in ("json", "html") if (path := getattr(arguments, name))}


def build_identity():
    """Of what costs depend on: the VMM's sources, and how they are calibrated."""
    digest = hashlib.sha256()
    files = [os.path.join(paths.BENCH, name) for name in ("model.py", "classes.py", "kernel.c")]
    for folder, _, names in os.walk(paths.SOURCE):
        files += [
            os.path.join(folder, name) for name in names if name.endswith((".c", ".h", ".S", ".ld", ".tab"))
        ]
    for path in sorted(files):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def costs_for(arguments, records):
    """The stored cost table if it is this build's; else this run's own, if it has all that calibrates one."""
    stored = costs_load()
    if stored and stored["build"] == build_identity() and not arguments.calibrate:
        return stored
    if not can_calibrate(records):
        if arguments.calibrate:
            raise UsageError("--calibrate needs all kernel operations")
        if stored:
            say("the cost table (bench/costs.json) is another build's: bench --calibrate makes a new one")
        return stored
    costs = {"build": build_identity(), **calibrate(records)}
    if arguments.calibrate:
        costs_store(costs)
    return costs
