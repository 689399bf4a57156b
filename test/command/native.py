"""What boot and native share, shown on the bare board: the command's output and status, and the ends of a
run."""

import os
import re
import signal
import subprocess
import time

import harness
from harness import (
    ARMATURE,
    Dialogue,
    expect,
    expect_equal,
    expect_status,
    qemus_of,
    run_armature,
    run_native,
    scratch_file,
)
from marks import signals_heard

LIMIT = 240  # seconds, also where several other things run


def test_exec_output_and_status():
    result = run_native("printf 'a\\r\\nb\\t\\001\\n\\nno newline at the end'; exit 42", timeout=LIMIT)
    expect_status(result, 42)
    expect_equal(result.output, "a\r\nb\t\1\n\nno newline at the end", "the output")
    expect(
        re.search(r"kernel vmlinuz-\S+, SHA-256 [0-9a-f]{64}, that of linux-image-\S+\.deb", result.log),
        "the kernel's SHA-256 is not told\n" + result.log,
    )
    expect("Run /init" not in result.log, "without --verbose the kernel's log is shown")


def test_exec_verbose_log():
    result = run_native("true", verbose=True, timeout=LIMIT)
    expect_status(result, 0)
    expect(
        result.output == "" and "Run /init" in result.log,
        "the kernel's log is not on stderr\n" + result.tail(),
    )


def test_exec_marks_in_the_output():
    """A command that knows how its end is marked cannot pretend it: the mark is another in each run."""
    result = run_native("cat /init; echo armature-0123456789abcdef01234567:7; echo end", timeout=LIMIT)
    expect_status(result, 0)
    expect(
        result.output.endswith("armature-0123456789abcdef01234567:7\nend\n"),
        "the output is cut\n" + result.tail(),
    )


def test_exec_of_any_bytes():
    """Commands, kernel parameters and names need be no UTF-8."""
    host = scratch_file("any_bytes", b"added\n")
    odd = b"\xff".decode(errors="surrogateescape")
    result = run_native(
        f"printf '{odd}' | od -An -tx1; cat /x{odd}; grep -c 'a{odd}b' /proc/cmdline",
        add={f"/x{odd}": host},
        append=f"a{odd}b",
        icount=True,
        timeout=LIMIT,
    )
    expect_status(result, 0)
    expect_equal(result.output, " ff\nadded\n1\n", "the output")


def test_exec_large_output():
    result = run_native("seq 20000", timeout=LIMIT)
    expect_status(result, 0)
    expect_equal(result.output, "".join(f"{i}\n" for i in range(1, 20001)), "the output")


def test_exec_status_of_signals():
    result = run_native("nonesuch_command", timeout=LIMIT)
    expect_status(result, 123)
    expect("the command's status was 127" in result.log, "the status is not told\n" + result.log)


def test_timeout():
    result = run_native("sleep 100", timeout=5)
    expect_status(result, 124)
    expect("limit of 5 s" in result.log, result.tail())


def test_panic():
    result = run_native("true", append="rdinit=/nonexistent root=/dev/none", timeout=LIMIT)
    expect_status(result, 125)
    expect("kernel panicked" in result.log and "Kernel panic" in result.log, result.tail())


def test_added_files_and_modules():
    host = scratch_file("added", b"#!/bin/sh\necho I am added\n")
    os.chmod(host, 0o755)
    result = run_native(
        "modprobe raid6_pq && lsmod | grep -o ^raid6_pq; /opt/x/added",
        add={"/opt/x/added": host},
        modules="raid6_pq",
        timeout=LIMIT,
    )
    expect_status(result, 0)
    expect_equal(result.output, "raid6_pq\nI am added\n", "the output")


def test_icount_is_deterministic():
    one, two = (
        run_native("cat /proc/uptime; dmesg | tail -3; date", icount=True, timeout=LIMIT) for _ in range(2)
    )
    expect_status(one, 0)
    expect_equal(two.output, one.output, "the second run's output")
    expect("2026" in one.output, "the calendar does not start at the fixed date\n" + one.output)


def test_custom_initrd():
    """Its console is stdout, and its halt ends the run."""
    result = run_armature(
        "native", "--initrd", harness.halting_initrd(), "--timeout", LIMIT, limit=LIMIT + 60
    )
    expect_status(result, 0)
    expect("Run /init" in result.output and "I am my own init" in result.output, result.tail())


def test_piped_input():
    """Commands piped to the shell are not lost while the guest is not yet there to read them."""
    result = run_native(stdin="echo $((6 * 7))st\necho $((6 * 8))nd\npoweroff -f\n", timeout=LIMIT)
    expect_status(result, 0)
    answers = re.findall(r"\b\d+(?:st|nd)\b", result.output)
    expect_equal(answers, ["42st", "48nd"], "the answers")


def wait_until(condition, seconds, what):
    end = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < end, what)
        time.sleep(0.05)


def ended_by(number):
    """Status of a run that gets a signal in its middle; no QEMU may be left."""
    process = subprocess.Popen(
        [ARMATURE, "native", "--exec", "sleep 100", "--timeout", "100"],
        env=dict(os.environ, ARMATURE_IS_SET_UP="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=signals_heard,
    )
    try:
        wait_until(lambda: qemus_of(process.pid), 120, "QEMU does not start")
        qemu = qemus_of(process.pid)[0]
        process.send_signal(number)
        status = process.wait(60)
        wait_until(
            lambda: not os.path.exists(f"/proc/{qemu}"), 60, f"QEMU is left behind after signal {number}"
        )
        return status
    finally:
        process.kill()
        process.wait()


def test_signals_leave_no_qemu():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        expect_equal(ended_by(number), 128 + number, f"the status after signal {number}")
    expect_equal(ended_by(signal.SIGKILL), -signal.SIGKILL, "the status after SIGKILL")


def test_shell_on_a_terminal():
    """A shell that takes typing and Ctrl-C; the escape key ends the run."""
    with Dialogue("native") as shell:
        shell.wait_for(b"# ")
        shell.type(b"echo a$((6*7))b\r")
        shell.wait_for(b"a42b")
        shell.wait_for(b"# ")
        shell.type(b"sleep 1000\r")
        shell.wait_for(b"sleep 1000")
        shell.wait_quiet(1)
        shell.type(b"\x03")
        shell.wait_for(b"# ", 60)
        shell.type(b"echo status $?\r")
        shell.wait_for(b"status 130")
        qemus = qemus_of(shell.pid)
        expect(len(qemus) == 1, f"QEMUs: {qemus}")
        shell.type(b"\x01?")
        shell.wait_for(b"Ctrl-A x ends")
        shell.type(b"\x01x")
        expect_equal(shell.status(), 0, "the status")
        expect(not os.path.exists(f"/proc/{qemus[0]}"), "QEMU is left behind")
