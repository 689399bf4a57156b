#!/usr/bin/python3
"""Write docs/virtualizability.md and its figure, from the decode tables, src/classify/reasons.tab and the
experiment in every mode, which is run for it (half a minute).

    test/decode/virtualizability.py
"""
import json
import os
import re
import sys
from collections import Counter

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "experiment"))
from modes import RESULT, run_modes  # noqa: E402
from programs import path  # noqa: E402

sys.path.insert(0, path("src/decoder"))
sys.path.insert(0, path("src/command"))
from generate import read_rows  # noqa: E402

WORDS, SEED = 8, 1  # of the experiment: the document says what this one showed
DOCUMENT, FIGURE = path("docs/virtualizability.md"), path("docs/virtualizability.svg")
MODES = ("User", "System", "SVC", "IRQ", "FIQ", "Abort", "Undefined")
CLASS_NAMES = {
    "CLASS_INNOCUOUS": "innocuous",
    "CLASS_CONTROL_FLOW": "control flow",
    "CLASS_CRITICAL": "critical",
    "CLASS_PRIVILEGED": "privileged",
    "CLASS_EXCEPTION": "exception",
    "CLASS_UNDEFINED": "undefined",
}  # fmt: skip


def experiment(limit=600):
    """The experiment's groups; raises if it disagrees with the tables."""
    agrees, report = run_modes(WORDS, SEED, limit)
    if not agrees:
        raise RuntimeError("the runs and the tables disagree:\n" + report)
    with open(RESULT, encoding="ascii") as file:
        return json.load(file), report


def reasons():
    rows = []
    with open(path("src/classify/reasons.tab"), encoding="ascii") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                names, wrong, emitted, callout = (part.strip("- ") for part in line.strip().split("|"))
                if callout or not emitted:
                    callout = "callout" + (": " + callout if callout else "")
                rows.append((names.split(), wrong, "; ".join(filter(None, (emitted, callout)))))
    return rows


def name_of(group):
    """As reasons.tab calls it."""
    if (
        group["class"] == "critical"
        and group["manual"].startswith("A8")
        and group["row"].endswith(("_reg", "_imm", "_rsr"))
    ):
        return "ALU_eret"
    return group["row"]


def wrap(text, width=118, indent=""):
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = indent + word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join(lines + [line])


def counts_table():
    counts = Counter((row.class_name, row.isa) for row in read_rows(path("src/decoder")))
    lines = ["| rows of the tables | A32 | T16 | T32 |", "|---|---|---|---|"]
    for name, title in CLASS_NAMES.items():
        lines.append(
            f"| {title} | " + " | ".join(str(counts[name, isa]) for isa in ("a32", "t16", "t32")) + " |"
        )
    return "\n".join(lines)


def encodings(groups):
    return ", ".join(dict.fromkeys(f'{g["isa"]} {g["encoding"]}' for g in groups))


def evidence(groups, name):
    """The instance that shows most: one that differs between User and SVC, of A32 if there is one."""
    shown = sorted(groups, key=lambda g: (g["runs"]["User"] == g["runs"]["SVC"], g["isa"] != "A32"))
    return shown[0]


def critical_section(groups):
    parts = []
    by_name = {}
    for group in groups:
        if group["class"] == "critical":
            by_name.setdefault(name_of(group), []).append(group)
    for names, wrong, treatment in reasons():
        chosen = [g for name in names for g in by_name.get(name, ())]
        if not chosen or names[0].endswith("_spsr") or ":" in names[0] or names[0] == "MCR":
            continue
        manuals = "B9.3.20" if "ALU_eret" in names else ", ".join(dict.fromkeys(g["manual"] for g in chosen))
        title = (
            "SUBS PC, LR and its kind" if "ALU_eret" in names else ", ".join(n for n in names if n in by_name)
        )
        example = evidence(chosen, names[0])
        derived = Counter(g["derived"] for g in chosen)
        told = ", ".join(f"{n} {d}" for d, n in derived.most_common())
        parts.append(
            f"### {title}\n\n"
            + wrap(
                f"{encodings(chosen)}; DDI 0406C {manuals}. "
                f'{example["sensitive"].split(", location")[0].capitalize()}-sensitive. By the experiment: '
                f'{told}.'
            )
            + f'\n\n| `{example["text"]}` | |\n|---|---|\n'
            + "".join(f'| {mode} | {example["runs"][mode]} |\n' for mode in ("User", "SVC", "System"))
            + "\n"
            + wrap(f"De-privileged: {wrong}.")
            + "\n\n"
            + wrap(f"The VMM: {treatment}.")
            + "\n"
        )  # fmt: skip
    return "\n".join(parts)


def privileged_section(groups):
    lines = ["| instruction | encodings | sensitive | at PL0 | in SVC mode |", "|---|---|---|---|---|"]
    by_row = {}
    for group in groups:
        if group["class"] in ("privileged", "exception"):
            by_row.setdefault(group["row"], []).append(group)
    for row, chosen in by_row.items():
        example = evidence(chosen, row)
        ways = dict.fromkeys(w for g in chosen for w in g["sensitive"].split(", ") if w != "location")
        lines.append(f'| `{example["text"]}` ({row}) | {encodings(chosen)} | {", ".join(ways)} | '
                     f'{example["runs"]["User"]} | {example["runs"]["SVC"]} |')  # fmt: skip
    return "\n".join(lines)


