"""Beyond the comparison of all workloads: what each technique is worth, other kernels and memory sizes,
growth, the code cache's size, wall-clock time, idling. Each gives a plain dictionary for the report."""

import os
import re
import resource
import subprocess
import time

import paths
from contracts import switch_rows
from bench.measure import Progress, Runner, run_all
from messages import GuestError, say
from options import size_parse
from bench.other_kernels import realtime_kernel
from bench.programs import programs_add
from run_folder import ScratchFolder
from setup import IS_SET_UP
from bench.summary import geometric_mean, record
from bench.workloads import BOOT, growth_workloads, workloads

# A Linux guest without these makes hundreds of millions of exits (docs/design.md 9): bare-metal guests show
# them.
EVERYWHERE = ("chaining", "jump_map", "inline_branch", "all")
ABLATION = "null read stat sig_handle pipe fork exec pgfault pgfault_anon mmap".split()
# Guests of test/guest that do the same natively, for long enough that the VMM's start does not matter.
BARE = ("newlib", "calls", "exceptions_svc")
# Techniques that are turned off together, by the name of their row; what is left are the translator's.
GROUPS = {
    "memory and devices": "icache_gate,fill_ahead,device_sites,direct_devices,light_exits,tlb_loops,"
    "switch_pairs,wfi_idle"
}
CODE_CACHES = ("256K", "512K", "1M", "2M", "3M", "4M", "6M", "8M")
CODE_CACHE_BUDGET = "24M"  # so that nothing else is short
SMALL_MEMORY = "64M"
CLOCK_RUNS = 3  # the least counts
IDLE_SECONDS = 10


def rows_named(names):
    return [row for row in workloads() if row.name in names]


def run_sets(sets, percent):
    """[(rows, native?, options)]: their results, two runs at a time."""
    progress = Progress(sum(len(rows) + 1 for rows, _, _ in sets))
    try:
        return run_all([Runner(rows, percent, programs_add(), *rest, progress) for rows, *rest in sets])
    finally:
        progress.end()


def compare(rows, native, virtual):
    return [record(row, native[row.name], virtual[row.name]) for row in [BOOT] + rows]


def without(name):
    """The option for a row of an ablation."""
    return ["--without", GROUPS.get(name, name)] if name else []


def ablation(percent):
    """{technique or group: {workload: ratio to native}}; "" with everything on."""
    rows = rows_named(ABLATION)
    names = [""] + [name for name, _ in switch_rows() if name not in EVERYWHERE] + list(GROUPS)
    sets = [(rows, True, [])] + [(rows, False, without(name)) for name in names]
    say(f"each technique off: {len(names)} runs")
    native, *virtual = run_sets(sets, percent)
    return {
        name: {r["name"]: r["ratio"] for r in compare(rows, native, result)}
        for name, result in zip(names, virtual)
    }


def bare_ablation():
    """The same of bare-metal guests, the techniques among them that Linux cannot do without: {technique:
    {guest: ratio to everything on}}."""
    names = [""] + [name for name, _ in switch_rows()] + list(GROUPS) + ["all"]
    say(f"each technique off, bare-metal guests: {len(names)} runs of {len(BARE)}")
    figures = {name: {guest: bare_run(guest, name) for guest in BARE} for name in names}
    return {
        name: {guest: count / figures[""][guest] for guest, count in row.items()}
        for name, row in figures.items()
    }


def bare_run(guest, name):
    """Instructions of the whole run, the VMM's start included."""
    elf = os.path.join(paths.GUEST_ELFS, guest + ".elf")
    with ScratchFolder() as folder:
        stats = os.path.join(folder.name, "stats")
        armature("boot", "--kernel", elf, "--icount", "--stats", stats, *without(name))
        with open(stats, encoding="utf-8") as file:
            return int(re.search(r'"time_us": (\d+)', file.read()).group(1))


