"""A checkout that was copied, with what was built in it: it builds its own sources; and a build can be
interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import time

import harness
from harness import CHECKOUT, expect, expect_equal
from marks import marked, marked_environment, signals_heard

COPY = os.path.join(harness.SCRATCH, "checkout")
EDIT = "the copy's own"
BUILD = """
import sys
sys.path.insert(0, "src/command")
import building
building.build(*building.BUILDS[0], ["raw_stub.elf"])
"""


def checkout_copy():
    shutil.rmtree(COPY, ignore_errors=True)
    os.makedirs(COPY)
    for name in ("armature", "CMakeLists.txt", "VERSION"):
        shutil.copy2(os.path.join(CHECKOUT, name), COPY)
    for name in ("src", "test", "bench"):
        shutil.copytree(os.path.join(CHECKOUT, name), os.path.join(COPY, name))
    shutil.copytree(os.path.join(CHECKOUT, "build/vmm"), os.path.join(COPY, "build/vmm"))
    with open(os.path.join(COPY, "src/boot/raw_stub.S"), "a", encoding="ascii") as file:
        file.write(f'    .ascii "{EDIT}"\n')


def is_built_of_the_copy():
    with open(os.path.join(COPY, "build/vmm/raw_stub.elf"), "rb") as file:
        return EDIT.encode() in file.read()


def test_copied_with_its_builds():
    checkout_copy()
    environment = marked_environment()
    environment.pop("ARMATURE_IS_SET_UP", None)
    # As a user does it: the whole of it, which a signal ends in its middle.
    with subprocess.Popen(
        [os.path.join(COPY, "armature"), "setup"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=signals_heard,
    ) as setup:
        first, second = setup.stderr.readline().decode(), setup.stderr.readline().decode()
        expect(
            f"build/vmm was configured for {CHECKOUT}: configuring afresh" in first
            and "building the VMM" in second,
            f"it does not say that the folder is another's: {first}{second}",
        )
        end = time.monotonic() + 120
        while not any("cc1" in name for name in marked(environment).values()):
            expect(time.monotonic() < end and setup.poll() is None, "no compiler runs")
            time.sleep(0.01)
        setup.send_signal(signal.SIGINT)
        expect_equal(setup.wait(60), 130, "the status after SIGINT")
        expect_equal(setup.stderr.read().decode(), "", "what it then says")
    expect_equal(marked(environment), {}, "what is left of the build")
    # And what is built is its own, though the first try was cut short.
    done = subprocess.run(
        [sys.executable, "-B", "-c", BUILD],
        cwd=COPY,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    expect(done.returncode == 0 and is_built_of_the_copy(), f"not built of its own sources: {done.stderr}")
    shutil.rmtree(COPY)
