"""bench: what it measures adds up, and its files can be read."""

import json
import re

from harness import expect, expect_one_line_error, expect_status, run_armature, scratch_file

LIMIT = 600


def test_bench_of_two_workloads():
    """A system call and user-mode work: ratios, parts that sum up to the difference, JSON, the report."""
    data, page = scratch_file("bench.json"), scratch_file("bench.html")
    result = run_armature("bench", "--quick", "null", "records", "--json", data, "--html", page, limit=LIMIT)
    expect_status(result, 0)
    with open(data, encoding="utf-8") as file:
        rows = {r["name"]: r for r in json.load(file)["workloads"]}
    expect(sorted(rows) == ["boot", "null", "records"], f"workloads {sorted(rows)}")
    for name, r in rows.items():
        expect(f"{r['ratio']:.3f}" in result.output, f"{name}'s ratio is not in the table\n" + result.output)
        expect(r["ratio"] >= 1, f"{name} is faster under the VMM: {r['ratio']}")
        total = r["native"] + sum(r["difference"].values())
        expect(abs(total - r["virtual"]) < 1, f"{name}: parts sum up to {total}, not to {r['virtual']}")
        exits = sum(cost for _, cost in r["exits"].values())
        expect(
            name == "boot" or abs(exits - r["virtual_parts"].get("exits", 0)) < 2000,
            f"{name}: exits of {exits} instructions, the VMM executed {r['virtual_parts'].get('exits')}",
        )
    # By the guest's clock, which has microseconds of its own, and is read outside the marks by a system call.
    null = rows["null"]
    reading = abs(null["native"] - null["native_ns"])
    expect(reading < 0.01 * null["native"], f"natively, clock and count differ: {null}")
    expect(abs(null["virtual"] - null["virtual_ns"]) < 2 * reading + 2000, f"clock and count differ: {null}")
    # Exactly: the ratio of an interval this short is that of what the kernel happens to do in it.
    user = [rows["records"][parts]["user"] for parts in ("native_parts", "virtual_parts")]
    expect(user[0] == user[1], f"User code differs: {user[0]} instructions natively, {user[1]} virtually")
    with open(page, encoding="utf-8") as file:
        text = file.read()
    expect(text.count("<svg") >= 2 and text.count("<svg") == text.count("</svg>"), "the report's figures")
    expect("records" in text and not re.search(r'(src|href)="http', text), "the report needs other files")


def test_bench_of_cycles():
    """Estimates of both sides, their parts the whole, and at least half a cycle an instruction; User code as
    natively."""
    data = scratch_file("cycles.json")
    result = run_armature("bench", "--quick", "null", "records", "--cycles", "--json", data, limit=LIMIT)
    expect_status(result, 0)
    expect("cycles per operation" in result.output, "no table of cycles\n" + result.output)
    with open(data, encoding="utf-8") as file:
        rows = {r["name"]: r for r in json.load(file)["workloads"]}
    for name in ("null", "records"):
        for side in ("native", "virtual"):
            models = rows[name]["cycles"][side]
            expect(sorted(models) == ["high", "low", "mid"], f"{name}: models {sorted(models)}")
            for model, found in models.items():
                parts = sum(sum(causes.values()) for causes in found["owners"].values())
                expect(
                    parts == found["total"] == sum(found["causes"].values()),
                    f"{name}, {model}: {parts} of {found}",
                )
                count = found["events"]["instructions"]
                expect(
                    abs(count - rows[name][side]) < 0.001 * count + 50,
                    f"{name}: {count} of {rows[name][side]}",
                )
                expect(
                    2 * found["total"] >= count, f"{name}: {found['total']} cycles of {count} instructions"
                )
            totals = [models[model]["total"] for model in ("low", "mid", "high")]
            expect(totals == sorted(totals), f"{name}, {side}: {totals}")
    null, records = rows["null"]["cycles"], rows["records"]["cycles"]
    expect(null["virtual"]["mid"]["total"] > 1.1 * null["native"]["mid"]["total"], f"a system call: {null}")
    ratio = records["virtual"]["mid"]["total"] / records["native"]["mid"]["total"]
    expect(0.98 < ratio < 1.05, f"User code's ratio is {ratio}")


def test_bad_input():
    for options, pattern in (
        (("nonesuch",), "no workload is called 'nonesuch'"),
        (("--calibrate", "--json", "/nonexistent/x"), "cannot write"),
        (("--study", "nonesuch"), "--study"),
        (("null", "--without", "nonesuch"), "no technique"),
        (("null", "--memory", "7"), "guest memory|size"),
        (("null", "--kernel", "/nonexistent"), "/nonexistent"),
    ):
        expect_one_line_error(run_armature("bench", *options), 2, pattern)
