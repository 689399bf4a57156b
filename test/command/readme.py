"""The README's transcripts: each command that it shows after "$ ", with what it shows of its output.

What depends on the versions of kernel and build is compared as follows: hashes by their length, numbers of
versions and dates not at all, sizes of the VMM's parts to within a tenth.
"""

import os
import re
import shlex

from harness import CHECKOUT, expect, expect_equal, expect_status, run_armature

TRANSCRIPT = re.compile(r"^    \$ \./armature (.*)\n((?:    .*\n)*)", re.MULTILINE)
NEUTRAL = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "HASH"),
    (re.compile(r"(?<![A-Za-z0-9.])\d+(\.\d+)+(-\d+)?"), "VERSION"),
    (re.compile(r"\(\d{4}-\d\d-\d\d\)"), "DATE"),
)
SIZES = re.compile(r"^armature: guest RAM .*: image ")
NEAR = 0.1


def transcripts():
    """[(arguments, lines of the VMM's and the command's, lines of the guest's)]"""
    with open(os.path.join(CHECKOUT, "README.md"), encoding="utf-8") as file:
        found = TRANSCRIPT.findall(file.read())
    shown = []
    for command, text in found:
        lines = [line[4:] for line in text.splitlines()]
        said = [line for line in lines if line.startswith("armature: ")]
        shown.append((shlex.split(command), said, [line for line in lines if line not in said]))
    return shown


def neutral(lines):
    text = "\n".join(line.rstrip() for line in lines)
    for pattern, name in NEUTRAL:
        text = pattern.sub(name, text)
    return text


def sizes_compare(shown, said):
    """Of the announcement: the same words, and behind "VMM" all numbers near those shown."""
    expect_equal(re.sub(r"\d+", "N", said), re.sub(r"\d+", "N", shown), "the announcement")
    here, there = ([int(n) for n in re.findall(r"\d+", line.partition("VMM")[2])] for line in (said, shown))
    for now, then in zip(here, there):
        expect(abs(now - then) <= NEAR * now, f"README.md shows {then} KiB where it is {now}:\n{said}")


def said_compare(shown, said):
    for line in [line for line in shown if SIZES.match(line)]:
        found = [other for other in said if SIZES.match(other)]
        expect(len(found) == 1, f"{len(found)} announcements, not 1")
        sizes_compare(line, found[0])
    rest = ([line for line in lines if not SIZES.match(line)] for lines in (said, shown))
    expect_equal(*map(neutral, rest), "what starts with armature:", "now", "README.md")


def test_transcripts():
    shown = transcripts()
    expect(len(shown) >= 2, f"README.md shows {len(shown)} commands with their output")
    for arguments, said, output in shown:
        result = run_armature(*arguments, limit=600)
        expect_status(result, 0, " ".join(arguments))
        expect_equal(neutral(result.output.splitlines()), neutral(output), "the output", "now", "README.md")
        said_compare(said, [line for line in result.log.splitlines() if line.startswith("armature: ")])
