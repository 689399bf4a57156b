"""--gdb: what it tells to type works, and leads from a code-cache address to the guest's instruction. And by
it, faults that no guest can make: the VMM's own."""

import os
import re
import subprocess
import time

import harness
from harness import ARMATURE, expect, expect_equal, scratch_file

# Stops the run in its middle, some times, and asks each time.
SCRIPT = b"""
set pagination off
python
import threading, time
class Stop(threading.Thread):
    def run(self):
        time.sleep(0.7)
        gdb.post_event(lambda: gdb.execute("interrupt"))
for i in range(6):
    Stop().start()
    gdb.execute("continue")
    gdb.execute("guest-pc")
end
kill
"""


# Undefined, and nothing, in the VMM: the stubs page's first word, an address without a page.
FAULTS = {"undefined": 0xF6FFF000, "prefetch abort": 0xFF000000}
FAULT = """
set pagination off
break {function}
continue
set $cpsr = $cpsr & ~0x20
set $pc = {pc:#x}
delete
continue
"""


def debug(script, *arguments):
    """What gdb said, what the command said, and its status."""
    with subprocess.Popen(
        [ARMATURE, "boot", "--gdb", "--timeout", "240", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ, ARMATURE_IS_SET_UP="1"),
        cwd=harness.CHECKOUT,
    ) as run:
        try:
            attach = None
            for line in run.stderr:
                if match := re.search(r"gdb-multiarch (\S+) -x (\S+) -ex 'target remote :(\d+)'", line):
                    attach = match.groups()
                    break
            expect(attach, "it does not tell how to attach")
            time.sleep(1)  # QEMU listens in a moment
            done = subprocess.run(
                [
                    "gdb-multiarch",
                    "-nx",
                    "-batch",
                    attach[0],
                    "-x",
                    attach[1],
                    "-ex",
                    f"target remote :{attach[2]}",
                    "-x",
                    scratch_file(f"gdb.{run.pid}", script),
                ],
                cwd=harness.CHECKOUT,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            log = run.stderr.read()
            status = run.wait(240)
        finally:
            run.terminate()
    return done.stdout[-2000:] + done.stderr[-1000:], log, status


def test_guest_pc():
    said, _, _ = debug(SCRIPT, "--exec", "seq 1000000 | sha256sum")
    expect(
        re.search(
            r"^guest pc 0x[0-9a-f]{8}: word \d+ of the block for 0x[0-9a-f]{8} \(mode 0x13, ARM\)",
            said,
            re.MULTILINE,
        ),
        "no guest pc found:\n" + said,
    )


def fail_in(function, pc):
    script = FAULT.format(function=function, pc=pc).encode()
    stats = scratch_file("failing.json")
    hello = os.path.join(harness.CHECKOUT, "build/vmm/guest/hello.elf")
    said, log, status = debug(script, "--kernel", hello, "--stats", stats)
    expect_equal(status, 125, f"the status of a failure in {function}\n{said}{log}")
    return log


def test_failure():
    """In the VMM: one line, and the counters."""
    for name, pc in FAULTS.items():
        log = fail_in("vmm_exit", pc)
        expect(re.search(f"an exception inside the VMM at {pc + 4:08x}", log), f"{name}:\n{log}")
        expect("no counters" not in log, f"{name}:\n{log}")


def test_failure_while_it_speaks():
    """In a message, and in the counters at a guest's end: a line that is not made, and no more."""
    for function in ("vsnprintf", "snprintf"):
        for name, pc in FAULTS.items():
            log = fail_in(function, pc)
            expect("the VMM failed while it spoke" in log, f"{name} in {function}:\n{log}")
            expect("inside the VMM" not in log and "no counters" in log, f"{name} in {function}:\n{log}")
