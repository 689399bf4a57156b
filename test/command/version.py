"""The version has one home: the command and the VMM say what it holds."""

import os
import re

from harness import CHECKOUT, expect, expect_equal, expect_status, run_armature

HELLO = os.path.join(CHECKOUT, "build/vmm/guest/hello.elf")


def version():
    with open(os.path.join(CHECKOUT, "VERSION"), encoding="ascii") as file:
        return file.read().rstrip("\n")


def test_command_says_it():
    result = run_armature("--version")
    expect_status(result, 0)
    expect_equal(result.output, f"armature {version()}\n", "stdout")
    expect_equal(result.log, "", "stderr")


def test_vmm_begins_with_it():
    result = run_armature("boot", "--kernel", HELLO, limit=120)
    expect_status(result, 0)
    said = [line for line in result.log.splitlines() if not line.startswith("armature: kernel ")]
    expect_equal(said[:1], [f"armature: version {version()}"], "the VMM's first line")


def test_changes_tell_of_it():
    """The newest section of CHANGES.md is this version's, and a version is three numbers."""
    with open(os.path.join(CHECKOUT, "CHANGES.md"), encoding="utf-8") as file:
        newest = re.search(r"^## (\S+)", file.read(), re.MULTILINE)
    expect(re.fullmatch(r"\d+\.\d+\.\d+", version()), f"VERSION has '{version()}'")
    expect_equal(newest and newest.group(1), version(), "the newest section of CHANGES.md")
