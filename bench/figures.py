"""The report's figures, as SVG text, by matplotlib. The same data give the same bytes."""

import io
import re

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams.update(
    {
        "svg.hashsalt": "armature",
        "svg.fonttype": "none",
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "x",
        "grid.color": "#dddddd",
        "axes.axisbelow": True,
        "legend.frameon": False,
    }
)

from matplotlib import pyplot  # noqa: E402  (after the choice of its backend)

from bench.summary import exit_costs, geometric_mean  # noqa: E402

GROUP_COLOURS = {
    "boot": "#555555",
    "kernel": "#4269d0",
    "processor": "#3ca951",
    "application": "#efb118",
    "stress": "#ff725c",
}
PART_COLOURS = {"templates": "#4269d0", "jumps": "#97bbf5", "svc": "#9498a0"}
EXIT_COLOURS = ("#ff725c", "#efb118", "#a463f2", "#6cc5b0", "#ff8ab7", "#9c6b4e")
EXITS_SHOWN = len(EXIT_COLOURS)


def svg(figure):
    out = io.StringIO()
    figure.savefig(
        out, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": "armature bench"}
    )
    pyplot.close(figure)
    text = out.getvalue()
    return re.sub(r'(<svg [^>]*?)width="[^"]*" height="[^"]*"', r"\1", text[text.index("<svg") :], count=1)


def bars_height(count):
    return max(1.5, 0.19 * count + 0.8)


def ratios(records):
    """One bar a workload."""
    figure, axes = pyplot.subplots(figsize=(8, bars_height(len(records))))
    for at, r in enumerate(records):
        axes.barh(at, r["ratio"] - 1, left=1, color=GROUP_COLOURS[r["group"]], height=0.75)
        axes.text(max(r["ratio"], 1) + 0.01, at, f"{r['ratio']:.3f}", va="center", fontsize=7)
    workload_axis(axes, records)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xlabel("virtual / native, instructions")
    groups = dict.fromkeys(r["group"] for r in records)
    marks = [pyplot.Rectangle((0, 0), 1, 1, color=GROUP_COLOURS[g]) for g in groups]
    axes.legend(marks, groups, loc="lower left", bbox_to_anchor=(0, 1), ncol=5)
    return svg(figure)


def workload_axis(axes, records):
    axes.set_yticks(range(len(records)), [r["name"] for r in records], fontsize=8)
    axes.set_ylim(len(records) - 0.4, -0.6)


def stacks(records):
    """What is added to native, in percent of it: templates, jumps, the dearest kinds of exits."""
    costs = [exit_costs(r) for r in records]
    sums = {}
    for r, cost in zip(records, costs):
        for name in cost:
            sums[name] = sums.get(name, 0) + cost[name] / r["native"]
    shown = sorted(sums, key=sums.get, reverse=True)[:EXITS_SHOWN]
    series = [(part, PART_COLOURS[part], [r["difference"][part] for r in records]) for part in PART_COLOURS]
    for name, colour in zip(shown, EXIT_COLOURS):
        series.append((name, colour, [cost[name] for cost in costs]))
    rest = [r["difference"]["exits"] - sum(cost[n] for n in shown) for r, cost in zip(records, costs)]
    series.append(("other exits", "#cccccc", rest))
    figure, axes = pyplot.subplots(figsize=(8, bars_height(len(records))))
    left = [0.0] * len(records)
    for name, colour, values in series:
        widths = [max(0.0, 100 * v / r["native"]) for v, r in zip(values, records)]
        axes.barh(range(len(records)), widths, left=left, color=colour, height=0.75, label=name)
        left = [a + b for a, b in zip(left, widths)]
    workload_axis(axes, records)
    axes.set_xlabel("instructions added, in % of native")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=5, fontsize=8)
    return svg(figure)


def model(records):
    """The prediction's error, a point a workload, over the measured ratio."""
    figure, axes = pyplot.subplots(figsize=(8, 3))
    for group, colour in GROUP_COLOURS.items():
        mine = [r for r in records if r["group"] == group]
        axes.scatter(
            [r["ratio"] for r in mine], [100 * r["error"] for r in mine], color=colour, label=group, s=18
        )
    axes.axhspan(-5, 5, color="#eeeeee", zorder=0)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.set_xlabel("measured ratio")
    axes.set_ylabel("prediction's error, %")
    axes.legend(ncol=5, loc="lower left", bbox_to_anchor=(0, 1), fontsize=8)
    return svg(figure)


def ablation(result, unit):
    """Geometric mean over the workloads, without each technique. Logarithmic, for some are far out."""
    means = {name or "everything on": geometric_mean(row.values()) for name, row in result.items()}
    order = sorted(means, key=means.get)
    figure, axes = pyplot.subplots(figsize=(8, bars_height(len(order))))
    colours = ["#3ca951" if n == "everything on" else "#ff725c" if n == "all" else "#4269d0" for n in order]
    axes.barh(range(len(order)), [means[n] for n in order], color=colours, height=0.75, left=0)
    for at, name in enumerate(order):
        axes.text(means[name] * 1.01, at, f"{means[name]:.3f}", va="center", fontsize=7)
    axes.set_yticks(
        range(len(order)), [n if n == "everything on" else "without " + n for n in order], fontsize=8
    )
    axes.set_xscale("log")
    axes.set_xlim(left=0.9 * min(means.values()))
    axes.set_xlabel(unit)
    return svg(figure)


def stages(result):
    """Geometric means of each kind of guest, stage by stage."""
    figure, panels = pyplot.subplots(1, len(result), figsize=(8, 2.8), squeeze=False)
    for axes, (which, row) in zip(panels[0], result.items()):
        means = [geometric_mean(ratios.values()) for ratios in row.values()]
        bars = axes.bar(list(row), means, color="#4269d0", width=0.6)
        axes.bar_label(bars, [f"{m:.2f}" for m in means], fontsize=8)
        axes.set_yscale("log")
        axes.set_ylim(0.9, 1.5 * max(means))
        axes.set_title(which, fontsize=9)
        axes.tick_params(labelsize=8)
    return svg(figure)


def growth(result):
    figure, axes = pyplot.subplots(figsize=(5, 2.8))
    for (name, row), colour in zip(result.items(), ("#4269d0", "#ff725c", "#3ca951")):
        lives = sorted(row, key=int)
        axes.plot(
            [int(n) for n in lives], [row[n][1] / row[n][0] for n in lives], "o-", color=colour, label=name
        )
    axes.set_xscale("log")
    axes.set_ylim(bottom=1)
    axes.set_xlabel("live processes")
    axes.set_ylabel("virtual / native")
    axes.legend()
    return svg(figure)


def code_cache(rows):
    figure, axes = pyplot.subplots(figsize=(5, 2.8))
    axes.plot(
        [r["code_cache"] / 2**20 for r in rows], [r["translations"] for r in rows], "o-", color="#4269d0"
    )
    axes.set_xlabel("code cache, MiB")
    axes.set_ylabel("blocks translated")
    axes.set_ylim(bottom=0)
    return svg(figure)
