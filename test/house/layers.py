"""The house: includes and calls go downwards only, no circle is larger than three files, every variable has an owner."""

import os
import re
import subprocess
from collections import defaultdict

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCE = os.path.join(CHECKOUT, "src")
OBJECTS = os.path.join(CHECKOUT, "build/vmm/CMakeFiles/vmm.elf.dir/src")
ORDER = [["boot"], ["vm"], ["run"], ["virtio", "device"], ["emul"], ["dbt"], ["cache"], ["mmu"], ["decoder"], ["board"], ["host"]]
RANK = {name: i for i, names in enumerate(ORDER) for name in names}


def sources():
    for folder, _, names in os.walk(SOURCE):
        for name in names:
            if name.endswith((".c", ".h", ".S")):
                yield os.path.relpath(os.path.join(folder, name), SOURCE)


def layer(path): return path.split("/")[0]


def includes():
    for path in sources():
        with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
            for name in re.findall(r'^\s*#include "([^"]+)"', file.read(), re.M):
                if os.path.exists(os.path.join(SOURCE, name)):
                    yield path, name


def symbols():
    defined, used, data = {}, defaultdict(set), []
    for folder, _, names in os.walk(OBJECTS):
        for name in names:
            if not name.endswith(".o") and not name.endswith(".obj"): continue
            path = os.path.join(folder, name)
            source = os.path.relpath(path, OBJECTS).rsplit(".", 1)[0]
            out = subprocess.run(["arm-none-eabi-nm", path], capture_output=True, text=True).stdout
            for line in out.splitlines():
                *_, kind, symbol = line.split()
                if symbol.startswith("$") or "lto" in symbol: continue
                if kind == "U": used[source].add(symbol)
                elif kind.isupper(): defined[symbol] = source
                if kind in "bBdDC": data.append((source, symbol, kind))
    return defined, used, data


def circles(graph):
    index, low, stack, on, out = {}, {}, [], set(), []
    def visit(v):
        work = [(v, iter(graph[v]))]
        index[v] = low[v] = len(index); stack.append(v); on.add(v)
        while work:
            n, it = work[-1]
            for w in it:
                if w not in index:
                    index[w] = low[w] = len(index); stack.append(w); on.add(w)
                    work.append((w, iter(graph[w]))); break
                elif w in on: low[n] = min(low[n], index[w])
            else:
                work.pop()
                if work: low[work[-1][0]] = min(low[work[-1][0]], low[n])
                if low[n] == index[n]:
                    c = []
                    while True:
                        w = stack.pop(); on.discard(w); c.append(w)
                        if w == n: break
                    if len(c) > 1: out.append(c)
    for v in list(graph):
        if v not in index: visit(v)
    return out


if __name__ == "__main__":
    for a, b in includes():
        if layer(b) in RANK and layer(a) in RANK and RANK[layer(b)] < RANK[layer(a)]: print("include up:", a, "->", b)
    defined, used, data = symbols()
    graph = defaultdict(set)
    for s, names in used.items():
        for n in names:
            d = defined.get(n)
            if d and d != s:
                graph[s].add(d)
                if layer(d) in RANK and layer(s) in RANK and RANK[layer(d)] < RANK[layer(s)]: print("call up:", s, "->", d, n)
    for c in circles(graph): print("circle", len(c), sorted(c))
    print(len(data), "variables")
    import sys
    if len(sys.argv) > 1:
        for c in circles(graph):
            if len(c) > 3:
                for s in sorted(c):
                    print(s, "->", {d: sorted(n for n in used[s] if defined.get(n) == d) for d in graph[s] if d in c})
