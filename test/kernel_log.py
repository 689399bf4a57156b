"""The guest's kernel log equals the native one, line by line, but for a few differences with reasons."""

import re

from harness import expect, expect_equal, expect_status, run_native, run_virtual

# What may differ between the two logs, with the reason. (pattern, replacement) on each line without its time.
ALLOWED = (
    # A calibration by the clock: nothing two machines have in common.
    (r"[\d.]+ BogoMIPS( \(lpj=\d+\))?", "N BogoMIPS"),
    # Times, of the guest's start and of the run's.
    (r"^audit: type=2000 audit\([\d.:]+\)", "audit"),
    (r"setting system clock to .*", "setting system clock"),
    # The PSCI node makes the device tree a page larger.
    (r"^(Memory: )\d+K(/.*, )\d+K reserved", r"\1NK\2NK reserved"),
    # PSCI is what the guest machine has and the bare board lacks.
    (r"^psci: .*", None),
)
# Said by kernel threads that run beside the rest of the boot: their places among the lines are left to the
# scheduler.
UNORDERED = re.compile(r"^(Freeing initrd memory|Trying to unpack rootfs image|audit$|audit: )")
COMPLAINT = re.compile(r"WARNING|Oops|BUG|[Uu]nexpected|[Uu]nhandled|Call trace|rcu:.*stall|Internal error")


def log_normalized(output):
    ordered, unordered = [], []
    for line in output.splitlines():
        line = re.sub(r"^\[ *\d+\.\d+\] ", "", line)
        for pattern, replacement in ALLOWED:
            if re.search(pattern, line):
                line = None if replacement is None else re.sub(pattern, replacement, line)
                break
        if line is not None:
            (unordered if UNORDERED.search(line) else ordered).append(line)
    return "\n".join(ordered + sorted(unordered))


def log_is_native(**options):
    """By the deterministic clock: what a kernel says of its timing must not hang on how busy this machine
    is."""
    native, virtual = (run("dmesg", icount=True, **dict(options)) for run in (run_native, run_virtual))
    for result in (native, virtual):
        expect_status(result, 0)
        expect("Run /init as init process" in result.output, "this is no kernel log\n" + result.tail())
    expect_equal(
        log_normalized(virtual.output), log_normalized(native.output), "the kernel's log", "virtual", "native"
    )
    complaints = [line for line in virtual.output.splitlines() if COMPLAINT.search(line)]
    known = log_normalized(native.output)
    expect(all(log_normalized(line) in known for line in complaints), "complaints:\n" + "\n".join(complaints))
