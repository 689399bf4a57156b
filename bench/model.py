"""The cost model (design 7): what a workload takes under the VMM, from its native run and counts of what the
VMM has to do for it.

    virtual = native + sum over classes of guest instructions of count x words added
                     + sum over kinds of exits of count x instructions of one

Counts of instructions are the native run's, those of exits the VMM's. Costs are calibrated by the kernel
operations and the boot: an exit's is the mean over them, words added by a class are the non-negative
least-squares solution of what templates and jumps have added to them, relative to their native figures. All
other workloads are then predictions.
"""

import json
import os
import statistics
from collections import Counter

import paths
from bench.workloads import KERNEL

TABLE = os.path.join(paths.BENCH, "costs.json")
CALIBRATING = ("kernel", "boot")
# Classes of the model, of classes.py's: those that occur together in all workloads cannot be told apart by
# them. What is not here is innocuous, or always a callout: no template adds words.
TEMPLATES = {
    "direct branch": ("b",),
    "call": ("bl",),
    "indirect branch": ("bx lr", "bx", "blx", "pop pc", "ldr pc", "alu pc"),
    "PC-relative": ("literal",),
    "PSR": ("mrs cpsr", "msr cpsr", "cps"),
    "CP15": ("cp15", "fault status", "dacr read", "dacr write"),
    "exception return": ("exception return",),
}
# Words that a class's template adds at the least: nothing saved or brought back, no trap, no exit (design 8).
LEAST_WORDS = {
    **dict.fromkeys(("bl", "literal", "dacr read", "mrs cpsr", "dacr write"), 1),
    **dict.fromkeys(("bx lr", "bx", "blx", "pop pc", "ldr pc", "alu pc"), 4),
    "msr cpsr": 3,
    "exception return": 6,
}
# Exits whose work varies, and the counters that tell how much it was.
EXIT_WORK = {
    "hidden_faults": ("shadow_fills", "shadow_spaces_made"),
    "translations": ("translated_insns",),
}
ENOUGH = 100  # exits, for a mean of the kernel operations alone
FEW = 10  # exits, whose mean says nothing: they are taken for a full exit as most are
HOW = (
    "exits: mean instructions from stub to stub over the kernel operations and the boot; templates: words "
    "added to each guest instruction of a class, by non-negative least squares over the same workloads"
)


def calibrate(records):
    rows = [r for r in records if r["group"] in CALIBRATING]
    solution = nonnegative_solution(
        [[template_count(r, name) / r["native"] for name in TEMPLATES] for r in rows],
        [added_words(r) / r["native"] for r in rows],
    )
    seen = Counter()
    for r in rows:
        seen.update({kind: count for kind, (count, _) in r["exits"].items()})
    kinds = sorted(kind for kind in seen if seen[kind] >= FEW)
    return {
        "how": HOW,
        "exits": {kind: exit_cost([r for r in rows if kind in r["exits"]], kind) for kind in kinds},
        "templates": dict(zip(TEMPLATES, solution)),
    }


def template_count(r, name):
    return sum(r["classes"].get(c, 0) for c in TEMPLATES[name])


def exit_cost(rows, kind):
    """{"each": instructions of one exit, counter: more for each of these}. By the kernel operations if enough
    of them have such exits: the boot's are often the first of their kind, with more to do."""
    kernel = [r for r in rows if r["group"] != "boot"]
    if sum(r["exits"][kind][0] for r in kernel) >= ENOUGH:
        rows = kernel
    count, cost = (sum(r["exits"][kind][i] for r in rows) for i in (0, 1))
    more = EXIT_WORK.get(kind.partition(":")[0], ())
    if not more:
        return {"each": cost / count}
    # Each row weighs as its exits' part in what it takes: what matters is the error of the whole.
    counts = [[r["exits"][kind][0]] + [r["counters"].get(c, 0) for c in more] for r in rows]
    matrix = [[n / r["native"] for n in row] for r, row in zip(rows, counts)]
    solution = nonnegative_solution(matrix, [r["exits"][kind][1] / r["native"] for r in rows])
    return dict(zip(("each", *more), solution))


def added_words(r):
    return sum(r["difference"][part] for part in ("templates", "jumps", "svc"))


def nonnegative_solution(matrix, wanted, rounds=20000, enough=1e-12):
    """x >= 0 that minimizes |matrix x - wanted|, by coordinate descent."""
    columns = list(zip(*matrix))
    squares = [sum(a * a for a in column) for column in columns]
    x, rest = [0.0] * len(columns), list(wanted)
    for _ in range(rounds):
        moved = 0.0
        for i, column in enumerate(columns):
            if not squares[i]:
                continue
            new = max(0.0, x[i] + sum(a * b for a, b in zip(column, rest)) / squares[i])
            step, x[i] = new - x[i], new
            if step:
                rest = [b - a * step for a, b in zip(column, rest)]
                moved = max(moved, step * step * squares[i])
        if moved < enough * enough:
            break
    return x


def can_calibrate(records):
    """All kernel operations are there: fewer do not tell the classes apart."""
    return {r["name"] for r in records} >= set(KERNEL)


def costs_load():
    try:
        with open(TABLE, encoding="utf-8") as file:
            return json.load(file)
    except OSError:
        return None


def costs_store(costs):
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(json.dumps(costs, indent=1) + "\n")


def predict(r, costs):
    """{term: instructions}: native, a template's class, an exit's kind."""
    terms = {"native": r["native"]}
    for name, cost in costs["templates"].items():
        terms["template: " + name] = template_count(r, name) * cost
    unknown = {
        "each": statistics.median(c["each"] for name, c in costs["exits"].items() if name.endswith(":full"))
    }
    for name, (count, _) in r["exits"].items():
        cost = costs["exits"].get(name, unknown)
        terms["exit: " + name] = sum(
            each * (count if counter == "each" else r["counters"].get(counter, 0))
            for counter, each in cost.items()
        )
    return terms


def floor_of(r):
    """The ratio with templates at their least and no exits: what this way of translating cannot go below."""
    return 1 + sum(count * LEAST_WORDS.get(name, 0) for name, count in r["classes"].items()) / r["native"]


def model_add(records, costs):
    """Into each record: its terms, their sum, and how far that is from what was measured; and its floor."""
    for r in records:
        r["floor"] = floor_of(r)
        r["terms"] = predict(r, costs)
        r["predicted"] = sum(r["terms"].values())
        r["error"] = r["predicted"] / r["virtual"] - 1


def cost_text(cost):
    more = "".join(f" + {each:,.0f} {name}" for name, each in cost.items() if name != "each")
    return f"{cost['each']:,.0f}{more}"


def model_table(records, costs):
    yield "words that templates add: " + ", ".join(f"{n} {c:.2f}" for n, c in costs["templates"].items() if c)
    yield "instructions of an exit: " + ", ".join(f"{n} {cost_text(c)}" for n, c in costs["exits"].items())
    worst = max(records, key=lambda r: abs(r["error"]))
    within = sum(abs(r["error"]) <= 0.05 for r in records)
    yield (
        f"the cost model is within 5 % of what was measured for {within} of {len(records)} workloads; "
        f"worst: {worst['name']} {100 * worst['error']:+.2f} %"
    )
