"""The Debian packages of this machine that Armature needs, and their installation."""

import os
import shutil
import subprocess

from messages import UsageError, say

GDB = "/usr/bin/gdb-multiarch"

# package, what it is for, a file that shows it is there (checking files is much quicker than asking dpkg)
PACKAGES = (
    ("qemu-system-arm", "the machine that Armature runs on", "/usr/bin/qemu-system-arm"),
    ("gcc-arm-none-eabi", "compiles the VMM", "/usr/bin/arm-none-eabi-gcc"),
    ("libnewlib-arm-none-eabi", "the VMM's C library", "/usr/lib/arm-none-eabi/newlib/libc.a"),
    ("gcc", "compiles the host tests", "/usr/bin/gcc"),
    ("libc6-dev", "compiles the host tests", "/usr/include/stdio.h"),
    ("gcc-arm-linux-gnueabihf", "compiles test programs for the guest", "/usr/bin/arm-linux-gnueabihf-gcc"),
    (
        "libc6-dev-armhf-cross",
        "compiles test programs for the guest",
        "/usr/arm-linux-gnueabihf/include/stdio.h",
    ),
    ("libcapstone-dev", "a second disassembler, for the decoder's tests", "/usr/include/capstone/capstone.h"),
    ("cmake", "builds", "/usr/bin/cmake"),
    ("ninja-build", "builds", "/usr/bin/ninja"),
    ("clang-format", "checks the sources' form", "/usr/bin/clang-format"),
    ("gdb-multiarch", "debugs the VMM and its guests", GDB),
    ("device-tree-compiler", "compiles the guest's device tree", "/usr/bin/dtc"),
    ("python3-libfdt", "edits the guest's device tree", "/usr/lib/python3/dist-packages/libfdt.py"),
    (
        "python3-matplotlib",
        "draws the documentation's figures",
        "/usr/lib/python3/dist-packages/matplotlib/__init__.py",
    ),
    (
        "debian-archive-keyring",
        "checks the guest's packages",
        "/usr/share/keyrings/debian-archive-keyring.gpg",
    ),
)


def packages_missing(packages=PACKAGES):
    return [(name, why) for name, why, path in packages if not os.path.exists(path)]


def packages_install(packages=PACKAGES):
    """Install what is missing, having said what and why; without root and sudo, name it and give up."""
    missing = packages_missing(packages)
    if not missing:
        return
    names = [name for name, _ in missing]
    if os.geteuid() == 0:
        as_root = []
    elif shutil.which("sudo"):
        as_root = ["sudo"]
    else:
        raise UsageError(
            "please install these Debian packages (this needs root, and there is no sudo): " + " ".join(names)
        )
    say("installing Debian packages:")
    for name, why in missing:
        say(f"    {name}: {why}")
    run_as_root(as_root, "apt-get", "update", check=False)
    run_as_root(as_root, "apt-get", "install", "-y", "--no-install-recommends", *names)
    still = [name for name, _ in packages_missing(packages)]
    if still:
        raise UsageError("still missing after installation: " + " ".join(still))


def run_as_root(prefix, *command, check=True):
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    done = subprocess.run(
        [*prefix, *environment, *command], stdin=subprocess.DEVNULL if not prefix else None, stdout=2
    )
    if check and done.returncode:
        raise UsageError(f"'{' '.join(command)}' failed (status {done.returncode})")
