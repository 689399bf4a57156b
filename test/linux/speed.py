"""What the VMM may cost at this stage, by the deterministic clock; a ratio that grows beyond its limit is
a failure."""

import re

from harness import expect, expect_status, guest_program, run_native, run_virtual

BOOT_LIMIT = 1.25
NULL_CALL_LIMIT = 1.45
USER_LIMIT = 1.003


def both(command, **options):
    results = [run(command, icount=True, **dict(options)) for run in (run_native, run_virtual)]
    for result in results:
        expect_status(result, 0)
    return results


def ratio_within(results, pattern, limit, what):
    native, virtual = (float(re.search(pattern, result.output).group(1)) for result in results)
    expect(
        virtual <= limit * native,
        f"{what}: {virtual:g} is {virtual / native:.3f} times native's {native:g}, " f"the limit is {limit}",
    )


def test_boot():
    ratio_within(both("dmesg"), r"\[ *([\d.]+)\] Run /init", BOOT_LIMIT, "time of 'Run /init'")


def test_null_system_call():
    micro = guest_program("bench/micro.c", "-marm")
    ratio_within(
        both("/micro null 10000", add={"/micro": micro}),
        r"null ([\d.]+) ns",
        NULL_CALL_LIMIT,
        "null system call",
    )


def test_user_mode():
    spin = guest_program("bench/spin.c", "-marm")
    ratio_within(both("/spin", add={"/spin": spin}), r"spin ([\d.]+) ns", USER_LIMIT, "user-mode computation")
