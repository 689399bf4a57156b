"""The stock kernel boots: as natively to the log's last line, at every memory size, with its own ways to
end."""

import re

from harness import (
    Dialogue,
    expect,
    expect_equal,
    expect_status,
    long_test,
    run_native,
    run_virtual,
    scratch_file,
    switch_names,
)
from kernel_log import COMPLAINT, log_is_native


def test_log_is_native():
    log_is_native()


def test_log_is_native_64m():
    log_is_native(memory="64M")


def test_log_is_native_128m():
    log_is_native(memory="128M")


def test_log_is_native_384m():
    log_is_native(memory="384M")


def test_ram_elsewhere():
    """GPA and HPA differ: a guest whose RAM is not where it thinks does what it does natively."""
    work = "grep System.RAM /proc/iomem; seq 1000 | sha256sum; cp /bin/busybox /b; sha256sum /b"
    native = run_native(work, memory="128M")
    expect_status(native, 0, "native")
    for at in ("0x70100000", "0x7a000000"):
        virtual = run_virtual(work, memory="128M", **{"ram-at": at})
        expect_status(virtual, 0, f"with its RAM at {at}")
        expect_equal(virtual.output, native.output, f"the output with its RAM at {at}", "virtual", "native")


def test_what_is_told():
    """Which kernel, how memory is split; and the command's status is ours."""
    result = run_virtual("exit 42", memory="64M")
    expect_status(result, 42)
    for pattern in (
        r"kernel vmlinuz-\S+, SHA-256 [0-9a-f]{64}, that of linux-image-\S+\.deb",
        r"guest RAM 64 MiB at 0x70000000; VMM \d+ KiB: image \d+, code cache \d+",
    ):
        expect(re.search(pattern, result.log), f"not told: '{pattern}'\n{result.log}")


# Techniques whose absence a boot survives in reasonable time: an exit costs several microseconds of this
# machine.
SELDOM = (
    "inline_msr,inline_spsr,inline_user_bank,inline_dacr,inline_eret,direct_svc,fill_ahead,device_sites,"
    "wfi_idle,light_exits,icache_gate,direct_devices,tlb_loops,switch_pairs"
)
# What occurs in every tenth guest instruction: with these off, a boot is hundreds of millions of exits. Bare
# guests run without them.
EVERYWHERE = ("chaining", "jump_map", "inline_branch")


SEQ_1000 = "67d4ff71d43921d5739f387da09746f405e425b07d727e4c69d029461d1f051f  -\n"  # its digest


def boots_without(names):
    result = run_virtual("cat /proc/version; seq 1000 | sha256sum", without=names, icount=True)
    expect_status(result, 0, "without " + names)
    expect(
        "Linux version 6." in result.output and result.output.endswith(SEQ_1000), "output\n" + result.tail()
    )


def test_slow_paths():
    boots_without(SELDOM)


def test_timeout_is_the_vmm_s():
    """Also of a guest that has nothing to do: the VMM's own timer runs."""
    result = run_virtual("sleep 1000", timeout=12)
    expect_status(result, 124)
    expect(
        "armature: timeout: the guest was stopped" in result.log, "not the VMM has ended it\n" + result.tail()
    )


def test_panic():
    result = run_virtual("true", append="rdinit=/nonexistent root=/dev/none")
    expect_status(result, 125)
    expect("kernel panicked" in result.log, result.tail())


def test_shell_poweroff_and_reboot():
    with Dialogue("boot") as shell:
        shell.wait_for(b"# ", 300)
        shell.type(b"echo a$((6*7))b\r")
        shell.wait_for(b"a42b")
        shell.wait_for(b"# ")
        shell.type(b"sleep 1000\r")
        shell.wait_for(b"sleep 1000")
        shell.wait_quiet(1)
        shell.type(b"\x03")
        shell.wait_for(b"# ", 10)
        shell.type(b"echo status $?\r")
        shell.wait_for(b"status 130")
        shell.type(b"reboot\r")
        shell.wait_for(b"Booting Linux", 60)
        shell.wait_for(b"# ", 300)
        shell.type(b"poweroff\r")
        expect_equal(shell.status(), 0, "the status")


@long_test
def test_fifty_boots_by_the_instruction():
    """Identical: each log's times are counts of instructions, and so is the VMM's own time."""
    stats = scratch_file("fifty.json")
    seen = set()
    for _ in range(50):
        result = run_virtual("dmesg; cat /proc/uptime /proc/interrupts", icount=True, stats=stats)
        expect_status(result, 0)
        with open(stats, encoding="utf-8") as file:
            seen.add((result.output, file.read()))
    expect(len(seen) == 1, f"{len(seen)} different boots")


@long_test
def test_twenty_boots():
    for _ in range(20):
        result = run_virtual("seq 1000 | sha256sum; dmesg")
        expect_status(result, 0)
        expect(result.output.startswith(SEQ_1000), result.tail())
        complaints = [line for line in result.output.splitlines() if COMPLAINT.search(line)]
        expect(not complaints, "\n".join(complaints))


@long_test
def test_each_technique_off():
    for name in switch_names():
        if name not in EVERYWHERE:
            boots_without(name)
