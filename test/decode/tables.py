"""The tables' generator refuses what is ambiguous: rows that overlap unless one says that it wins, and more.
"""

import os
import shutil
import subprocess
import sys

import harness
from harness import CHECKOUT, expect

DECODER = os.path.join(CHECKOUT, "src/decoder")


def generated(name, change):
    """Status and stderr of generate.py on tables of which `change` makes other ones: {file: text} in and out.
    """
    folder = os.path.join(harness.SCRATCH, "tables-" + name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    texts = {}
    for file in os.listdir(DECODER):
        if file.endswith(".tab"):
            with open(os.path.join(DECODER, file), encoding="ascii") as table:
                texts[file] = table.read()
    change(texts)
    for file, text in texts.items():
        with open(os.path.join(folder, file), "w", encoding="ascii") as table:
            table.write(text)
    command = [
        sys.executable,
        "-B",
        os.path.join(DECODER, "generate.py"),
        "--tables",
        folder,
        "--out",
        folder,
    ]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    expect(
        not done.returncode or not os.path.exists(os.path.join(folder, "rows_core.c")),
        "it has written rows anyway",
    )
    return done.returncode, done.stderr


def added(row, file="a32.tab"):
    """A row at the table's end, in no group's favour."""

    def change(texts):
        texts[file] = row + "\n" + texts[file]

    return change


def replaced(old, new, file="a32.tab"):
    def change(texts):
        expect(old in texts[file], f"{file} has no '{old}' any more")
        texts[file] = texts[file].replace(old, new)

    return change


NESTED = "MOV_zero    A1  cccc 0011101s zzzz dddd 000000000000   innocuous   mov_imm   d    A8.8.102"


def test_tables_as_they_are():
    status, log = generated("whole", lambda texts: None)
    expect(status == 0, log)


def test_overlap_is_an_error():
    status, log = generated("overlap", added(NESTED))
    expect(status and "MOV_zero A1 overlaps" in log and "MOV_imm A1" in log, f"status {status}: {log}")
    status, log = generated(
        "t16", added("BOTH T1 00100 ddd vvvvvvv0  innocuous h_mov_imm - A8.8.102", "t16.tab")
    )
    expect(status and "BOTH T1 overlaps" in log and "MOV_imm T1" in log, f"status {status}: {log}")
    # A wrong bit is an overlap more often than not: SUB for RSB.
    status, log = generated("bit", replaced("cccc 0010011s nnnn", "cccc 0010010s nnnn"))
    expect(status and "RSB_imm A1" in log and "SUB_imm A1" in log, f"status {status}: {log}")


def test_nesting_on_purpose_is_none():
    status, log = generated("nested", added(NESTED + "  >MOV_imm"))
    expect(status == 0, log)


def test_nesting_must_be_real():
    status, log = generated("never", added(NESTED + "  >MOV_imm >MVN_imm"))
    expect(status and "MOV_zero never overlaps MVN_imm" in log, f"status {status}: {log}")
    both = replaced("A8.8.64   ?wback  >LDR_imm", "A8.8.64   ?wback")
    status, log = generated("lost", both)
    expect(
        status and "LDR_lit A1 overlaps" in log or "overlaps" in log and "LDR_lit A1" in log,
        f"status {status}: {log}",
    )


def test_rows_must_be_whole():
    for name, row, message in (
        ("short", "MOV_zero A1 cccc 0011101s innocuous mov_imm d A8.8.102", "has 12 bits"),
        ("class", "MOV_zero A1 cccc 0011101s zzzz dddd 000000000000 harmless mov_imm d A8.8.102", "no class"),
        ("way", "MOV_zero A1 cccc 0011101s zzzz dddd 000000000000 sens:x mov_imm d A8.8.102", "no class"),
        ("format", NESTED.replace("mov_imm", "no_format") + " >MOV_imm", "no format no_format"),
        ("field", NESTED + " >MOV_imm ?y==1", "has no field 'y'"),
        ("space", NESTED.replace("cccc", "0101") + " >MOV_imm", "not in the space of a32"),
    ):
        status, log = generated(name, added(row))
        expect(status and message in log, f"{name}: status {status}: {log}")
