"""The default initramfs: busybox, an /init, and what the user adds. The same input gives the same bytes."""

import hashlib
import os
import re
import secrets

from files import file_read
from messages import UsageError
from modules import Modules

INIT_SHELL = """#!/bin/sh
# A shell on the console; leaving it powers off.
. /armature/mounts
echo
echo "Armature's guest: $(uname -sr). 'poweroff' ends it."
ENV=/armature/shell setsid cttyhack sh
poweroff -f
"""

# The marks tell the command's output from the kernel's. Output processing is off so that every byte
# arrives as written;
# the kernel is silenced so that it does not write in between.
INIT_EXEC = """#!/bin/sh
. /armature/mounts
dmesg -n 1
stty -opost -echo
printf '%s:begin\\n' @NONCE@
sh /armature/command
printf '%s:%d\\n' @NONCE@ $?
stty opost
poweroff -f
"""

MOUNTS = """export PATH=/sbin:/bin:/usr/sbin:/usr/bin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sysfs /sys
grep -q ' /dev devtmpfs' /proc/mounts || mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /tmp
cd /root
"""

DIRECTORY, FILE, LINK, CHARACTER = 0o040755, 0o100644, 0o120777, 0o020600


# The first process is a script, which would not answer to the signals that these send without -f. (Functions:
# this shell takes its applets before what PATH has.)
SHELL = "".join(f'{name}() {{ busybox {name} -f "$@"; }}\n' for name in ("poweroff", "reboot", "halt"))


def nonce_make(seed=None):
    return "armature-" + (
        hashlib.sha256(os.fsencode(seed)).hexdigest()[:24] if seed is not None else secrets.token_hex(12)
    )


class Archive:
    """A newc cpio archive (Documentation/driver-api/early-userspace/buffer-format.rst), sorted and
    dateless."""

    def __init__(self):
        self.members = {}

    def add(self, path, mode, data=b"", device=(0, 0)):
        parent = os.path.dirname(path)
        if parent and parent not in self.members:
            self.add(parent, DIRECTORY)
        self.members[path] = (mode, data, device)

    def data(self):
        out = bytearray()
        for number, (path, (mode, data, device)) in enumerate(sorted(self.members.items()), 1):
            self.member(out, number, path, mode, data, device)
        self.member(out, 0, "TRAILER!!!", 0, b"", (0, 0))
        return bytes(out) + bytes(-len(out) % 512)

    @staticmethod
    def member(out, number, path, mode, data, device):
        name = os.fsencode(path) + b"\0"
        links = 2 if mode & 0o170000 == 0o040000 else 1
        fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, *device, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + name
        out += bytes(-len(out) % 4)
        out += data
        out += bytes(-len(out) % 4)


def initramfs_make(stock, command, nonce, added, modules):
    archive = Archive()
    for path in ("dev", "proc", "sys", "tmp", "root", "bin"):
        archive.add(path, DIRECTORY)
    for path, target in (("sbin", "bin"), ("usr/bin", "../bin"), ("usr/sbin", "../bin")):
        archive.add(path, LINK, target.encode())
    archive.add("dev/console", CHARACTER, device=(5, 1))
    busybox = file_read(stock["busybox"], "busybox")
    archive.add("bin/busybox", FILE | 0o111, busybox)
    for applet in busybox_applets(busybox):
        if applet != "busybox":
            archive.add("bin/" + applet, LINK, b"busybox")
    archive.add("armature/mounts", FILE, MOUNTS.encode())
    if command is None:
        archive.add("init", FILE | 0o111, INIT_SHELL.encode())
        archive.add("armature/shell", FILE, SHELL.encode())
    else:
        archive.add("init", FILE | 0o111, INIT_EXEC.replace("@NONCE@", nonce).encode())
        archive.add("armature/command", FILE, os.fsencode(command) + b"\n")
    modules_add(archive, stock, modules)
    for host, guest in added:
        data = file_read(host, "file to add")
        archive.add(
            os.path.normpath(guest).lstrip("/"), FILE | (0o111 if os.access(host, os.X_OK) else 0), data
        )
    return archive.data()


def busybox_applets(busybox):
    """Its own sorted list of names, NUL between them, in its read-only data. (We cannot run it: it is for
    the guest.)"""
    start = busybox.find(b"\0[\0[[\0")
    end = busybox.find(b"\0\0", start)
    names = busybox[start + 1 : end].decode("ascii", "replace").split("\0") if start >= 0 else []
    if "sh" not in names or not all(re.fullmatch(r"[\w.+\[-]+", n) for n in names):
        raise UsageError("the fetched busybox has no list of applets")
    return names


def modules_add(archive, stock, wanted):
    """Modules by name or alias, with what they depend on, where modprobe looks for them."""
    if not wanted:
        return
    modules = Modules(stock["modules"])
    names = []
    for text in wanted:
        found = modules.find(text)
        if not found and not modules.is_builtin(text):
            raise UsageError(f"--modules: {stock['release']} has no module '{text}'")
        names += found
    needed = modules.closure(names)
    base = "lib/modules/" + stock["release"] + "/"
    for module in needed.values():
        archive.add(base + module.path, FILE, file_read(os.path.join(modules.top, module.path), "module"))
    archive.add(
        base + "modules.builtin", FILE, file_read(os.path.join(modules.top, "modules.builtin"), "list")
    )
    for name, text in (
        ("modules.dep", modules_dep(modules, needed)),
        ("modules.alias", modules_alias(needed)),
        ("modules.softdep", modules_softdep(needed)),
    ):
        archive.add(base + name, FILE, text.encode())


def modules_dep(modules, needed):
    """As depmod writes it: modprobe loads a line from its end. Busybox's knows of no soft dependencies: those
    that are to come before, and that always load, are here. (The kernel asks for the others by their
    aliases.)"""
    lines = []
    for name in sorted(needed):
        before = " ".join(needed[one].path for one in reversed(modules.load_order(name)))
        lines.append(f"{needed[name].path}: {before}".strip() + "\n")
    return "".join(lines)


def modules_alias(needed):
    """By what the kernel asks for them."""
    return "".join(f"alias {alias} {name}\n" for name in sorted(needed) for alias in needed[name].aliases)


def modules_softdep(needed):
    """For another modprobe than busybox's."""
    lines = []
    for name in sorted(needed):
        pre, others = (" ".join(texts) for texts in (needed[name].pre, needed[name].others))
        text = (f" pre: {pre}" if pre else "") + (f" post: {others}" if others else "")
        if text:
            lines.append(f"softdep {name}{text}\n")
    return "".join(lines)
