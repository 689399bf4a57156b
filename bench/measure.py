"""One set of workloads in one boot, natively or under the VMM: what each took, and where it went."""

import os
import re
import subprocess
import sys
import threading
from collections import Counter

import paths
from bench.classes import guest_classes
from messages import STATUS_USAGE, GuestError, UsageError
from profiling import JUMP_WORDS, WINDOW, SymbolTable, sections_read, vmm_symbols
from qemu import die_with
from run_folder import ScratchFolder
from setup import IS_SET_UP
from bench.workloads import READY, guest_script

FIGURE = re.compile(r"^(\w+) (\d+) (-?\d+)$")
SVC_STUBS = ("entry_svc", "stub_svc_slot")


class Measurement:
    """Of one workload in one run. All counts are of instructions, of the whole interval.

    count: operations. ns: by the guest's clock, idle time included. parts: instructions by where they were
    executed: user, kernel (native), cache, jumps, svc, exits. classes (native): guest kernel instructions by
    class. exits: kind: (number, instructions from stub to stub). counters: the VMM's. cycles, events: what
    models of the processor estimate, if that was asked for (cycles.py).
    """

    def __init__(self, count, ns, section, native, stubs):
        self.count, self.ns = count, ns
        self.parts, self.classes = Counter(user=section.user, start=section.start), Counter()
        self.exits, self.counters = dict(section.exits), dict(section.counters)
        self.cycles, self.events = section.cycles, section.events
        for (address, word), times in section.words.items():
            self.parts["kernel" if native else virtual_part(address, word, stubs)] += times
        if native:
            self.classes = guest_classes(section.words)
        self.parts["exits"] += sum(count for count, _ in section.paths.values())
        self.parts = +self.parts

    @property
    def total(self):
        return sum(self.parts.values())


def virtual_part(address, word, stubs):
    if address < WINDOW["WINDOW_VECTORS"]:
        return "jumps" if word in JUMP_WORDS else "cache"
    if address == WINDOW["WINDOW_VECTORS"] + 8 or stubs.name(address) in SVC_STUBS:
        return "svc"
    return "exits"


class Runner(threading.Thread):
    """`armature profile` as a child; .result afterwards: {workload: Measurement}, or .error, what it raised.
    """

    def __init__(self, rows, percent, added, native, options, progress):
        super().__init__()
        self.rows, self.native, self.progress = [READY] + rows, native, progress
        self.result, self.error, self.process = {}, None, None
        self.folder = ScratchFolder()
        self.raw = os.path.join(self.folder.name, "counts")
        command = [os.path.join(paths.CHECKOUT, "armature"), "profile", "--raw", self.raw, *options]
        for host, guest in added:
            command += ["--add", f"{host}:{guest}"]
        command += ["--exec", guest_script(rows, percent)]
        self.command = command + ["--native"] if native else command

    def run(self):
        try:
            self.execute()
        except (GuestError, UsageError) as error:
            self.error = error
        except (OSError, ValueError) as error:
            self.error = GuestError(str(error))
        finally:
            self.folder.cleanup()

    def execute(self):
        figures, noise = [], []
        parent = os.getpid()
        with subprocess.Popen(
            self.command,
            preexec_fn=lambda: die_with(parent),
            env=dict(os.environ, **{IS_SET_UP: "1"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as self.process:
            log = threading.Thread(target=lambda: noise.extend(self.process.stderr))
            log.start()
            for line in self.process.stdout:
                match = FIGURE.match(line)
                if match:
                    figures.append((match.group(1), int(match.group(2)), int(match.group(3))))
                    self.progress(self.native, match.group(1))
                else:
                    noise.append(line)
            log.join()
        if self.process.returncode == STATUS_USAGE and len(noise) == 1:
            raise UsageError(noise[0].strip().removeprefix("armature: "))
        if self.process.returncode:
            raise GuestError(
                f"the {'native' if self.native else 'virtual'} run ended with status "
                f"{self.process.returncode}:\n"
                + "".join(noise[-20:])
            )
        self.collect(figures)

    def collect(self, figures):
        boot, *intervals = sections_read(self.raw)
        if (
            [name for name, _, _ in figures] != [row.name for row in self.rows]
            or len(intervals) != len(figures)
        ):
            raise GuestError(
                f"{len(self.rows)} workloads, {len(figures)} figures, {len(intervals)} intervals"
            )
        stubs = None if self.native else SymbolTable(vmm_symbols())
        self.result = {"boot": Measurement(1, None, boot, self.native, stubs)}
        for (name, count, ns), section in zip(figures, intervals):
            self.result[name] = Measurement(count, ns, section, self.native, stubs)

    def stop(self):
        if self.process:
            self.process.terminate()


class Progress:
    """A bar on a terminal, a line a run elsewhere."""

    def __init__(self, total):
        self.total, self.done, self.lock = total, 0, threading.Lock()
        self.terminal = sys.stderr.isatty()

    def __call__(self, native, name):
        with self.lock:
            self.done += 1
            if self.terminal:
                width = 40 * self.done // max(self.total, 1)
                side = "native" if native else "virtual"
                text = f"{'#' * width:<40} {self.done}/{self.total} {side} {name}"
                print(f"\r[{text:<78}", end="", file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print(f"\r{'':<79}\r", end="", file=sys.stderr, flush=True)


def measure_both(rows, percent, added, options, progress, virtual_options=()):
    """(native, virtual): two dictionaries of Measurement. The two runs go on at the same time."""
    runners = [
        Runner(rows, percent, added, True, options, progress),
        Runner(rows, percent, added, False, [*options, *virtual_options], progress),
    ]
    return run_all(runners)


def run_all(runners):
    """At most two at a time: they take a processor each."""
    waiting, active = list(runners), []
    try:
        while waiting or active:
            while waiting and len(active) < 2:
                active.append(waiting.pop(0))
                active[-1].start()
            active[0].join(0.2)
            active = [runner for runner in active if runner.is_alive()]
            for runner in runners:
                if runner.error:
                    raise runner.error
    finally:
        for runner in active:
            runner.stop()
            runner.join()
    return [runner.result for runner in runners]
