"""NOTICE names every member of other projects' libraries that is linked into the VMM."""

import os
import re

from harness import CHECKOUT, expect


def linked_members():
    with open(os.path.join(CHECKOUT, "build/vmm/vmm.map"), encoding="utf-8", errors="replace") as file:
        text = file.read()
    included = text.partition("Archive member included")[2].partition("Memory Configuration")[0]
    return set(re.findall(r"(lib\w+\.a\([^)]*\))", included))


def test_members_are_listed():
    with open(os.path.join(CHECKOUT, "NOTICE"), encoding="utf-8") as file:
        listed = set(re.findall(r"(lib\w+\.a\([^)]*\))", file.read()))
    linked = linked_members()
    expect(linked, "the linker's map names no library at all")
    expect(not linked - listed, f"linked, and not listed: {' '.join(sorted(linked - listed))}")
