"""The options that boot, native and pack share, and the guest that they describe."""

import argparse
import re
from collections import namedtuple

import initramfs
from boards import MACHINE, MIB, board_find
from contracts import switch_rows, switches_parse
from device_tree import device_tree_add_psci, device_tree_check, device_tree_compile
from files import file_read
from initrd_image import initrd_check
from kernel_image import kernel_open
from layout import layout_bare, layout_linux
from memory_plan import memory_check
from messages import UsageError
from stock_guest import NAME as STOCK
from stock_guest import stock_guest

CONSOLE = "console=ttyAMA0"

# What to run. nonce: by which an --exec run's output is told from the kernel's; None without --exec.
Guest = namedtuple("Guest", "board machine kernel initrd device_tree append memory nonce interactive")


def size_parse(text):
    match = re.fullmatch(r"(\d+)([KMG]?)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size (such as 256M)")
    return int(match.group(1)) << {"": 0, "K": 10, "M": 20, "G": 30}[match.group(2)]


def address_parse(text):
    try:
        return int(text, 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not an address (such as 0x78000000)") from None


def seconds_parse(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.001 <= seconds <= 4_000_000:  # milliseconds go into a word
        raise argparse.ArgumentTypeError(f"'{text}' is not a time in seconds")
    return seconds


def added_file_parse(text):
    host, colon, guest = text.rpartition(":")
    if not colon or not host or not guest.startswith("/") or guest == "/":
        raise argparse.ArgumentTypeError(f"'{text}' is not HOSTFILE:/GUESTPATH")
    return host, guest


def add_guest_options(parser):
    parser.add_argument("--board", default="realview-pb-a8", help="host board (%(default)s)")
    parser.add_argument(
        "--kernel",
        default=STOCK,
        metavar="FILE|" + STOCK,
        help="a Linux zImage, or an ELF file for the bare machine (%(default)s)",
    )
    parser.add_argument("--initrd", metavar="FILE", help="instead of the busybox initramfs")
    parser.add_argument("--dtb", metavar="FILE", help="device tree, instead of the board's own")
    parser.add_argument(
        "--append", default="", metavar="TEXT", help=f"more kernel parameters after {CONSOLE}"
    )
    parser.add_argument(
        "--memory", type=size_parse, default=256 * MIB, metavar="SIZE", help="guest RAM (256M)"
    )
    parser.add_argument(
        "--ram-at",
        type=address_parse,
        metavar="ADDRESS",
        help="host physical address of the guest's RAM, a multiple of 1M (the beginning of the board's)",
    )
    parser.add_argument(
        "--exec",
        metavar="COMMAND",
        help="run one shell command in the busybox initramfs, power off; " "its status (0-123) is ours",
    )
    parser.add_argument(
        "--add",
        type=added_file_parse,
        action="append",
        default=[],
        metavar="HOSTFILE:/GUESTPATH",
        help="put a file into the busybox initramfs (may be repeated)",
    )
    parser.add_argument(
        "--modules",
        default="",
        metavar="NAME[,NAME]",
        help="put the stock kernel's modules, by names or aliases, and what they depend on, softly too, into "
        "the busybox initramfs",
    )
    parser.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="NAME[,NAME]",
        help="turn techniques of the VMM off: all, " + ", ".join(name for name, _ in switch_rows()),
    )
    parser.add_argument("--budget", type=size_parse, metavar="SIZE", help="memory for the VMM (16M)")
    parser.add_argument(
        "--code-cache", type=size_parse, metavar="SIZE", help="of it, for translated code (a quarter)"
    )
    parser.add_argument(
        "--timeout",
        type=seconds_parse,
        metavar="SECONDS",
        help="stop the guest after so long by the VMM's clock; status 124",
    )


def add_boot_options(parser):
    add_guest_options(parser)
    parser.add_argument(
        "--icount", action="store_true", help="deterministic clock: one instruction is one nanosecond"
    )
    parser.add_argument(
        "--stats", metavar="FILE", help="write the VMM's counters as JSON when the guest ends"
    )
    parser.add_argument(
        "--gdb", action="store_true", help="wait for gdb on port 1234, and tell how to attach"
    )
    parser.add_argument("--verbose", action="store_true", help="with --exec: the kernel's log on stderr")
    parser.set_defaults(qemu_options=[])  # more of QEMU's own


def guest_from(arguments, psci):
    """Everything the user named is opened and checked here. psci: for guests of the VMM."""
    board = board_find(arguments.board)
    memory_check(board, arguments.memory)
    switches_parse(arguments.without)
    kernel_path = stock_guest()["kernel"] if arguments.kernel == STOCK else arguments.kernel
    kernel = kernel_open(kernel_path)
    if arguments.initrd and (arguments.exec is not None or arguments.add or arguments.modules):
        raise UsageError(
            "--exec, --add and --modules need the busybox initramfs: they cannot go with --initrd"
        )
    if not kernel.is_linux:
        refuse(
            arguments, ("initrd", "dtb", "append", "exec", "add", "modules"), f"{kernel.path} is an ELF file"
        )
        return Guest(board, MACHINE, kernel, None, None, "", arguments.memory, None, False)
    return Guest(board, MACHINE, kernel, *linux_parts(arguments, board, MACHINE, psci))


def refuse(arguments, names, why):
    for name in names:
        if getattr(arguments, name):
            raise UsageError(f"--{name} is for Linux kernels, and {why}")


def linux_parts(arguments, board, machine, psci):
    if arguments.dtb:
        device_tree = file_read(arguments.dtb, "device tree")
        device_tree_check(arguments.dtb, device_tree)
    else:
        device_tree = device_tree_compile(machine)
        if psci:
            device_tree = device_tree_add_psci(device_tree)
    nonce = None
    if arguments.initrd:
        initrd = file_read(arguments.initrd, "initrd")
        initrd_check(arguments.initrd, initrd, board.ram_size)
    else:
        if arguments.exec is not None:
            # The same run twice on the deterministic clock must be the same to the instruction.
            nonce = initramfs.nonce_make(arguments.exec if getattr(arguments, "icount", False) else None)
        initrd = initramfs.initramfs_make(
            stock_guest(),
            arguments.exec,
            nonce,
            arguments.add,
            [m for m in arguments.modules.split(",") if m],
        )
    interactive = not arguments.initrd and arguments.exec is None
    # Where nobody watches, a panic ends the run.
    words = [CONSOLE, "" if interactive else "panic=-1", arguments.append]
    append = " ".join(w for w in words if w)
    return initrd, device_tree, append, arguments.memory, nonce, interactive


def guest_layout(guest):
    if guest.kernel.is_linux:
        return layout_linux(
            guest.machine, guest.kernel, guest.device_tree, guest.initrd, guest.append, guest.memory
        )
    return layout_bare(guest.machine, guest.kernel, guest.memory)


def image_options(arguments):
    """image_config's part that the user chooses."""
    return {
        "switches": switches_parse(arguments.without),
        "budget": arguments.budget,
        "ram_at": arguments.ram_at,
        "code_cache": arguments.code_cache,
        "timeout_ms": round((arguments.timeout or 0) * 1000),
    }
