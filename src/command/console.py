"""What comes out of the guest's UART: shown, filtered, and searched for the signs of its end."""

import re

TAIL_LINES = 20
END_OF_BARE_GUEST = b"\x04"  # a bare-metal guest's last byte: the bare board has no way to power off

# What a kernel says when it has ended; the bare board then spins or sleeps for ever.
LINUX_ENDS = re.compile(
    rb"(reboot: Power down|reboot: System halted|Reboot failed -- System halted|"
    rb"---\[ end Kernel panic[^\n]*)[^\n]*\n"
)
PANIC = b"Kernel panic - not syncing"


class Console:
    """Keeps the last lines, notices a panic; `show` takes what is meant for the user."""

    pause = 2  # seconds in which a guest that has said its last word may power off by itself

    def __init__(self, show):
        self.show = show
        self.tail = b""
        self.panicked = False
        self.ended = False  # the guest said so
        self.on_end = lambda: None
        self.awaited = None  # (text, what to call once it has come)

    def when(self, text, call):
        self.awaited = (text, call)

    def feed(self, data):
        before = self.tail
        self.tail = (before + data)[-8192:]
        window = before[-128:] + data  # a sign may arrive in two pieces
        if PANIC in window:
            self.panicked = True
        if self.awaited and self.awaited[0] in window:
            call, self.awaited = self.awaited[1], None
            call()
        self.take(data, window)

    def take(self, data, window):
        self.show(data)
        if LINUX_ENDS.search(window):
            self.end()

    def end(self):
        if not self.ended:
            self.ended = True
            self.on_end()

    def flush(self):
        pass

    def last_lines(self):
        lines = self.tail.replace(b"\r", b"").decode(errors="replace").splitlines()
        return [line for line in lines if line.strip()][-TAIL_LINES:]


class BareConsole(Console):
    """Of a bare-metal guest: its own closing byte ends it."""

    def take(self, data, window):
        output, mark, _ = data.partition(END_OF_BARE_GUEST)
        if not self.ended:
            self.show(output)
        if mark:
            self.end()


class ExecConsole(Console):
    """Of an --exec run: between the marks is the command's output, byte for byte; the closing one has its
    status."""

    pause = 20  # its /init does power off

    def __init__(self, show, show_log, nonce):
        super().__init__(show)
        self.show_log = show_log
        self.begin = nonce.encode() + b":begin\n"
        self.close = re.compile(re.escape(nonce.encode()) + rb":(\d+)\n")
        self.mark = nonce.encode()
        self.pending = b""
        self.running = False
        self.status = None

    def take(self, data, window):
        self.pending += data
        if not self.running and self.begin in self.pending:
            log, _, self.pending = self.pending.partition(self.begin)
            self.show_log(log)
            self.running = True
        if self.running and self.status is None:
            self.take_output()
        elif self.status is not None:
            self.drain(self.show_log, 0)
        else:
            self.drain(self.show_log, len(self.begin) - 1)
            if LINUX_ENDS.search(window):
                self.end()

    def take_output(self):
        close = self.close.search(self.pending)
        if close:
            self.show(self.pending[: close.start()])
            self.pending = self.pending[close.end() :]
            self.status = int(close.group(1))
            self.end()
        elif self.mark in self.pending:
            at = self.pending.index(self.mark)  # the mark has begun: wait for the rest of it
            self.show(self.pending[:at])
            self.pending = self.pending[at:]
        else:
            self.drain(self.show, len(self.mark) - 1)
            if PANIC in self.tail and LINUX_ENDS.search(self.tail):
                self.end()

    def drain(self, show, keep):
        """Pass on all but the last `keep` bytes, and those too if a mark cannot begin in them."""
        start = self.pending.find(self.mark[:1], max(0, len(self.pending) - keep)) if keep else -1
        cut = start if start >= 0 else len(self.pending)
        show(self.pending[:cut])
        self.pending = self.pending[cut:]

    def flush(self):
        (self.show if self.running and self.status is None else self.show_log)(self.pending)
        self.pending = b""
