"""Debian's kernel and busybox for the guest: fetched once, unpacked, remembered in a stamp."""

import glob
import hashlib
import json
import os
import shutil
import subprocess
import tarfile

import paths
from debian import RELEASE, PrivateApt
from messages import UsageError, say

NAME = "debian:" + RELEASE
STAMP = os.path.join(paths.STAMPS, "guest.json")
PACKAGES = os.path.join(paths.FETCH, "packages")
ROOT = os.path.join(paths.FETCH, "root")
FORMAT = 1  # of the stamp


def stock_guest():
    """What was fetched: kernel, sha256 (of the file in the package), release, modules, busybox, package;
    or None."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            guest = json.load(file)
    except (OSError, ValueError):
        return None
    if guest.get("format") != FORMAT:
        return None
    for key in ("kernel", "modules", "busybox"):
        guest[key] = os.path.join(paths.CHECKOUT, guest[key])  # the checkout may have moved
    return guest if all(os.path.exists(guest[k]) for k in ("kernel", "modules", "busybox")) else None


def stock_guest_fetch():
    if stock_guest():
        return
    say(
        f"fetching the stock guest, Debian {RELEASE}'s linux-image-armmp and busybox-static for armhf "
        "(about 45 MB)"
    )
    apt = PrivateApt()
    apt.prepare()
    apt.update()
    kernel_package = apt.download(apt.dependency("linux-image-armmp", "linux-image-"), PACKAGES)
    busybox_package = apt.download("busybox-static", PACKAGES)

    say("unpacking them")
    shutil.rmtree(ROOT, ignore_errors=True)
    for package, part in ((kernel_package, "kernel"), (busybox_package, "busybox")):
        os.makedirs(os.path.join(ROOT, part))
        if subprocess.run(["dpkg-deb", "-x", package, os.path.join(ROOT, part)], check=False).returncode:
            raise UsageError(f"cannot unpack {package}")
    kernel = the_one(os.path.join(ROOT, "kernel/boot/vmlinuz-*"))
    modules = the_one(os.path.join(ROOT, "kernel/lib/modules/*"))
    guest = {
        "format": FORMAT,
        "package": os.path.basename(kernel_package),
        "release": os.path.basename(modules),
        "sha256": sha256_in_package(kernel_package, "boot/" + os.path.basename(kernel)),
        "kernel": os.path.relpath(kernel, paths.CHECKOUT),
        "modules": os.path.relpath(modules, paths.CHECKOUT),
        "busybox": os.path.relpath(the_one(os.path.join(ROOT, "busybox/bin/busybox")), paths.CHECKOUT),
    }
    os.makedirs(paths.STAMPS, exist_ok=True)
    with open(STAMP + ".new", "w", encoding="utf-8") as file:
        json.dump(guest, file, indent=1)
    os.rename(STAMP + ".new", STAMP)
    say(f"the stock guest is {guest['release']} of {guest['package']}")


def the_one(pattern):
    found = glob.glob(pattern)
    if len(found) != 1:
        raise UsageError(
            f"the fetched packages hold {len(found)} files {os.path.relpath(pattern, ROOT)}, not one"
        )
    return found[0]


def sha256_in_package(package, member):
    """Of the bytes in the package itself, so that what is booted can be compared with what Debian signed."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for entry in archive:
                if entry.name.lstrip("./") == member:
                    digest = hashlib.sha256(archive.extractfile(entry).read()).hexdigest()
                    process.kill()
                    return digest
    raise UsageError(f"{package} holds no {member}")
