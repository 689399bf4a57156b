"""Other stock kernels of Debian's: PREEMPT_RT, an older one whose functions keep APCS frames, a newer one.

They are fetched when first asked for, by the command's own apt, from the machine's own mirror: so these tests
are long.
"""

import os
import subprocess
import sys
import tarfile
import threading

from harness import CHECKOUT, expect, long_test, run_both
from kernel_log import log_is_native

sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
import paths  # noqa: E402
from debian import RELEASE, PrivateApt, sources_find  # noqa: E402
from stock_guest import the_one  # noqa: E402

fetch_lock = threading.Lock()


class SuiteApt(PrivateApt):
    """For one suite of the machine's Debian mirror."""

    def __init__(self, suite):
        super().__init__()
        self.suite = suite
        self.root = os.path.join(paths.FETCH, "apt-" + suite)
        self.conf = os.path.join(self.root, "apt.conf")

    def stanza(self, uri, suite, fields):
        return super().stanza(uri, self.suite, fields) if suite == RELEASE else ""


def kernel_unpack(package, folder):
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            archive.extractall(folder, (m for m in archive if m.name.startswith("./boot/vmlinuz")))
    os.unlink(package)


def kernel_of(suite, package):
    """The zImage of a suite's kernel package."""
    with fetch_lock:
        folder = os.path.join(paths.FETCH, "other", suite + "-" + package)
        if not os.path.isdir(folder):
            expect(any(s[1] == RELEASE for s in sources_find()), "no Debian source")
            apt = SuiteApt(suite)
            apt.prepare()
            apt.update()
            file = apt.download(
                apt.dependency(package, "linux-image-"), os.path.join(paths.FETCH, "packages")
            )
            kernel_unpack(file, folder + ".new")
            os.rename(folder + ".new", folder)
        return the_one(os.path.join(folder, "boot/vmlinuz-*"))


def boots_as_natively(suite, package):
    kernel = kernel_of(suite, package)
    log_is_native(kernel=kernel)
    run_both(
        "uname -a; seq 2000 | sha256sum; i=0; while [ $i -lt 30 ]; do expr $i + 1; i=$((i+1)); done",
        kernel=kernel,
        icount=True,
    )


@long_test
def test_realtime():
    boots_as_natively(RELEASE, "linux-image-rt-armmp")


@long_test
def test_5_10():
    boots_as_natively("bullseye", "linux-image-armmp")


@long_test
def test_6_12():
    boots_as_natively(RELEASE + "-backports", "linux-image-armmp")
