"""Ends of guests that have alignment checking on (SCTLR.A): the VMM speaks as ever."""

import json
import os

from harness import CHECKOUT, expect, expect_equal, expect_status, run_armature, scratch_file

GUESTS = os.path.join(CHECKOUT, "build/vmm/guest")


def boot(name, *options):
    return run_armature(
        "boot", "--kernel", os.path.join(GUESTS, name + ".elf"), "--timeout", "60", *options, limit=240
    )


def test_message():
    result = boot("align_message")
    expect_status(result, 0)
    expect_equal(result.output, "done\n", "the output")
    expect("guest read from unassigned address 50000000" in result.log, "not told:\n" + result.log)


def test_stats():
    path = scratch_file("align_stats.json")
    result = boot("align_off", "--stats", path)
    expect_status(result, 0)
    expect_equal(result.output, "bye\n", "the output")
    with open(path, encoding="utf-8") as file:
        expect(json.load(file)["exits"] > 0, "no exit was counted")


def test_timeout():
    result = boot("align_loop", "--timeout", "5")
    expect_status(result, 124)
    expect("timeout: the guest was stopped at pc 7" in result.log, "no line of the VMM's:\n" + result.log)
