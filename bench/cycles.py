"""Estimated cycles (docs/cycles.md): the models' table for the plugin, records of its estimates, the tables.
"""

import os
import tomllib
from collections import Counter

import paths
from bench.programs import BUILD
from bench.summary import geometric_mean, groups

SOURCE = os.path.join(paths.BENCH, "cortex_a8.toml")
RANGE, MIDDLE = ("low", "mid", "high"), "mid"
CAUSES = ("issue", "mispredict", "fetch", "data", "tlb", "system", "exception")
OWNERS = ("user", "cache", "jumps", "svc", "stubs", "vmm")


def models_read(path=SOURCE):
    """(models' names, {parameter: values}). Each has a `source`, or a `range`: why nobody can say."""
    with open(path, "rb") as file:
        table = tomllib.load(file)
    names, what_if = table.pop("models"), table.pop("what_if")
    rows = {}
    for group in table.values():
        for name, row in group.items():
            if len(row["values"]) != len(names) or not (row.get("source") or row.get("range")):
                raise ValueError(f"{path}: {name} needs {len(names)} values and a source or a range's reason")
            rows[name] = row["values"]
    middle = names.index(MIDDLE)
    for changed in what_if.values():
        for name, values in rows.items():
            values.append(changed.get(name, values[middle]))
    return names + list(what_if), rows


def models_write(chosen):
    """The plugin's table of some models (bench/cortex_a8/parameters.h); its path."""
    names, rows = models_read()
    os.makedirs(BUILD, exist_ok=True)
    path = os.path.join(BUILD, "models-" + "-".join(chosen))
    columns = [names.index(name) for name in chosen]
    with open(path, "w", encoding="ascii") as file:
        file.write("models " + " ".join(chosen) + "\n")
        for name, values in rows.items():
            file.write(f"{name} {' '.join(str(values[i]) for i in columns)}\n")
    return path


def what_ifs():
    return models_read()[0][len(RANGE) + 1 :]


def cycles_options(chosen=RANGE):
    return ["--cycles", models_write(chosen)]


def of_side(measurement):
    """{model: {"total", "causes": {cause: cycles}, "owners": {owner: {cause: cycles}}, "events": {name:
    count}}}"""
    models = {}
    for (model, owner, cause), count in measurement.cycles.items():
        side = models.setdefault(model, {"total": 0, "causes": Counter(), "owners": {}, "events": Counter()})
        side["total"] += count
        side["causes"][cause] += count
        side["owners"].setdefault(owner, Counter())[cause] += count
    for (model, _, name), count in measurement.events.items():
        models[model]["events"][name] += count
    return models


def cycles_add(r, native, virtual):
    """Into a record: what the models say of both sides. Nothing for what was before the first interval: the
    boot."""
    if native.cycles and virtual.cycles:
        r["cycles"] = {"native": of_side(native), "virtual": of_side(virtual)}


def ratio(r, model=MIDDLE):
    return r["cycles"]["virtual"][model]["total"] / r["cycles"]["native"][model]["total"]


def ratios(records, model):
    return [ratio(r, model) for r in records]


def spread(values):
    return f"{min(values):.3f} - {max(values):.3f}"


def difference(r, model=MIDDLE):
    """{(owner, cause): cycles more than natively}; the native kernel's is the code cache's."""
    native, virtual = (r["cycles"][side][model]["owners"] for side in ("native", "virtual"))
    more = Counter()
    for owner, causes in virtual.items():
        more.update({(owner, cause): count for cause, count in causes.items()})
    for owner, causes in native.items():
        mine = "cache" if owner == "kernel" else owner
        more.subtract({(mine, cause): count for cause, count in causes.items()})
    return more


def by(more, place):
    """The sums of a difference: place 0 by owner, 1 by cause."""
    sums = Counter()
    for key, count in more.items():
        sums[key[place]] += count
    return sums


def told(records):
    return [r for r in records if "cycles" in r]


def cycles_table(records):
    """Ratios of cycles with their ranges beside those of instructions, and where the middle's difference
    goes."""
    records = told(records)
    head = " ".join(f"{cause:>10}" for cause in CAUSES)
    yield (
        f"{'cycles per operation':<22} {'native':>10} {'virtual':>10} {'instr.':>7} {'cycles':>7} "
        f"{'range':>15} | % of native: {head}"
    )
    for group in groups(records):
        mine = [r for r in records if r["group"] == group]
        for r in mine:
            native, virtual = (r["cycles"][side][MIDDLE]["total"] for side in ("native", "virtual"))
            causes = by(difference(r), 1)
            parts = " ".join(f"{100 * causes[cause] / native:>10.1f}" for cause in CAUSES)
            yield (
                f"{r['name']:<22} {native / r['count']:>10,.0f} {virtual / r['count']:>10,.0f} "
                f"{r['ratio']:>7.3f} {ratio(r):>7.3f} {spread([ratio(r, model) for model in RANGE]):>15} |   "
                f"           {parts}"
            )
        if len(mine) > 1:
            means = {model: geometric_mean(ratios(mine, model)) for model in RANGE}
            yield (
                f"{'geometric mean, ' + group:<44} {geometric_mean(r['ratio'] for r in mine):>7.3f} "
                f"{means[MIDDLE]:>7.3f} {spread(means.values()):>15} |"
            )
            yield from where_table(mine)
            yield from what_if_table(mine)


def where_table(records):
    """A group's mean difference, in % of native cycles, by whose instructions and why."""
    sums = Counter()
    for r in records:
        native = r["cycles"]["native"][MIDDLE]["total"]
        for key, count in difference(r).items():
            sums[key] += 100 * count / native / len(records)
    yield f"    {'mean, % of native':<22}" + "".join(f"{cause:>11}" for cause in CAUSES) + f"{'sum':>11}"
    for owner in OWNERS:
        row = [sums[owner, cause] for cause in CAUSES]
        if any(abs(value) >= 0.05 for value in row):
            yield f"    {owner:<22}" + "".join(f"{value:>11.2f}" for value in row) + f"{sum(row):>11.2f}"


def what_if_table(records):
    """A group's mean ratio as it would be, if those models were asked for."""
    asked = [name for name in what_ifs() if name in records[0]["cycles"]["virtual"]]
    for name in asked:
        mean = geometric_mean(
            r["cycles"]["virtual"][name]["total"] / r["cycles"]["native"][MIDDLE]["total"] for r in records
        )
        yield f"    what if {name:<36} {mean:>7.3f}"
