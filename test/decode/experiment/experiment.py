#!/usr/bin/python3
"""Run words of every row in User mode on the emulated board, and hold the outcomes against the decoder."""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from programs import FOLDER, build, path  # noqa: E402

HERE = path("test/decode/experiment")
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


def run_on_board(program, words_a_row, seed, prefix, sources, limit, options=()):
    """Words that `program` chooses, run by a bare-metal program made of `sources`: the files of words and of
    outcomes; or what went wrong, a string."""
    words, outcomes = (os.path.join(FOLDER, prefix + name) for name in ("words.bin", "outcomes.bin"))
    guest = os.path.join(FOLDER, prefix + "guest.elf")
    sources = [os.path.join(HERE, name) for name in (*sources, "bare.c")]
    layout = ["-T", os.path.join(HERE, "guest.ld"), "-lgcc"]
    subprocess.run(["arm-none-eabi-gcc", *TARGET_FLAGS, *sources, *layout, "-o", guest], check=True)
    if os.path.exists(outcomes):
        os.remove(outcomes)
    subprocess.run([program, "emit", str(words_a_row), str(seed), words], check=True)
    try:
        subprocess.run(
            [*QEMU, *options, "-kernel", guest],
            cwd=FOLDER,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return f"the machine did not end within {limit} s"
    return (words, outcomes) if os.path.exists(outcomes) else "the machine wrote no outcomes"


def run_experiment(words_a_row, seed, limit):
    """(agrees, report)."""
    program = build("experiment", [os.path.join(HERE, "experiment.c")])
    files = run_on_board(program, words_a_row, seed, "", ("start.S", "guest.c"), limit)
    if isinstance(files, str):
        return False, files
    judge = subprocess.run([program, "judge", *files], stdout=subprocess.PIPE, text=True)
    return judge.returncode == 0, judge.stdout


def command_line(description, run, words):
    """The scripts' common part: run(words_a_row, seed, limit) is (agrees, report)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--words", type=int, default=words, help="words a row")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=600, help="seconds")
    arguments = parser.parse_args()
    agrees, report = run(arguments.words, arguments.seed, arguments.limit)
    print(report, end="")
    sys.exit(not agrees)


if __name__ == "__main__":
    command_line(__doc__, run_experiment, words=100)
