"""The report: one self-contained HTML page from what bench has measured (its JSON)."""

import html
import os

from messages import say
from packages import packages_install
from bench.summary import PARTS, geometric_mean, groups

FIGURES_PACKAGE = (
    "python3-matplotlib",
    "draws the report's figures",
    "/usr/lib/python3/dist-packages/matplotlib/__init__.py",
)

# What the project wants to reach: name, whose ratios, the mean or the worst of them, at most.
GOALS = (
    ("null system call", ("null",), max, 1.45),
    ("each kernel operation", ("kernel",), max, 1.60),
    ("all kernel operations, geometric mean", ("kernel",), geometric_mean, 1.25),
    (
        "fork, exec, sh, page fault, mmap",
        ("fork", "exec", "sh", "pgfault", "pgfault_anon", "mmap"),
        max,
        1.35,
    ),
    (
        "context switch, pipe latency",
        ("pipe", "ctx_2_0", "ctx_8_0", "ctx_16_0", "ctx_2_16k", "ctx_8_16k", "ctx_16_16k"),
        max,
        1.35,
    ),
    ("processor work", ("processor",), max, 1.003),
    ("each application", ("application",), max, 1.08),
    ("applications, geometric mean", ("application",), geometric_mean, 1.03),
    ("boot", ("boot",), max, 1.25),
)
MEMORY_GOAL_MIB = 16

STYLE = """
body { font: 15px/1.45 sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; color: #222 }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2em }
table { border-collapse: collapse; font-size: 13px; margin: 1em 0 }
th, td { padding: 2px 9px; text-align: right; border-bottom: 1px solid #ddd }
th { border-bottom: 1px solid #888; vertical-align: bottom }
th:first-child, td:first-child { text-align: left }
tr.mean td { font-weight: bold } td.over { color: #b00020 } td.text { text-align: left }
svg { width: 100%; height: auto; max-width: 52em } code { background: #f4f4f4 }
"""


def figures_ready():
    """Installs what draws them, having said so."""
    packages_install((FIGURES_PACKAGE,))


