"""The two CMake builds: the VMM (with the bare-metal test guests), and the host tests."""

import hashlib
import os
import re
import shutil
import subprocess

import paths
from messages import UsageError, say
from streams import stderr_write

BUILDS = (
    ("the VMM", paths.BUILD_VMM, ["--toolchain", os.path.join(paths.SOURCE, "boot/toolchain.cmake")]),
    ("the host tests and the profiler's plugin", paths.BUILD_HOST, []),
)
INPUTS = ("CMakeLists.txt", "VERSION", "bench", "src", "test")
STAMP = os.path.join(paths.STAMPS, "build")


def build_all():
    inputs = fingerprint()
    if os.path.exists(paths.VMM_ELF) and stamp_read() == inputs:
        return
    for name, folder, options in BUILDS:
        build(name, folder, options)
    os.makedirs(paths.STAMPS, exist_ok=True)
    with open(STAMP, "w", encoding="ascii") as file:
        file.write(inputs)


def build(name, folder, options, targets=()):
    """targets: all by default."""
    other = configured_elsewhere(folder)
    if other:
        say(f"{os.path.relpath(folder, paths.CHECKOUT)} was configured for {other}: configuring afresh")
        shutil.rmtree(folder)
    say(f"building {name}")
    if not os.path.exists(os.path.join(folder, "build.ninja")):
        configure = [
            "cmake", "-G", "Ninja", "-S", paths.CHECKOUT, "-B", folder, "-DCMAKE_BUILD_TYPE=None", *options
        ]
        run(configure, name)
    run(["ninja", "-C", folder, *targets], name)


def configured_elsewhere(folder):
    """The checkout that a build folder has the sources of, if it is another: this one was copied or moved.
    None else."""
    try:
        with open(os.path.join(folder, "CMakeCache.txt"), encoding="utf-8", errors="surrogateescape") as file:
            cached = dict(
                re.findall(r"^(CMAKE_HOME_DIRECTORY|CMAKE_CACHEFILE_DIR):INTERNAL=(.*)$", file.read(), re.M)
            )
    except FileNotFoundError:
        return None
    for name, ours in (("CMAKE_HOME_DIRECTORY", paths.CHECKOUT), ("CMAKE_CACHEFILE_DIR", folder)):
        if cached.get(name) and os.path.realpath(cached[name]) != os.path.realpath(ours):
            return cached["CMAKE_HOME_DIRECTORY"]
    return None


def fingerprint():
    """Names, sizes and times of all that the builds read. Ninja would say the same, but takes ten times as
    long."""
    digest = hashlib.sha256()
    for top in INPUTS:
        path = os.path.join(paths.CHECKOUT, top)
        files = (
            [path]
            if os.path.isfile(path)
            else sorted(
                os.path.join(folder, name)
                for folder, _, names in os.walk(path)
                for name in names
                if not name.endswith((".py", ".md")) or name == "generate.py"
            )
        )
        for file in files:
            try:
                status = os.stat(file, follow_symlinks=False)
            except FileNotFoundError:  # an editor's, that came and went
                continue
            digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def stamp_read():
    try:
        with open(STAMP, encoding="ascii") as file:
            return file.read()
    except OSError:
        return None


def run(command, name):
    """Quiet while all is well: on a terminal ninja's own line shows progress, elsewhere only failures are
    printed."""
    environment = dict(os.environ, NINJA_STATUS="[%f/%t] ")
    terminal = os.isatty(2)
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        text=True,
        errors="replace",
        stdout=2 if terminal else subprocess.PIPE,
        stderr=None if terminal else subprocess.STDOUT,
    )
    if done.returncode:
        if not terminal:
            stderr_write(done.stdout)
        raise UsageError(f"building {name} failed: '{' '.join(command)}' (status {done.returncode})")
