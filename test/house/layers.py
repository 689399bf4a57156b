"""The house: includes and calls go downwards only, no circle has more than three files, every variable has an
owner.

Calls are the references between the VMM's objects, as they are before link-time optimization.
"""

import os
import re
import sys
from collections import defaultdict

from harness import CHECKOUT, expect

SOURCE = os.path.join(CHECKOUT, "src")
sys.path.insert(0, os.path.join(SOURCE, "boot"))
import owners  # noqa: E402
OBJECTS = os.path.join(CHECKOUT, "build", "vmm", "CMakeFiles", "vmm.elf.dir", "src")

# From the top; what stands in one place is side by side. classify is a program of the host's: it uses what it
# shows.
LAYERS = "boot vm run virtio,device emul dbt cache mmu decoder board host".split()
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names.split(",")}
CIRCLE = 3
# A module has one struct of variables, and one of counters.
VARIABLES = 2


def layer(path):
    return path.split("/")[0]


def is_upwards(one, other):
    """None of the two being outside the layers (types.h, classify)."""
    ranks = RANK.get(layer(one)), RANK.get(layer(other))
    return None not in ranks and ranks[1] < ranks[0]


def sources():
    for folder, _, names in os.walk(SOURCE):
        for name in names:
            if name.endswith((".c", ".h", ".S")):
                yield os.path.relpath(os.path.join(folder, name), SOURCE)


def includes():
    for path in sources():
        with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
            for name in re.findall(r'^\s*#include "([^"]+)"', file.read(), re.MULTILINE):
                if os.path.exists(os.path.join(SOURCE, name)):
                    yield path, name


def object_symbols():
    """By source file that still is there."""
    found = {
        source: owners.symbols(path)
        for source, path in owners.objects(OBJECTS)
        if os.path.exists(os.path.join(SOURCE, source))
    }
    expect(len(found) > 60, f"only {len(found)} objects under {OBJECTS}")
    return found


def calls(objects):
    """(file, file, name): the first refers to what the second defines."""
    home = {s.name: path for path, rows in objects.items() for s in rows if s.section and s.is_global}
    for path, rows in objects.items():
        for s in rows:
            if s.section is None and home.get(s.name, path) != path:
                yield path, home[s.name], s.name


def circles(graph):
    """Sets of more than one node that all reach each other (Tarjan's algorithm)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            members = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(members) > 1:
                found.append(sorted(members))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def test_includes_go_downwards():
    wrong = [f"{one} includes {other}" for one, other in includes() if is_upwards(one, other)]
    expect(not wrong, "\n".join(wrong))


def test_calls_go_downwards():
    wrong = {
        f"{one} refers to {name} of {other}"
        for one, other, name in calls(object_symbols())
        if is_upwards(one, other)
    }
    expect(not wrong, "\n".join(sorted(wrong)))


def test_circles_are_small():
    graph = defaultdict(set)
    for one, other, _ in calls(object_symbols()):
        graph[one].add(other)
        graph[other]  # a node, even if it refers to nothing
    large = [members for members in circles(graph) if len(members) > CIRCLE]
    expect(
        not large,
        "\n".join(f"{len(members)} files refer to each other: {' '.join(members)}" for members in large),
    )


def test_variables_have_owners():
    wrong = owners.wrong_owners(OBJECTS)
    for path, rows in object_symbols().items():
        names = [s.name for s in rows if s.is_variable]
        if len(names) > VARIABLES:
            wrong.append(f"{path} has {len(names)} variables: {' '.join(names)}")
    expect(not wrong, "\n".join(wrong))
