"""The memory plan at its ends: whatever budget and guest RAM are allowed together, a guest starts."""

import os
import subprocess
import sys

from harness import (
    CHECKOUT,
    expect,
    expect_equal,
    expect_one_line_error,
    expect_status,
    run_armature,
    scratch_file,
)

HELLO = os.path.join(CHECKOUT, "build/vmm/guest/hello.elf")


def boot(budget, memory, *more):
    return run_armature("boot", "--kernel", HELLO, "--budget", budget, "--memory", memory, *more)


def test_ends():
    for budget in ("6M", "16M", "24M"):
        for memory in ("16M", "384M"):
            result = boot(budget, memory)
            expect_status(result, 0, f"budget {budget}, RAM {memory}")
            expect(result.output, f"budget {budget}, RAM {memory}: no output")


def test_beyond():
    """Refused by the command, in a line that says what would do."""
    for budget in ("0", "6", "5M", "6143K", "24577K", "25M", "100000000000G"):
        expect_one_line_error(boot(budget, "64M"), 2, "--budget: .* must be from 6M to 24M, not [0-9]")
    for budget, size in (
        ("16M", "0"), ("16M", "1"), ("16M", "255K"), ("16M", "8M"), ("6M", "3M"), ("24M", "4095M")
    ):
        result = boot(budget, "64M", "--code-cache", size)
        expect_one_line_error(
            result, 2, rf"--code-cache: with {budget} .* must be from 256K to [0-9]+[KM], not [0-9]"
        )


def vmm_takes(budget, memory, code_cache):
    """Whether the VMM itself takes this configuration, which the command is not asked about."""
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    import image
    from boards import BOARDS, MACHINE
    from contracts import image_config
    from kernel_image import kernel_open
    from layout import layout_bare
    from qemu import qemu_options

    vmm, board = image.vmm_open(), BOARDS[0]
    layout = layout_bare(MACHINE, kernel_open(HELLO), memory)
    config = image_config(
        memory, layout.entry, layout.regs, budget=budget, code_cache=code_cache, ram_host=board.ram_base
    )
    parts = [image.Segment(p.address, p.address, p.data, p.memory_size, 7) for p in layout.parts]
    packed = image.image_elf(vmm.physical_entry(), image.vmm_segments(vmm, config) + parts)
    command = (
        qemu_options(board, board.ram_size) + ["-semihosting-config", "enable=on,target=native", "-no-reboot"]
    )
    done = subprocess.run(
        command + ["-kernel", scratch_file("budget.elf", packed)],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    expect(done.returncode in (0, 125), f"the VMM's status is {done.returncode}")
    return done.returncode == 0


def test_limits_are_the_plans():
    """What the command takes the VMM takes, and not a step more: at each end of each limit."""
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    from image import vmm_open
    from memory_plan import code_cache_most, plan_check

    mib, vmm = 1 << 20, vmm_open()
    configurations = [(budget, 64 * mib, 0) for budget in (6 * mib - 1, 6 * mib, 24 * mib, 24 * mib + 1)]
    for budget, memory in ((6 * mib, 384 * mib), (16 * mib, 64 * mib), (24 * mib, 16 * mib)):
        most = code_cache_most(vmm, memory, budget)
        configurations += [(budget, memory, size) for size in (256 << 10, (256 << 10) - 3, most, most + 3)]
    for budget, memory, size in configurations:
        try:
            plan_check(vmm, memory, budget, size or None)
            taken = True
        except Exception as refusal:
            expect(type(refusal).__name__ == "UsageError", repr(refusal))
            taken = False
        expect_equal(
            vmm_takes(budget, memory, size), taken, f"budget {budget}, RAM {memory}, code cache {size}: taken"
        )
