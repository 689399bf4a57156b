#!/usr/bin/python3
"""The device replicas against QEMU's own board, by random register accesses that both perform.

Three comparisons: *registers* (QEMU's processor and clock stand still; values read, and the IRQ output after
each access), *receive* (bytes for UART 0), and *clock* (a bare-metal program on -icount, where one
instruction is one nanosecond: values read at known times, to the nanosecond).

By hand: compare.py [--seed N] [--count N] [DEVICE | receive | clock ...]
"""
import argparse
import glob
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CHECKOUT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.dirname(HERE)]
from harness import SCRATCH, TestFailure  # noqa: E402
from steps import DEVICES, GICC, GICD, RTC, SYS, UART0  # noqa: E402

MODULES = (
    "bus ds1338 gic i2c lm4549 pl011 pl031 pl041 pl050 pl061 pl081 pl111 pl181 ps2 realview_pb_a8 sp804 sram "
    "sysreg timer"
).split()
LIMIT = 300  # seconds, of any QEMU
BOARD = ["qemu-system-arm", "-M", "realview-pb-a8", "-m", "512", "-audiodev", "none,id=n", "-display", "none",
         "-monitor", "none", "-nic", "none", "-rtc", "base=2001-09-09T01:46:40,clock=vm"]
CPU_PATH, GIC_PATH = "/machine/unattached/device[0]", "/machine/unattached/device[2]"


def build(name, command):
    """A program in the scratch folder, made anew when a source is younger."""
    os.makedirs(SCRATCH, exist_ok=True)
    program = os.path.join(SCRATCH, name)
    headers = glob.glob(os.path.join(CHECKOUT, "src/device/*.h"))
    sources = [a for a in command if a.startswith("/")] + headers
    if os.path.exists(program) and all(os.path.getmtime(s) < os.path.getmtime(program) for s in sources):
        return program
    new = f"{program}.{os.getpid()}.{threading.get_ident()}"  # tests run in threads
    done = subprocess.run([*command, "-o", new], capture_output=True, text=True, check=False)
    if done.returncode:
        raise TestFailure(f"cannot build {name}:\n{done.stderr}")
    os.replace(new, program)  # other comparisons may be running the old one
    return program


def shell():
    return build(
        "device-shell",
        [
            "gcc",
            "-std=gnu11",
            "-O1",
            "-g",
            "-Wall",
            "-Wextra",
            "-fsanitize=address,undefined",
            f"-I{CHECKOUT}/src",
            f"{HERE}/shell.c",
            *[f"{CHECKOUT}/src/device/{m}.c" for m in MODULES],
        ],
    )


def runner():
    return build("device-runner.elf", ["arm-none-eabi-gcc", "-mcpu=cortex-a8", "-nostdlib", "-static",
                                       "-Wl,-Ttext=0x70010000,--build-id=none", f"{HERE}/runner.S"])


class Machine:
    """One end of the line protocol of QEMU's -qtest. Commands go in batches: a batch costs one round trip."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.irq = False

    def ask(self, commands):
        """The answer and the IRQ output after it, for each command."""
        self.process.stdin.write("".join(c + "\n" for c in commands))
        self.process.stdin.flush()
        answers = []
        while len(answers) < len(commands):
            line = self.process.stdout.readline()
            if not line:
                raise TestFailure(f"{self.process.args[0]} ended after {len(answers)} answers")
            if line.startswith("IRQ"):
                self.irq = line.split()[1] == "raise"
            else:
                answers.append((line.strip(), self.irq))
        return answers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def stopped_board(*options):
    m = Machine(["timeout", str(LIMIT), *BOARD, "-S", "-qtest", "stdio", "-qtest-log", "none",
                 *(options or ("-serial", "null"))])
    m.ask(["irq_intercept_in " + CPU_PATH])
    return m


def for_board(command):
    word, *rest = command.split()
    return f"set_irq_in {GIC_PATH} unnamed-gpio-in {rest[0]} {rest[1]}" if word == "line" else command


# --- Registers ---

SETUP = [f"writel {GICD:#x} 1", f"writel {GICC:#x} 1", f"writel {GICC + 4:#x} 0xff"] + \
    [f"writel {GICD + 0x100 + 4 * n:#x} 0xffffffff" for n in range(3)]


def expect_same(history, what, seed):
    """The last entry is a command, QEMU's answer and ours."""
    command, theirs, ours = history[-1]
    if theirs != ours:
        lines = "\n".join(f"{c}: QEMU {t}, replica {o}" for c, t, o in history[-15:])
        raise TestFailure(f"{what} differs after {len(history)} accesses (seed {seed}):\n{lines}")


