"""QEMU as a child process that never stays behind, its two UARTs on sockets."""

import ctypes
import os
import signal
import socket
import subprocess

from boards import MIB
from messages import GuestError

QEMU = "/usr/bin/qemu-system-arm"
PR_SET_PDEATHSIG = 1
GDB_PORT = 1234
END_GRACE = 60  # seconds in which plugins write what they have counted


def qemu_options(board, memory):
    return [
        QEMU,
        "-M",
        board.qemu,
        "-cpu",
        board.cpu,
        "-m",
        str(memory // MIB),
        "-nodefaults",
        "-nic",
        "none",
        "-audiodev",
        "none,id=n",
        "-display",
        "none",
        "-monitor",
        "none",
    ]


def qemu_clock_options(icount):
    """One instruction, one nanosecond of every clock; the calendar starts at a fixed date."""
    return ["-icount", "shift=0,sleep=off", "-rtc", "base=2026-01-01T00:00:00,clock=vm"] if icount else []


def gdb_port():
    """The usual one; if it is taken, one that is free."""
    for port in (GDB_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
                return probe.getsockname()[1]
            except OSError:
                pass
    raise GuestError("no free port for gdb")


def qemu_gdb_options(port):
    return ["-gdb", f"tcp:127.0.0.1:{port}", "-S"] if port else []


class Qemu:
    """A running QEMU. uarts: our ends of the sockets to its first serial ports; log: its own messages, as
    a pipe."""

    def __init__(self, options, uart_count):
        pairs = [socket.socketpair() for _ in range(uart_count)]
        self.uarts = [ours for ours, _ in pairs]
        command = list(options)
        for number, (_, theirs) in enumerate(pairs):
            command += [
                "-chardev",
                f"socket,id=uart{number},fd={theirs.fileno()}",
                "-serial",
                f"chardev:uart{number}",
            ]
        parent = os.getpid()
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=[theirs.fileno() for _, theirs in pairs],
                start_new_session=True,
                preexec_fn=lambda: die_with(parent),
            )
        except OSError as error:
            raise GuestError(f"cannot start {QEMU}: {error.strerror}") from None
        for _, theirs in pairs:
            theirs.close()
        self.log = self.process.stderr
        self.has_plugin = "-plugin" in options

    def kill(self):
        """Whatever state it is in. Safe to call twice."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def end(self):
        """In good order: its plugins write what they know at its end."""
        self.process.terminate()
        try:
            self.process.wait(END_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()

    def close(self):
        if self.has_plugin:
            self.end()
        self.kill()
        self.log.close()
        for uart in self.uarts:
            uart.close()


def die_with(parent):
    """In the child: its own process group (terminal signals are ours), and an end when we end, even by
    SIGKILL."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
