"""Bad input gets one clear line and status 2, natively and virtually alike; nothing is started."""

import gzip
import os
import re
import struct

import harness
from harness import expect_one_line_error, expect_status, run_armature, scratch_file

HELLO = os.path.join(harness.CHECKOUT, "build/vmm/guest/hello.elf")


def refused(pattern, *arguments, subcommands=("boot", "native", "pack")):
    for subcommand in subcommands:
        output = ["-o", os.path.join(harness.SCRATCH, "never.elf")] if subcommand == "pack" else []
        expect_one_line_error(run_armature(subcommand, *output, *arguments, limit=120), 2, pattern)


def zimage(size=None, claims=0x1000, magic=0x016F2818):
    """A file with a zImage's header, of `size` bytes, that says it has `claims`."""
    data = bytearray(size if size is not None else claims)
    struct.pack_into("<IIII", data, 0x24, magic, 0, claims, 0x04030201)
    return bytes(data)


def elf(
    machine=40,
    kind=2,
    ident=b"\x7fELF\1\1\1",
    paddr=0x70010000,
    file_size=4,
    size=4,
    data=b"\xfe\xff\xff\xea",
    vaddr=None,
    entry=None,
):
    vaddr = paddr if vaddr is None else vaddr
    header = struct.pack(
        "<16sHHIIIIIHHHHHH",
        ident,
        kind,
        machine,
        1,
        vaddr if entry is None else entry,
        52,
        0,
        0x05000000,
        52,
        32,
        1,
        0,
        0,
        0,
    )
    return header + struct.pack("<8I", 1, 84, vaddr, paddr, file_size, size, 7, 4) + data


def test_no_such_files():
    for option, what in (("--kernel", "kernel"), ("--initrd", "initrd"), ("--dtb", "device tree")):
        refused(f"cannot read the {what} /nowhere/x: No such file", option, "/nowhere/x")


# Every option that names a file to read, and what the file is to be.
READ = (
    (("native", "--kernel"), "kernel"),
    (("native", "--initrd"), "initrd"),
    (("native", "--dtb"), "device tree"),
    (("native", "--exec", "true", "--add"), "file to add"),
    (("profile", "--symbols"), "symbols"),
    (("bench", "--from"), "measurements"),
    (("bench", "null", "--kernel"), "kernel"),
    (("classify",), "image"),
    (("classify", "--base", "0"), "image"),
)
WRITTEN = (
    ("boot", "--kernel", HELLO, "--stats"),
    ("pack", "--kernel", HELLO, "-o"),
    ("profile", "--kernel", HELLO, "--folded"),
    ("profile", "--kernel", HELLO, "--raw"),
    ("bench", "null", "--json"),
    ("bench", "null", "--html"),
    ("classify", "e1a00000", "--json"),
)


def test_files_without_end():
    """Devices, pipes and sockets neither begin nor end; a sparse file is as large as it says."""
    pipe, sparse = os.path.join(harness.SCRATCH, "pipe"), scratch_file("sparse")
    if not os.path.exists(pipe):
        os.mkfifo(pipe)
    os.truncate(sparse, 3 << 30)
    for arguments, what in READ:
        for path, why in (
            ("/dev/zero", "it is a device, not a regular file"),
            (pipe, "it is a pipe, not a regular file"),
            (harness.SCRATCH, "it is a directory, not a regular file"),
            (sparse, "it has more than 1024 MiB"),
        ):
            option = (path + ":/x") if arguments[-1] == "--add" else path
            result = run_armature(*arguments, option, limit=60)
            expect_one_line_error(result, 2, f"cannot read the {what} {re.escape(path)}: {why}")
    for arguments in WRITTEN:
        result = run_armature(*arguments, pipe, limit=60)
        expect_one_line_error(result, 2, f"cannot write {re.escape(pipe)}: nobody reads this pipe")


def test_initrd_that_unpacks_without_end():
    refused("more than 512 MiB", "--initrd", scratch_file("bomb.gz", gzip.compress(bytes(513 << 20), 1)))


def test_not_a_kernel():
    refused("not a kernel", "--kernel", scratch_file("empty"))
    refused("not a kernel", "--kernel", scratch_file("text", b"hello " * 1000))
    refused("big-endian", "--kernel", scratch_file("be", zimage(magic=0x18286F01)))


def test_truncated_kernel():
    refused(r"truncated kernel \(2048 bytes of 4096\)", "--kernel", scratch_file("short", zimage(2048)))
    refused("broken zImage", "--kernel", scratch_file("tiny", zimage(64, claims=8)))


def test_elf_kernels():
    refused("truncated ELF", "--kernel", scratch_file("elf1", elf()[:40]))
    refused("truncated ELF", "--kernel", scratch_file("elf2", elf(file_size=4096, size=4096)))
    refused("not an ELF file for 32-bit", "--kernel", scratch_file("elf3", elf(machine=62)))
    refused("not an ELF file for 32-bit", "--kernel", scratch_file("elf4", elf(ident=b"\x7fELF\2\1\1")))
    refused("not an executable", "--kernel", scratch_file("elf5", elf(kind=1)))
    refused("impossible segment", "--kernel", scratch_file("elf6", elf(size=2)))
    refused("outside guest memory", "--kernel", scratch_file("elf7", elf(paddr=0x90000000)))
    refused("outside guest memory", "--kernel", scratch_file("elf8", elf(size=0x20000000)))
    refused(
        "--initrd is for Linux kernels", "--kernel", scratch_file("elf9", elf()), "--initrd", "/nowhere/x"
    )


