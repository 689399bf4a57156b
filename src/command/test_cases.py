"""Finds the tests. Each is a name and a function that returns None, or raises TestFailure with what went
wrong."""

import glob
import importlib.util
import os
import subprocess
import sys
import threading
from collections import namedtuple

import paths
from contracts import switch_rows
from elf import Elf, elf_with_entry
from kernel_image import file_read

sys.path.insert(0, paths.TEST)
from harness import (
    SCRATCH,
    TestFailure,
    expect,
    expect_equal,
    run_armature,
)  # noqa: E402,F401  (test/harness.py)

# long, exhaustive: only with the option of that name, or if it is named in full
Case = namedtuple("Case", "name run long exhaustive", defaults=(False,))

UNIT_LIMIT = 300  # seconds
GUEST_CLOCK = 600  # of the VMM's clock, given to --timeout: a busy machine is several times slower
GUEST_LIMIT = GUEST_CLOCK + 120
HANGING_CLOCK = 10  # of guests that are to end by it
# With every technique off, most guests take minutes: these are the ones that do not. --long runs the others.
QUICK_CALLOUTS = (
    "afe_remap asid branch calls code_alias cp15_id dacr devices_gic devices_timers devices_uart direct "
    "ends_idle exceptions_irq exceptions_modes exceptions_svc exclusive fault_status fiq_bank gic hello "
    "hostile/invalid_modes hostile/run_nowhere hostile/spin_masked thumb_entry"
).split()
# What comes of these depends on where an interrupt hits: by the deterministic clock too. --long: all are.
QUICK_ICOUNT = "stops_thumb soak_thumb it_states thumb_entry".split()
# Entered in Thumb state, all that is compiled to Thumb, and these. --long: all are.
QUICK_THUMB = "away calls hello interwork it_states psr thumb_entry".split()


def cases_all():
    scripts = sorted({os.path.basename(os.path.dirname(path)) for path in glob.glob(paths.TEST + "/*/*.py")})
    return unit_cases() + guest_cases() + [case for folder in scripts for case in script_cases(folder)]


def unit_cases():
    """Host programs, built by CMake from test/unit/test_*.c."""
    cases = []
    for source in sorted(glob.glob(os.path.join(paths.TEST, "unit/test_*.c"))):
        name = os.path.splitext(os.path.basename(source))[0]
        cases.append(Case("unit/" + name[len("test_") :], lambda name=name: run_unit(name), False))
    return cases


def run_unit(name):
    program = os.path.join(paths.BUILD_HOST, name)
    try:
        done = subprocess.run(
            [program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=UNIT_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TestFailure(f"ran into the limit of {UNIT_LIMIT} s") from None
    except OSError as error:
        raise TestFailure(f"cannot run {program}: {error.strerror}") from None
    if done.returncode:
        raise TestFailure(f"status {done.returncode}\n" + "\n".join(done.stdout.splitlines()[-30:]))


def guest_cases():
    """Bare-metal guests: natively and under the VMM, once as it is, once with every technique off, and with
    each; by the deterministic clock; and entered in Thumb state."""
    cases, guests = [], {}
    top = os.path.join(paths.TEST, "guest")
    sources = glob.glob(top + "/*.[cS]") + glob.glob(top + "/hostile/*.[cS]")
    for source in sorted(sources):
        stem = os.path.splitext(os.path.relpath(source, top))[0]
        guest = guests[stem] = BareGuest(stem)
        cases.append(Case("guest/" + stem, guest.run, False))
        long = stem not in QUICK_CALLOUTS
        cases.append(Case("callouts/" + stem, lambda guest=guest: guest.run("--without", "all"), long))
        long = stem not in QUICK_ICOUNT
        cases.append(Case("icount/" + stem, lambda guest=guest: guest.run("--icount"), long))
        long = stem not in QUICK_THUMB and not stem.endswith("_thumb")
        cases.append(Case("thumb/" + stem, lambda stem=stem: run_in_thumb(stem), long))
    for name, _ in switch_rows():
        cases.append(Case("without/" + name, lambda name=name: run_without(name, guests), True))
    return cases


def run_without(technique, guests):
    failures = []
    for stem, guest in guests.items():
        try:
            guest.run("--without", technique)
        except TestFailure as failure:
            failures.append(f"{stem}: {failure}")
    expect(not failures, "\n".join(failures))


def run_in_thumb(stem):
    BareGuest(stem, entered_in_thumb(stem)).run()


def entered_in_thumb(stem):
    """The guest's ELF with its other entry (guest/support/crt0.S)."""
    path = guest_elf(stem)
    elf = Elf(path, file_read(path, "guest"))
    entry = next(symbol.address for symbol in elf.symbols() if symbol.name == "_start_thumb")
    changed = os.path.join(SCRATCH, "thumb", stem + ".elf")
    os.makedirs(os.path.dirname(changed), exist_ok=True)
    with open(changed, "wb") as file:
        file.write(elf_with_entry(elf, entry | 1))
    return changed


def guest_elf(stem):
    return os.path.join(paths.GUEST_ELFS, stem + ".elf")


class BareGuest:
    def __init__(self, stem, elf=None):
        self.elf = elf or guest_elf(stem)
        expected = os.path.join(paths.TEST, "guest", stem + ".expect")
        self.native, self.lock = None, threading.Lock()
        self.status = None  # what the VMM ends a guest with that does not end by itself
        if os.path.exists(expected):
            with open(expected, encoding="ascii") as file:
                self.status = int(file.read().split()[0])

    def run(self, *options):
        native = self.native_run() if self.status is None else None
        clock = GUEST_CLOCK if native else HANGING_CLOCK
        virtual = run_armature(
            "boot", "--kernel", self.elf, "--timeout", str(clock), *options, limit=GUEST_LIMIT
        )
        self.check(virtual, "virtual", self.status or 0)
        if native:
            try:
                expect_equal(virtual.output, native.output, "the output", "virtual", "native")
            except TestFailure as failure:
                raise TestFailure(f"{failure}\n{virtual.log}") from None

    def native_run(self):
        """Once, for both of the guest's tests."""
        with self.lock:
            if self.native is None:
                self.native = run_armature(
                    "native", "--kernel", self.elf, "--timeout", str(GUEST_CLOCK), limit=GUEST_LIMIT
                )
        self.check(self.native, "native", 0)
        return self.native

    @staticmethod
    def check(result, which, status):
        expect(result.status == status, f"{which}: status {result.status}, not {status}\n{result.tail()}")
        failures = [line for line in result.output.splitlines() if line.startswith("FAIL")]
        expect(not failures, f"{which}:\n" + "\n".join(failures[:10]))


def script_cases(folder):
    """Python files: every function test_* is a test, named after file and function."""
    cases = []
    for path in sorted(glob.glob(os.path.join(paths.TEST, folder, "*.py"))):
        stem = os.path.splitext(os.path.basename(path))[0]
        spec = importlib.util.spec_from_file_location(f"test_{folder}_{stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in vars(module).items():
            if name.startswith("test_") and getattr(function, "__module__", None) == module.__name__:
                long = getattr(function, "long", False)
                exhaustive = getattr(function, "exhaustive", False)
                cases.append(Case(f"{folder}/{stem}.{name[len('test_'):]}", function, long, exhaustive))
    return cases
