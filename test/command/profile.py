"""profile: what it counts agrees with the guest's own clock, which counts the same instructions."""

import re

from harness import (
    expect,
    expect_one_line_error,
    expect_status,
    guest_program,
    run_armature,
    run_native,
    scratch_file,
)

LIMIT = 400


def profiled(operation, count, *options):
    """(a dictionary of the table's rows, per operation; the program's own figure)"""
    result = run_armature(
        "profile",
        *options,
        "--per",
        count,
        "--add",
        guest_program("bench/micro.c", "-marm") + ":/micro",
        "--exec",
        f"/micro {operation} {count}",
        limit=LIMIT,
    )
    expect_status(result, 0)
    expect("between the markers" in result.output, "the markers were not seen\n" + result.tail())
    rows = re.findall(
        r"^( *[a-z].*?) +([\d,]+\.\d) +[\d.]+ %(?: +[\d,.]+ +([\d,.]+))?", result.output, re.MULTILINE
    )
    own = float(re.search(rf"{operation} ([\d.]+) ns/op", result.output).group(1))
    return {name.strip(): (number(value), number(calls or "0")) for name, value, calls in rows}, own


def number(text):
    return float(text.replace(",", ""))


def test_null_call_is_accounted_for():
    listing = run_native("grep -i ' t ' /proc/kallsyms")
    expect_status(listing, 0)
    symbols = scratch_file("kallsyms", listing.output.encode())
    native, own = profiled("null", 500, "--native", "--symbols", symbols)
    expect(abs(native["total"][0] - own) < 2, f"natively {native['total'][0]} instructions of {own}")
    folded = scratch_file("folded")
    virtual, own = profiled("null", 500, "--symbols", symbols, "--folded", folded)
    expect(abs(virtual["total"][0] - own) < 5, f"virtually {virtual['total'][0]} instructions of {own}")
    expect(abs(virtual["user"][0] - native["user"][0]) < 1, "User code differs between native and virtual")
    parts = sum(virtual[name][0] for name in ("user", "code cache", "stubs"))
    expect(abs(parts + virtual.get("vmm", (0,))[0] - virtual["total"][0]) < 1, "the parts are not the total")
    with open(folded, encoding="utf-8") as file:
        total = sum(int(line.rsplit(" ", 1)[1]) for line in file)
    expect(abs(total / 500 - virtual["total"][0]) < 1, "the folded stacks are not the total")
    functions = [name for name in native if name.endswith("sys_getppid")]
    expect(len(functions) == 1, f"functions natively: {sorted(native)}")
    own = native[functions[0]][0]
    expect(
        2 < own <= virtual[functions[0]][0] < 3 * own,
        f"{functions[0]}: {own} natively, {virtual[functions[0]][0]} virtually",
    )
    lost = virtual.get("(blocks that are gone)", (0, 0))[0]
    expect(lost < 0.02 * virtual["code cache"][0], f"{lost} instructions of no block")


def test_vmm_by_function():
    """Page faults are what the VMM works for: in them, the shadow tables' fault handler, about once an
    operation."""
    rows, own = profiled("pgfault", 200)
    expect(abs(rows["total"][0] - own) < 0.01 * own, f"{rows['total'][0]} instructions of {own}")
    expect(0 < rows["shadow_fault"][0] < rows["vmm"][0], "shadow_fault's share of the VMM")
    expect(0.5 < rows["shadow_fault"][1] < 10, f"{rows['shadow_fault'][1]} calls of shadow_fault")


def test_bad_input():
    for options, pattern in (
        (("--per", "0"), "--per"),
        (("--symbols", "/nonexistent"), "/nonexistent"),
        (("--symbols", scratch_file("no_symbols", b"nothing here\n")), "no addresses"),
        (("--native", "--without", "chaining"), "natively"),
    ):
        expect_one_line_error(run_armature("profile", *options, "--exec", "true"), 2, pattern)
