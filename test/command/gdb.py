"""--gdb: what it tells to type works, and leads from a code-cache address to the guest's instruction."""

import os
import re
import subprocess
import time

import harness
from harness import ARMATURE, expect, scratch_file

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


def test_guest_pc():
    command = [ARMATURE, "boot", "--gdb", "--exec", "seq 1000000 | sha256sum", "--timeout", "240"]
    with subprocess.Popen(
        command,
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
                    scratch_file("gdb", SCRIPT),
                ],
                cwd=harness.CHECKOUT,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
        finally:
            run.terminate()
    expect(
        re.search(
            r"^guest pc 0x[0-9a-f]{8}: word \d+ of the block for 0x[0-9a-f]{8} \(mode 0x13, ARM\)",
            done.stdout,
            re.MULTILINE,
        ),
        "no guest pc found:\n" + done.stdout[-2000:] + done.stderr[-1000:],
    )
