"""The tree is as .clang-format has it, and no line is longer than it says."""

import os
import re
import subprocess

from harness import CHECKOUT, expect

C = (".c", ".h")
TEXT = C + (".S", ".py", ".cmake", ".ld")


def tracked(endings):
    names = subprocess.run(
        ["git", "-C", CHECKOUT, "ls-files"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [name for name in names if name.endswith(endings) and os.path.exists(os.path.join(CHECKOUT, name))]


def columns():
    with open(os.path.join(CHECKOUT, ".clang-format"), encoding="ascii") as file:
        return int(re.search(r"^ColumnLimit: (\d+)", file.read(), re.MULTILINE).group(1))


def test_c():
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *tracked(C)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    files = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.MULTILINE)))
    expect(
        not files and not done.returncode,
        f"clang-format -i would change: {' '.join(files) or done.stderr[-500:]}",
    )


def test_columns():
    most, long = columns(), []
    for name in tracked(TEXT):
        with open(os.path.join(CHECKOUT, name), encoding="utf-8") as file:
            long += [f"{name}:{i}" for i, line in enumerate(file, 1) if len(line.rstrip("\n")) > most]
    expect(not long, f"lines of more than {most} columns: " + " ".join(long))