def compare_registers(name, seed, count):
    rng = random.Random(f"{name} {seed}")
    history = []
    with stopped_board() as theirs, Machine([shell()]) as ours:
        for start in range(0, count, 200):
            batch = (
                (SETUP if start == 0 else []) + [DEVICES[name](rng) for _ in range(min(200, count - start))]
            )
            for entry in zip(batch, theirs.ask([for_board(c) for c in batch]), ours.ask(batch)):
                history.append(entry)
                expect_same(history, name, seed)


# --- Receive ---

def compare_receive(seed, count):
    rng = random.Random(f"receive {seed}")
    history = []
    steps = [
        (40, lambda: f"readl {UART0:#x}"),
        (5, lambda: f"writel {UART0 + 0x2c:#x} {rng.choice([0x70, 0x60, 0x10, 0]):#x}"),
        (5, lambda: f"writel {UART0 + 0x44:#x} {rng.choice([0x70, 0x10, 0x20, 0x7ff]):#x}"),
        (3, lambda: f"writel {UART0 + 0x34:#x} {rng.getrandbits(6):#x}"),
        (3, lambda: f"writel {UART0 + 0x38:#x} {rng.choice([0x50, 0x7ff, 0x30, 0x10]):#x}"),
        (3, lambda: f"writel {UART0:#x} 0x41"),
        (60, lambda: f"readl {UART0 + rng.choice([0x18, 0x18, 4, 0x3c, 0x40]):#x}"),
        (40, lambda: None),  # a byte comes
    ]
    with tempfile.TemporaryDirectory() as folder, Machine([shell()]) as ours, socket.socket(
        socket.AF_UNIX
    ) as line:
        path = os.path.join(folder, "uart")
        with stopped_board(
            "-chardev", f"socket,id=c,path={path},server=on,wait=off", "-serial", "chardev:c"
        ) as theirs:
            line.connect(path)
            for command in [*SETUP, f"writel {UART0 + 0x38:#x} 0x7ff"]:
                theirs.ask([command])
                ours.ask([command])
            for _ in range(count):
                command = rng.choices([s for _, s in steps], [w for w, _ in steps])[0]()
                if command:
                    got, wanted = ours.ask([command])[0], theirs.ask([command])[0][0]
                else:
                    byte = rng.randrange(256)
                    command = f"rx {byte}"
                    line.send(bytes([byte]))
                    got, wanted = ours.ask([command])[0], "OK"
                time.sleep(0.02)  # QEMU takes the next byte when its main loop comes round
                history.append((command, (wanted, theirs.ask([f"readl {SYS:#x}"])[0][1]), got))
                expect_same(history, "receive", seed)


# --- Clock ---

START = 3  # the clock at the runner's first entry


