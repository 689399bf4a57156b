"""The standard streams, by their descriptors: whole writes, whatever is at the other end.

stdout that nobody reads any more ends the command (BrokenPipeError: main.py). stderr is only for people:
where nothing can be written to it, the work goes on without.
"""

import os
import select

STDOUT, STDERR = 1, 2


def write_all(descriptor, data):
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # whoever shares the terminal or pipe with us has made it so
            select.select([], [descriptor], [])


def stdout_write(data):
    write_all(STDOUT, data)


def stderr_write(text):
    try:
        write_all(STDERR, text.encode(errors="backslashreplace"))
    except OSError:
        pass
