"""Debian's PREEMPT_RT kernel, fetched when it is first asked for."""

import os
import shutil
import subprocess

import paths
from debian import PrivateApt
from messages import UsageError, say
from stock_guest import the_one

FOLDER = os.path.join(paths.FETCH, "other", "bench-rt")


def realtime_kernel():
    """Its zImage."""
    if not os.path.isdir(FOLDER):
        say("fetching Debian's PREEMPT_RT kernel for armhf (about 45 MB)")
        apt = PrivateApt()
        apt.prepare()
        apt.update()
        name = apt.dependency("linux-image-rt-armmp", "linux-image-")
        package = apt.download(name, os.path.join(paths.FETCH, "packages"))
        shutil.rmtree(FOLDER + ".new", ignore_errors=True)
        os.makedirs(FOLDER + ".new")
        if subprocess.run(["dpkg-deb", "-x", package, FOLDER + ".new"], check=False).returncode:
            raise UsageError(f"cannot unpack {package}")
        shutil.rmtree(os.path.join(FOLDER + ".new", "lib"), ignore_errors=True)
        os.rename(FOLDER + ".new", FOLDER)
    return the_one(os.path.join(FOLDER, "boot/vmlinuz-*"))
