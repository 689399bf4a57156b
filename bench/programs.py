"""The guest programs of bench/, compiled when their source is newer."""

import os
import subprocess

import paths
from messages import UsageError

COMPILER = "arm-linux-gnueabihf-gcc"
# Markers are A32 words (measure.h).
OPTIONS = "-O2 -static -marm -mcpu=cortex-a8 -mfpu=neon -mfloat-abi=hard -Wall -Wextra".split()
PROGRAMS = ("kernel", "processor", "mark")
BUILD = os.path.join(paths.BUILD, "bench")


def program(name):
    os.makedirs(BUILD, exist_ok=True)
    sources = [os.path.join(paths.BENCH, file) for file in (name + ".c", "measure.h")]
    out = os.path.join(BUILD, name)
    if not os.path.exists(out) or os.path.getmtime(out) < max(map(os.path.getmtime, sources)):
        done = subprocess.run(
            [COMPILER, *OPTIONS, "-o", out, sources[0], "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise UsageError(f"compiling {sources[0]} failed: {done.stderr}")
    return out


def programs_add():
    """(host path, guest path) of each."""
    return [(program(name), "/" + name) for name in PROGRAMS]
