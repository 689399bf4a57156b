#!/usr/bin/env python3
"""Thumb instructions and their A32 translations, executed side by side on the board's emulator.

generate.c makes random instances with the VMM's own translator, runner.c runs both forms of each from the
same states and compares. Alone: thumb.py [SEED [ROW]], which keeps its files and shows what the runner
prints.
"""

import glob
import os
import re
import subprocess
import sys
import threading

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(CHECKOUT, "test"))
from harness import TestFailure, expect, long_test  # noqa: E402  (test/harness.py)

HERE = os.path.join(CHECKOUT, "test", "lowering")
SOURCES = os.path.join(CHECKOUT, "src")
SCRATCH = os.path.join(CHECKOUT, "build", "test", "lowering")
RUNNER = os.path.join(SCRATCH, "runner.elf")
GENERATE = os.path.join(SCRATCH, "generate")
INSTANCES = 13000  # or as many as fit
LIMIT = 120        # seconds
building = threading.Lock()
built = []


def command(*arguments, limit=LIMIT):
    try:
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TestFailure(f"{os.path.basename(arguments[0])} ran into the limit of {limit} s") from None


def build():
    with building:
        if built:
            return
        generated = os.path.join(SCRATCH, "generated")
        os.makedirs(generated, exist_ok=True)
        step("/usr/bin/python3", "-B", os.path.join(SOURCES, "decoder", "generate.py"), "--out", generated)
        step(
            "gcc",
            "-O1",
            "-g",
            "-Wall",
            "-Wextra",
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=undefined",
            "-I" + SOURCES,
            "-I" + generated,
            "-o",
            GENERATE,
            os.path.join(HERE, "generate.c"),
            os.path.join(SOURCES, "cache", "verifier.c"),
            os.path.join(SOURCES, "decoder", "decode.c"),
            # Not make.c: it enters blocks into the code cache, which is not here.
            *sorted(p for p in glob.glob(os.path.join(SOURCES, "dbt", "*.c")) if not p.endswith("/make.c")),
            *sorted(glob.glob(generated + "/*.c")),
        )
        step("arm-none-eabi-gcc", "-mcpu=cortex-a8", "-mfloat-abi=soft", "-marm", "-std=gnu11", "-O2", "-g",
             "-Wall", "-Wextra", "-I" + SOURCES, "-ffreestanding", "-nostartfiles", "--specs=nosys.specs",
             "-T", os.path.join(HERE, "runner.ld"),
             "-Wl,--build-id=none", "-Wl,--no-warn-rwx-segments", "-o", RUNNER,
             os.path.join(HERE, "start.S"), os.path.join(HERE, "runner.c"))
        built.append(True)


def step(*arguments):
    done = command(*arguments)
    expect(done.returncode == 0, f"{os.path.basename(arguments[0])}: status {done.returncode}\n{done.stdout}")


def run_seed(seed, *row):
    """What the runner prints."""
    build()
    instances = os.path.join(SCRATCH, f"instances-{seed}.bin")
    done = command(GENERATE, instances, str(INSTANCES), str(seed), *row)
    expect(done.returncode == 0, f"generate, seed {seed}: status {done.returncode}\n{done.stdout}")
    done = command("/usr/bin/qemu-system-arm", "-M", "realview-pb-a8", "-m", "512", "-audiodev", "none,id=n",
                   "-display",
                   "none",
                   "-monitor",
                   "none",
                   "-serial",
                   "null",
                   "-semihosting",
                   "-kernel",
                   RUNNER,
                   "-device", f"loader,file={instances},addr=0x70100000,force-raw=on")
    if not row:
        os.remove(instances)
    return done.stdout


def check_seed(seed, *row):
    output = run_seed(seed, *row)
    found = re.search(r"^(\d+) instances, .* (\d+) data aborts; (\d+) mismatches$", output, re.MULTILINE)
    expect(found and found[3] == "0", f"seed {seed}:\n{output}")
    expect(row or (int(found[1]) > 5000 and int(found[2]) > 1000), f"seed {seed}: too little of it\n{output}")
    return output


def test_thumb():
    for seed in (1, 2, 3):
        check_seed(seed)


@long_test
def test_thumb_many():
    for seed in range(100, 400):
        check_seed(seed)


if __name__ == "__main__":
    try:
        sys.stdout.write(check_seed(sys.argv[1] if len(sys.argv) > 1 else "1", *sys.argv[2:3]))
    except TestFailure as failure:
        sys.exit(str(failure))
