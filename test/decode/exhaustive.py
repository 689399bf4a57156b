#!/usr/bin/python3
"""Compare our decoder with Capstone over every A32 and T32 word.

Takes hours: the words go in chunks of 2^22 to one process a core, and a chunk that is done is noted in
build/decode/done, so that the next call goes on where this one was stopped. Any change of the decoder or
of the comparison starts it anew. T16 is in every run of the comparison.
"""
import argparse
import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from programs import CHECKOUT, FOLDER, build_compare, sources  # noqa: E402

CHUNK = 1 << 22


def digest_of(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def compare(program, isa, first):
    """One chunk: its disagreements, as lines."""
    arguments = [
        program,
        "--reviewed",
        os.path.join(CHECKOUT, "test/decode/reviewed_capstone.txt"),
        "--range",
        f"{isa}:{first:x}-{first + CHUNK - 1:x}",
    ]
    run = subprocess.run(arguments, stdout=subprocess.PIPE, text=True)
    lines = run.stdout.splitlines()
    if run.returncode not in (0, 1) or not lines:
        sys.exit(f'exhaustive.py: {" ".join(arguments)} ended with status {run.returncode}')
    return lines[:-1]


def read_done(path, digest):
    """Chunks done with these sources: {"a32:0": [disagreements]}."""
    done = {}
    if os.path.exists(path):
        with open(path, encoding="ascii") as file:
            if file.readline().strip() == digest:
                for line in file:
                    name, _, rest = line.rstrip("\n").partition(" ")
                    done.setdefault(name, [])
                    if rest:
                        done[name].append(rest)
                return done
    with open(path, "w", encoding="ascii") as file:
        file.write(digest + "\n")
    return done


def show(done, total, started, before):
    part = done / total
    rate = (done - before) / max(time.monotonic() - started, 1e-9)
    left = f"{(total - done) / rate / 60:.0f} min left" if rate else ""
    print(f'\r[{"#" * int(40 * part):40}] {100 * part:5.1f} % {left}   ', end="", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--limit", type=int, help="stop after so many chunks")
    arguments = parser.parse_args()
    program, digest = build_compare(), digest_of(sources())
    path = os.path.join(FOLDER, "done")
    done = read_done(path, digest)
    chunks = [("a32", w) for w in range(0, 1 << 32, CHUNK)] + [
        ("t32", w) for w in range(0xE8000000, 1 << 32, CHUNK)
    ]
    todo = [c for c in chunks if f"{c[0]}:{c[1]:x}" not in done][: arguments.limit]
    started, before = time.monotonic(), len(done)
    with open(path, "a", encoding="ascii") as record, ThreadPoolExecutor(arguments.processes) as pool:
        running = {pool.submit(compare, program, *c): c for c in todo}
        for future in as_completed(running):
            isa, first = running[future]
            name = f"{isa}:{first:x}"
            done[name] = future.result()
            record.write("".join(f"{name} {line}\n" for line in done[name] or [""]))
            record.flush()
            show(len(done), len(chunks), started, before)
    print(file=sys.stderr)
    disagreements = sorted({line for lines in done.values() for line in lines})
    print(
        "\n".join(
            disagreements
            + [
                f"{len(done)} of {len(chunks)} chunks of {CHUNK} words done, "
                f"{len(disagreements)} disagreements, {time.monotonic() - started:.0f} s"
            ]
        )
    )
    sys.exit(bool(disagreements))


if __name__ == "__main__":
    main()
