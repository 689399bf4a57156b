"""Native against virtual, as records (plain dictionaries, the JSON's) and as a table."""

import math
from collections import Counter

# Parts of the difference, in the order of the figures' stacks.
PARTS = ("user", "templates", "jumps", "svc", "exits")


def record(row, native, virtual):
    """All instructions are of the whole interval; divide by `count` for one operation."""
    return {
        "name": row.name,
        "group": row.group,
        "count": native.count,
        "native": native.total,
        "virtual": virtual.total,
        "ratio": virtual.total / native.total,
        "native_ns": native.ns,
        "virtual_ns": virtual.ns,
        "native_parts": dict(native.parts),
        "virtual_parts": dict(virtual.parts),
        "difference": difference(native.parts, virtual.parts),
        "classes": dict(native.classes),
        "exits": {name: list(pair) for name, pair in virtual.exits.items()},
        "counters": virtual.counters,
    }


def difference(native, virtual):
    """Where virtual - native goes. What runs before the kernel is the kernel's natively, the VMM's start
    virtually."""
    kernel = native["kernel"] + native["start"]
    return {
        "user": virtual["user"] - native["user"],
        "templates": virtual["cache"] - kernel,
        "jumps": virtual["jumps"],
        "svc": virtual["svc"],
        "exits": virtual["exits"] + virtual["start"],
    }


def geometric_mean(ratios):
    ratios = list(ratios)
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def groups(records):
    return list(dict.fromkeys(r["group"] for r in records))


def exit_costs(r):
    """{kind: instructions}, light and full exits of a kind together."""
    costs = Counter()
    for name, (_, cost) in r["exits"].items():
        costs[name.partition(":")[0].removeprefix("callout_")] += cost
    return costs


def exits_text(r, most=3):
    """The exits that cost most, as parts of native."""
    rows = exit_costs(r).most_common(most)
    return ", ".join(
        f"{name} {100 * cost / r['native']:.1f}" for name, cost in rows if cost >= 0.001 * r["native"]
    )


def table(records):
    yield (
        f"{'instructions per operation':<26} {'native':>15} {'virtual':>15} {'ratio':>7} | in % of native: "
        + " ".join(f"{part:>9}" for part in PARTS)
        + "  most of the exits"
    )
    for group in groups(records):
        mine = [r for r in records if r["group"] == group]
        for r in mine:
            parts = " ".join(f"{100 * r['difference'][part] / r['native']:>9.2f}" for part in PARTS)
            yield (
                f"{r['name']:<26} {r['native'] / r['count']:>15,.1f} {r['virtual'] / r['count']:>15,.1f} "
                f"{r['ratio']:>7.3f} |                 {parts}  {exits_text(r)}"
            )
        if len(mine) > 1:
            mean = geometric_mean(r["ratio"] for r in mine)
            yield f"{'geometric mean, ' + group:<26} {'':>15} {'':>15} {mean:>7.3f} |"
