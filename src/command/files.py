"""The files that the user names: read whole, or written when there is something to write.

Opening one never waits, and reading one ends: what is read must be a regular file of bounded size. Whatever
is wrong is a UsageError that names the file.
"""

import errno
import os
import stat

from messages import UsageError
from streams import write_all

FILE_MAX = 1 << 30  # bytes: twice the board's RAM, for an ELF file may have as much that is not loaded
CHUNK = 16 << 20
KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def file_read(path, what, most=FILE_MAX):
    """Its bytes. `what` it is to be, for messages."""
    try:
        data = regular_read(path, most)
    except OSError as error:
        raise UsageError(f"cannot read the {what} {path}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"cannot read the {what} {path}: {error}") from None
    if len(data) > most:
        raise UsageError(f"cannot read the {what} {path}: it has more than {most >> 20} MiB")
    return data


def regular_read(path, most):
    """At most one byte more than `most`. A ValueError tells what it is if it is no regular file."""
    kind_check(os.stat(path))  # before it is opened: that alone does something to some devices
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        status = os.fstat(descriptor)
        kind_check(status)
        parts, left = [], most + 1
        while left and status.st_size <= most and (part := os.read(descriptor, min(left, CHUNK))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts) if status.st_size <= most else bytes(most + 1)
    finally:
        os.close(descriptor)


def kind_check(status):
    for is_kind, name in KINDS:
        if is_kind(status.st_mode):
            raise ValueError(f"it is {name}, not a regular file")


class Output:
    """A file to write at the end of the work, opened before it: a regular one, a character device, or a pipe
    that somebody reads."""

    def __init__(self, path):
        self.path = path
        try:
            self.descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC, 0o666
            )
        except OSError as error:
            raise self.failed(error) from None
        mode = os.fstat(self.descriptor).st_mode
        self.regular = stat.S_ISREG(mode)
        if stat.S_ISBLK(mode):
            raise UsageError(f"cannot write {path}: it is a block device")
        os.set_blocking(self.descriptor, True)

    def failed(self, error):
        why = "nobody reads this pipe" if error.errno == errno.ENXIO else error.strerror
        return UsageError(f"cannot write {self.path}: {why}")

    def write(self, data):
        """Text or bytes, in place of what the file holds."""
        try:
            if self.regular:
                os.lseek(self.descriptor, 0, os.SEEK_SET)
                os.truncate(self.descriptor, 0)
            write_all(self.descriptor, data.encode() if isinstance(data, str) else data)
        except OSError as error:
            raise self.failed(error) from None