def armature(*arguments):
    done = subprocess.run(
        [os.path.join(paths.CHECKOUT, "armature"), *arguments],
        env=dict(os.environ, **{IS_SET_UP: "1"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise GuestError(
            f"'armature {' '.join(arguments)}' ended with status {done.returncode}: {done.stderr[-500:]}"
        )
    return done


def realtime(percent):
    """Kernel operations on Debian's PREEMPT_RT kernel."""
    kernel = realtime_kernel()
    say("Debian's PREEMPT_RT kernel, " + os.path.basename(kernel))
    return with_options(percent, ["--kernel", kernel])


def small_memory(percent):
    say(f"{SMALL_MEMORY} of guest memory")
    return with_options(percent, ["--memory", SMALL_MEMORY])


def with_options(percent, options):
    rows = [row for row in workloads() if row.group == "kernel"]
    native, virtual = run_sets([(rows, True, options), (rows, False, options)], percent)
    return {r["name"]: r["ratio"] for r in compare(rows, native, virtual)}


def growth(percent):
    """{workload: {live processes: (native, virtual) of one operation}}"""
    rows = growth_workloads()
    say("growth: up to a thousand live processes")
    native, virtual = run_sets([(rows, True, []), (rows, False, [])], percent)
    found = {}
    for r in compare(rows, native, virtual)[1:]:
        name, _, live = r["name"].rpartition("_live_")
        found.setdefault(name, {})[int(live)] = [r["native"] / r["count"], r["virtual"] / r["count"]]
    return found


def code_cache(percent):
    """[{code_cache, translations, flushes, ratio}]: what a smaller code cache costs a boot and program
    starts."""
    rows = rows_named(("exec", "sh"))
    say("sizes of the code cache: " + ", ".join(CODE_CACHES))
    sets = [(rows, True, [])] + [
        (rows, False, ["--budget", CODE_CACHE_BUDGET, "--code-cache", size]) for size in CODE_CACHES
    ]
    native, *virtual = run_sets(sets, max(percent // 10, 1))  # the smallest translate all the time
    found = []
    for size, result in zip(CODE_CACHES, virtual):
        together = [m.counters for m in result.values()]
        found.append(
            {
                "code_cache": size_parse(size),
                "translations": sum(c.get("translations", 0) for c in together),
                "flushes": sum(c.get("cache_flushes", 0) for c in together),
                "ratio": geometric_mean(r["ratio"] for r in compare(rows, native, result)),
            }
        )
    return found


def least(clock, *arguments):
    """Seconds by that clock of one run of the command."""
    taken = []
    for _ in range(CLOCK_RUNS):
        start = clock()
        armature(*arguments)
        taken.append(clock() - start)
    return min(taken)


def wall_clock():
    """Seconds of a boot that ends at once, by the host's clock: the emulator's own costs differ."""
    say("wall-clock time of a boot")
    native, virtual = (least(time.monotonic, which, "--exec", "true") for which in ("native", "boot"))
    return {"native": native, "virtual": virtual, "ratio": virtual / native}


def processor_time():
    """Of the ended commands."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def idle():
    """Processor seconds of the host, for a guest that boots, sleeps and ends; beyond those for one that does
    not sleep."""
    say(f"a guest that sleeps for {IDLE_SECONDS} seconds")
    runs = {
        "native": ["native"],
        "virtual": ["boot"],
        "virtual, without wfi_idle": ["boot", "--without", "wfi_idle"],
    }
    return {
        name: least(processor_time, *command, "--exec", f"sleep {IDLE_SECONDS}")
        - least(processor_time, *command, "--exec", "true")
        for name, command in runs.items()
    }


STUDIES = {
    "ablation": ablation,
    "bare_ablation": lambda percent: bare_ablation(),
    "realtime": realtime,
    "small_memory": small_memory,
    "growth": growth,
    "code_cache": code_cache,
    "wall_clock": lambda percent: wall_clock(),
    "idle": lambda percent: idle(),
}


def study_text(name, result):
    yield ""
    yield name.replace("_", " ") + ":"
    rows = (
        result.items() if isinstance(result, dict) else ((f"{r['code_cache'] >> 10} KiB", r) for r in result)
    )
    for key, value in rows:
        yield f"    {key or 'everything on'}: {value_text(value)}"


def value_text(value):
    if isinstance(value, dict):
        return ", ".join(f"{key} {value_text(one)}" for key, one in value.items())
    if isinstance(value, list):
        return " / ".join(map(value_text, value))
    return f"{value:,.3f}" if isinstance(value, float) and value < 1000 else f"{value:,.0f}"
