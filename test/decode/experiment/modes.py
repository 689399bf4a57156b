#!/usr/bin/python3
"""Run words of every row at PL0 and in each mode of PL1 on the emulated board; derive from that alone which
instructions are innocuous, privileged and critical; compare with the tables. The result is
build/decode/modes.json."""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from experiment import HERE, command_line, run_on_board  # noqa: E402
from programs import FOLDER, build, path  # noqa: E402

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
            for n in ("classify/verdict", "classify/handlers", "emul/cp15", "emul/cp15_rows")
        ],
    )
    files = run_on_board(
        program, words_a_row, seed, "modes_", ("modes_start.S", "modes_guest.c"), limit, CLOCK
    )
    if isinstance(files, str):
        return False, files
    derive = subprocess.run(
        [program, "derive", *files, reviewed, result], stdout=subprocess.PIPE, text=True
    )
    os.remove(files[1])  # tens of megabytes
    return derive.returncode == 0, derive.stdout


if __name__ == "__main__":
    command_line(__doc__, run_modes, words=12)