def table_html(head, rows, classes=()):
    """rows: lists of cells; a cell may be (text, class). classes: of rows, by number."""
    out = ["<table><tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in head) + "</tr>"]
    for number, row in enumerate(rows):
        mark = dict(classes).get(number)
        cells = "".join(
            f'<td class="{c[1]}">{html.escape(c[0])}</td>'
            if isinstance(c, tuple)
            else f"<td>{html.escape(c)}</td>"
            for c in row
        )
        out.append(f'<tr class="{mark}">{cells}</tr>' if mark else f"<tr>{cells}</tr>")
    return "\n".join(out + ["</table>"])


def goals_table(records, memory_mib):
    rows = []
    for name, whose, of, most in GOALS:
        mine = [r for r in records if r["name"] in whose or r["group"] in whose]
        if not mine:
            continue
        value = of([r["ratio"] for r in mine])
        worst = max(mine, key=lambda r: r["ratio"])["name"] if of is max and len(mine) > 1 else ""
        rows.append([name, f"{most:g}", (f"{value:.3f}", "over" if value > most else ""), (worst, "text")])
    over = "over" if memory_mib > MEMORY_GOAL_MIB else ""
    rows.append(["memory of the VMM, MiB", f"{MEMORY_GOAL_MIB}", (f"{memory_mib:g}", over), ""])
    return table_html(["", "wanted, at most", "measured", "the worst"], rows)


def workload_table(records):
    head = [
        "per operation",
        "native",
        "virtual",
        "ratio",
        "floor",
        *(f"{p}, %" for p in PARTS),
        "predicted",
        "error, %",
    ]
    rows, means = [], []
    for group in groups(records):
        mine = [r for r in records if r["group"] == group]
        for r in mine:
            parts = [f"{100 * r['difference'][p] / r['native']:.2f}" for p in PARTS]
            model = (
                [f"{r['predicted'] / r['count']:,.0f}", f"{100 * r['error']:+.2f}"]
                if "error" in r
                else ["", ""]
            )
            rows.append(
                [r["name"], f"{r['native'] / r['count']:,.0f}", f"{r['virtual'] / r['count']:,.0f}"]
                + [f"{r['ratio']:.3f}", f"{r['floor']:.3f}" if "floor" in r else "", *parts, *model]
            )
        if len(mine) > 1:
            means.append((len(rows), "mean"))
            mean = geometric_mean(r["ratio"] for r in mine)
            floor = (
                f"{geometric_mean(r['floor'] for r in mine):.3f}" if all("floor" in r for r in mine) else ""
            )
            rows.append([f"{group}, geometric mean", "", "", f"{mean:.3f}", floor] + [""] * (len(PARTS) + 2))
    return table_html(head, rows, means)


def costs_tables(costs):
    templates = [[name, f"{cost:.2f}"] for name, cost in costs["templates"].items()]
    exits = []
    for name, cost in sorted(costs["exits"].items()):
        more = ", ".join(f"{each:,.0f} for each of {c}" for c, each in cost.items() if c != "each")
        exits.append([name, f"{cost['each']:,.0f}", (more, "text")])
    return (
        f"<p>How: {html.escape(costs['how'])}.</p>"
        + table_html(["template", "words added"], templates)
        + table_html(["exit", "instructions", "and"], exits)
    )


def ratio_table(result, first):
    columns = list(next(iter(result.values())))
    rows = [
        [name or "everything on", *(f"{row[c]:.3f}" for c in columns), f"{geometric_mean(row.values()):.3f}"]
        for name, row in result.items()
    ]
    return table_html([first, *columns, "geometric mean"], rows)


def section(title, *parts):
    return f"<h2>{html.escape(title)}</h2>\n" + "\n".join(parts)


def paragraph(text):
    return f"<p>{text}</p>"


def report_write(output, data):
    from bench import figures

    records, studies = data["workloads"], data["studies"]
    modelled = [r for r in records if "error" in r]
    parts = [
        f"<h1>What virtualization costs: Armature {html.escape(data['version'])}</h1>",
        paragraph(
            f"Guest kernel {html.escape(data['kernel'])}, the same initramfs natively and under the VMM, on "
            "QEMU's <code>realview-pb-a8</code> with <code>-icount shift=0,sleep=off</code>: figures are "
            "executed instructions, counted by an emulator plugin between markers, and the same in every "
            "run. Made by <code>./armature bench --full --html FILE</code>."
        ),
        section("Wanted and reached", goals_table(records, data["memory_mib"])),
        section("Ratios", figures.ratios(records)),
        section(
            "Where the difference goes",
            paragraph(
                "<i>Templates</i>: translated code beyond the guest's own instructions. <i>Jumps</i>: the "
                "words that indirect branches end with. <i>svc</i>: the way of a system call. The rest are "
                "exits into the VMM, by what they did. <i>Floor</i>: the ratio that remains if templates add "
                "as few words as they ever do, and nothing exits."
            ),
            figures.stacks(records),
            workload_table(records),
        ),
    ]
    if modelled:
        worst = max(modelled, key=lambda r: abs(r["error"]))
        within = sum(abs(r["error"]) <= 0.05 for r in modelled)
        parts.append(
            section(
                "The cost model",
                paragraph(
                    "virtual = native + &Sigma; guest instructions of a class &times; words its template "
                    f"adds + &Sigma; exits of a kind &times; instructions of one. Within 5 % for {within} of "
                    f"{len(modelled)} workloads; the worst is {html.escape(worst['name'])} with "
                    f"{100 * worst['error']:+.2f} %. What the guest itself does depends on time: where "
                    "timeouts end, and who runs next. Such workloads do other work in the two runs, which "
                    "the "
                    "model, that takes the guest's instructions from the native one, cannot know."
                ),
                figures.model(modelled),
                costs_tables(data["costs"]),
            )
        )
    parts += studies_sections(figures, studies)
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Armature: what virtualization '
        'costs</title>'
        f"<style>{STYLE}</style></head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )
    output.write(page)
    say(f"the report is {os.path.relpath(output.path)}")


def stages_of(studies):
    """{kind of guest: {stage: its row of the ablation}}: the classical stages."""
    rows = {"simple": "all", "CPU-optimised": "memory and devices", "fully optimised": ""}
    kinds = {"Linux": "ablation", "bare-metal guests": "bare_ablation"}
    return {
        kind: {stage: studies[name][row] for stage, row in rows.items() if row in studies[name]}
        for kind, name in kinds.items()
        if name in studies
    }


def studies_sections(figures, studies):
    if "ablation" in studies:
        yield section(
            "What each technique is worth: Linux",
            paragraph(
                "Ratio to native, each technique alone switched off. What a Linux boot cannot do without is "
                "below."
            ),
            figures.ablation(studies["ablation"], "virtual / native, geometric mean of the workloads"),
            ratio_table(studies["ablation"], "without"),
        )
    if "bare_ablation" in studies:
        yield section(
            "What each technique is worth: bare-metal guests",
            paragraph(
                "Time of the whole run as a ratio to that with everything on; <i>all</i>: callouts only."
            ),
            figures.ablation(
                studies["bare_ablation"], "ratio to everything on, geometric mean of the guests"
            ),
            ratio_table(studies["bare_ablation"], "without"),
        )
    stages = stages_of(studies)
    if stages:
        yield section(
            "Simple, CPU-optimised, fully optimised",
            paragraph(
                "<i>Simple</i>: callouts of one-instruction blocks. <i>CPU-optimised</i>: the translator's "
                "techniques, but not those of memory, devices and exits. Linux as a ratio to native; it "
                "cannot be booted by the first. Bare-metal guests as a ratio to everything on."
            ),
            figures.stages(stages),
            *(ratio_table(result, which) for which, result in stages.items()),
        )
    others = {
        title: studies[name]
        for name, title in (("realtime", "PREEMPT_RT kernel"), ("small_memory", "64 MiB of guest memory"))
        if name in studies
    }
    if others:
        names = list(next(iter(others.values())))
        rows = [[n, *(f"{row[n]:.3f}" for row in others.values())] for n in names]
        rows.append(["geometric mean", *(f"{geometric_mean(row.values()):.3f}" for row in others.values())])
        yield section(
            "Another kernel, less memory", table_html(["", *others], rows, [(len(rows) - 1, "mean")])
        )
    if "growth" in studies:
        yield section("Growth", figures.growth(studies["growth"]))
    if "code_cache" in studies:
        rows = [
            [
                f"{r['code_cache'] >> 10:,} KiB",
                f"{r['translations']:,}",
                f"{r['flushes']}",
                f"{r['ratio']:.3f}",
            ]
            for r in studies["code_cache"]
        ]
        yield section(
            "Size of the code cache",
            figures.code_cache(studies["code_cache"]),
            table_html(
                ["code cache", "blocks translated", "flushes", "ratio, boot and program starts"], rows
            ),
        )
    if "wall_clock" in studies:
        wall = studies["wall_clock"]
        yield section(
            "Wall-clock time",
            paragraph(
                f"A boot that ends at once took {wall['virtual']:.2f} s under the VMM and "
                f"{wall['native']:.2f} s natively on the measuring machine: {wall['ratio']:.2f} times. The "
                "emulator's own costs are in it, such as TLB flushes at every change of domains."
            ),
        )
    if "idle" in studies:
        yield section(
            "Idling",
            paragraph(
                "Processor seconds of the measuring machine while a guest sleeps for ten: "
                + "; ".join(f"{html.escape(name)} {seconds:.1f}" for name, seconds in studies["idle"].items())
                + ". So WFI that idles the host pays, though no instruction count can show it."
            ),
        )
