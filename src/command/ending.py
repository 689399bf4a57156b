"""How a signal ends the command: at any time, without a word, by the conventional status, with all that it
started.

The handler unwinds nothing, for an exception can come up where nobody passes it on (in the import system, in
a destructor). It ends all descendants, undoes what is in a list, and exits. Until signals_take() ./armature
keeps the signals blocked.
"""

import ctypes
import os
import signal
import sys
import threading
import time

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_CHILD_SUBREAPER = 36
# (only children, or theirs too; the signal; seconds until the next row). Children end what they started
# themselves.
STEPS = ((True, signal.SIGTERM, 3.0), (False, signal.SIGTERM, 1.0), (False, signal.SIGKILL, 5.0))
STARTS = ("subprocess.Popen", "os.fork", "os.forkpty")  # audit events

undo = []  # what must be put right at the end, however it comes: functions, called last first
began = threading.Event()  # a signal is ending the command: other threads have nothing more to say
owner = os.getpid()


def signals_take():
    """From now on. What was to be ignored stays ignored (nohup)."""
    for number in SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handle)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def handle(number, _):
    if os.getpid() != owner:  # between fork and exec
        os._exit(128 + number)
    if began.is_set():  # a second one: it is being done
        return
    began.set()
    sys.addaudithook(refuse_start)
    descendants_end()
    undo_all()
    os._exit(128 + number)


def undo_all():
    for function in reversed(undo):
        try:
            function()
        except Exception:  # the next is as important
            pass


def refuse_start(event, _):
    """Other threads start nothing any more: they wait for the end."""
    if event in STARTS and threading.current_thread() is not threading.main_thread():
        threading.Event().wait()


def descendants_end():
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)  # whose parent ends first is ours
    for only_children, number, seconds in STEPS:
        end, told = time.monotonic() + seconds, set()
        while alive := descendants_find(only_children=only_children):
            for pid in alive - told:
                told.add(pid)
                if not signal_send(pid, number):
                    told.discard(pid)
            if time.monotonic() > end or not alive & told:
                break
            time.sleep(0.005)


def signal_send(pid, number):
    """False: it is not ours to end (sudo's)."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        return False
    return True


def descendants_find(only_children=False):
    """Process numbers of those that have not ended yet."""
    parents = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state != b"Z":
                parents[int(name)] = int(parent)
        except (OSError, ValueError):  # it has ended; or no process
            pass
    found, level = set(), {owner}
    while level:
        level = {pid for pid, parent in parents.items() if parent in level} - found
        found |= level
        if only_children:
            break
    return found
