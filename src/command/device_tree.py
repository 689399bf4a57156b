"""The guest's device tree: checked, and given what every boot loader sets (memory, /chosen)."""

import os
import struct
import subprocess

import paths
from messages import UsageError

MAGIC = b"\xd0\x0d\xfe\xed"


def device_tree_compile(machine):
    """The machine's own tree."""
    source = os.path.join(paths.GUEST_MACHINES, machine.device_tree_source)
    done = subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", source], capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"{source}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def device_tree_check(path, data):
    import libfdt  # inside, so that setup can run before python3-libfdt is there

    if data[:4] != MAGIC:
        raise UsageError(f"{path}: not a device tree blob")
    size = struct.unpack_from(">I", data, 4)[0] if len(data) >= 8 else 0
    if len(data) < max(size, 40):
        raise UsageError(f"{path}: truncated device tree ({len(data)} bytes of {max(size, 40)})")
    error = libfdt.fdt_check_full(bytearray(data), len(data))  # the binding takes no bytes
    if error:
        raise UsageError(f"{path}: broken device tree ({libfdt.fdt_strerror(error)})")


class Tree:
    """A tree with room to grow."""

    def __init__(self, data, size):
        import libfdt

        self.fdt = libfdt.Fdt(bytearray(data))
        self.fdt.resize(size)

    def cells(self, name):
        import libfdt

        prop = self.fdt.getprop(0, name, libfdt.QUIET_NOTFOUND)
        return 2 if isinstance(prop, int) else prop.as_uint32()  # 2 is the specification's default

    def child(self, name, add=False):
        """The offset of a node below the root, or a negative number."""
        import libfdt

        node = self.fdt.subnode_offset(0, name, libfdt.QUIET_NOTFOUND)
        return self.fdt.add_subnode(0, name) if node < 0 and add else node

    def children(self):
        import libfdt

        node = self.fdt.first_subnode(0, libfdt.QUIET_NOTFOUND)
        while node >= 0:
            yield node
            node = self.fdt.next_subnode(node, libfdt.QUIET_NOTFOUND)

    def drop_memory_nodes(self):
        for node in reversed(list(self.children())):  # from the end: deleting moves what follows
            if self.fdt.get_name(node).split("@")[0] == "memory":
                self.fdt.del_node(node)

    def data(self):
        return bytes(self.fdt.as_bytearray())


def cells_pack(count, value):
    return struct.pack(f">{'4x' * (count - 1)}I", value)


def device_tree_add_psci(data):
    """The calls by which a guest of the VMM powers off and resets."""
    tree = Tree(data, len(data) + 1024)
    psci = tree.child("psci", add=True)
    tree.fdt.setprop_str(psci, "compatible", "arm,psci-0.2")
    tree.fdt.setprop_str(psci, "method", "smc")
    tree.fdt.pack()
    return tree.data()[: tree.fdt.totalsize()]


def device_tree_finish(data, machine, memory, append, initrd):
    """What QEMU's loader does to a tree (hw/arm/boot.c), with the same room: initrd is (start, end) or
    None."""
    tree = Tree(data, 2 * (len(data) + 10000))
    address, size = tree.cells("#address-cells"), tree.cells("#size-cells")
    tree.drop_memory_nodes()
    node = tree.fdt.add_subnode(0, f"memory@{machine.ram_base:x}")
    tree.fdt.setprop_str(node, "device_type", "memory")
    tree.fdt.setprop(node, "reg", cells_pack(address, machine.ram_base) + cells_pack(size, memory))
    chosen = tree.child("chosen", add=True)
    if append:
        tree.fdt.setprop(chosen, "bootargs", os.fsencode(append) + b"\0")  # any bytes
    if initrd:
        tree.fdt.setprop(chosen, "linux,initrd-start", cells_pack(address, initrd[0]))
        tree.fdt.setprop(chosen, "linux,initrd-end", cells_pack(address, initrd[1]))
    return tree.data()
