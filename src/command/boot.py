"""boot and native: one guest in one QEMU, from the command line to the exit status."""

import hashlib
import json
import os
import subprocess

import paths
from console import BareConsole, Console, ExecConsole
from contracts import image_end_byte, image_stats_flag
from event_loop import EventLoop
from files import Output
from image import image_elf, image_segments
from messages import STATUS_GUEST, STATUS_TIMEOUT, GuestError, UsageError, say
from options import guest_from, guest_layout, image_options
from qemu import Qemu, gdb_port, qemu_clock_options, qemu_gdb_options, qemu_options
from run_folder import ScratchFolder
from setup import setup_ensure
from stock_guest import stock_guest
from streams import stderr_write, stdout_write
from terminal import HELP, Terminal

GDB_SCRIPT = os.path.join(paths.SOURCE, "command/gdb_armature.py")
PROMPT = b"# "  # of the busybox initramfs's shell
STATS = "armature-stats:"
QEMU_NOISE = ("audio: Device",)
END_GRACE, QUIT_GRACE = 20, 2  # seconds in which the VMM ends when it is asked to
EXEC_STATUS_MAX = 123  # above are ours


class Run:
    """A guest's run: wires console, VMM messages, terminal and deadlines to the event loop."""

    def __init__(self, arguments, guest, virtual, stats=None):
        self.arguments, self.guest, self.virtual = arguments, guest, virtual
        self.stats_output = stats
        self.loop = EventLoop()
        self.timed_out = self.quit = False
        self.stats = None
        self.vmm_line = b""
        self.qemu_log = b""
        self.console = self.console_make()
        self.console.on_end = self.guest_ended
        self.terminal = Terminal(self.quit_run, self.say)

    def console_make(self):
        if not self.guest.kernel.is_linux:
            return BareConsole(stdout_write)
        if self.guest.nonce is None:
            return Console(stdout_write)
        log = lambda data: stderr_write(data.decode(errors="replace").replace("\r", ""))
        return ExecConsole(
            stdout_write, log if self.arguments.verbose else lambda data: None, self.guest.nonce
        )

    def say(self, text):
        stderr_write("armature: " + text + self.terminal.line_end())

    def quit_run(self):
        self.quit = True
        if self.stats_output:
            self.ask_to_end(QUIT_GRACE)
        else:
            self.loop.stop()

    def guest_ended(self):
        """The bare board stays on for ever. A guest of the VMM mostly powers off in a moment."""
        if not self.virtual:
            self.loop.stop()
        elif self.console.panicked:
            self.ask_to_end(END_GRACE)
        else:
            self.loop.after(self.console.pause, lambda: self.ask_to_end(END_GRACE))

    def ask_to_end(self, grace):
        """The VMM, which prints its counters before."""
        try:
            os.write(self.qemu.uarts[1].fileno(), image_end_byte())
        except OSError:  # it has just ended
            pass
        self.loop.after(grace, self.loop.stop)

    def deadline(self):
        self.timed_out = True
        self.loop.stop()

    def go(self, options):
        """Status of the run."""
        self.qemu = self.sender = None
        try:
            self.qemu = Qemu(options, 2 if self.virtual else 1)
            self.loop.watch(self.qemu.uarts[0], self.console.feed)
            self.loop.watch(self.qemu.log, self.qemu_said)
            if self.virtual:
                self.loop.watch(self.qemu.uarts[1], self.vmm_said)
            if self.guest.nonce is None:
                self.input_begin()
            if self.arguments.timeout:
                self.loop.after(self.wall_limit(), self.deadline)
            self.loop.run()
            if not self.loop.stopped:
                self.wait_for_exit()
        finally:
            if self.sender:
                self.sender.close()
            if self.qemu:
                self.qemu.close()
            self.terminal.restore()
            self.loop.close()
        self.console.flush()
        return self.status()

    def input_begin(self):
        self.sender = self.loop.sender(self.qemu.uarts[0])
        self.terminal.raw(self.sender.send)

        def forward():
            self.loop.watch_input(os.fdopen(os.dup(0), "rb", 0), self.terminal.keys)

        if self.terminal.saved:
            self.say(HELP)
        if self.guest.interactive and not self.terminal.saved:
            self.console.when(
                PROMPT, forward
            )  # a UART that nobody reads yet would lose what is piped to the shell
        else:
            forward()

    def wait_for_exit(self):
        """All its outputs are closed: QEMU is ending."""
        try:
            self.qemu.process.wait(END_GRACE)
        except subprocess.TimeoutExpired:  # close() kills it
            self.loop.stop()

    def wall_limit(self):
        """The VMM keeps the time in its own clock; this is for a VMM that does not. Natively it is the
        only limit."""
        if not self.virtual:
            return self.arguments.timeout
        return 10 * self.arguments.timeout + 60 if self.arguments.icount else self.arguments.timeout + 30

    def vmm_said(self, data):
        *lines, self.vmm_line = (self.vmm_line + data).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            if text.startswith(STATS):
                self.stats = text[len(STATS) :].strip()
            elif text:
                stderr_write(
                    (text if text.startswith("armature:") else "armature: " + text) + self.terminal.line_end()
                )

    def qemu_said(self, data):
        self.qemu_log += data

    def status(self):
        """Ours, from QEMU's (the VMM's word: 0, 124 or 125), the guest's own, and what went wrong."""
        code = self.qemu.process.returncode
        if self.arguments.stats:
            self.stats_write()
        if self.quit:
            return 0
        ended = self.console.ended and not self.console.panicked
        if self.timed_out and not ended:
            return self.failed(
                STATUS_TIMEOUT, f"the guest ran into the limit of {self.arguments.timeout:g} s"
            )
        if self.console.panicked:
            return self.failed(STATUS_GUEST, "the guest's kernel panicked")
        if self.virtual and not self.loop.stopped and code:
            if code != STATUS_TIMEOUT:
                return self.failed(
                    STATUS_GUEST,
                    "the VMM stopped the guest" if code == STATUS_GUEST else f"QEMU ended with status {code}",
                )
            if not ended:  # natively a guest's last word is its end, whatever it does then
                return self.failed(code, f"the guest ran into the limit of {self.arguments.timeout or 0:g} s")
        if not self.virtual and not self.console.ended and code > 0:
            return self.failed(STATUS_GUEST, f"QEMU ended with status {code}")
        if self.virtual and self.loop.stopped and not self.timed_out:
            return self.failed(STATUS_GUEST, f"the guest ended, but QEMU did not within {END_GRACE} s")
        if self.guest.nonce is not None:
            return self.exec_status()
        return 0

    def exec_status(self):
        status = self.console.status
        if status is None:
            return self.failed(STATUS_GUEST, "the guest ended before the command did")
        if status > EXEC_STATUS_MAX:
            self.say(f"the command's status was {status}")
            return EXEC_STATUS_MAX
        return status

    def failed(self, status, why):
        for line in self.qemu_log.decode(errors="replace").splitlines():
            if not line.startswith(QEMU_NOISE):
                self.say(line)
        if self.guest.nonce is not None and not self.arguments.verbose:
            for line in self.console.last_lines():
                stderr_write("    | " + line + "\n")
        self.say(why)
        return status

    def stats_write(self):
        if self.stats is None:
            self.say(f"no counters for {self.arguments.stats}: the VMM did not come to print them")
            return
        try:
            counters = json.loads(self.stats)
        except ValueError:
            raise GuestError("the VMM's counters are not JSON: " + self.stats) from None
        self.stats_output.write(json.dumps(counters, indent=1) + "\n")


