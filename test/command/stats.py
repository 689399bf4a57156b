"""--stats: the VMM's counters come however the guest ends, and the status is the native run's."""

import json
import os

import harness
from harness import CHECKOUT, expect, expect_equal, expect_status, run_armature

GUESTS = os.path.join(CHECKOUT, "build/vmm/guest")


def counters(guest, status, *options):
    """Of a virtual run, which must end so."""
    path = os.path.join(harness.SCRATCH, "stats." + os.path.basename(guest))
    if os.path.exists(path):
        os.unlink(path)
    result = run_armature(
        "boot", "--kernel", os.path.join(GUESTS, guest), "--stats", path, *options, limit=240
    )
    expect_status(result, status, guest)
    with open(path, encoding="utf-8") as file:
        found = json.load(file)
    expect(found["exits"] > 0, f"{guest}: no exits")
    return result, found


def test_guests_that_do_not_power_off():
    for guest in ("ends_idle.elf", "ends_spin.elf"):
        native = run_armature("native", "--kernel", os.path.join(GUESTS, guest), "--timeout", 60)
        expect_status(native, 0, f"{guest}, natively")
        # Longer than its run, shorter than what it goes on for: the last word counts.
        for options in ((), ("--timeout", "1"), ("--icount",), ("--without", "direct_devices")):
            result, _ = counters(guest, 0, *options)
            expect_equal(result.output, native.output, f"{guest} {options}: the output")


def test_other_ends():
    counters("hello.elf", 0)
    counters("hostile/spin_masked.elf", 124, "--timeout", "2")
    counters("hostile/window_mapped.elf", 125)
