"""A signal at any time of any subcommand: the conventional status, at most a line, and nothing left behind.
"""

import os
import random
import signal
import subprocess
import termios
import time

import harness
from harness import ARMATURE, CHECKOUT, Dialogue, expect, expect_equal
from marks import marked, marked_environment, signals_heard

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SPINNING = os.path.join(CHECKOUT, "build/vmm/guest/hostile/spin_masked.elf")
IMAGE = os.path.join(CHECKOUT, "build/vmm/vmm.elf")
# Of each what it takes, in seconds, without a signal: where in it the signal comes is told as a part of that.
SUBCOMMANDS = (
    ("setup", 0.5),
    ("boot --kernel @SPINNING@ --timeout 60", 1.5),
    ("native --kernel @SPINNING@ --timeout 60", 1.0),
    ("profile --kernel @SPINNING@ --timeout 60", 1.5),
    ("pack -o @SCRATCH@/interrupted --append x", 1.0),
    ("classify @IMAGE@", 0.5),
    ("bench null", 3.0),
    ("test unit/decoder", 1.0),
    ("test guest/hello", 2.0),
)


def arguments_of(text):
    for name, value in (("SPINNING", SPINNING), ("SCRATCH", harness.SCRATCH), ("IMAGE", IMAGE)):
        text = text.replace(f"@{name}@", value)
    return text.split()


def interrupt(command, number, delay):
    """One run with a signal after so many seconds: what is wrong, or None. Runs that end by themselves before
    are fine."""
    environment = marked_environment()
    with subprocess.Popen(
        [ARMATURE, *arguments_of(command)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=signals_heard,
        text=True,
    ) as process:
        time.sleep(delay)
        process.send_signal(number)
        try:
            log = process.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return "does not end"
    # Killed by it: before the first line of ./armature, and where it becomes another program.
    ended = process.returncode in (128 + number, -number)
    said = [line for line in log.splitlines() if not line.startswith("armature: ")]
    left = marked(environment)
    if not ended and process.returncode != 0:
        return f"status {process.returncode}\n{log}"
    if said:
        return f"it says\n{log}"
    if left:
        return f"processes {left} are left"
    if os.path.exists(os.path.join(CHECKOUT, "build/run", str(process.pid))):
        return "its folder is left"
    return None


def test_at_any_time():
    chance = random.Random(9)
    for command, seconds in SUBCOMMANDS:
        delays = [0, 0.01, 0.03, 0.1] + [chance.random() * seconds for _ in range(5)]
        for i, delay in enumerate(delays):
            number = SIGNALS[i % len(SIGNALS)]
            problem = interrupt(command, number, delay)
            expect(not problem, f"'{command}', {number.name} after {delay:.3f} s: {problem}")


def test_terminal_is_given_back():
    for number in SIGNALS:
        with Dialogue("native", "--kernel", SPINNING) as run:
            before = termios.tcgetattr(run.descriptor)
            run.wait_for(b"Ctrl-A x ends")
            expect(termios.tcgetattr(run.descriptor) != before, "the terminal is not raw")
            os.kill(run.pid, number)
            status = run.status()
            expect(status in (128 + number, -number), f"{number.name}: status {status}")
            expect_equal(
                termios.tcgetattr(run.descriptor)[:6], before[:6], f"{number.name}: the terminal's modes"
            )
