"""setup: packages, builds, the stock guest. Every other subcommand calls it; with nothing to do it only
looks."""

import os

from building import build_all
from lock import build_lock
from packages import packages_install
from stock_guest import stock_guest, stock_guest_fetch

# The test runner sets it for the runs it starts, which must not rebuild what others run.
IS_SET_UP = "ARMATURE_IS_SET_UP"


def add_options(parser):
    del parser  # none


def setup_ensure(vmm=True):
    """vmm: whether the caller needs what is built (a native run does not)."""
    if os.environ.get(IS_SET_UP):
        return
    with build_lock():
        packages_install()
        if vmm:
            build_all()
        if not stock_guest():
            stock_guest_fetch()


def run(arguments):
    del arguments
    setup_ensure()
    return 0
