"""Finds all that one command started, whatever became of their parents: by a mark in their environment."""

import glob
import os
import random
import signal

MARK = "ARMATURE_TEST_MARK"


def marked_environment():
    """For a command that nothing rebuilds."""
    return dict(os.environ, ARMATURE_IS_SET_UP="1", **{MARK: f"{os.getpid()}.{random.random()}"})


def signals_heard():
    """In the child: a runner in the background ignores SIGINT, which its children would inherit."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def marked(environment):
    """{number: name} of the processes that have it."""
    mark, found = f"{MARK}={environment[MARK]}".encode(), {}
    for path in glob.glob("/proc/[0-9]*"):
        try:
            with open(path + "/environ", "rb") as file:
                if mark in file.read().split(b"\0"):
                    with open(path + "/comm", encoding="utf-8", errors="replace") as name:
                        found[int(os.path.basename(path))] = name.read().strip()
        except OSError:  # it has ended
            pass
    return found
