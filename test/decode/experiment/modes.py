#!/usr/bin/python3
"""Run words of every row at PL0 and in each mode of PL1 on the emulated board; derive from that alone which instructions
are innocuous, privileged and critical; compare with the tables. The result is build/decode/modes.json."""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from experiment import QEMU, TARGET_FLAGS  # noqa: E402
from programs import FOLDER, build, path  # noqa: E402

HERE = path("test/decode/experiment")
REVIEWED = os.path.join(HERE, "reviewed_modes.txt")
RESULT = os.path.join(FOLDER, "modes.json")
# One instruction is a nanosecond: what waits for the timer is told from what computes.
CLOCK = ["-icount", "shift=0,sleep=off"]


def run_modes(words_a_row, seed, limit, reviewed=REVIEWED, result=RESULT):
    """(agrees, report)."""
    program = build(
        "modes",
        [os.path.join(HERE, name) for name in ("modes.c", "modes_words.c")]
        + [
            path(f"src/{n}.c")
            for n in ("boot/command/classify/verdict", "boot/command/classify/handlers", "emul/cp15", "emul/cp15_rows")
        ],
    )
    guest = os.path.join(FOLDER, "modes.elf")
    sources = [os.path.join(HERE, name) for name in ("modes_start.S", "modes_guest.c")]
    layout = ["-T", os.path.join(HERE, "guest.ld"), "-lgcc"]
    subprocess.run(["arm-none-eabi-gcc", *TARGET_FLAGS, *sources, *layout, "-o", guest], check=True)
    words, outcomes = os.path.join(FOLDER, "modes_words.bin"), os.path.join(FOLDER, "modes_outcomes.bin")
    if os.path.exists(outcomes):
        os.remove(outcomes)
    subprocess.run([program, "emit", str(words_a_row), str(seed), words], check=True)
    try:
        subprocess.run(
            [*QEMU, *CLOCK, "-kernel", guest],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return False, f"the machine did not end within {limit} s"
    if not os.path.exists(outcomes):
        return False, "the machine wrote no outcomes"
    derive = subprocess.run(
        [program, "derive", words, outcomes, reviewed, result], stdout=subprocess.PIPE, text=True
    )
    os.remove(outcomes)  # tens of megabytes
    return derive.returncode == 0, derive.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=12, help="words a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=600, help="seconds")
    arguments = parser.parse_args()
    agrees, report = run_modes(arguments.words, arguments.seed, arguments.limit)
    print(report, end="")
    sys.exit(not agrees)


if __name__ == "__main__":
    main()
