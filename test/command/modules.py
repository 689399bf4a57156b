"""--modules: what is put into the initramfs, in what order modprobe loads it, and that it does."""

import os
import re
import sys

from harness import CHECKOUT, expect, expect_equal, expect_status, run_native

LIMIT = 240


def stock():
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    from stock_guest import stock_guest

    return stock_guest()


def archive_of(wanted):
    """{path below lib/modules/RELEASE: data}, as the guest gets it."""
    guest = stock()
    from initramfs import Archive, modules_add

    archive, base = Archive(), f"lib/modules/{guest['release']}/"
    modules_add(archive, guest, wanted)
    return {path[len(base) :]: entry[1] for path, entry in archive.members.items() if path.startswith(base)}


def dep_read(archive):
    """{module's path: what is loaded before it, in this order}: modprobe goes from a line's end."""
    lines = archive["modules.dep"].decode().splitlines()
    return {path: rest.split()[::-1] for path, _, rest in (line.partition(":") for line in lines)}


def name_of(path):
    return os.path.basename(path).removesuffix(".ko").replace("-", "_")


def modinfo(data, key):
    """All values of a key, found by their form alone."""
    found = re.findall(rb"\0" + key + rb"=([^\0]*)(?=\0)", data)
    return [value.decode() for value in found]


def test_order_of_all():
    """Each module of the stock kernel: in its line is all that it needs, soft dependencies too, and each only
    after what that needs in its turn."""
    every = [
        name_of(name) for _, _, names in os.walk(stock()["modules"]) for name in names if name.endswith(".ko")
    ]
    archive = archive_of(every)
    lines = dep_read(archive)
    modules = {path: data for path, data in archive.items() if path.endswith(".ko")}
    expect_equal(len(lines), len(every), "lines of modules.dep")
    by_name = {name_of(path): path for path in modules}
    aliases = {}
    for path, data in modules.items():
        for alias in modinfo(data, b"alias"):
            aliases.setdefault(alias.replace("-", "_"), []).append(path)
    softly = 0
    for path, before in lines.items():
        expect_equal(len(before), len(set(before)), f"{path}: how often modules are in its line")
        loaded = set()
        for one in [*before, path]:
            for text in modinfo(modules[one], b"depends"):
                for need in filter(None, text.split(",")):
                    need = by_name[need.replace("-", "_")]
                    expect(need in loaded, f"for {path}, {one} is loaded before {need}")
            loaded.add(one)
        for text in modinfo(modules[path], b"softdep"):
            for wish in text.partition("pre:")[2].partition("post:")[0].split():
                wish = wish.replace("-", "_")
                for one in [by_name[wish]] if wish in by_name else aliases.get(wish, []):
                    if not one.startswith("kernel/arch/"):  # they may refuse to load
                        expect(one in loaded, f"{path} is loaded without {one}")
                        softly += 1
    expect(softly >= 10, f"only {softly} soft dependencies")


def test_soft_dependencies_are_there():
    """All candidates of all kinds; and the aliases by which the kernel asks."""
    found = {name_of(path) for path in archive_of(["ext4", "cifs"]) if path.endswith(".ko")}
    wanted = {"crc32c_generic", "crc32_arm_ce", "ccm", "sha512_arm", "jbd2"}
    expect(wanted <= found, f"missing: {wanted - found}")
    aliases = archive_of(["ext4"])["modules.alias"].decode().splitlines()
    for alias in ("alias crypto-crc32c crc32c_generic", "alias fs-ext4 ext4"):
        expect(alias in aliases, f"no '{alias}'")


def test_load():
    """The guest's own modprobe, by names, by an alias, and of what is built in; the kernel's, when it mounts.
    """
    names = "ahci ext4 btrfs r8169 xts crc-t10dif ohci-pci".split()
    command = (
        f"for m in {' '.join(names)} crc32; do modprobe $m || echo no $m; done; "
        "dd if=/dev/zero of=/tmp/disk bs=1M count=4 2>/dev/null; mke2fs -F /tmp/disk >/dev/null; "
        "mkdir /tmp/on; modprobe loop; mount -t ext2 -o loop /tmp/disk /tmp/on && grep -o '/tmp/on [^ ]*' "
        "/proc/mounts"
    )
    result = run_native(command, modules=",".join([*names, "crc32", "fs-ext2", "loop"]), timeout=LIMIT)
    expect_status(result, 0)
    expect_equal(result.output, "/tmp/on ext2\n", "what does not load, and the mount")