def test_elf_entries():
    """A guest that begins where nothing was loaded runs zeros for ever."""
    ram, nothing = "is outside guest memory", "is in nothing that the ELF file loads"
    for entry, size, pattern in (
        (0x90000000, 4, ram),
        (0xFFFFFFFE, 4, "no multiple of 4"),
        (0x10000000, 4, ram),  # a device
        (0, 4, nothing),
        (0x7000FFFC, 4, nothing),
        (0x70010004, 4, nothing),
        (0x70010004, 64, nothing),  # zeros of its .bss
        (0x70010002, 4, "no multiple of 4"),
        (0x70010005, 4, nothing),  # Thumb
    ):
        path = scratch_file("entry.elf", elf(entry=entry, size=size))
        refused(
            f"the entry {entry:#x} (is )?{pattern.removeprefix('is ')}",
            "--kernel",
            path,
            subcommands=("boot", "native"),
        )


def test_elf_entries_that_are_right():
    """In its segment: by its address there, at 0 where RAM is seen too, as Thumb, by another virtual address.
    """
    for more in (
        {},
        {"entry": 0x10000},
        {"paddr": 0x10000, "entry": 0x70010000},
        {"entry": 0x70010001},
        {"entry": 0x70010003},
        {"vaddr": 0xC0010000},
        {"vaddr": 0xC0010000, "entry": 0x70010000},
    ):
        path = scratch_file("entry_right.elf", elf(**more))
        output = os.path.join(harness.SCRATCH, "entry.packed")
        expect_status(run_armature("pack", "-o", output, "--kernel", path, limit=60), 0, f"{more}")


def test_truncated_initrd():
    packed = gzip.compress(os.urandom(100000))
    refused("truncated initrd", "--initrd", scratch_file("cut.gz", packed[:50000]))
    refused("initrd is empty", "--initrd", scratch_file("empty"))
    refused("truncated initrd", "--initrd", scratch_file("cut.cpio", b"070701" + b"00000000" * 13))
    refused(
        "broken initrd", "--initrd", scratch_file("broken.gz", b"\x1f\x8b\x08" + bytes(7) + b"\xff" * 100)
    )


def test_initrd_that_does_not_fit():
    refused(
        "initrd does not fit: 41943040 bytes",
        "--memory",
        "64M",
        "--initrd",
        scratch_file("large", b"\1" * (40 << 20)),
    )


def test_device_tree():
    refused("not a device tree", "--dtb", scratch_file("text", b"hello " * 1000))
    tree = b"\xd0\x0d\xfe\xed" + struct.pack(">9I", 4096, 56, 100, 40, 17, 16, 0, 8, 8)
    refused(r"truncated device tree \(40 bytes of 4096\)", "--dtb", scratch_file("short.dtb", tree))
    refused("broken device tree", "--dtb", scratch_file("broken.dtb", tree + bytes(4056)))


def test_memory():
    for size in ("0", "8M", "1000K", "513M", "1G", "100G"):
        refused("guest memory must be a multiple of 1M from 16M to", "--memory", size)
    refused("is not a size", "--memory", "lots")
    refused("is not a size", "--memory=-1")
    refused("guest memory of 32M is too small", "--memory", "32M")
    # The unpacker, which moves itself behind the kernel, would lie on the initrd.
    refused("guest memory of 48M is too small", "--memory", "48M")


def test_ram_at():
    for pattern, address in (
        ("guest memory cannot begin at 0x70000800: a multiple of 1M", "0x70000800"),
        ("guest memory cannot begin at 0x60000000", "0x60000000"),
        ("guest memory of 256M reaches into the VMM's part .*at most 136M", "0x86000000"),
    ):
        refused(pattern, "--ram-at", address, subcommands=("boot", "pack"))
    refused("'low' is not an address", "--ram-at", "low")
    refused("--ram-at are the VMM's: natively", "--ram-at", "0x78000000", subcommands=("native",))


def test_usage():
    refused("unknown board 'pdp11'", "--board", "pdp11")
    refused("no technique is called 'magic'", "--without", "magic", subcommands=("boot", "pack"))
    refused("unrecognized arguments", "--colour")
    refused("is not HOSTFILE:/GUESTPATH", "--add", "x")
    refused("cannot read the file to add", "--add", "/nowhere/x:/x")
    refused("has no module 'perpetuum_mobile'", "--modules", "perpetuum_mobile")
    for seconds in ("0", "-1", "soon", "nan"):
        refused("is not a time in seconds", f"--timeout={seconds}", subcommands=("boot", "native"))
    refused(
        "they cannot go with --initrd",
        "--initrd",
        scratch_file("some", b"\1"),
        "--exec",
        "true",
        subcommands=("boot", "native"),
    )
    for option in (("--stats", "/nowhere/x"), ("--without", "chaining"), ("--budget", "8M")):
        refused("natively there is none", *option, subcommands=("native",))
    expect_one_line_error(run_armature(limit=120), 2, "COMMAND")
    expect_one_line_error(run_armature("fly", limit=120), 2, "invalid choice: 'fly'")
    expect_one_line_error(run_armature("pack", limit=120), 2, "-o")
    expect_one_line_error(run_armature("test", "no-such-test", limit=120), 2, "no test is called like")
