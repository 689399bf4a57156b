"""What the command says (on stderr: stdout is the guest's), and the two ways in which it gives up."""

from streams import stderr_write

STATUS_USAGE = 2  # wrong usage, or input that cannot be used
STATUS_TIMEOUT = 124
STATUS_BROKEN_PIPE = 141  # as a shell shows SIGPIPE
STATUS_GUEST = 125  # the VMM stopped the guest, or failed


class UsageError(Exception):
    """Wrong usage or unusable input: one line, status 2."""

    status = STATUS_USAGE


class GuestError(Exception):
    """The guest or the VMM failed: one line, status 125."""

    status = STATUS_GUEST


def say(text):
    stderr_write(f"armature: {text}\n")