def step_clock(rng):
    """(n, address, value, is_write): see runner.S."""
    n = rng.choice([rng.randrange(1, 2000), rng.randrange(1, 5000), rng.randrange(1, 100000)])
    timer = 0x10011000 + rng.choice([0, 0x20, 0x1000, 0x1020])
    short = [rng.randrange(300), rng.randrange(20), rng.randrange(3), 0, 1]
    control = [0x82, 0xe2, 0xa3, 0xa1, 0x80, 0x22, 0xe6, 0xea, 0xc2, 0xe0, 0, 0xe3, rng.getrandbits(8)]
    other = [SYS + 0x24, SYS + 0x5c, SYS + 0x5c, RTC, RTC + 0x14, RTC + 0x18]
    steps = [
        (100, lambda: (n, rng.choice(other), 0, False)),
        (2, lambda: (rng.randrange(300000000), RTC, 0, False)),
        (2, lambda: (n, RTC + 8, 1000000000 + rng.randrange(5), True)),
        (6, lambda: (n, RTC + 4, 1000000000 + rng.randrange(8), True)),
        (6, lambda: (n, RTC + rng.choice([0x10, 0x1c]), rng.getrandbits(1), True)),
        (400, lambda: (n, timer + rng.choice([4, 4, 4, 0x10, 0x14, 0]), 0, False)),
        (100, lambda: (n, GICD + 0x204, 0, False)),
        (100, lambda: (n, timer + 0xc, 0, True)),
        (100, lambda: (n, timer + 8, rng.choice(control), True)),
        (100, lambda: (n, timer, rng.choice([*short, rng.getrandbits(32)]), True)),
        (80, lambda: (n, timer + 0x18, rng.choice(short), True)),
    ]
    return rng.choices([s for _, s in steps], [w for w, _ in steps])[0]()


def run_on_board(entries):
    """The values of the reads."""
    with tempfile.NamedTemporaryFile() as script:
        for n, address, value, is_write in entries:
            script.write(struct.pack("<4I", n, address, value, is_write))
        script.write(struct.pack("<4I", 1, 0, 0, 2))
        script.flush()
        done = subprocess.run(
            [
                *BOARD,
                "-serial",
                "stdio",
                "-semihosting",
                "-icount",
                "shift=0,sleep=off",
                "-kernel",
                runner(),
                "-device",
                f"loader,file={script.name},addr=0x70100000,force-raw=on",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    return [int(line, 16) for line in done.stdout.split()]


def compare_clock(seed, count):
    rng = random.Random(f"clock {seed}")
    entries = [step_clock(rng) for _ in range(count)]
    theirs = run_on_board(entries)
    if len(theirs) != sum(not is_write for _, _, _, is_write in entries):
        raise TestFailure(f"the board read {len(theirs)} values")
    commands, now = [], START
    for n, address, value, is_write in entries:
        now += 2 * n + 2
        commands += [f"now {now if is_write else now + 1}",
                     f"writel {address:#x} {value:#x}" if is_write else f"readl {address:#x}"]
        now += 4
    with Machine([shell()]) as ours:
        answers = [a for i in range(0, len(commands), 400) for a, _ in ours.ask(commands[i:i + 400])]
    history, values = [], iter(theirs)
    for command, answer in zip(commands, answers):
        is_read = command.startswith("read")
        history.append((command, f"OK {next(values):#018x}" if is_read else answer, answer))
        expect_same(history, "clock", seed)


# --- As tests, and by hand ---

def test_registers():
    for name in DEVICES:
        compare_registers(name, 1, 6000)


def test_receive():
    compare_receive(1, 300)


def test_clock():
    compare_clock(1, 4000)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("what", nargs="*", help="devices, receive or clock; all of them if none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=6000, help="accesses (default: %(default)s)")
    arguments = parser.parse_intermixed_args()
    known = [*DEVICES, "receive", "clock"]
    failed = 0
    for name in arguments.what or known:
        if name not in known:
            parser.error(f"unknown: {name}; there are: {' '.join(known)}")
    for name in arguments.what or known:
        try:
            if name == "receive":
                compare_receive(arguments.seed, min(arguments.count, 1000))
            elif name == "clock":
                compare_clock(arguments.seed, arguments.count)
            else:
                compare_registers(name, arguments.seed, arguments.count)
        except TestFailure as error:
            print(error)
            failed += 1
    print(f"{len(arguments.what or known) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