def kernel_say(guest):
    digest = hashlib.sha256(guest.kernel.data).hexdigest()
    stock = stock_guest()
    same = f", that of {stock['package']}" if digest == stock["sha256"] else ""
    say(f"kernel {os.path.basename(guest.kernel.path)}, SHA-256 {digest}{same}")


def common_options(arguments, guest, symbols=None):
    """symbols: gdb's own options, for the VMM."""
    port = gdb_port() if arguments.gdb else None
    if port:
        gdb_say(port, symbols)
    options = qemu_clock_options(arguments.icount) + qemu_gdb_options(port) + arguments.qemu_options
    return options if guest.interactive else options + ["-no-reboot"]


def gdb_say(port, symbols):
    say("the processor waits for gdb. In another terminal:")
    say(f"    gdb-multiarch {symbols + ' ' if symbols else ''}-ex 'target remote :{port}'")
    if symbols:
        say(
            "there, 'guest-pc' tells which guest instruction the pc in the code cache stands for, "
            "'guest-pc ADDRESS' of another address"
        )


def run_virtual(arguments):
    setup_ensure()
    guest = guest_from(arguments, psci=True)
    flags = image_stats_flag() if arguments.stats else 0
    entry, segments = image_segments(
        guest, guest_layout(guest), flags=flags, **image_options(arguments)
    )
    stats = Output(arguments.stats) if arguments.stats else None
    kernel_say(guest)
    with ScratchFolder() as folder:
        image = folder.write("image.elf", image_elf(entry, segments))
        symbols = f"{os.path.relpath(paths.VMM_ELF)} -x {os.path.relpath(GDB_SCRIPT)}"
        return Run(arguments, guest, True, stats).go(
            qemu_options(guest.board, guest.board.ram_size)
            + common_options(arguments, guest, symbols)
            + ["-semihosting-config", "enable=on,target=native", "-kernel", image]
        )


def run_native(arguments):
    setup_ensure(vmm=False)
    vmm_options = (arguments.stats, arguments.budget, arguments.code_cache, arguments.ram_at)
    if arguments.without or any(option is not None for option in vmm_options):
        raise UsageError(
            "--stats, --without, --budget, --code-cache and --ram-at are the VMM's: natively there is none"
        )
    guest = guest_from(arguments, psci=False)
    guest_layout(guest)  # for its checks: QEMU's own loader lays the parts out in the same way
    kernel_say(guest)
    with ScratchFolder() as folder:
        options = ["-kernel", guest.kernel.path]
        if guest.kernel.is_linux:
            options += [
                "-dtb",
                folder.write("guest.dtb", guest.device_tree),
                "-initrd",
                folder.write("initrd", guest.initrd),
                "-append",
                guest.append,
            ]
        return Run(arguments, guest, False).go(
            qemu_options(guest.board, guest.memory) + common_options(arguments, guest) + options
        )