def explained_section(groups):
    by_reason = {}
    for group in groups:
        if group["explained"]:
            by_reason.setdefault((group["explained"], group["class"], group["derived"]), []).append(
                group["row"]
            )
    lines = ["| rows | table | experiment | why |", "|---|---|---|---|"]
    for (reason, table, derived), rows in by_reason.items():
        lines.append(f'| {", ".join(dict.fromkeys(rows))} | {table} | {derived} | {reason} |')
    return "\n".join(lines)


def figure_rows(groups):
    """(label, [a cell a mode]) of one instance of each instruction that is critical, privileged or an
    exception."""
    rows = []
    for group in groups:
        if (
            group["class"] not in ("critical", "privileged")
            or group["isa"] != "A32"
            or name_of(group) == "ALU_eret"
            and (group["row"] != "SUB_imm")
        ):
            continue
        if group["derived"] == "traps" or (group["row"], group["class"]) in [r[2:] for r in rows]:
            continue
        cells = [cell(group["runs"], mode) for mode in MODES]
        label = group["text"] if len(group["text"]) < 28 else re.sub(r"\{.*,", "{...", group["text"])
        rows.append((label, cells, group["row"], group["class"]))
    return rows


def cell(runs, mode):
    text = runs[mode]
    if text.startswith(("Undefined", "Supervisor", "Prefetch")):
        return "traps"
    if text.startswith("Data Abort"):
        return "aborts"
    if "CPSR's system bits" in text or "other modes'" in text or re.search("[A-Z0-9]{4,} =", text):
        return "system"
    if "waits" in text:
        return "waits"
    return "ignored" if text.endswith("no effect") else "runs"


CELLS = (
    ("traps", "traps: Undefined Instruction", "#4477aa"),
    ("aborts", "Data Abort: the kernel's memory, checked as User's", "#66ccee"),
    ("system", "changes system state: PSRs, banks, system registers", "#ee6677"),
    ("waits", "stops until an interrupt", "#aa3377"),
    ("runs", "runs, changes registers or memory", "#ccbb44"),
    ("ignored", "runs, without effect", "#dddddd"),
)


def figure_make(groups):
    """The figure, as SVG."""
    import io

    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "armature", "svg.fonttype": "none", "font.size": 8})
    from matplotlib import pyplot
    from matplotlib.patches import Patch, Rectangle

    rows = figure_rows(groups)
    rows.sort(key=lambda row: row[3] != "critical")
    figure, axes = pyplot.subplots(figsize=(7.2, 0.2 * len(rows) + 1.6))
    colours = {name: colour for name, _, colour in CELLS}
    for y, (_, cells, _, _) in enumerate(rows):
        for x, kind in enumerate(cells):
            axes.add_patch(Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, color=colours[kind], linewidth=0))
    critical = sum(row[3] == "critical" for row in rows)
    axes.axhline(critical, color="black", linewidth=1)
    axes.set_xlim(0, len(MODES))
    axes.set_ylim(len(rows), 0)
    axes.set_xticks([x + 0.5 for x in range(len(MODES))], MODES)
    axes.set_yticks([y + 0.5 for y in range(len(rows))], [row[0] for row in rows], family="monospace")
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.text(len(MODES) + 0.1, critical / 2, "critical", rotation=270, va="center")
    axes.text(len(MODES) + 0.1, (critical + len(rows)) / 2, "privileged", rotation=270, va="center")
    for side in axes.spines.values():
        side.set_visible(False)
    used = {kind for _, cells, _, _ in rows for kind in cells}
    figure.legend(handles=[Patch(color=c, label=text) for name, text, c in CELLS if name in used],
                  loc="lower center", ncol=2, frameon=False)  # fmt: skip
    figure.subplots_adjust(left=0.31, right=0.95, top=1 - 0.3 / figure.get_figheight(),
                           bottom=0.85 / figure.get_figheight())  # fmt: skip
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def document_make(groups):
    with open(path("test/decode/virtualizability.txt"), encoding="ascii") as file:
        text = file.read()
    rows = len({(g["row"], g["encoding"], g["isa"]) for g in groups})
    values = {
        "COUNTS": counts_table(),
        "CRITICAL": critical_section(groups),
        "PRIVILEGED": privileged_section(groups),
        "EXPLAINED": explained_section(groups),
        "INSTANCES": f'{sum(g["instances"] for g in groups):,}',
        "ROWS": f"{rows:,}",
        "GROUPS": f"{len(groups):,}",
        "AGREE": f'{sum(not g["explained"] for g in groups):,}',
        "EXPLAINED_COUNT": str(sum(bool(g["explained"]) for g in groups)),
    }
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def main():
    groups, report = experiment()
    for name, text in ((DOCUMENT, document_make(groups)), (FIGURE, figure_make(groups))):
        with open(name, "w", encoding="ascii") as file:
            file.write(text)
    print(report, end="")


if __name__ == "__main__":
    main()
