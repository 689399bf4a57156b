"""One thread, one loop: bytes of a running QEMU to their consumers, and deadlines."""

import os
import selectors
import time

CHUNK = 65536


class Sender:
    """Bytes to a socket that takes them when it likes: never waits, for the other side may be waiting for
    us."""

    def __init__(self, selector, connection):
        self.selector = selector
        self.writer = connection.dup()  # registered apart from the reading side
        self.writer.setblocking(False)
        self.pending = bytearray()

    def send(self, data):
        if not self.pending:
            self.selector.register(self.writer, selectors.EVENT_WRITE, self.flush)
        self.pending += data

    def flush(self):
        try:
            del self.pending[: self.writer.send(self.pending)]
        except BlockingIOError:
            return
        except OSError:  # the other side is ending
            self.pending.clear()
        if not self.pending:
            self.selector.unregister(self.writer)

    def close(self):
        self.writer.close()


class EventLoop:
    """Runs until all watched outputs have ended, or stop() was called."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.outputs = 0
        self.stopped = False
        self.deadlines = []

    def close(self):
        self.selector.close()

    def watch(self, file, consume):
        """Call consume(bytes) with what arrives, until the end of `file`; the loop lasts as long as any
        such file."""
        self.outputs += 1

        def ready():
            data = read_some(file)
            if data:
                consume(data)
            else:
                self.selector.unregister(file)
                self.outputs -= 1

        self.selector.register(file, selectors.EVENT_READ, ready)

    def watch_input(self, file, consume):
        """The same for our own input, whose end does not matter to the loop."""

        def ready():
            data = read_some(file)
            if not data:
                self.selector.unregister(file)
            else:
                consume(data)

        try:
            self.selector.register(file, selectors.EVENT_READ, ready)
        except PermissionError:  # epoll takes no regular files, which are always ready
            while data := read_some(file):
                consume(data)

    def sender(self, connection):
        return Sender(self.selector, connection)

    def after(self, seconds, call):
        deadline = (time.monotonic() + seconds, call)
        self.deadlines.append(deadline)

    def stop(self):
        self.stopped = True

    def run(self):
        while self.outputs and not self.stopped:
            timeout = max(0, min(d[0] for d in self.deadlines) - time.monotonic()) if self.deadlines else None
            for key, _ in self.selector.select(timeout):
                key.data()
            now = time.monotonic()
            for deadline in [d for d in self.deadlines if d[0] <= now]:
                self.deadlines.remove(deadline)
                deadline[1]()


def read_some(file):
    try:
        return os.read(file.fileno(), CHUNK)
    except OSError:  # the other side was killed
        return b""
