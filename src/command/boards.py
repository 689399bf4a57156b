"""Host boards and guest machines: one row each, and all that the command knows of them.

A board is what the VMM runs on, a machine what its guest sees. Natively a guest runs on the board that its
machine is a replica of.
"""

from collections import namedtuple

from messages import UsageError

MIB = 1 << 20

# qemu, cpu: the emulator's names. RAM is at host physical addresses.
Board = namedtuple("Board", "name qemu cpu ram_base ram_size")
# RAM is at guest physical addresses; its first alias_size bytes are seen at 0 too. board_id: the machine
# number that QEMU gives a kernel in r1. native: the board that it is a replica of.
Machine = namedtuple("Machine", "name ram_base alias_size board_id device_tree_source native")

BOARDS = (Board("realview-pb-a8", "realview-pb-a8", "cortex-a8", 0x70000000, 512 * MIB),)
MACHINES = (Machine("realview-pb-a8", 0x70000000, 256 * MIB, 0x769, "realview-pb-a8.dts", "realview-pb-a8"),)
MACHINE = MACHINES[0]  # the only one so far, whatever the board


def board_find(name):
    for board in BOARDS:
        if board.name == name:
            return board
    raise UsageError(f"unknown board '{name}' (known: {', '.join(b.name for b in BOARDS)})")
