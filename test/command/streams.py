"""Standard streams that are closed, broken or full, for every subcommand: no traceback, and a status that
tells."""

import itertools
import os
import re
import subprocess

import harness
from harness import ARMATURE, CHECKOUT, expect, expect_equal

HELLO = os.path.join(CHECKOUT, "build/vmm/guest/hello.elf")
QUICK = ("--help", "--version", "setup", "classify e1a00000", "test --list", "bench nonesuch")
OTHERS = (
    f"boot --kernel {HELLO}",
    f"native --kernel {HELLO}",
    f"profile --kernel {HELLO}",
    f"pack --kernel {HELLO} -o {harness.SCRATCH}/streams",
    "test unit/pl031",
)
STATUS = {"bench nonesuch": 2}


def run(arguments, redirections):
    """(status, stdout, stderr), each as far as it is not redirected away."""
    done = subprocess.run(
        ["sh", "-c", f"exec {ARMATURE} {arguments} {redirections}"],
        env=dict(os.environ, ARMATURE_IS_SET_UP="1"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def closed_sets():
    for count in (1, 2, 3):
        for streams in itertools.combinations((0, 1, 2), count):
            yield streams


def check_lines(log, what):
    strange = [line for line in log.splitlines() if not line.startswith("armature: ")]
    expect(not strange, f"{what}: stderr has\n{log}")


def test_closed():
    """What is closed is empty, and what it would have got is lost; nothing else changes."""
    for arguments in QUICK + OTHERS:
        _, output, _ = run(arguments, "")
        sets = list(closed_sets()) if arguments in QUICK else [(0,), (1,), (0, 1, 2)]
        for streams in sets:
            what = f"'{arguments}' without {streams}"
            status, got, log = run(arguments, " ".join(f"{stream}>&-" for stream in streams))
            expect_equal(status, STATUS.get(arguments, 0), f"{what}: the status\n{log}\n")
            check_lines(log, what)
            lines = re.sub(r"\(\d.*? s\)", "", got).count("\n")
            expect_equal(lines, 0 if 1 in streams else output.count("\n"), f"{what}: lines of stdout")


def broken(arguments, stream):
    """Status and stderr where nobody reads `stream`."""
    reader, writer = os.pipe()
    os.close(reader)
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, stream: writer}
    try:
        with subprocess.Popen(
            [ARMATURE, *arguments.split()],
            env=dict(os.environ, ARMATURE_IS_SET_UP="1"),
            stdin=subprocess.DEVNULL,
            text=True,
            **streams,
        ) as process:
            log = process.communicate(timeout=240)[1]
    finally:
        os.close(writer)
    return process.returncode, log or ""


def test_nobody_reads():
    """Of stdout: the end, as by SIGPIPE. Of stderr: it is only said in vain."""
    for arguments in QUICK + OTHERS:
        silent = arguments.startswith(("setup", "pack", "bench"))
        status, log = broken(arguments, "stdout")
        expect_equal(
            status, STATUS.get(arguments, 0) if silent else 141, f"'{arguments}', stdout: the status"
        )
        check_lines(log, f"'{arguments}', stdout")
        status, _ = broken(arguments, "stderr")
        expect_equal(status, STATUS.get(arguments, 0), f"'{arguments}', stderr: the status")


def test_cannot_be_written():
    for arguments in ("--help", "classify e1a00000", "test --list", f"native --kernel {HELLO}"):
        for redirection, why in (("> /dev/full", "No space left"), ("1< /dev/null", "Bad file descriptor")):
            status, _, log = run(arguments, redirection)
            expect(status == 2 and why in log, f"'{arguments} {redirection}': status {status}\n{log}")
            check_lines(log, arguments)
        expect_equal(run(arguments, "2> /dev/full")[0], 0, f"'{arguments} 2> /dev/full': the status")


def test_cannot_be_read():
    for arguments in ("classify e1a00000", f"native --kernel {HELLO}"):
        status, _, log = run(arguments, "0> /dev/null")
        expect(status == 0, f"'{arguments}': status {status}\n{log}")
    status, _, log = run("classify e1a00000", "< /")
    expect(status == 2 and log == "armature: stdin is a directory\n", f"a directory as stdin: {log}")
