"""Programs out of Debian's armhf packages, and the shared libraries that they need, for the guest's
initramfs.

A library that a file needs is looked for in the packages that the file's own package depends on directly:
Debian's packages name the packages of all libraries that their files are linked with. Only packages in which
something is found are unpacked, only files that are needed go into the initramfs.
"""

import json
import os
import re
import shutil
import subprocess

import paths
from debian import PrivateApt
from messages import UsageError, say

TOP = os.path.realpath(os.path.join(paths.FETCH, "applications"))
STAMP = os.path.join(paths.STAMPS, "applications.json")
FOLDERS = ("lib/arm-linux-gnueabihf", "usr/lib/arm-linux-gnueabihf")
LOADER = "lib/ld-linux-armhf.so.3"

# package: files of it that workloads use
PROGRAMS = {
    "gzip": ("bin/gzip",),
    "xz-utils": ("usr/bin/xz",),
    "openssl": ("usr/bin/openssl",),
    "sqlite3": ("usr/bin/sqlite3",),
    "perl-base": (
        "usr/bin/perl",
        "usr/lib/arm-linux-gnueabihf/perl-base/strict.pm",
        "usr/lib/arm-linux-gnueabihf/perl-base/warnings.pm",
    ),
    "dash": ("bin/dash",),
    "stress-ng": ("usr/bin/stress-ng",),
}


class Fetcher:
    def __init__(self):
        self.apt = PrivateApt()
        self.depends = {}
        self.files = {}  # path in its package: where it is

    def package(self, name):
        """Its folder, fetched and unpacked."""
        folder = os.path.join(TOP, name)
        if not os.path.isdir(folder):
            packed = self.apt.download(name, os.path.join(paths.FETCH, "packages"))
            shutil.rmtree(folder + ".new", ignore_errors=True)
            if subprocess.run(["dpkg-deb", "-x", packed, folder + ".new"], check=False).returncode:
                raise UsageError(f"cannot unpack {packed}")
            os.rename(folder + ".new", folder)
        return folder

    def depends_of(self, package):
        if package not in self.depends:
            text = self.apt.run("apt-cache", "show", "--no-all-versions", package, capture=True)
            fields = re.findall(r"^(?:Pre-)?Depends: (.*)$", text, re.MULTILINE)
            names = [re.split(r"[ (|:]", one.strip())[0] for field in fields for one in field.split(",")]
            self.depends[package] = [name for name in names if name]
        return self.depends[package]

    def add(self, guest, package):
        path = os.path.join(self.package(package), guest)
        if not os.path.exists(path):
            raise UsageError(f"the Debian package {package} has no {guest}")
        self.files[guest] = os.path.realpath(path)
        for soname in needed(path):
            self.library(soname, package)

    def library(self, soname, user):
        if soname in (os.path.basename(guest) for guest in self.files):
            return
        stem = re.sub(r"[^a-z0-9]", "", soname.partition(".so")[0].lower())
        # The package that is called like the library first, then other libraries', then the rest (zlib1g).
        names = sorted(
            dict.fromkeys([user, "libc6", *self.depends_of(user)]),
            key=lambda name: (not re.sub(r"[^a-z0-9]", "", name).startswith(stem), "lib" not in name),
        )
        for name in names:
            for folder in FOLDERS:
                guest = os.path.join(folder, soname)
                if os.path.exists(os.path.join(self.package(name), guest)):
                    self.add(guest, name)
                    return
        raise UsageError(f"no package that {user} depends on has {soname}")


def needed(path):
    """Sonames in its dynamic section."""
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return []
    text = subprocess.run(
        ["arm-none-eabi-readelf", "-d", path], capture_output=True, text=True, check=True
    ).stdout
    return [name for name in re.findall(r"\(NEEDED\).*\[(.*)\]", text) if name != os.path.basename(LOADER)]


def applications_add():
    """(host path, guest path) of every file to add to the initramfs."""
    files = stamp_read() or fetch()
    return [(os.path.join(TOP, host), guest_path(guest)) for guest, host in sorted(files.items())]


def stamp_read():
    """What was fetched before: {path in the packages: path below TOP}; None if it is not all there."""
    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
    except (OSError, ValueError):
        return None
    whole = stamp["programs"] == {package: list(guests) for package, guests in PROGRAMS.items()}
    return (
        stamp["files"]
        if whole and all(os.path.exists(os.path.join(TOP, f)) for f in stamp["files"].values())
        else None
    )


def fetch():
    fetcher = Fetcher()
    say("fetching programs of Debian's for the guest: " + ", ".join(PROGRAMS) + " (about 10 MB)")
    fetcher.apt.prepare()
    fetcher.apt.update()
    os.makedirs(TOP, exist_ok=True)
    for package, guests in PROGRAMS.items():
        for guest in guests:
            fetcher.add(guest, package)
    loader = os.path.join(fetcher.package("libc6"), LOADER)
    fetcher.files[LOADER] = os.path.realpath(loader)
    files = {guest: os.path.relpath(host, TOP) for guest, host in fetcher.files.items()}
    os.makedirs(paths.STAMPS, exist_ok=True)
    with open(STAMP, "w", encoding="utf-8") as file:
        json.dump({"programs": PROGRAMS, "files": files}, file, indent=1)
    return files


def guest_path(path):
    """Programs go beside busybox's applets, not in their place."""
    folder, name = os.path.split(path)
    return f"/opt/{name}" if folder.endswith("bin") else "/" + path
