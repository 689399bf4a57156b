#!/usr/bin/python3
"""Run words of every row in User mode on the emulated board, and hold the outcomes against the decoder."""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from programs import FOLDER, build, path  # noqa: E402

TARGET_FLAGS = [
    "-mcpu=cortex-a8",
    "-mfpu=neon",
    "-mfloat-abi=softfp",
    "-mgeneral-regs-only",
    "-marm",
    "-O2",
    "-std=gnu11",
    "-Wall",
    "-Wextra",
    "-ffreestanding",
    "-nostdlib",
    "-fno-tree-loop-distribute-patterns",
    "-Wl,--build-id=none",
    "-Wl,--no-warn-rwx-segments",
]
QEMU = [
    "qemu-system-arm",
    "-M",
    "realview-pb-a8",
    "-m",
    "256",
    "-display",
    "none",
    "-serial",
    "null",
    "-monitor",
    "none",
    "-semihosting-config",
    "enable=on,target=native",
]


def run_experiment(words_a_row, seed, limit):
    """(agrees, report)."""
    here = path("test/decode/experiment")
    program = build("experiment", [os.path.join(here, "experiment.c")])
    guest = os.path.join(FOLDER, "experiment.elf")
    subprocess.run(
        [
            "arm-none-eabi-gcc",
            *TARGET_FLAGS,
            os.path.join(here, "start.S"),
            os.path.join(here, "guest.c"),
            "-T",
            os.path.join(here, "guest.ld"),
            "-lgcc",
            "-o",
            guest,
        ],
        check=True,
    )
    words, outcomes = os.path.join(FOLDER, "words.bin"), os.path.join(FOLDER, "outcomes.bin")
    if os.path.exists(outcomes):
        os.remove(outcomes)
    subprocess.run([program, "emit", str(words_a_row), str(seed), words], check=True)
    try:
        subprocess.run(
            [*QEMU, "-kernel", guest],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return False, f"the machine did not end within {limit} s"
    if not os.path.exists(outcomes):
        return False, "the machine wrote no outcomes"
    judge = subprocess.run([program, "judge", words, outcomes], stdout=subprocess.PIPE, text=True)
    return judge.returncode == 0, judge.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=100, help="words a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=600, help="seconds")
    arguments = parser.parse_args()
    agrees, report = run_experiment(arguments.words, arguments.seed, arguments.limit)
    print(report, end="")
    sys.exit(not agrees)


if __name__ == "__main__":
    main()
