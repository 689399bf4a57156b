#!/usr/bin/python3
"""Whatever a guest can probe answers as on QEMU's own board: the map itself, then every byte of every device,
as reset left it and after writes. Any difference fails; what is not tried is in NOT_WRITTEN, with the reason.
"""

import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from compare import BOARD, GICD, LIMIT, Machine, TestFailure, shell, stopped_board  # noqa: E402

RAM = (0x0, 0x70000000)  # the guest's RAM is not the bus's
PATTERNS = [0xFFFFFFFF, 0xA5A5A5A5, 0x5A5A5A5A, 0]
SIZES = {"l": 4, "w": 2, "b": 1}

# (address, pattern): why it is left out.
NOT_WRITTEN = {(GICD + 0xF20 + 4 * n, 0): "QEMU aborts at a zero written to SPENDSGIR" for n in range(4)}


def board_map():
    """The address ranges of QEMU's board, but for the guest's RAM."""
    command = [*BOARD, "-S", "-serial", "null"]
    command[command.index("-monitor") + 1] = "stdio"
    done = subprocess.run(
        command,
        input="info mtree -f\nquit\n",
        text=True,
        capture_output=True,
        timeout=LIMIT,
        check=False,
    )
    view = re.search(r' AS "memory", root: system\n(.*?)\n\s*\n', done.stdout.replace("\r", ""), re.DOTALL)
    if not view:
        raise TestFailure(f"no map from QEMU:\n{done.stdout}{done.stderr}")
    ranges = re.findall(r"^ +0*([0-9a-f]{8})-0*([0-9a-f]{8}) ", view[1], re.MULTILINE)
    return {(int(first, 16), int(last, 16)) for first, last in ranges if int(first, 16) not in RAM}


def replica_map():
    with Machine([shell()]) as ours:
        words = ours.ask(["map"])[0][0].split()[:-1]
    return {tuple(int(end, 16) for end in word.split("-")) for word in words}


def as_text(ranges):
    return ", ".join(f"{first:08x}-{last:08x}" for first, last in sorted(ranges)) or "nothing"


def reads(first, last):
    """Of every word, halfword and byte."""
    return [
        f"read{letter} {address:#x}"
        for letter, size in SIZES.items()
        for address in range(first, last + 1, size)
    ]


def probes(first, last):
    """Each word is written and read back at once, then all are read: does it keep what is written, does
    another change?"""
    for pattern in PATTERNS:
        for letter in "lb":
            for address in range(first, last + 1, 4):
                if (address, pattern) not in NOT_WRITTEN:
                    yield f"write{letter} {address:#x} {pattern & (1 << 8 * SIZES[letter]) - 1:#x}"
                    yield f"readl {address:#x}"
            yield from reads(first, last)


def differences(first, last):
    commands = [*reads(first, last), *probes(first, last), f"readl {GICD + 0x204:#x}"]
    with stopped_board() as theirs, Machine([shell()]) as ours:
        for start in range(0, len(commands), 500):
            batch = commands[start : start + 500]
            for command, their, our in zip(batch, theirs.ask(batch), ours.ask(batch)):
                if their != our:
                    yield f"{command}: QEMU {their}, replica {our}"


def test_map():
    theirs, ours = board_map(), replica_map()
    if theirs != ours:
        raise TestFailure(f"only QEMU has {as_text(theirs - ours)}; only we have {as_text(ours - theirs)}")


def test_probe():
    for first, last in sorted(replica_map()):
        found = list(differences(first, last))
        if found:
            lines = "\n".join(found[:15])
            raise TestFailure(f"{len(found)} differences at {first:08x}:\n{lines}")


def main():
    try:
        test_map()
        test_probe()
    except TestFailure as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
