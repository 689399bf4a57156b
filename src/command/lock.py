"""One at a time: two commands in one checkout must not build or fetch into the same folders."""

import contextlib
import fcntl
import os

import paths
from messages import say


@contextlib.contextmanager
def build_lock():
    os.makedirs(paths.BUILD, exist_ok=True)
    with open(os.path.join(paths.BUILD, ".lock"), "w", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another armature command that is setting up")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
