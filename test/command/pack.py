"""The packed images boot without the command: ELF by QEMU's -kernel, raw from where it says it is to be
loaded."""

import os
import re
import subprocess
import sys

import harness
from harness import CHECKOUT, expect, expect_equal, expect_status, run_armature, scratch_file

QEMU = [
    "qemu-system-arm",
    "-M",
    "realview-pb-a8",
    "-m",
    "512",
    "-nodefaults",
    "-nic",
    "none",
    "-display",
    "none",
    "-audiodev",
    "none,id=n",
    "-semihosting-config",
    "enable=on,target=native",
    "-no-reboot",
    "-serial",
    "stdio",
    "-serial",
    "null",
]
TEXT_MAX = 224 << 10  # 192 until all of the board's devices had replicas


def boots(*options):
    """The guest's first output, and QEMU's status, which is the VMM's."""
    try:
        done = subprocess.run(
            QEMU + list(options), stdin=subprocess.DEVNULL, capture_output=True, timeout=240, check=False
        )
    except subprocess.TimeoutExpired as late:
        return None, late.stdout
    return done.returncode, done.stdout


def test_elf_and_raw_boot():
    hello = os.path.join(CHECKOUT, "build/vmm/guest/hello.elf")
    image = scratch_file("packed")
    packed = run_armature("pack", "-o", image, "--kernel", hello, "--memory", "64M", limit=120)
    expect_status(packed, 0)
    address = re.search(r"load at (0x[0-9a-f]+)", packed.log).group(1)
    native = run_armature("native", "--kernel", hello, "--timeout", "120", limit=180)
    wanted = (0, native.output.encode() + b"\x04")
    expect_equal(boots("-kernel", image), wanted, "the ELF image's end and output")
    loader = f"loader,file={image}.bin,addr={address},cpu-num=0"
    expect_equal(boots("-device", loader), wanted, "the raw image's end and output")


def test_same_input_same_image():
    images = []
    for name in ("one", "two"):
        path = scratch_file(name)
        expect_status(run_armature("pack", "-o", path, limit=120), 0)
        with open(path, "rb") as file:
            images.append(file.read())
    expect(images[0] == images[1], "two images of the same input differ")


def test_output_that_cannot_be_written():
    harness.expect_one_line_error(
        run_armature("pack", "-o", "/nowhere/x", limit=120), 2, "cannot write /nowhere/x"
    )


def test_vmm_text_is_small():
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    from elf import Elf

    path = os.path.join(CHECKOUT, "build/vmm/vmm.elf")
    with open(path, "rb") as file:
        sizes = {section.name: section.size for section in Elf(path, file.read()).sections()}
    text = sum(sizes.get(name, 0) for name in (".start", ".text", ".stubs", ".rodata"))
    expect(sizes[".text"] and text <= TEXT_MAX, f"the VMM's text is {text} bytes, its limit {TEXT_MAX}")
