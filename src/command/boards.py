"""The host boards: one row each, and all that the command knows of them."""

from collections import namedtuple

from messages import UsageError

MIB = 1 << 20

Board = namedtuple("Board", "name machine cpu ram_base ram_size alias_size board_id device_tree_source")

BOARDS = (
    Board(
        name="realview-pb-a8",
        machine="realview-pb-a8",
        cpu="cortex-a8",
        ram_base=0x70000000,
        ram_size=512 * MIB,
        alias_size=256 * MIB,  # RAM's beginning is seen at 0 too
        board_id=0x769,  # the machine number that QEMU gives a kernel in r1
        device_tree_source="realview-pb-a8.dts",
    ),
)


def board_find(name):
    for board in BOARDS:
        if board.name == name:
            return board
    raise UsageError(f"unknown board '{name}' (known: {', '.join(b.name for b in BOARDS)})")
