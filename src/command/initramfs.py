"""The default initramfs: busybox, an /init, and what the user adds. The same input gives the same bytes."""

import hashlib
import os
import re
import secrets

from files import file_read
from messages import UsageError

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
        hashlib.sha256(seed.encode()).hexdigest()[:24] if seed is not None else secrets.token_hex(12)
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
        name = path.encode() + b"\0"
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
        archive.add("armature/command", FILE, command.encode(errors="surrogateescape") + b"\n")
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
    """Modules by name with their dependencies, where modprobe looks for them."""
    if not wanted:
        return
    files = {module_name(path): path for path in modules_find(stock["modules"])}
    needed, queue = {}, list(wanted)
    while queue:
        name = queue.pop(0).replace("-", "_")
        if name in needed:
            continue
        if name not in files:
            raise UsageError(f"--modules: {stock['release']} has no module '{name}'")
        data = file_read(files[name], "module")
        needed[name] = (data, module_dependencies(data))
        queue += needed[name][1]
    base = "lib/modules/" + stock["release"] + "/"
    relative = {name: os.path.relpath(files[name], stock["modules"]) for name in needed}
    for name, (data, _) in needed.items():
        archive.add(base + relative[name], FILE, data)
    lines = [
        relative[n] + ":" + "".join(" " + relative[d] for d in all_dependencies(n, needed))
        for n in sorted(needed)
    ]
    archive.add(base + "modules.dep", FILE, "".join(line + "\n" for line in lines).encode())


def modules_find(top):
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(".ko"):
                yield os.path.join(folder, name)


def module_name(path):
    return os.path.basename(path)[: -len(".ko")].replace("-", "_")


def module_dependencies(data):
    """From its .modinfo: depends=a,b"""
    match = re.search(rb"\0depends=([^\0]*)\0", data)
    return [d.decode() for d in match.group(1).split(b",") if d] if match else []


def all_dependencies(name, needed):
    """Nearest first, as depmod writes them."""
    found = []
    for dependency in needed[name][1]:
        for one in [dependency.replace("-", "_")] + all_dependencies(dependency.replace("-", "_"), needed):
            if one not in found:
                found.append(one)
    return found
