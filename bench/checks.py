"""The cycle model against published figures of a real Cortex-A8 (docs/cycles.md): natively, by the model
`am335x`."""

from collections import namedtuple

from bench.cycles import cycles_options, of_side
from bench.measure import Progress, Runner, run_all
from bench.programs import program
from bench.workloads import Workload

MODEL = "am335x"  # 1 GHz: a nanosecond is a cycle
WITHIN = 0.15
# TI, Processor SDK Linux 07.00.00, Release Specific CoreSDK Performance Guide: lmbench on the AM335x EVM.
GUIDE = "TI performance guide 07.00.00"

Check = namedtuple("Check", "name count cycles source")


def bandwidth(megabytes):
    """Cycles a KiB of so many 10^6 bytes a second."""
    return 1024 * 1000 / megabytes


CHECKS = (
    Check("latency_16k", 20000, 3.02, f"{GUIDE}: lat_mem_rd-stride128-sz31k"),
    Check("latency_128k", 20000, 11.68, f"{GUIDE}: lat_mem_rd-stride128-sz125k"),
    Check("latency_1m", 20000, 220.9, f"{GUIDE}: lat_mem_rd-stride128-sz1000k"),
    Check("read_8m", 2048, bandwidth(252.47), f"{GUIDE}: bw_mem-rd-16mb"),
    Check("write_8m", 8192, bandwidth(996.57), f"{GUIDE}: bw_mem-wr-16mb"),
    Check("copy_8m", 8192, bandwidth(202.82), f"{GUIDE}: bw_mem-bcopy-16mb"),
    Check("add", 20000, 1.00, f"{GUIDE}: lat_ops-int-add"),
    Check("multiply", 20000, 6.06, f"{GUIDE}: lat_ops-int-mul"),
    Check("float_multiply", 20000, 10.02, f"{GUIDE}: lat_ops-float-mul"),
    Check("double_multiply", 20000, 11.02, f"{GUIDE}: lat_ops-double-mul"),
)


def checks_run():
    """[(check, estimated cycles an operation)]"""
    rows = [Workload(c.name, "check", f"/check {c.name} {c.count}", None, False) for c in CHECKS]
    added = [(program(name), "/" + name) for name in ("check", "mark")]
    progress = Progress(len(rows) + 1)
    try:
        (result,) = run_all([Runner(rows, 100, added, True, cycles_options((MODEL,)), progress)])
    finally:
        progress.end()
    return [(c, of_side(result[c.name])[MODEL]["total"] / c.count) for c in CHECKS]


def checks_table(found):
    yield f"{'cycles an operation':<18} {'published':>10} {'estimated':>10} {'off':>8}   source"
    for check, cycles in found:
        off = cycles / check.cycles - 1
        mark = "" if abs(off) <= WITHIN else "  over 15 %"
        figures = f"{check.cycles:>10,.2f} {cycles:>10,.2f} {100 * off:>+7.1f}%"
        yield f"{check.name:<18} {figures}   {check.source}{mark}"
    within = sum(abs(cycles / check.cycles - 1) <= WITHIN for check, cycles in found)
    yield f"{within} of {len(found)} are within {100 * WITHIN:.0f} %"
