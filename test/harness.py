"""What tests in Python stand on: runs of ./armature, expectations, test programs for the guest.

A test is a function test_* in a Python file of a folder of test/; it fails by raising (expect() does).
"""

import ctypes
import difflib
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time

CHECKOUT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ARMATURE = os.path.join(CHECKOUT, "armature")
SCRATCH = os.path.join(CHECKOUT, "build", "test")  # tests may write here
GUEST_COMPILER = "arm-linux-gnueabihf-gcc"


class TestFailure(Exception):
    pass


class Result:
    """Of a run of ./armature. output: stdout; log: stderr; both text. status: negative if a signal ended
    it."""

    def __init__(self, status, output, log, seconds):
        self.status, self.output, self.log, self.seconds = status, output, log, seconds

    def tail(self, lines=25):
        return "\n".join(self.log.splitlines()[-lines:] + ["stdout:"] + self.output.splitlines()[-lines:])


def run_armature(*arguments, limit=300, stdin=None, environment=None):
    """Wait for it at most `limit` seconds; what takes longer has failed, and is killed with all it
    started."""
    # The runner has set everything up: a test must not rebuild what others are running.
    variables = dict(os.environ, ARMATURE_IS_SET_UP="1", **(environment or {}))
    start = time.monotonic()
    with subprocess.Popen(
        [ARMATURE, *map(str, arguments)],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        start_new_session=True,
        preexec_fn=end_with_runner,
    ) as process:
        try:
            output, log = process.communicate(stdin.encode() if stdin is not None else None, timeout=limit)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)  # it ends its QEMU itself
            output, log = process.communicate(timeout=60)
            raise TestFailure(
                f"'armature {' '.join(map(str, arguments))}' did not end within {limit} s\n"
                + Result(None, text(output), text(log), limit).tail()
            ) from None
    return Result(process.returncode, text(output), text(log), time.monotonic() - start)


def end_with_runner():
    """In the child: however the runner ends, this ends too (the command then ends its QEMU)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def text(data):
    return data.decode(errors="replace")


def run_native(command=None, **options):
    return run_guest("native", command, options)


def run_virtual(command=None, **options):
    return run_guest("boot", command, options)


def run_guest(subcommand, command, options):
    """options: those of ./armature boot (memory="64M", icount=True, without="all", modules="raid6_pq"
    ...), and
    add={"/guest/path": "host file"}, timeout (of the guest, 600 s), stdin."""
    arguments = [subcommand]
    stdin = options.pop("stdin", None)
    timeout = options.pop("timeout", 600)
    for guest, host in options.pop("add", {}).items():
        arguments += ["--add", f"{host}:{guest}"]
    if command is not None:
        arguments += ["--exec", command]
    for name, value in options.items():
        if value is True:
            arguments.append("--" + name)
        elif value not in (None, False):
            arguments += ["--" + name, str(value)]
    # Beyond the command's own wall-clock guard, which is generous with --icount.
    limit = 10 * timeout + 120 if options.get("icount") else timeout + 120
    return run_armature(*arguments, "--timeout", str(timeout), limit=limit, stdin=stdin)


def run_both(command, **options):
    """Natively and virtually; both must succeed, and print the same. The virtual one's result."""
    native = run_native(command, **dict(options))
    expect_status(native, 0, "native")
    virtual = run_virtual(command, **dict(options))
    expect_status(virtual, 0, "virtual")
    expect_equal(virtual.output, native.output, "the output", "virtual", "native")
    return virtual


def expect(condition, message):
    if not condition:
        raise TestFailure(message)


def expect_status(result, status, which="the run"):
    expect(result.status == status, f"{which}: status {result.status}, not {status}\n{result.tail()}")


def expect_equal(actual, wanted, what, actual_name="actual", wanted_name="wanted"):
    if actual == wanted:
        return
    if isinstance(actual, str) and isinstance(wanted, str):
        lines = list(
            difflib.unified_diff(
                wanted.splitlines(), actual.splitlines(), wanted_name, actual_name, lineterm="", n=1
            )
        )
        raise TestFailure(f"{what} differs:\n" + "\n".join(lines[:40]))
    raise TestFailure(f"{what} is {actual!r}, not {wanted!r}")


def expect_one_line_error(result, status, pattern):
    """Bad input: one line on stderr, that tells what is wrong, and nothing on stdout."""
    lines = result.log.splitlines()
    expect(
        result.status == status and len(lines) == 1 and not result.output and re.search(pattern, lines[0]),
        f"wanted status {status} and one line like '{pattern}'; got status {result.status}\n{result.tail()}",
    )


def long_test(function):
    """For campaigns of many minutes: run by --long, or by their full name."""
    function.long = True
    return function


def exhaustive_test(function):
    """For what takes hours: run by --exhaustive, or by their full name."""
    function.exhaustive = True
    return function


def scratch_file(name, data=b""):
    """A file for a test's own use; its path. Names are the tests' to keep apart."""
    os.makedirs(SCRATCH, exist_ok=True)
    path = os.path.join(SCRATCH, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


compile_lock = threading.Lock()


def guest_program(source, *options):
    """A static program for the Linux guest, compiled from a file of test/ or bench/; its path."""
    os.makedirs(SCRATCH, exist_ok=True)
    program = os.path.join(SCRATCH, os.path.splitext(os.path.basename(source))[0])
    path = os.path.join(CHECKOUT, source)
    with compile_lock:
        if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(path):
            done = subprocess.run(
                [GUEST_COMPILER, "-O2", "-static", "-Wall", "-o", program, path, *options],
                capture_output=True,
                text=True,
                check=False,
            )
            expect(done.returncode == 0, done.stderr)
    return program


def halting_initrd():
    """An initrd of our own making: busybox's shell says a word and halts. Made by the command's own
    archive writer."""
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    from initramfs import DIRECTORY, FILE, LINK, Archive
    from stock_guest import stock_guest

    with open(stock_guest()["busybox"], "rb") as file:
        busybox = file.read()
    archive = Archive()
    archive.add("dev", DIRECTORY)
    archive.add("dev/console", 0o020600, device=(5, 1))
    archive.add("bin/busybox", FILE | 0o111, busybox)
    archive.add("bin/sh", LINK, b"busybox")
    archive.add("init", FILE | 0o111, b"#!/bin/sh\necho I am my own init\nbusybox poweroff -f\n")
    return scratch_file("halting.cpio", archive.data())


class Dialogue:
    """./armature on a pseudo-terminal: type and wait for answers."""

    def __init__(self, *arguments):
        self.seen = b""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ["ARMATURE_IS_SET_UP"] = "1"
            os.execv(ARMATURE, [ARMATURE, *arguments])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)

    def wait_for(self, text_wanted, seconds=280):
        """Consumes what comes, up to and including the text."""
        end = time.monotonic() + seconds
        while text_wanted not in self.seen:
            left = end - time.monotonic()
            ready = left > 0 and select.select([self.descriptor], [], [], left)[0]
            expect(ready, f"waited for {text_wanted!r}, got {self.seen[-1000:]!r}")
            data = self.read()
            expect(data, f"it ended before {text_wanted!r}: {self.seen[-1000:]!r}")
            self.seen += data
        self.seen = self.seen.partition(text_wanted)[2]

    def wait_quiet(self, seconds):
        """Until nothing has come for so long."""
        while select.select([self.descriptor], [], [], seconds)[0]:
            data = self.read()
            if not data:
                return
            self.seen += data

    def read(self):
        try:
            return os.read(self.descriptor, 4096)
        except OSError:  # the other side is closed
            return b""

    def type(self, data):
        os.write(self.descriptor, data)

    def status(self, seconds=120):
        """Of its end, which must come."""
        end = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                return os.waitstatus_to_exitcode(status)
            expect(time.monotonic() < end, f"it does not end: {self.seen[-1000:]!r}")
            if select.select([self.descriptor], [], [], 0.05)[0]:
                self.seen += self.read()


def qemus_of(pid):
    """QEMU processes that `pid` started and that still are."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                program, _, fields = file.read().rpartition(")")
            state, parent = fields.split()[:2]
            if "qemu-system" in program and int(parent) == pid and state != "Z":
                found.append(int(name))
        except (OSError, ValueError):
            pass
    return found


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def expect_idle(subcommand, seconds=10, most=0.1):
    """At a shell prompt, QEMU takes at most this part of a processor."""
    with Dialogue(subcommand) as shell:
        shell.wait_for(b"# ")
        shell.wait_quiet(3)
        qemu = qemus_of(shell.pid)[0]
        before = processor_seconds(qemu)
        time.sleep(seconds)
        used = (processor_seconds(qemu) - before) / seconds
        shell.type(b"\x01x")
        expect_equal(shell.status(), 0, "the status")
    expect(used <= most, f"an idle guest takes {100 * used:.0f} % of a processor")


def switch_names():
    """Names of the VMM's techniques."""
    sys.path.insert(0, os.path.join(CHECKOUT, "src/command"))
    from contracts import switch_rows

    return [name for name, _ in switch_rows()]
